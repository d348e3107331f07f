/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of semi-global matching, one table of functions an instruction set.
 *
 * kernels_scalar.c is the reference: plain C that says what each function means. Every
 * other table gives the same bytes. Rows are padded: a span kernel may write up to the
 * next multiple of 64 elements, and read as far.
 *
 * Costs and path costs of a pixel lie interleaved over its vectors: disparity d is lane
 * d / vectors of vector d % vectors. So d - 1 and d + 1 are the neighbouring vectors, and
 * only the first and the last of a pixel need a shift over lanes.
 *
 * Positions: the right image's row is stored right to left, position p = width - 1 - x +
 * d for left pixel x and disparity index d, so that rising disparities are rising
 * addresses. It lies in `vectors` phases, position p at offset p / vectors of phase p %
 * vectors, so that the lanes of a vector are neighbours in memory.
 */
#ifndef STEREO_SGM_KERNELS_H
#define STEREO_SGM_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stereo/byte_forest.h"
#include "stereo/disparity_map.h"

enum {
    CENSUS_BITS = 32,
    CENSUS_PLANES = 8, /* of four bits each */
    CENSUS_RADIUS_PX = 4,
    FEATURE_PLANES = CENSUS_PLANES + 1, /* and the gradient */
    HAMMING_WEIGHT = 2,
    GRADIENT_WEIGHT = 3,
    GRADIENT_CAP = 7,
    GRADIENT_MIN = 4, /* so that differences of gradients do not wrap in 8 bits */
    GRADIENT_MAX = 251,
    COST_MAX = HAMMING_WEIGHT * CENSUS_BITS + GRADIENT_WEIGHT * GRADIENT_CAP,
    PRIOR_PENALTY_MAX = 8,
    SUM_SATURATED = 255, /* sums of path costs from here on are all as bad: no match */
    SPAN_PADDING = 64,
    PLANE_STRIDE = 256, /* bytes from one plane of a phase to the next */
    PHASE_STRIDE = FEATURE_PLANES * PLANE_STRIDE,
    EXCLUDED_RUNS = 3,
    WINNER_CHUNK = 256, /* pixels */
    MIN_LANES = 16,
    MAX_LANES = 64,
    SLOT_STEP = 32, /* a pixel's slots are a multiple */
    EXCLUDED_BYTES = (EXCLUDED_RUNS + 1) * (MAX_LANES + EXCLUDED_RUNS),
    MAX_SLOTS = 1024,
    MAX_VECTORS = MAX_SLOTS / MIN_LANES,
};

struct lane_layout {
    int disparities; /* searched */
    int lanes;       /* of a vector */
    int vectors;     /* of a pixel: vectors * lanes >= disparities */
};

static inline int layout_slots(const struct lane_layout *layout)
{
    return layout->lanes * layout->vectors;
}

static inline int layout_slot(const struct lane_layout *layout, int d)
{
    return d % layout->vectors * layout->lanes + d / layout->vectors;
}

/* State slots of a pixel: costs, sums, and with three paths downward path costs. */
static inline int layout_states(int paths)
{
    return paths == 3 ? 3 : 2;
}

/* Of the smaller rise beside a winner, what the sub-pixel fit takes from the larger one
 * where that is above `steep_rise`. */
enum { FIT_SHARE_EIGHTHS = 3 };

/* Winners of a run of pixels. */
struct winner_chunk {
    uint16_t winner[WINNER_CHUNK]; /* first disparity index with the smallest sum */
    uint8_t best[WINNER_CHUNK];    /* that sum */
    uint8_t before[WINNER_CHUNK];  /* the sums beside it, for the sub-pixel fit; at the */
    uint8_t after[WINNER_CHUNK];   /* ends of the range the sum itself */
    uint8_t second[WINNER_CHUNK];  /* smallest sum at least two disparities away */
};

/* One row of a sweep. Per-pixel arrays have `width` elements, state rows width * slots.
 */
struct sgm_row {
    int width;
    int paths; /* 3, or 4 with the bottom-up one */
    struct lane_layout layout;

    const uint8_t *left_census; /* CENSUS_PLANES a pixel, each 16 * nibble */
    const uint8_t *left_gradient;
    const uint8_t *right; /* tiles of phases of planes: nibbles, then gradient */
    int tile_pixels;      /* left pixel x is in tile (width - 1 - x) / tile_pixels */
    size_t tile_stride;
    const int32_t *right_offsets;         /* of a position counted from a tile's first */
    const uint8_t *padding;               /* slots: 255 where d is not searched, else 0 */
    const uint8_t *prior_penalty;         /* phases of the prior's penalty, or NULL */
    const int32_t *prior_penalty_offsets; /* of a penalty position */
    const int32_t
        *prior_penalty_starts; /* penalty position of disparity 0 of each pixel */

    uint8_t p1_horizontal;
    uint8_t p1_vertical;
    const uint8_t *p2_horizontal; /* between pixels x - 1 and x */
    const uint8_t *p2_vertical;   /* between this row and the one the sweep comes from */

    /* Slots of each pixel (layout_states): its costs (backward and upward write them,
     * forward reads); its right-to-left path costs, or with four paths the means of them
     * and the bottom-up ones, then the sums of all paths; with three paths its downward
     * path costs, which forward finds there as the row above left them. */
    uint8_t *states;
    uint8_t *down;     /* with four paths they lie here, one pixel after the other */
    uint8_t *down_min; /* the smallest downward path cost of each pixel */

