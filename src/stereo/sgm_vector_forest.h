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
    TO_SIGNED = 128,
};

/* A tree made ready. Its bits say that a feature is not above a threshold, that is, below
 * the bound that follows it. */
struct ready_tree {
    _Alignas(16) uint8_t leaves[FOREST_LEAVES]; /* above the least */
    uint8_t features[FOREST_DEPTH];
    uint8_t bounds[FOREST_DEPTH];
    bool closes; /* with the next tree's leaves, sums could leave their bytes */
};

struct ready_forest {
    int count;
    int16_t start;
    uint32_t asked;
    struct ready_tree trees[FOREST_TREES_MAX];
};

/* Nothing is above 255, for which there is no bound: both answers get the leaf of that
 * one, whatever the bound. */
static inline int leaf_of(const struct forest_tree *tree, int not_above)
{
    int leaf = FOREST_LEAVES - 1 - not_above;
    for (int i = 0; i < FOREST_DEPTH; i++)
        if (tree->thresholds[i] == UINT8_MAX)
            leaf &= ~(1 << i);
    return leaf;
}

/* Returns how far the tree's leaves lie apart; *start goes down to the least. */
static inline int ready_tree(const struct forest_tree *tree, struct ready_tree *ready,
                             int *start)
{
    int least = UINT8_MAX, most = 0;
    for (int k = 0; k < FOREST_LEAVES; k++) {
        ready->leaves[k] = tree->leaves[leaf_of(tree, k)];
        least = ready->leaves[k] < least ? ready->leaves[k] : least;
        most = ready->leaves[k] > most ? ready->leaves[k] : most;
    }
    for (int k = 0; k < FOREST_LEAVES; k++)
        ready->leaves[k] = (uint8_t)(ready->leaves[k] - least);
    for (int i = 0; i < FOREST_DEPTH; i++) {
        ready->features[i] = tree->features[i];
        ready->bounds[i] = (uint8_t)(tree->thresholds[i] + 1 - TO_SIGNED);
    }
    *start += least - FOREST_LEAF_ZERO;
    return most - least;
}

static inline void ready_forest(const struct byte_forest *forest,
                                struct ready_forest *ready)
{
    int start = forest->base;
    int sum = 0;
    ready->count = forest->count;
    ready->asked = 0;
    for (int i = 0; i < forest->count; i++) {
        struct ready_tree *tree = &ready->trees[i];
        int apart = ready_tree(&forest->trees[i], tree, &start);
        for (int k = 0; k < FOREST_DEPTH; k++)
            ready->asked |= 1U << tree->features[k];
        bool full = i > 0 && sum + apart > UINT8_MAX;
        if (full)
            ready->trees[i - 1].closes = true;
        sum = full ? apart : sum + apart;
        tree->closes = i + 1 == forest->count;
    }
    ready->start = (int16_t)start;
}

/* Features as signed bytes. */
struct forest_block {
    _Alignas(64) uint8_t features[FOREST_FEATURES][FOREST_BLOCK];
};

/* Of the pixels from x on; rows are not padded to blocks, so what is beyond stays as it
 * was. */
static inline void load_block(uint32_t asked, const uint8_t *const *features, int x,
                              int count, struct forest_block *block)
{
    const wide to_signed = wide_set(TO_SIGNED);
    for (; asked != 0; asked &= asked - 1) {
        const int i = __builtin_ctz(asked);
        for (int k = 0; k < FOREST_BLOCK && x + k < count; k += WIDE_LANES)
            wide_store(block->features[i] + k,
                       wide_add(wide_load(features[i] + x + k), to_signed));
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

static void forest_vectors(const struct byte_forest *forest,
                           const uint8_t *const *features, int count, uint8_t *scores)
{
    struct ready_forest ready;
    struct forest_block block = {0};
    struct forest_sums sums;
    ready_forest(forest, &ready);
    for (int x = 0; x < count; x += FOREST_BLOCK) {
        load_block(ready.asked, features, x, count, &block);
        sum_block(&ready, &block, &sums);
        for (int k = 0; k < FOREST_VECTORS && x + k * WIDE_LANES < count; k++)
            wide_store(scores + x + (ptrdiff_t)k * WIDE_LANES,
                       score_vector(sums.low[k], sums.high[k]));
    }
}

#endif
