/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Union-find: a forest of sets by size, with path halving (Tarjan and van Leeuwen 1984).
 *
 * nodes[i] is minus the size of its set at a root, else the index of a node nearer to the
 * root. The caller's array; nothing is allocated.
 */
#ifndef BASE_UNION_FIND_H
#define BASE_UNION_FIND_H

#include <stdint.h>

static inline int32_t union_find_root(int32_t *nodes, int32_t index)
{
    while (nodes[index] >= 0) {
        int32_t parent = nodes[index];
        if (nodes[parent] >= 0)
            nodes[index] = nodes[parent];
        index = parent;
    }
    return index;
}

/* Joins the sets of two different roots; returns the root of both. */
static inline int32_t union_find_join_roots(int32_t *nodes, int32_t a, int32_t b)
{
    int32_t larger = nodes[a] <= nodes[b] ? a : b;
    int32_t smaller = larger == a ? b : a;
    nodes[larger] += nodes[smaller];
    nodes[smaller] = larger;
    return larger;
}

#endif
