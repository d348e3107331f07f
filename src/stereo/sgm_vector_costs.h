/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching costs of a row over the vectors of an instruction set: weighted Hamming
 * distances of census planes, the gradient's difference, the prior's penalty. What the
 * sweeps of sgm_vector_sweeps.h start from; its head lists the operations used here.
 */
#ifndef STEREO_SGM_VECTOR_COSTS_H
#define STEREO_SGM_VECTOR_COSTS_H

#include <stdbool.h>

#include "stereo/sgm_kernels.h"
#include "stereo/sgm_tables.h"

#ifdef PO_SANITIZED
#define ALWAYS_INLINE static inline
#else
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#endif

enum { MAX_BLOCK_PIXELS = 4, MAX_BLOCK_VECTORS = 12 };

/* The costs of pixel `x`; its sums and, with three paths, downward path costs follow. */
ALWAYS_INLINE uint8_t *pixel_states(const struct sgm_row *row, int x, const int n,
                                    const int paths)
{
    return row->states + (ptrdiff_t)x * layout_states(paths) * n * VEC_LANES;
}

/* Where the costs of pixels x, x - 1, ... go: those of pixel x - j at to + j * step. */
struct cost_target {
    uint8_t *to;
    ptrdiff_t step;
};

/* Adds the weighted Hamming distances of census plane k: costs[j * m + i] is vector i of
 * pixel x - j. */
ALWAYS_INLINE void add_census_plane(const struct sgm_row *row, const uint8_t *right,
                                    const int32_t *offsets, int x, const int k,
                                    const int m, const int pixels, vec *costs)
{
    vec tables[MAX_BLOCK_PIXELS];
    for (int j = 0; j < pixels; j++)
        tables[j] = vec_table(sgm_hamming_tables +
                              row->left_census[(ptrdiff_t)CENSUS_PLANES * (x - j) + k]);
    for (int v = 0; v < m + pixels - 1; v++) {
        const vec nibbles = vec_load(right + offsets[v] + (ptrdiff_t)k * PLANE_STRIDE);
        for (int j = 0; j < pixels; j++)
            if (v >= j && v - j < m) {
                const vec distance = vec_lookup(tables[j], nibbles);
                vec *cost = &costs[j * m + v - j];
                *cost = k == 0 ? distance : vec_keep(vec_add(*cost, distance));
            }
    }
}

/* The gradient's difference is looked up from GRADIENT_CAP - 1 below to 15 - GRADIENT_CAP
 * above, and capped outside. */
ALWAYS_INLINE void add_gradient(const struct sgm_row *row, const uint8_t *right,
                                const int32_t *offsets, int x, const int m,
                                const int pixels, vec *costs)
{
    const vec table = vec_table(sgm_gradient_table);
    vec gradients[MAX_BLOCK_PIXELS];
    for (int j = 0; j < pixels; j++)
        gradients[j] =
            vec_add(vec_splat(row->left_gradient + x - j), vec_set(GRADIENT_CAP - 1));
    for (int v = 0; v < m + pixels - 1; v++) {
        const vec other =
            vec_load(right + offsets[v] + (ptrdiff_t)CENSUS_PLANES * PLANE_STRIDE);
        for (int j = 0; j < pixels; j++)
            if (v >= j && v - j < m) {
                const vec index = vec_min(vec_sub(gradients[j], other), vec_set(15));
                vec *cost = &costs[j * m + v - j];
                *cost = vec_add(*cost, vec_lookup(table, index));
            }
    }
}

/* Costs of pixels x, x - 1, ... of vectors first .. first + m - 1. `right` holds the
 * features of pixel x at offsets[0], offsets[1], ... */
ALWAYS_INLINE void cost_block(const struct sgm_row *row, const uint8_t *right,
                              const int32_t *offsets, int x, const int n, int first,
                              const int m, const int pixels,
                              const struct cost_target target)
{
    vec costs[MAX_BLOCK_VECTORS];
    offsets += first;
    add_census_plane(row, right, offsets, x, 0, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 1, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 2, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 3, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 4, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 5, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 6, m, pixels, costs);
    add_census_plane(row, right, offsets, x, 7, m, pixels, costs);
    add_gradient(row, right, offsets, x, m, pixels, costs);
    const bool padded = row->layout.disparities != n * VEC_LANES;
    for (int j = 0; j < pixels; j++)
        for (int i = 0; i < m; i++) {
            vec cost = costs[j * m + i];
            if (row->prior_penalty != NULL)
                cost = vec_add(
                    cost,
                    vec_load(row->prior_penalty +
                             row->prior_penalty_offsets[row->prior_penalty_starts[x - j] +
                                                        first + i]));
            if (padded)
                cost = vec_or(
                    cost, vec_load(row->padding + (ptrdiff_t)VEC_LANES * (first + i)));
            vec_store(target.to + j * target.step + (ptrdiff_t)VEC_LANES * (first + i),
                      cost);
        }
}

/* Costs of a block of pixels that ends at `x`. */
ALWAYS_INLINE void cost_pixels(const struct sgm_row *row, const uint8_t *tile,
                               const int32_t *offsets, int x, const int n,
                               const int pixels, const struct cost_target target)
{
    if (n <= 4) {
        cost_block(row, tile, offsets, x, n, 0, n, pixels, target);
        return;
    }
    /* In fours and threes, and one pair; a single vector would leave most of a load idle.
     */
    int first = 0;
    const int threes = n % 4 == 1 ? 1 : n % 4 == 3;
    for (; first + 4 <= n - 3 * threes - (n % 4 == 1 ? 2 : 0); first += 4)
        cost_block(row, tile, offsets, x, n, first, 4, pixels, target);
    if (threes) {
        cost_block(row, tile, offsets, x, n, first, 3, pixels, target);
        first += 3;
    }
    if (first < n)
        cost_block(row, tile, offsets, x, n, first, 2, pixels, target);
}

#endif
