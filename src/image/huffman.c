/* SPDX-License-Identifier: Apache-2.0 */
#include "image/huffman.h"

#include <string.h>

enum { BITS_MAX = 15, DEPTH_MAX = 64, SYMBOL_BITS = 9 };

/* Shell sort: some hundred keys, each block. */
static void sort(uint32_t *keys, int count)
{
    static const int gaps[] = {57, 23, 10, 4, 1};
    for (int g = 0; g < 5; g++)
        for (int i = gaps[g]; i < count; i++) {
            uint32_t key = keys[i];
            int j = i;
            for (; j >= gaps[g] && keys[j - gaps[g]] > key; j -= gaps[g])
                keys[j] = keys[j - gaps[g]];
            keys[j] = key;
        }
}

/* The lighter of the first leaf and the first tree that have no parent yet. */
static int take_lightest(const uint32_t *weights, int leaves, int *leaf, int *tree,
                         int trees_end)
{
    if (*leaf < leaves && (*tree >= trees_end || weights[*leaf] <= weights[*tree]))
        return (*leaf)++;
    return (*tree)++;
}

/* Huffman, "A method for the construction of minimum-redundancy codes", 1952, with leaves
 * sorted by weight, so that trees are made in the order of theirs. depths_of[d] counts
 * the leaves at depth d. */
static void count_depths(const uint32_t *keys, int leaves, int *depths_of)
{
    uint32_t weights[2 * HUFFMAN_SYMBOLS_MAX];
    int parents[2 * HUFFMAN_SYMBOLS_MAX];
    uint8_t depths[2 * HUFFMAN_SYMBOLS_MAX];
    int leaf = 0;
    int tree = leaves;
    int root = 2 * leaves - 2;
    for (int i = 0; i < leaves; i++)
        weights[i] = keys[i] >> SYMBOL_BITS;
    for (int made = leaves; made <= root; made++) {
        int a = take_lightest(weights, leaves, &leaf, &tree, made);
        int b = take_lightest(weights, leaves, &leaf, &tree, made);
        weights[made] = weights[a] + weights[b];
        parents[a] = parents[b] = made;
    }
    depths[root] = 0;
    for (int i = root - 1; i >= 0; i--) {
        depths[i] = (uint8_t)(depths[parents[i]] + 1);
        if (i < leaves)
            depths_of[depths[i]]++;
    }
}

/* Leaves that are too deep move up to max_bits; to make room for them, leaves above move
 * down one level each, until the sum of 2^-depth is 1 again (Kraft, 1949). */
static void limit_depths(int *depths_of, int max_bits)
{
    int room = 1 << max_bits;
    for (int d = max_bits + 1; d < DEPTH_MAX; d++)
        depths_of[max_bits] += depths_of[d];
    for (int d = 1; d <= max_bits; d++)
        room -= depths_of[d] << (max_bits - d);
    for (; room < 0; room++) {
        int d = max_bits - 1;
        while (depths_of[d] == 0)
            d--;
        depths_of[d]--;
        depths_of[d + 1] += 2; /* the leaf and one of the deepest beside it */
        depths_of[max_bits]--;
    }
}

void huffman_lengths(const uint32_t *counts, int symbols, int max_bits, uint8_t *lengths)
{
    uint32_t keys[HUFFMAN_SYMBOLS_MAX];
    int depths_of[DEPTH_MAX] = {0};
    int leaves = 0;
    memset(lengths, 0, (size_t)symbols);
    for (int s = 0; s < symbols; s++)
        if (counts[s] > 0)
            keys[leaves++] = counts[s] << SYMBOL_BITS | (uint32_t)s;
    if (leaves < 2)
        return;
    sort(keys, leaves);
    count_depths(keys, leaves, depths_of);
    limit_depths(depths_of, max_bits);
    int i = 0;
    for (int d = max_bits; d > 0; d--) /* the rarest get the longest */
        for (int n = depths_of[d]; n > 0; n--)
            lengths[keys[i++] & ((1U << SYMBOL_BITS) - 1)] = (uint8_t)d;
}

static uint16_t reverse(unsigned code, int bits)
{
    unsigned reversed = 0;
    for (int i = 0; i < bits; i++)
        reversed |= (code >> i & 1U) << (bits - 1 - i);
    return (uint16_t)reversed;
}

void huffman_codes(const uint8_t *lengths, int symbols, uint16_t *codes)
{
    unsigned next[BITS_MAX + 2] = {0};
    unsigned count[BITS_MAX + 1] = {0};
    for (int s = 0; s < symbols; s++)
        count[lengths[s]]++;
    count[0] = 0;
    for (int bits = 1; bits <= BITS_MAX; bits++)
        next[bits + 1] = (next[bits] + count[bits]) << 1;
    for (int s = 0; s < symbols; s++)
        codes[s] = lengths[s] > 0 ? reverse(next[lengths[s]]++, lengths[s]) : 0;
}
