/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forests over the vectors of an instruction set; included beside sgm_vector_features.h.
 *
 * A block of pixels is scored at a time: its features are moved to signed bytes once, so
 * that a question is one comparison; leaves count from the least of their tree, so that
 * some trees' leaves add up in bytes before they are widened.
 *
 * The vectors are `wide`: an instruction set with longer ones than its sweeps use defines
 * WIDE_LANES and what is below; the others take theirs. One operation more is theirs,
 *
 *   wide_ask(index, bound, value, bit)   index with the bit where bound > value, as
 * signed bytes; it lacks the bit before
 */
#ifndef STEREO_SGM_VECTOR_FOREST_H
#define STEREO_SGM_VECTOR_FOREST_H

#include <string.h>

#include "stereo/disparity_map.h"
#include "stereo/sgm_kernels.h"

#ifndef WIDE_LANES
#define WIDE_LANES VEC_LANES
typedef vec wide;
typedef vec16 wide16;
#define wide_load vec_load
#define wide_store vec_store
#define wide_set vec_set
#define wide_splat vec_splat
#define wide_table vec_table
#define wide_lookup vec_lookup
#define wide_add vec_add
#define wide_ask vec_ask
#define wide_low vec_low
#define wide_high vec_high
#define wide_narrow vec_narrow
#define wide16_set vec16_set
#define wide16_add vec16_add
#define wide16_quarter vec16_quarter
#endif

enum {
    FOREST_FEATURES = 32,
    FOREST_VECTORS = 4, /* scored together, so that a tree's numbers are loaded once */
    FOREST_BLOCK = FOREST_VECTORS * WIDE_LANES,
};

/* Features as signed bytes. */
struct forest_block {
    _Alignas(64) uint8_t features[FOREST_FEATURES][FOREST_BLOCK];
};

/* Vector k of the block is that of the pixels from x on. */
static inline void load_vector(uint32_t asked, const uint8_t *const *features, int x,
                               int k, struct forest_block *block)
{
    const wide to_signed = wide_set(FOREST_TO_SIGNED);
    for (; asked != 0; asked &= asked - 1) {
        const int i = __builtin_ctz(asked);
        wide_store(block->features[i] + (ptrdiff_t)k * WIDE_LANES,
                   wide_add(wide_load(features[i] + x), to_signed));
    }
}

/* Adds the tree's leaves to the sums in bytes. */
static inline __attribute__((always_inline)) void
add_leaves(const struct ready_tree *tree, const struct forest_block *block,
           wide sums[FOREST_VECTORS])
{
    wide index[FOREST_VECTORS];
    for (int k = 0; k < FOREST_VECTORS; k++)
        index[k] = wide_set(0);
    for (int i = 0; i < FOREST_DEPTH; i++) {
        const uint8_t *feature = block->features[tree->features[i]];
        const wide bound = wide_splat(&tree->bounds[i]);
        for (int k = 0; k < FOREST_VECTORS; k++)
            index[k] =
                wide_ask(index[k], bound, wide_load(feature + (ptrdiff_t)k * WIDE_LANES),
                         (uint8_t)(1U << i));
    }
    const wide table = wide_table(tree->leaves);
    for (int k = 0; k < FOREST_VECTORS; k++)
        sums[k] = wide_add(sums[k], wide_lookup(table, index[k]));
}

/* Sums in 16 bits of the lower and the upper halves of each vector. */
struct forest_sums {
    wide16 low[FOREST_VECTORS], high[FOREST_VECTORS];
};

static inline void sum_block(const struct ready_forest *forest,
                             const struct forest_block *block, struct forest_sums *sums)
{
    wide bytes[FOREST_VECTORS];
    for (int k = 0; k < FOREST_VECTORS; k++) {
        sums->low[k] = sums->high[k] = wide16_set(forest->start);
        bytes[k] = wide_set(0);
    }
    for (int i = 0; i < forest->count; i++) {
        add_leaves(&forest->trees[i], block, bytes);
        if (!forest->trees[i].closes)
            continue;
        for (int k = 0; k < FOREST_VECTORS; k++) {
            sums->low[k] = wide16_add(sums->low[k], wide_low(bytes[k]));
            sums->high[k] = wide16_add(sums->high[k], wide_high(bytes[k]));
            bytes[k] = wide_set(0);
        }
    }
}

static inline wide score_vector(wide16 low, wide16 high)
{
    const wide16 zero = wide16_set(FOREST_SCORE_ZERO);
    return wide_narrow(wide16_add(wide16_quarter(low), zero),
                       wide16_add(wide16_quarter(high), zero));
}

/* The first `count` vectors of the block, which lie at these pixels. */
static inline void score_block(const struct ready_forest *forest,
                               const struct forest_block *block,
                               const int at[FOREST_VECTORS], int count, uint8_t *scores)
{
    struct forest_sums sums;
    sum_block(forest, block, &sums);
    for (int k = 0; k < count; k++)
        wide_store(scores + at[k], score_vector(sums.low[k], sums.high[k]));
}

/* Vectors without a measured pixel are left out, so that those of a block need not lie
 * side by side. */
static void forest_vectors(const struct ready_forest *forest,
                           const uint8_t *const *features, const uint8_t *classes,
                           int count, uint8_t *scores)
{
    struct forest_block block = {0};
    int at[FOREST_VECTORS];
    int loaded = 0;
    for (int x = 0; x < count; x += WIDE_LANES) {
        const int left = count - x < WIDE_LANES ? count - x : WIDE_LANES;
        if (classes != NULL && memchr(classes + x, PIXEL_MEASURED, (size_t)left) == NULL)
            continue;
        load_vector(forest->asked, features, x, loaded, &block);
        at[loaded++] = x;
        if (loaded < FOREST_VECTORS)
            continue;
        score_block(forest, &block, at, loaded, scores);
        loaded = 0;
    }
    if (loaded > 0)
        score_block(forest, &block, at, loaded, scores);
}

#endif