    /* Path costs of vertical and upward, from the row they come from to this one; may be
     * the same rows. */
    const uint8_t *previous;
    const uint8_t *previous_min;
    uint8_t *vertical;
    uint8_t *vertical_min;

    const uint16_t *winner_slots; /* of each disparity: slots of d - 1 and d + 1; at the
                                    ends   of the range twice its own */
    const uint8_t *excluded;      /* runs of up to three 255 among zeros */
    const uint16_t *excluded_offsets; /* of each disparity and vector: hides the
                                      disparities d - 1 .. d + 1 of that vector */

    struct winner_chunk *winners; /* chunk x / WINNER_CHUNK holds pixel x */
    bool wants_second;
    uint8_t *right_best; /* by position: smallest sum of right pixel `position` */
    uint8_t *right_tag;  /* and the left pixel of the first such, modulo 256 */
};

/* The sweeps over a row, for pixels laid out in so many lanes. */
struct sgm_sweeps {
    int lanes;
    /* From the last pixel to the first: costs, and the right-to-left path. */
    void (*backward)(const struct sgm_row *row);
    /* From the first pixel to the last: the other paths, sums and winners. */
    void (*forward)(const struct sgm_row *row);
    /* The vertical path alone, of costs that nobody keeps. */
    void (*vertical)(const struct sgm_row *row);
    /* With four paths, in place of backward: costs, and the means of the right-to-left
     * path and the vertical one. */
    void (*upward)(const struct sgm_row *row);
};

struct sgm_kernels {
    const char *name;
    const struct sgm_sweeps *sweeps;
    const struct sgm_sweeps *wide_sweeps; /* for pixels that fill at least
                                             WIDE_MIN_VECTORS of their vectors; or NULL */

    /* bit b of plane k: neighbours[4 k + b] < centre */
    void (*census)(const uint8_t *centre, const uint8_t *const neighbours[CENSUS_BITS],
                   int count, uint8_t *planes, size_t plane_stride);
    /* Planes to CENSUS_PLANES a pixel, each 16 * nibble. */
    void (*census_interleave)(const uint8_t *planes, size_t plane_stride, int count,
                              uint8_t *interleaved);
    /* 128 + the rounded mean of right[1], right[1], right[0], right[2] less that of left,
     * kept within GRADIENT_MIN..GRADIENT_MAX; sides[0..2] left, sides[3..5] right. */
    void (*gradient)(const uint8_t *const sides[6], int count, uint8_t *gradient);
    /* max(low, high - 2 |a - b|), of three-channel pixels the largest difference. */
    void (*penalty)(const uint8_t *a, const uint8_t *b, int channels, int count,
                    uint8_t high, uint8_t low, uint8_t *penalties);
    /* min_px + winner + the sub-pixel fraction, in sixteenths;
     * DISPARITY_INVALID where best is saturated. */
    void (*disparities)(const struct winner_chunk *chunk, int count, int min_px,
                        uint8_t steep_rise, int16_t *values);
    /* Whole disparities of right pixels x, x + 1, ..., in sixteenths, from right_best and
     * right_tag of their positions, which fall: the last pixel's comes first. Right but
     * for multiples of 256 in the disparity. */
    void (*right_disparities)(const uint8_t *best, const uint8_t *tag, int count, int x,
                              int min_px, int16_t *values);
    /* min(255, 255 (second - best) / best), of 0 / 0 zero. */
    void (*uniqueness_margins)(const struct winner_chunk *chunk, int count,
                               uint8_t *uniqueness_margins);

    /* Scores of a row of pixels from rows of features: a fourth of the sum, rounded down,
     * from FOREST_SCORE_ZERO, within a byte. Of measured pixels alone where there are
     * classes (enum pixel_class), those of others are any. Rows are read, and scores
     * written, up to the next 64. */
    void (*forest)(const struct ready_forest *forest, const uint8_t *const *features,
                   const uint8_t *classes, int count, uint8_t *scores);
    /* translated[i] = table[bytes[i]], as far as scores. */
    void (*translate)(const uint8_t table[256], const uint8_t *bytes, int count,
                      uint8_t *translated);
};

/*
 * With wide sweeps a pixel of few vectors waits for its own minimum. Measured with 64
 * lanes against 32, milliseconds of `balanced` and of one pass of `quality`: 64
 * disparities 17.9 to 19.2 and 29.1 to 31.2, 128: 27.3 to 27.5 and 43.9 to 47.4,
 * 192: 41.0 to 36.0 and 64.5 to 60.5, 256: 51.7 to 43.6 and 86.8 to 74.0.
 */
enum { WIDE_MIN_VECTORS = 3 };

extern const struct sgm_sweeps sgm_wide_sweeps_avx512;

extern const struct sgm_kernels sgm_kernels_scalar;
extern const struct sgm_kernels sgm_kernels_sse4;
extern const struct sgm_kernels sgm_kernels_avx2;
extern const struct sgm_kernels sgm_kernels_avx512;
extern const struct sgm_kernels sgm_kernels_neon;

#endif
