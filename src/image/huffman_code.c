/* SPDX-License-Identifier: Apache-2.0 */
#include "image/huffman_code.h"

#include <stdbool.h>
#include <string.h>

enum { RADIX_BITS = 8, RADIX = 1 << RADIX_BITS, NODES_MAX = 2 * HUFFMAN_SYMBOLS_MAX };

/* A symbol with its count. */
struct leaf {
    uint16_t count;
    uint16_t symbol;
};

/* By eight bits of the count; equal ones keep their order. */
static void sort_pass(const struct leaf *from, int leaves, int shift, struct leaf *to)
{
    int starts[RADIX + 1] = {0};
    for (int i = 0; i < leaves; i++)
        starts[((from[i].count >> shift) & (RADIX - 1)) + 1]++;
    for (int i = 0; i < RADIX; i++)
        starts[i + 1] += starts[i];
    for (int i = 0; i < leaves; i++)
        to[starts[(from[i].count >> shift) & (RADIX - 1)]++] = from[i];
}

/* The symbols that occur, the rarest first. */
static int sort_leaves(const uint32_t *counts, int count, struct leaf *sorted)
{
    struct leaf found[HUFFMAN_SYMBOLS_MAX] = {{0, 0}};
    struct leaf by_low[HUFFMAN_SYMBOLS_MAX];
    int leaves = 0;
    for (int symbol = 0; symbol < count; symbol++)
        if (counts[symbol] > 0)
            found[leaves++] = (struct leaf){(uint16_t)counts[symbol], (uint16_t)symbol};
    sort_pass(found, leaves, 0, by_low);
    sort_pass(by_low, leaves, RADIX_BITS, sorted);
    return leaves;
}

/* The tree's nodes: the sorted leaves, then the inner ones as they are made, which is by
 * rising weight: the two rarest are always at the head of one of the two queues. */
struct tree {
    uint32_t weights[NODES_MAX];
    uint16_t parents[NODES_MAX];
};

static int take_rarest(const struct tree *tree, int leaves, int nodes, int *leaf,
                       int *inner)
{
    bool leaf_is_rarer = *inner == nodes || (*leaf < leaves && tree->weights[*leaf] <=
                                                                   tree->weights[*inner]);
    return leaf_is_rarer ? (*leaf)++ : (*inner)++;
}

/* How many leaves lie at each depth (D. A. Huffman 1952); deeper ones than the limit
 * count as at it. */
static void count_depths(const struct leaf *sorted, int leaves, int max_length,
                         int *at_length)
{
    struct tree tree = {{0}, {0}};
    uint16_t depths[NODES_MAX];
    int leaf = 0, inner = leaves, nodes = leaves;
    for (int i = 0; i < leaves; i++)
        tree.weights[i] = sorted[i].count;
    while (nodes < 2 * leaves - 1) {
        int a = take_rarest(&tree, leaves, nodes, &leaf, &inner);
        int b = take_rarest(&tree, leaves, nodes, &leaf, &inner);
        tree.weights[nodes] = tree.weights[a] + tree.weights[b];
        tree.parents[a] = tree.parents[b] = (uint16_t)nodes;
        nodes++;
    }
    depths[nodes - 1] = 0;
    for (int i = nodes - 2; i >= 0; i--) {
        depths[i] = (uint16_t)(depths[tree.parents[i]] + 1);
        if (i < leaves)
            at_length[depths[i] < max_length ? depths[i] : max_length]++;
    }
}

/* Too many codes at the limit: as long as they do not fit, one that is shorter becomes
 * two that are longer, in the place of one at the limit. */
static void fit_lengths(int max_length, int *at_length)
{
    uint32_t used = 0;
    for (int length = 1; length <= max_length; length++)
        used += (uint32_t)at_length[length] << (max_length - length);
    for (; used > 1U << max_length; used--) {
        int length = max_length - 1;
        while (at_length[length] == 0)
            length--;
        at_length[max_length]--;
        at_length[length]--;
        at_length[length + 1] += 2;
    }
}

static uint16_t reversed(unsigned code, int length)
{
    unsigned out = 0;
    for (int i = 0; i < length; i++)
        out |= ((code >> i) & 1U) << (length - 1 - i);
    return (uint16_t)out;
}

/* Codes by length, then by symbol. */
static void number_codes(const int *at_length, int count, struct huffman_code *code)
{
    unsigned next[HUFFMAN_LENGTH_MAX + 2] = {0};
    for (int length = 1; length <= HUFFMAN_LENGTH_MAX; length++)
        next[length + 1] = (next[length] + (unsigned)at_length[length]) << 1;
    for (int symbol = 0; symbol < count; symbol++) {
        int length = code->lengths[symbol];
        if (length > 0)
            code->bits[symbol] = reversed(next[length]++, length);
    }
}

void huffman_code_make(const uint32_t *counts, int count, int max_length,
                       struct huffman_code *code)
{
    struct leaf sorted[HUFFMAN_SYMBOLS_MAX];
    int at_length[HUFFMAN_LENGTH_MAX + 1] = {0};
    int leaves = sort_leaves(counts, count, sorted);
    memset(code, 0, sizeof(*code));
    count_depths(sorted, leaves, max_length, at_length);
    fit_lengths(max_length, at_length);
    int leaf = 0;
    for (int length = max_length; length > 0; length--)
        for (int i = 0; i < at_length[length]; i++)
            code->lengths[sorted[leaf++].symbol] = (uint8_t)length;
    number_codes(at_length, count, code);
}
