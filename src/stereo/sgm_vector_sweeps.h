/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweeps of semi-global matching over the vectors of an instruction set. Included by
 * each kernels_<level>.c after it has defined
 *
 *   vec, VEC_LANES                          a register of VEC_LANES unsigned bytes
 *   vec_load vec_store vec_set vec_splat    (any alignment; splat reads one byte)
 *   vec_table vec_lookup                    16 bytes in every 16 lanes; index 0..15
 *   vec_add vec_adds vec_sub vec_min vec_avg vec_eq vec_or
 *   vec_select(mask, yes, no)
 *   vec_from_below vec_from_above           lane j takes lane j - 1 / j + 1; 255 comes in
 *   vec_min_all                             the smallest lane in every lane
 *   vec_first_byte                          lane 0
 *   vec_mask mask_first mask_has            lanes that are 255: the first; whether one is
 *
 * `n` is the number of vectors of a pixel: a constant in the specialised copies, so that
 * path costs stay in registers from pixel to pixel. The rightward path, the downward path
 * and the sums run in one loop: the long chain of each pixel's minimum then hides behind
 * the independent work of the other two.
 */
#ifndef STEREO_SGM_VECTOR_SWEEPS_H
#define STEREO_SGM_VECTOR_SWEEPS_H

#include <stdbool.h>

#include "stereo/sgm_kernels.h"
#include "stereo/sgm_tables.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct left_pixel {
    vec census[CENSUS_PLANES]; /* weighted Hamming distance by right nibble */
    vec gradient;              /* + GRADIENT_CAP - 1 */
};

ALWAYS_INLINE struct left_pixel left_pixel_load(const struct sgm_row *row, int x)
{
    struct left_pixel left;
    const uint8_t *nibbles = row->left_census + (ptrdiff_t)CENSUS_PLANES * x;
    for (int k = 0; k < CENSUS_PLANES; k++)
        left.census[k] = vec_table(sgm_hamming_tables + nibbles[k]);
    left.gradient = vec_add(vec_splat(row->left_gradient + x), vec_set(GRADIENT_CAP - 1));
    return left;
}

/* Costs of vector `i` of pixel `x`: the gradient's difference is looked up from
 * GRADIENT_CAP - 1 below to 15 - GRADIENT_CAP above, and capped outside. */
ALWAYS_INLINE vec cost_vector(const struct sgm_row *row, const struct left_pixel *left,
                              int x, int i)
{
    const size_t stride = row->plane_stride;
    const uint8_t *right = row->right + row->right_offsets[row->width - 1 - x + i];
    vec even = vec_lookup(left->census[0], vec_load(right));
    vec odd = vec_lookup(left->census[1], vec_load(right + stride));
    for (int k = 2; k < CENSUS_PLANES; k += 2) {
        even = vec_add(even,
                       vec_lookup(left->census[k], vec_load(right + (size_t)k * stride)));
        odd = vec_add(odd, vec_lookup(left->census[k + 1],
                                      vec_load(right + (size_t)(k + 1) * stride)));
    }
    vec difference = vec_sub(left->gradient, vec_load(right + CENSUS_PLANES * stride));
    vec gradient =
        vec_lookup(vec_table(sgm_gradient_table), vec_min(difference, vec_set(15)));
    vec cost = vec_add(vec_add(even, odd), gradient);
    if (row->pull != NULL)
        cost = vec_add(cost,
                       vec_load(row->pull + row->pull_offsets[row->pull_starts[x] + i]));
    return vec_or(cost, vec_load(row->padding + (ptrdiff_t)VEC_LANES * i));
}

struct path_terms {
    vec p1;
    vec smallest; /* of the pixel before on the path */
    vec ceiling;  /* smallest + P2 */
};

/* One step of a path (Hirschmueller 2008, eq. 13). */
ALWAYS_INLINE vec path_vector(const struct path_terms *terms, vec below, vec here,
                              vec above, vec cost)
{
    vec beside = vec_adds(vec_min(below, above), terms->p1);
    vec best = vec_min(vec_min(here, beside), terms->ceiling);
    return vec_adds(vec_sub(best, terms->smallest), cost);
}

