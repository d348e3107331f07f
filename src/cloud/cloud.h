/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clouds: from the final disparity map to points, filtered, streamed to a file.
 *
 * Z = f B / (d + doffs) stands once, in triangulation.c. Filters work on a keep mask over
 * the pixel grid (cloud_select), then the writers stream the kept pixels: there is no
 * second copy of the cloud in memory.
 */
#ifndef CLOUD_CLOUD_H
#define CLOUD_CLOUD_H

#include <stdbool.h>

#include "base/atomic_file.h"
#include "base/cancel.h"
#include "base/count_list.h"
#include "base/warning_list.h"
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

enum { CLOUD_FILTER_MAX = 12, CLOUD_DISPARITY_VALUES = 65536, CLOUD_LENGTH_BINS = 65536 };

/* What the strips of one image add up to; init before the first. */
struct cloud_totals {
    uint64_t candidates;
    uint64_t points;
    uint64_t behind; /* candidates without a positive depth, of strips without a point */
    struct {
        uint64_t before;
        uint64_t after;
    } filters[CLOUD_FILTER_MAX];
    double min_mm[3];
    double max_mm[3];
    double sum_mm[3];
    uint32_t histogram[CLOUD_DISPARITY_VALUES]; /* of the points' disparities */
    uint32_t sigma_codes[256];                  /* of measured points */
    uint32_t aside[2][CLOUD_LENGTH_BINS];       /* of x and y, see length_histogram.h */
};

/* The pixels of the cloud after all filters: keep is 255 or 0. */
struct cloud_selection {
    struct image_view keep;
    struct image_view surface; /* the same before voxel thinning: the mesh's vertices */
    uint64_t points;           /* in the rows that count */
    struct cloud_extent
        extent; /* in millimetres whatever the unit written; NaN when empty */
};

/* What was written, in the format's own numbers; starts empty. */
struct cloud_bounds {
    bool known;
    double min[3];
    double max[3];
};

size_t cloud_scratch_bytes(const struct po_cloud_settings *settings, int width_px,
                           int height_px);

/* Depth limits, classes, confidence, edge jumps, outliers, components, region, voxels;
 * each counts what it drops and warns when that is implausible. `selection->keep` is in
 * scratch. */
PO_MUST_CHECK enum po_status
cloud_select(const struct cloud_input *input, struct scratch *scratch,
             struct cloud_selection *selection, struct count_list *counts,
             struct warning_list *warnings, struct po_error *error);

/* The same strip by strip: `add` for each, which leaves selection->extent alone; `end`
 * says the extent of all and what was implausible. */
void cloud_totals_init(struct cloud_totals *totals);
PO_MUST_CHECK enum po_status
cloud_select_add(const struct cloud_input *input, struct scratch *scratch,
                 struct cloud_selection *selection, struct cloud_totals *totals,
                 struct count_list *counts, struct po_error *error);
PO_MUST_CHECK enum po_status cloud_select_end(const struct cloud_input *input,
                                              const struct cloud_totals *totals,
                                              struct cloud_extent *extent,
                                              struct warning_list *warnings,
                                              struct po_error *error);

/* "cloud.ply", "cloud.las", ... */
const char *cloud_file_name(const struct po_cloud_settings *settings);

/* Upper bound of the file's bytes. */
uint64_t cloud_file_bytes(const struct po_cloud_settings *settings, uint64_t points);
/* About the bytes of the file, and of a mesh over as many vertices, for the disk
 * forecast: numbers in text as wide as those of a scene of 100 m. */
uint64_t cloud_likely_bytes(const struct po_cloud_settings *settings, uint64_t points);
uint64_t mesh_likely_bytes(const struct po_cloud_settings *settings, uint64_t vertices);

PO_MUST_CHECK enum po_status
cloud_write(const struct cloud_input *input, const struct cloud_selection *selection,
            struct scratch *scratch, struct atomic_file *file, struct po_error *error);

/*
 * The same in parts, when the number of points is known only at the end: a header with
 * room for a count up to `max_points`, the rows of each strip, then the header again
 * where it did not know enough. `file` is the caller's.
 */
struct cloud_writer {
    struct atomic_file *file;
    uint64_t max_points;
    uint64_t header_points; /* what the header says */
    struct cloud_bounds bounds;
};

PO_MUST_CHECK enum po_status cloud_writer_begin(struct cloud_writer *writer,
                                                const struct cloud_input *input,
                                                uint64_t points, struct po_error *error);
PO_MUST_CHECK enum po_status cloud_writer_rows(struct cloud_writer *writer,
                                               const struct cloud_input *input,
                                               const struct cloud_selection *selection,
                                               struct scratch *scratch,
                                               struct po_error *error);
/* Nothing may be written after it. */
PO_MUST_CHECK enum po_status cloud_writer_end(struct cloud_writer *writer,
                                              const struct cloud_input *input,
                                              uint64_t points, struct po_error *error);

/* "surface.ply", "surface.obj" or "surface.glb". */
const char *mesh_file_name(const struct po_cloud_settings *settings);

/* Grid mesh over the selection's surface, no triangle across a depth jump. */
PO_MUST_CHECK enum po_status mesh_write(const struct cloud_input *input,
                                        const struct cloud_selection *selection,
                                        struct scratch *scratch, struct atomic_file *file,
                                        uint64_t *triangles, struct po_error *error);

#endif
