/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filling of holes: which way the settings choose, and the steps of that way.
 * Measured pixels are left as they are. Ownership: the caller's; working memory goes back
 * to scratch.
 */
#ifndef REFINE_FILL_HOLES_H
#define REFINE_FILL_HOLES_H

#include "base/count_list.h"
#include "process_offline/settings.h"
#include "refine/steps.h"

/* How the settings say holes are filled: FILL_BY_CLASS is the whole of `full`. */
enum fill_way { FILL_NOTHING, FILL_BY_CLASS, FILL_BACKGROUND, FILL_INPAINT };

enum fill_way fill_way_of(const struct po_refine_settings *settings);

/* Holes are filled by planes of segments, in one or two sizes: what no plane of the small
 * segments fills gets a second chance in the larger ones of the quarter-size image. Of
 * the half-size image, planes of segments below 1000 px are wrong more often than what
 * comes next: 0.43 and 0.32 points of bad2 on Middlebury's older scenes, 1.06 and 0.81
 * on 2014's, 0.39 and 0.46 on KITTI. */
enum { PLANE_PASSES_MAX = 2 };

struct plane_pass {
    int shift;     /* of the segments' image: 0 full size, 1 half, 2 quarter */
    double demand; /* share of the values on the plane */
    uint32_t min_area_px;
};

/* What a level of `full` spends. */
struct quality_preset {
    int plane_passes;
    struct plane_pass passes[PLANE_PASSES_MAX];
    int median_lattices;
};

const struct quality_preset *quality_preset_of(enum po_sgm_level level);

struct hole_fill {
    const struct po_settings *settings;
    struct disparity_map *map;         /* width x height, sixteenths of a pixel */
    const struct disparity_map *right; /* the match's; values NULL: none */
    struct image_view *classes;        /* of the same size */
    const struct image_view *guide;    /* the left image, 1 or 3 channels */
    struct disparity_range range;
    const struct row_tally *counted; /* rows whose fills count; NULL: all */
    struct count_list *counts;       /* in pixels: "plane_filled", once a pass, and
                                      "seen_through" */
    struct scratch *scratch;         /* fill_holes_bytes of it */
};

size_t fill_holes_bytes(const struct po_settings *settings, int width_px, int height_px,
                        int channels);
/* PO_OUT_OF_MEMORY: scratch is too small. */
PO_MUST_CHECK enum po_status fill_holes(const struct hole_fill *fill,
                                        struct po_error *error);

#endif