ALWAYS_INLINE void backward_n(const struct sgm_row *row, const int n)
{
    vec path[MAX_VECTORS];
    for (int i = 0; i < n; i++)
        path[i] = vec_set(0); /* before the first pixel a path costs nothing */
    struct path_terms terms = {.p1 = vec_set(row->p1_horizontal), .smallest = vec_set(0)};
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    for (int x = row->width - 1; x >= 0; x--) {
        const struct left_pixel left = left_pixel_load(row, x);
        uint8_t *costs = row->cost + x * slots;
        uint8_t *sums = row->sum + x * slots;
        terms.ceiling = vec_adds(terms.smallest, vec_splat(row->p2_horizontal + x + 1));
        vec below = vec_from_below(path[n - 1]);
        const vec top = vec_from_above(path[0]);
        vec smallest = vec_set(255);
        for (int i = 0; i < n; i++) {
            const vec cost = cost_vector(row, &left, x, i);
            const vec here = path[i];
            path[i] =
                path_vector(&terms, below, here, i + 1 < n ? path[i + 1] : top, cost);
            smallest = vec_min(smallest, path[i]);
            vec_store(costs + (ptrdiff_t)VEC_LANES * i, cost);
            vec_store(sums + (ptrdiff_t)VEC_LANES * i, path[i]);
            below = here;
        }
        terms.smallest = vec_min_all(smallest);
    }
}

ALWAYS_INLINE void vertical_n(const struct sgm_row *row, const int n)
{
    struct path_terms terms = {.p1 = vec_set(row->p1_vertical)};
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    for (int x = 0; x < row->width; x++) {
        const struct left_pixel left = left_pixel_load(row, x);
        const uint8_t *previous = row->previous + x * slots;
        uint8_t *vertical = row->vertical + x * slots;
        terms.smallest = vec_splat(row->previous_min + x);
        terms.ceiling = vec_adds(terms.smallest, vec_splat(row->p2_vertical + x));
        vec here = vec_load(previous);
        vec below = vec_from_below(vec_load(previous + slots - VEC_LANES));
        const vec top = vec_from_above(here);
        vec smallest = vec_set(255);
        for (int i = 0; i < n; i++) {
            const vec above =
                i + 1 < n ? vec_load(previous + (ptrdiff_t)VEC_LANES * (i + 1)) : top;
            const vec cost = cost_vector(row, &left, x, i);
            const vec path = path_vector(&terms, below, here, above, cost);
            smallest = vec_min(smallest, path);
            vec_store(vertical + (ptrdiff_t)VEC_LANES * i, path);
            below = here;
            here = above;
        }
        row->vertical_min[x] = vec_first_byte(vec_min_all(smallest));
    }
}

/* What the forward sweep carries from pixel to pixel. */
struct forward_state {
    vec path[MAX_VECTORS];       /* rightward */
    vec right_best[MAX_VECTORS]; /* of the right pixel each lane looks at */
    vec right_tag[MAX_VECTORS];
    vec tag; /* x modulo 256 in every lane */
    struct path_terms horizontal;
    struct path_terms vertical;
};

ALWAYS_INLINE void forward_begin(const struct sgm_row *row, struct forward_state *state,
                                 const int n)
{
    for (int i = 0; i < n; i++) {
        state->path[i] = vec_set(0);
        state->right_best[i] = vec_set(SUM_SATURATED);
        state->right_tag[i] = vec_set(255);
    }
    state->tag = vec_set(0);
    state->horizontal.p1 = vec_set(row->p1_horizontal);
    state->horizontal.smallest = vec_set(0);
    state->vertical.p1 = vec_set(row->p1_vertical);
}

