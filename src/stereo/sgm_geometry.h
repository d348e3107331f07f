/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers a semi-global match follows from: sizes of its rows, penalties, paths. Made
 * from settings before anything is allocated, so that plan and run cannot disagree.
 */
#ifndef STEREO_SGM_GEOMETRY_H
#define STEREO_SGM_GEOMETRY_H

#include <stdbool.h>

#include "process_offline/settings.h"
#include "process_offline/status.h"
#include "stereo/disparity_map.h"
#include "stereo/matcher.h"
#include "stereo/sgm_kernels.h"

/* Fractions of the prior below, at and above a half, and no penalty at all. */
enum { PRIOR_PENALTY_SHAPES = 4 };

/* Rows of the image that are held, and what stands beside them. */
enum {
    RING_ROWS = 2 * CENSUS_RADIUS_PX + 1,
    LEFT_MARGIN = 64, /* pixels repeated at each end of a row of the left ring */
    RIGHT_MARGIN = 8, /* bytes before position 0 in each phase of the right ring */
};

/* P2 = max(low, high - 2 g) for a guide that differs by g along the path. */
struct sgm_penalty {
    uint8_t p1;
    uint8_t high;
    uint8_t low;
};

struct sgm_penalties {
    struct sgm_penalty horizontal;
    struct sgm_penalty vertical;
    uint8_t steep_rise; /* of a sum beside a winner: more has P1 of most paths in it */
};

/* What is matched of a pair: all of it, or a part whose neighbourhood is still seen. */
struct sgm_window {
    int x;
    int y;
    int width_px;
    int height_px;
};

struct sgm_geometry {
    int width_px; /* of the window */
    int height_px;
    struct sgm_window window;
    int image_width_px;
    int image_height_px;
    struct disparity_range range;
    int guide_channels;
    int paths;        /* 3: one sweep; 4: the bottom-up path too */
    int block_rows;   /* 4 paths: rows whose costs are held at once */
    bool takes_prior; /* a prior may come */
    const struct sgm_kernels *kernels;
    const struct sgm_sweeps *sweeps; /* of kernels */
    struct lane_layout layout;
    int positions;               /* of a right row: width + slots - 1 */
    int tile_pixels;             /* of a tile of right features */
    size_t right_bytes;          /* all tiles */
    size_t phase_stride;         /* bytes, of a phase of the right ring's rows */
    size_t ring_stride;          /* bytes, all phases */
    size_t state_bytes;          /* of a state row: width * slots */
    int prior_penalty_positions; /* of one shape of penalty */
    size_t prior_penalty_phase_stride;
    size_t prior_penalty_bytes; /* all phases */
};

/* A match of the whole pair. PO_BAD_ARGUMENT with the bound for what 8-bit path costs
 * cannot hold. */
PO_MUST_CHECK enum po_status sgm_geometry_make(const struct po_match_settings *settings,
                                               const struct match_size *size,
                                               struct sgm_geometry *geometry,
                                               struct po_error *error);

/* The same of a window: sizes only, settings are valid. */
void sgm_geometry_window(const struct sgm_window *window, struct disparity_range range,
                         struct sgm_geometry *geometry);

/* Valid settings only; `second_pass`: with a prior. */
void sgm_penalties_make(const struct po_match_settings *settings, bool second_pass,
                        struct sgm_penalties *penalties);

/* Blocks of block_rows the image falls into. */
static inline int geometry_blocks(const struct sgm_geometry *geometry)
{
    return (geometry->height_px + geometry->block_rows - 1) / geometry->block_rows;
}

/* Right pixel x, counted from the window's left edge, is position origin - x. */
static inline int geometry_origin(const struct sgm_geometry *geometry)
{
    return geometry->width_px - 1 - geometry->range.min_px;
}

#endif
