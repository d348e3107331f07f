/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A boosted forest of oblivious trees over rows of bytes.
 *
 * All nodes of one depth of an oblivious tree ask the same question (Kohavi 1994; as
 * boosted by Prokhorenkova et al. 2018), so a tree is four comparisons and one lookup
 * among sixteen leaves: a register of pixels walks it without a branch.
 *
 * Plain values; tables are constants of the program or lie with the caller.
 */
#ifndef STEREO_BYTE_FOREST_H
#define STEREO_BYTE_FOREST_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FOREST_DEPTH = 4,
    FOREST_LEAVES = 1 << FOREST_DEPTH,
    FOREST_TREES_MAX = 120, /* so that sums fit 16 bits */
    FOREST_LEAF_ZERO = 128,
    FOREST_LEAF_UNIT = 64, /* leaves and base are log-odds in units of 1/64 */
    FOREST_SCORE_ZERO = 128,
    FOREST_TO_SIGNED = 128, /* added to bytes, so that signed ones keep their order */
    FOREST_SCORE_UNIT = 16, /* scores are in units of 1/16, so from -8 to 8 */
};

/* Leaf k, where bit i of k says that features[i] is above thresholds[i], adds leaves[k] -
 * FOREST_LEAF_ZERO. */
struct forest_tree {
    _Alignas(16) uint8_t leaves[FOREST_LEAVES];
    uint8_t features[FOREST_DEPTH];
    uint8_t thresholds[FOREST_DEPTH];
};

struct byte_forest {
    int count;      /* of trees, at most FOREST_TREES_MAX */
    int16_t base;   /* what the sum starts from */
    uint32_t asked; /* bit i: some tree asks about feature i */
    const struct forest_tree *trees;
};

/* A tree made ready for vectors of signed bytes. Its bits say that a feature is not above
 * a threshold, that is, below the bound that follows it; leaves count from the least. */
struct ready_tree {
    _Alignas(16) uint8_t leaves[FOREST_LEAVES];
    uint8_t features[FOREST_DEPTH];
    uint8_t bounds[FOREST_DEPTH];
    bool closes; /* with the next tree's leaves, sums could leave their bytes */
};

struct ready_forest {
    const struct byte_forest *forest;
    int count;
    int16_t start;
    uint32_t asked;
    struct ready_tree trees[FOREST_TREES_MAX];
};

/* Once for all rows that it scores. */
void forest_make_ready(const struct byte_forest *forest, struct ready_forest *ready);

#endif