/* Paths and their sums at pixel `x`; returns the smallest sum, in every lane. */
ALWAYS_INLINE vec forward_paths(const struct sgm_row *row, struct forward_state *state,
                                int x, vec *sums, const int n, const int paths)
{
    const ptrdiff_t slots = (ptrdiff_t)n * VEC_LANES;
    const uint8_t *costs = row->cost + x * slots;
    const uint8_t *previous = row->previous + x * slots;
    uint8_t *vertical = row->vertical + x * slots;
    uint8_t *sum_row = row->sum + x * slots;
    struct path_terms *h = &state->horizontal;
    struct path_terms *v = &state->vertical;
    h->ceiling = vec_adds(h->smallest, vec_splat(row->p2_horizontal + x));
    v->smallest = vec_splat(row->previous_min + x);
    v->ceiling = vec_adds(v->smallest, vec_splat(row->p2_vertical + x));
    vec below = vec_from_below(state->path[n - 1]);
    const vec top = vec_from_above(state->path[0]);
    vec v_here = vec_load(previous);
    vec v_below = vec_from_below(vec_load(previous + slots - VEC_LANES));
    const vec v_top = vec_from_above(v_here);
    vec h_smallest = vec_set(255);
    vec v_smallest = vec_set(255);
    vec sum_smallest = vec_set(255);
    for (int i = 0; i < n; i++) {
        const ptrdiff_t at = (ptrdiff_t)VEC_LANES * i;
        const vec cost = vec_load(costs + at);
        const vec here = state->path[i];
        const vec path =
            path_vector(h, below, here, i + 1 < n ? state->path[i + 1] : top, cost);
        const vec v_above = i + 1 < n ? vec_load(previous + at + VEC_LANES) : v_top;
        const vec down = path_vector(v, v_below, v_here, v_above, cost);
        const vec leftward = vec_load(sum_row + at);
        if (paths == 3)
            sums[i] = vec_adds(vec_adds(path, leftward), down);
        else
            sums[i] = vec_adds(vec_avg(path, leftward),
                               vec_avg(down, vec_load(row->up + x * slots + at)));
        state->path[i] = path;
        vec_store(vertical + at, down);
        vec_store(sum_row + at, sums[i]);
        h_smallest = vec_min(h_smallest, path);
        v_smallest = vec_min(v_smallest, down);
        sum_smallest = vec_min(sum_smallest, sums[i]);
        below = here;
        v_below = v_here;
        v_here = v_above;
    }
    h->smallest = vec_min_all(h_smallest);
    row->vertical_min[x] = vec_first_byte(vec_min_all(v_smallest));
    return vec_min_all(sum_smallest);
}

/* The lanes move up by one disparity a pixel, so each keeps looking at its right pixel;
 * the one that leaves at the top is done. Storing whole vectors towards falling addresses
 * leaves just their last lanes behind. */
ALWAYS_INLINE void forward_right(const struct sgm_row *row, struct forward_state *state,
                                 int x, const vec *sums, const int n)
{
    vec best = vec_from_below(state->right_best[n - 1]);
    vec tag = vec_from_below(state->right_tag[n - 1]);
    for (int i = 0; i < n; i++) {
        const vec next_best = state->right_best[i];
        const vec next_tag = state->right_tag[i];
        state->right_best[i] = vec_min(best, sums[i]);
        state->right_tag[i] =
            vec_select(vec_eq(state->right_best[i], best), tag, state->tag);
        best = next_best;
        tag = next_tag;
    }
    const ptrdiff_t position = row->width - 1 - x + (ptrdiff_t)VEC_LANES * (n - 1);
    vec_store(row->right_best + position, state->right_best[n - 1]);
    vec_store(row->right_tag + position, state->right_tag[n - 1]);
    state->tag = vec_add(state->tag, vec_set(1));
}

/* Right pixels still looked at when the row ends: position d is disparity d of its last.
 */
ALWAYS_INLINE void forward_flush(const struct sgm_row *row,
                                 const struct forward_state *state, const int n)
{
    uint8_t best[VEC_LANES];
    uint8_t tag[VEC_LANES];
    for (int i = 0; i < n; i++) {
        vec_store(best, state->right_best[i]);
        vec_store(tag, state->right_tag[i]);
        for (int j = 0; j < VEC_LANES; j++) {
            row->right_best[j * n + i] = best[j];
            row->right_tag[j * n + i] = tag[j];
        }
    }
}

