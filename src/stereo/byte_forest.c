/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/byte_forest.h"

/* Nothing is above 255, for which there is no bound: both answers get the leaf of that
 * one, whatever the bound. */
static int leaf_of(const struct forest_tree *tree, int not_above)
{
    int leaf = FOREST_LEAVES - 1 - not_above;
    for (int i = 0; i < FOREST_DEPTH; i++)
        if (tree->thresholds[i] == UINT8_MAX)
            leaf &= ~(1 << i);
    return leaf;
}

/* Returns how far the tree's leaves lie apart; *start goes down to the least. */
static int make_tree_ready(const struct forest_tree *tree, struct ready_tree *ready,
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
        ready->bounds[i] = (uint8_t)(tree->thresholds[i] + 1 - FOREST_TO_SIGNED);
    }
    *start += least - FOREST_LEAF_ZERO;
    return most - least;
}

void forest_make_ready(const struct byte_forest *forest, struct ready_forest *ready)
{
    int start = forest->base;
    int sum = 0;
    ready->forest = forest;
    ready->count = forest->count;
    ready->asked = 0;
    for (int i = 0; i < forest->count; i++) {
        struct ready_tree *tree = &ready->trees[i];
        int apart = make_tree_ready(&forest->trees[i], tree, &start);
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
