/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 5x5 median by sorting networks on whole rows, so that the compiler makes vector minima
 * and maxima of every exchange.
 *
 * Columns are sorted once for the five windows that share them. Sorting the rows of a
 * window's five sorted columns keeps the columns sorted; element (i, j) then has
 * (i + 1)(j + 1) - 1 elements not above it, and likewise from the other end, which rules
 * out all but three antidiagonals. Of the first of them only the largest, of the last
 * only the smallest can be the median (any other has seven or more on one side), which
 * leaves the median of seven.
 */
#ifndef REFINE_MEDIAN_5X5_LOOPS_H
#define REFINE_MEDIAN_5X5_LOOPS_H

#include <stdint.h>

enum { MEDIAN_RADIUS_PX = 2, MEDIAN_SIDE = 5, BLOCK_PX = 256 };

/* Sorted columns of one stretch of a row: small enough for the innermost cache, and of
 * known layout, so that the compiler need not fear that its rows overlap. */
struct sorted_block {
    int16_t values[MEDIAN_SIDE][BLOCK_PX + 2 * MEDIAN_RADIUS_PX];
};

static inline void exchange(int16_t *a, int16_t *b)
{
    int16_t smaller = *a < *b ? *a : *b;
    int16_t larger = *a < *b ? *b : *a;
    *a = smaller;
    *b = larger;
}

static inline void sort_five(int16_t *v0, int16_t *v1, int16_t *v2, int16_t *v3,
                             int16_t *v4)
{
    exchange(v0, v1);
    exchange(v3, v4);
    exchange(v2, v4);
    exchange(v2, v3);
    exchange(v0, v3);
    exchange(v0, v2);
    exchange(v1, v4);
    exchange(v1, v3);
    exchange(v1, v2);
}

static inline int16_t median_of_seven(int16_t v0, int16_t v1, int16_t v2, int16_t v3,
                                      int16_t v4, int16_t v5, int16_t v6)
{
    exchange(&v0, &v5);
    exchange(&v0, &v3);
    exchange(&v1, &v6);
    exchange(&v2, &v4);
    exchange(&v0, &v1);
    exchange(&v3, &v5);
    exchange(&v2, &v6);
    exchange(&v2, &v3);
    exchange(&v3, &v6);
    exchange(&v4, &v5);
    exchange(&v1, &v4);
    exchange(&v1, &v3);
    exchange(&v3, &v4);
    return v3;
}

static inline int16_t min_of_four(int16_t a, int16_t b, int16_t c, int16_t d)
{
    exchange(&a, &b);
    exchange(&c, &d);
    return a < c ? a : c;
}

static inline int16_t max_of_four(int16_t a, int16_t b, int16_t c, int16_t d)
{
    exchange(&a, &b);
    exchange(&c, &d);
    return b > d ? b : d;
}

/* Sorts `count` columns of five rows from x on into the block's columns from `at` on. */
static void sort_columns(const int16_t *const rows[MEDIAN_SIDE], int x, int count, int at,
                         struct sorted_block *restrict block)
{
    const int16_t *r0 = rows[0] + x, *r1 = rows[1] + x, *r2 = rows[2] + x,
                  *r3 = rows[3] + x, *r4 = rows[4] + x;
    for (int i = 0; i < count; i++) {
        int16_t v0 = r0[i], v1 = r1[i], v2 = r2[i], v3 = r3[i], v4 = r4[i];
        sort_five(&v0, &v1, &v2, &v3, &v4);
        block->values[0][at + i] = v0;
        block->values[1][at + i] = v1;
        block->values[2][at + i] = v2;
        block->values[3][at + i] = v3;
        block->values[4][at + i] = v4;
    }
}

/* Repeats the block's columns `first` and `last` outwards over `end` columns. */
static void pad_ends(struct sorted_block *block, int first, int last, int end)
{
    for (int i = 0; i < MEDIAN_SIDE; i++) {
        for (int x = 0; x < first; x++)
            block->values[i][x] = block->values[i][first];
        for (int x = last + 1; x < end; x++)
            block->values[i][x] = block->values[i][last];
    }
}

static void select_medians_5x5(const struct sorted_block *block, int count,
                               int16_t *restrict target)
{
    const int16_t *s0 = block->values[0], *s1 = block->values[1], *s2 = block->values[2],
                  *s3 = block->values[3], *s4 = block->values[4];
    for (int x = 0; x < count; x++) {
        int16_t a0 = s0[x], a1 = s0[x + 1], a2 = s0[x + 2], a3 = s0[x + 3],
                a4 = s0[x + 4];
        int16_t b0 = s1[x], b1 = s1[x + 1], b2 = s1[x + 2], b3 = s1[x + 3],
                b4 = s1[x + 4];
        int16_t c0 = s2[x], c1 = s2[x + 1], c2 = s2[x + 2], c3 = s2[x + 3],
                c4 = s2[x + 4];
        int16_t d0 = s3[x], d1 = s3[x + 1], d2 = s3[x + 2], d3 = s3[x + 3],
                d4 = s3[x + 4];
        int16_t e0 = s4[x], e1 = s4[x + 1], e2 = s4[x + 2], e3 = s4[x + 3],
                e4 = s4[x + 4];
        sort_five(&a0, &a1, &a2, &a3, &a4);
        sort_five(&b0, &b1, &b2, &b3, &b4);
        sort_five(&c0, &c1, &c2, &c3, &c4);
        sort_five(&d0, &d1, &d2, &d3, &d4);
        sort_five(&e0, &e1, &e2, &e3, &e4);
        int16_t low = max_of_four(a3, b2, c1, d0);
        int16_t high = min_of_four(b4, c3, d2, e1);
        target[x] = median_of_seven(a4, b3, c2, d1, e0, low, high);
    }
}

static void median_5x5_row(const int16_t *const rows[MEDIAN_SIDE], int width_px,
                           int16_t *target)
{
    struct sorted_block block;
    for (int x = 0; x < width_px; x += BLOCK_PX) {
        int count = width_px - x < BLOCK_PX ? width_px - x : BLOCK_PX;
        int from = x - MEDIAN_RADIUS_PX > 0 ? x - MEDIAN_RADIUS_PX : 0;
        int to = x + count + MEDIAN_RADIUS_PX < width_px ? x + count + MEDIAN_RADIUS_PX
                                                         : width_px;
        int first = from - (x - MEDIAN_RADIUS_PX);
        sort_columns(rows, from, to - from, first, &block);
        pad_ends(&block, first, first + to - from - 1, count + 2 * MEDIAN_RADIUS_PX);
        select_medians_5x5(&block, count, target + x);
    }
}

#endif