/* The first disparity whose sum is `smallest`: its lane is the first of any vector's, its
 * vector the first that has the lane. */
ALWAYS_INLINE int first_disparity(const vec *sums, vec smallest, const int n)
{
    vec_bits masks[MAX_VECTORS];
    vec_bits any = 0;
    for (int i = 0; i < n; i++) {
        masks[i] = vec_mask(vec_eq(sums[i], smallest));
        any |= masks[i];
    }
    const int lane = mask_first(any);
    int vector = n - 1;
    for (int i = n - 2; i >= 0; i--)
        vector = mask_has(masks[i], lane) ? i : vector;
    return lane * n + vector;
}

ALWAYS_INLINE void forward_winner(const struct sgm_row *row, int x, const vec *sums,
                                  vec smallest, const int n)
{
    const int winner = first_disparity(sums, smallest, n);
    const uint8_t *sum_row = row->sum + (ptrdiff_t)x * n * VEC_LANES;
    const uint16_t *slots = row->winner_slots + 2 * winner;
    row->winner[x] = (uint16_t)winner;
    row->best[x] = vec_first_byte(smallest);
    row->before[x] = sum_row[slots[0]];
    row->after[x] = sum_row[slots[1]];
    if (row->second == NULL)
        return;
    const uint16_t *hidden = row->hidden_offsets + (ptrdiff_t)n * winner;
    vec second = vec_set(255);
    for (int i = 0; i < n; i++)
        second = vec_min(second, vec_or(sums[i], vec_load(row->hidden + hidden[i])));
    row->second[x] = vec_first_byte(vec_min_all(second));
}

ALWAYS_INLINE void forward_n(const struct sgm_row *row, const int n, const int paths)
{
    struct forward_state state;
    forward_begin(row, &state, n);
    for (int x = 0; x < row->width; x++) {
        vec sums[MAX_VECTORS];
        const vec smallest = forward_paths(row, &state, x, sums, n, paths);
        forward_right(row, &state, x, sums, n);
        forward_winner(row, x, sums, smallest, n);
    }
    forward_flush(row, &state, n);
}

static void backward_vectors(const struct sgm_row *row)
{
    switch (row->layout.vectors) {
    case 1:
        backward_n(row, 1);
        break;
    case 2:
        backward_n(row, 2);
        break;
    case 3:
        backward_n(row, 3);
        break;
    case 4:
        backward_n(row, 4);
        break;
    default:
        backward_n(row, row->layout.vectors);
    }
}

static void vertical_vectors(const struct sgm_row *row)
{
    switch (row->layout.vectors) {
    case 1:
        vertical_n(row, 1);
        break;
    case 2:
        vertical_n(row, 2);
        break;
    case 3:
        vertical_n(row, 3);
        break;
    case 4:
        vertical_n(row, 4);
        break;
    default:
        vertical_n(row, row->layout.vectors);
    }
}

static void forward_three_paths(const struct sgm_row *row)
{
    switch (row->layout.vectors) {
    case 1:
        forward_n(row, 1, 3);
        break;
    case 2:
        forward_n(row, 2, 3);
        break;
    case 3:
        forward_n(row, 3, 3);
        break;
    case 4:
        forward_n(row, 4, 3);
        break;
    default:
        forward_n(row, row->layout.vectors, 3);
    }
}

static void forward_four_paths(const struct sgm_row *row)
{
    switch (row->layout.vectors) {
    case 1:
        forward_n(row, 1, 4);
        break;
    case 2:
        forward_n(row, 2, 4);
        break;
    case 3:
        forward_n(row, 3, 4);
        break;
    case 4:
        forward_n(row, 4, 4);
        break;
    default:
        forward_n(row, row->layout.vectors, 4);
    }
}

static void forward_vectors(const struct sgm_row *row)
{
    if (row->paths == 3)
        forward_three_paths(row);
    else
        forward_four_paths(row);
}

#endif
