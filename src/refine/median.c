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
#include <string.h>

#include "refine/steps.h"

enum { RADIUS_PX = 2, SIDE = 5 };

static size_t padded(int width_px)
{
    return (size_t)width_px + 2 * (size_t)RADIUS_PX;
}

size_t median_5x5_bytes(int width_px)
{
    return SIDE * scratch_array_size(padded(width_px), sizeof(int16_t));
}

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

static void sort_columns(const int16_t *const rows[SIDE], int width_px,
                         int16_t *const sorted[SIDE])
{
    const int16_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3],
                  *r4 = rows[4];
    int16_t *restrict s0 = sorted[0] + RADIUS_PX;
    int16_t *restrict s1 = sorted[1] + RADIUS_PX;
    int16_t *restrict s2 = sorted[2] + RADIUS_PX;
    int16_t *restrict s3 = sorted[3] + RADIUS_PX;
    int16_t *restrict s4 = sorted[4] + RADIUS_PX;
    for (int x = 0; x < width_px; x++) {
        int16_t v0 = r0[x], v1 = r1[x], v2 = r2[x], v3 = r3[x], v4 = r4[x];
        sort_five(&v0, &v1, &v2, &v3, &v4);
        s0[x] = v0;
        s1[x] = v1;
        s2[x] = v2;
        s3[x] = v3;
        s4[x] = v4;
    }
}

/* Repeats the first and last column into the padding. */
static void pad_ends(int16_t *row, int width_px)
{
    for (int i = 0; i < RADIUS_PX; i++) {
        row[i] = row[RADIUS_PX];
        row[RADIUS_PX + width_px + i] = row[RADIUS_PX + width_px - 1];
    }
}

static void select_medians(int16_t *const sorted[SIDE], int width_px,
                           int16_t *restrict target)
{
    const int16_t *s0 = sorted[0], *s1 = sorted[1], *s2 = sorted[2], *s3 = sorted[3],
                  *s4 = sorted[4];
    for (int x = 0; x < width_px; x++) {
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

enum po_status median_5x5(const struct disparity_map *source, struct scratch *scratch,
                          struct disparity_map *target, struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    int width_px = source->width_px;
    int16_t *sorted[SIDE];
    for (int i = 0; i < SIDE; i++) {
        sorted[i] = scratch_take_array(scratch, padded(width_px), sizeof(int16_t));
        if (sorted[i] == NULL)
            return scratch_exhausted(scratch, "the median", error);
    }
    for (int y = 0; y < source->height_px; y++) {
        const int16_t *rows[SIDE];
        for (int i = 0; i < SIDE; i++) {
            int from = y + i - RADIUS_PX;
            int last = source->height_px - 1;
            from = from < 0 ? 0 : from > last ? last : from;
            rows[i] = disparity_row(source, from);
        }
        sort_columns(rows, width_px, sorted);
        for (int i = 0; i < SIDE; i++)
            pad_ends(sorted[i], width_px);
        select_medians(sorted, width_px, disparity_row(target, y));
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
