/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confidence features: what matching and refinement know of a pixel, one byte a feature,
 * row by row, for the forests of confidence_tables.h.
 *
 * They are measured by row_kernels.h, those alone that a forest asks about. Lengths are
 * in pixels, differences of disparity in sixteenths; what exceeds a byte is 255. The
 * order is that of the tables.
 *
 * Ownership: rows lie in scratch until the caller rewinds it.
 */
#ifndef REFINE_CONFIDENCE_FEATURES_H
#define REFINE_CONFIDENCE_FEATURES_H

#include "base/scratch.h"
#include "image/image_view.h"
#include "refine/surface_support.h"
#include "stereo/byte_forest.h"
#include "stereo/matcher.h"

enum confidence_feature {
    /* Of the raw match after its checks, or of the finished map, and of the image. */
    FEATURE_UNIQUENESS_MARGIN, /* match_output.uniqueness_margin; 0 where the matcher has
                                  none */
    FEATURE_COST,              /* match_output.cost; 0 likewise */
    FEATURE_SPAN,              /* largest minus smallest measured value of 3x3 */
    FEATURE_MEASURED,          /* measured pixels among 9x9 */
    FEATURE_TEXTURE,           /* largest horizontal step of green within 2 px */
    FEATURE_RING_4,            /* of eight pixels 4 px away, those within 1.5 px */
    FEATURE_RING_10,           /* likewise 10 px away */
    FEATURE_RUN_LEFT,          /* pixels on the left without a step above 1 px */
    FEATURE_RUN_RIGHT,         /* and on the right */
    FEATURE_INSIDE,  /* how far right of the right image's left edge the match lies */
    FEATURE_RING_24, /* as FEATURE_RING_4, 24 px away */
    FEATURE_COLUMN_TEXTURE, /* largest vertical step of green within 2 px */
    FEATURE_TEXTURE_WIDE,   /* sum of the horizontal steps of 16 pixels, a fourth of it */
    FEATURE_COST_WIDE,      /* sum of the costs of 16 pixels, an eighth of it */
    FEATURE_FIRST_PASS,     /* match_output.first_pass */
    /* Of the surface behind the pixel. */
    FEATURE_LOCAL,    /* score of the local forest */
    FEATURE_WEIGHT,   /* support_pixel.weight */
    FEATURE_RESIDUAL, /* to the mean disparity of what supports; 255: nothing does */
    /* Of the finished map. */
    FEATURE_RAW,      /* score of the raw forest */
    FEATURE_SMOOTHED, /* what the medians changed */
    /* Of the edge beside a pixel at a rim, edge_loops.h; 255: none. */
    FEATURE_EDGE_JUMP,     /* to the farther surface behind it, half pixels; 0: no edge */
    FEATURE_EDGE_DISTANCE, /* 1..6 */
    FEATURE_EDGE_LIKENESS, /* 128 + half of: apart from the far side, minus apart
                              from the near side */
    FEATURE_EDGE_OUTER,    /* largest step of colour on the way to the edge */
    FEATURE_EDGE_INNER,    /* and in 5 px on the way back */
    FEATURE_EDGE_RISE,     /* distance to a nearer surface, 1..6 */
    FEATURE_BEYOND_UP,     /* 128 + half pixels from here to what lies behind the hole */
    FEATURE_BEYOND_DOWN,   /* above and below */
    FEATURE_COUNT,
};

enum {
    EDGE_RIM_PX = 4,
    EDGE_WAYS = 4,
    EDGE_REACH_PX = 6, /* how far off an edge still matters */
};

/* Rows of the map and of the classes end with whole FEATURE_ROW_BYTES. */
struct feature_input {
    const struct disparity_map *map;  /* the raw match, or the finished map */
    const struct disparity_map *work; /* finished: before the last median */
    const struct image_view *classes;
    const struct match_output *match;
    const struct image_view *guide;
    const struct surface_support *support; /* NULL: not yet */
    const struct image_view *scores;       /* of the forest before; NULL: none */
    const struct image_view *green;        /* of the guide, packed; or grey */
};

enum { FEATURE_ROW_BYTES = 64 }; /* kernels read and write whole ones */

/* What edge_loops.h keeps from row to row. Rows of a ring are found by the lower bits of
 * their number. */
enum { EDGE_HOLE_ROWS = 8, EDGE_GREEN_ROWS = 32 };
struct edge_rows {
    int y;                           /* measured last; none: -1 */
    uint8_t *whole[EDGE_HOLE_ROWS];  /* masks of what is measured, or beyond the image */
    int16_t *below[EDGE_HOLE_ROWS];  /* values below holes that begin in the row */
    uint8_t *green[EDGE_GREEN_ROWS]; /* with its border repeated */
    uint8_t *up;                     /* distances to holes above */
    int16_t *above, *left, *right;   /* values beyond the nearest hole on that side */
    int16_t *line;                   /* the row's disparities, between holes */
};

/* Working rows, padded as kernels need; features[i][x] holds feature i of the row last
 * measured. */
struct feature_rows {
    int width_px;
    uint8_t *features[FEATURE_COUNT]; /* in made, or in the plane it was read from */
    uint8_t *made[FEATURE_COUNT];
    uint8_t *scores;
    uint8_t *confidences, *sigmas; /* of the scores */
    uint8_t *counts; /* measured pixels of each column within four rows of counts_y */
    int counts_y;    /* none: -1 */
    uint8_t *steps;  /* of green, in row steps_y; none: -1 */
    int steps_y;
    uint8_t *bytes;
    int16_t *low, *high; /* extremes of columns */
    int16_t *holes;      /* a row without values */
    struct edge_rows edges;
};

size_t feature_rows_bytes(int width_px);
PO_MUST_CHECK enum po_status feature_rows_take(struct scratch *scratch, int width_px,
                                               struct feature_rows *rows,
                                               struct po_error *error);

#endif
