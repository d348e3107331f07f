/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clouds: from the final disparity map to points, filtered, streamed to a file. These are
 * the structs that all of it shares.
 *
 * Z = f B / (d + doffs) stands once, in triangulation.c. Filters work on a keep mask over
 * the pixel grid (selection.h), then the writers stream the kept pixels (cloud_file.h,
 * mesh.h): there is no second copy of the cloud in memory. Ownership: views; selections
 * lie in scratch.
 */
#ifndef CLOUD_CLOUD_H
#define CLOUD_CLOUD_H

#include <stdbool.h>

#include "base/cancel.h"
#include "calib/rectified_rig.h"
#include "image/image_view.h"
#include "process_offline/settings.h"
#include "stereo/disparity_map.h"

struct cloud_input {
    struct disparity_map map;
    struct image_view classes;
    struct image_view confidence; /* pixels NULL: none */
    struct image_view sigma;      /* 1/64 px; pixels NULL: none */
    struct image_view colour;     /* rectified left image, grey or RGB */
    struct rectified_rig rig;     /* of this size */
    const struct po_cloud_settings *settings;
    double min_depth_mm; /* 0: none */
    double max_depth_mm;
    /* Rows whose points count: those around them are context, of a strip of a larger
     * image. 0 and 0: all rows. */
    int first_row;
    int end_row;
    int top_row; /* of row 0 in the whole image */
    const struct cancel *cancel;
};

struct cloud_extent {
    double min_mm[3];
    double max_mm[3];
    double p1_mm[3]; /* 1 and 99 % of the points lie below: the size without stray ones */
    double p99_mm[3];
    double centroid_mm[3];
    double median_depth_mm;
    double median_sigma_mm; /* one sigma of a point there; NaN: unknown */
};

/* The pixels of the cloud after all filters: keep is 255 or 0. */
struct cloud_selection {
    struct image_view keep;
    struct image_view surface; /* the same before voxel thinning: the mesh's vertices */
    uint64_t points;           /* in the rows that count */
    struct cloud_extent
        extent; /* in millimetres whatever the unit written; NaN when empty */
};

#endif
