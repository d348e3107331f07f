/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/flat_runs.h"

#include "base/union_find.h"
#include "refine/row_scan.h"

size_t flat_runs_bytes(size_t pixels)
{
    return scratch_sum(scratch_array_size(pixels, sizeof(int32_t)),
                       scratch_array_size(pixels, sizeof(uint16_t)));
}

bool flat_runs_take(struct scratch *scratch, size_t pixels, struct flat_runs *runs)
{
    runs->parents = scratch_take_array(scratch, pixels, sizeof(int32_t));
    runs->ends = scratch_take_array(scratch, pixels, sizeof(uint16_t));
    runs->count = 0;
    return runs->ends != NULL;
}

/* The runs of row y. */
static void find_runs(struct flat_runs *runs, int y)
{
    int width_px = runs->width_px;
    const uint8_t *right = runs->right + (ptrdiff_t)y * width_px;
    uint8_t *marks = runs->marks;
    int start = 0;
    for (int x = 0; x < width_px; x++)
        marks[x] = right[x] > runs->flat_step;
    marks[width_px - 1] = 1;
    while (start < width_px) {
        int end = next_marked(marks, start, width_px) + 1;
        runs->ends[runs->count] = (uint16_t)end;
        runs->parents[runs->count++] = start - end;
        start = end;
    }
}

/* Where a pixel of row y and the one above are the first of their two runs to touch. */
static void mark_contacts(const struct flat_runs *runs, int y, uint8_t *restrict marks)
{
    int width_px = runs->width_px;
    uint8_t flat = runs->flat_step;
    const uint8_t *right = runs->right + (ptrdiff_t)y * width_px;
    const uint8_t *above = right - width_px;
    const uint8_t *down = runs->down + (ptrdiff_t)(y - 1) * width_px;
    marks[0] = down[0] <= flat;
    for (int x = 1; x < width_px; x++)
        marks[x] = (down[x] <= flat) &
                   ((down[x - 1] > flat) | (right[x - 1] > flat) | (above[x - 1] > flat));
}

/* The first run stays the root: so it is labelled before the others. */
static void join_roots(int32_t *parents, int32_t a, int32_t b)
{
    int32_t first = a < b ? a : b;
    int32_t second = a < b ? b : a;
    parents[first] += parents[second];
    parents[second] = first;
}

/* Joins the runs of row y, from `lower` on, with those of the row above, from `upper` on.
 */
static void join_rows(struct flat_runs *runs, int y, int32_t upper, int32_t lower)
{
    int width_px = runs->width_px;
    mark_contacts(runs, y, runs->marks);
    for (int x = next_marked(runs->marks, 0, width_px); x < width_px;
         x = next_marked(runs->marks, x + 1, width_px)) {
        while (runs->ends[upper] <= x)
            upper++;
        while (runs->ends[lower] <= x)
            lower++;
        int32_t a = union_find_root(runs->parents, upper);
        int32_t b = union_find_root(runs->parents, lower);
        if (a != b)
            join_roots(runs->parents, a, b);
    }
}

void flat_runs_join(struct flat_runs *runs)
{
    int32_t upper = 0, lower = 0;
    for (int y = 0; y < runs->height_px; y++) {
        lower = runs->count;
        find_runs(runs, y);
        if (y > 0)
            join_rows(runs, y, upper, lower);
        upper = lower;
    }
}

/* Of a run that comes after its root, or is the root; a root that has got its label holds
 * minus the label less one. */
static int32_t label_run(int32_t *parents, int32_t run, int32_t *count, uint32_t *sizes)
{
    int32_t root = union_find_root(parents, run);
    if (root == run) {
        sizes[*count] = (uint32_t)-parents[run];
        parents[run] = -1 - (*count)++;
    }
    return -1 - parents[root];
}

uint32_t flat_runs_label(struct flat_runs *runs, int32_t *labels, uint32_t *sizes)
{
    int32_t run = 0, count = 0;
    for (int y = 0; y < runs->height_px; y++, labels += runs->width_px) {
        for (int x = 0; x < runs->width_px; run++) {
            int32_t label = label_run(runs->parents, run, &count, sizes);
            for (; x < runs->ends[run]; x++)
                labels[x] = label;
        }
    }
    return (uint32_t)count;
}
