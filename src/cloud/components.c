/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small components: kept pixels that lie on one surface with their left or upper
 * neighbour are joined.
 *
 * Runs of pixels joined along a row are the elements of a union-find forest (by size,
 * with path halving). What joins to the left and upwards is worked out for a whole row in
 * plain integers, which compilers turn into vector code; the forest is only touched where
 * a run begins, ends or first meets one of the row above.
 */
#include <string.h>

#include "base/union_find.h"
#include "cloud/cloud_filters.h"
#include "cloud/surface_step.h"

enum { RUN_START = 254, WORD = 8 };
_Static_assert(KEPT == UINT8_MAX, "eight kept pixels are all ones");

struct run_forest {
    int width_px;
    /* By the index of a run's first pixel: minus the size of a root, else the index of
     * another run nearer to the root. Other pixels have no entry. */
    int32_t *nodes;
    int32_t *runs; /* of each pixel of this row: the index of its run */
    int32_t *runs_above;
    uint8_t *left; /* 1: joined with the pixel to the left */
    uint8_t *left_above;
    uint8_t *up;     /* 1: joined with the pixel above */
    uint8_t *events; /* 1: a run begins, ends or meets another above */
};

static size_t padded(int width_px)
{
    return (size_t)width_px + WORD;
}

size_t component_scratch_bytes(int width_px, int height_px)
{
    size_t nodes =
        scratch_array_size((size_t)width_px, (size_t)height_px * sizeof(int32_t));
    size_t runs = scratch_array_size((size_t)width_px, sizeof(int32_t));
    size_t flags = scratch_size(padded(width_px));
    return scratch_sum(nodes, 2 * runs + 4 * flags);
}

static enum po_status take_forest(struct scratch *scratch, int width_px, int height_px,
                                  struct run_forest *forest, struct po_error *error)
{
    size_t width = (size_t)width_px;
    forest->width_px = width_px;
    forest->nodes =
        scratch_take_array(scratch, width, (size_t)height_px * sizeof(int32_t));
    forest->runs = scratch_take_array(scratch, width, sizeof(int32_t));
    forest->runs_above = scratch_take_array(scratch, width, sizeof(int32_t));
    forest->left = scratch_take_zeroed(scratch, padded(width_px));
    forest->left_above = scratch_take_zeroed(scratch, padded(width_px));
    forest->up = scratch_take_zeroed(scratch, padded(width_px));
    forest->events = scratch_take_zeroed(scratch, padded(width_px));
    if (forest->nodes == NULL || forest->runs == NULL || forest->runs_above == NULL ||
        forest->left == NULL || forest->left_above == NULL || forest->up == NULL ||
        forest->events == NULL)
        return scratch_exhausted(scratch, "the component filter", error);
    return PO_OK;
}

static void join(int32_t *nodes, int32_t a, int32_t b)
{
    a = union_find_root(nodes, a);
    b = union_find_root(nodes, b);
    if (a != b)
        (void)union_find_join_roots(nodes, a, b);
}

struct masked_row {
    const int16_t *values;
    const uint8_t *keep;
};

/* Which pixels of a row are joined with their neighbour in `others`, to the left or
 * above. */
static void find_joints(struct masked_row row, struct masked_row others, int count,
                        int doffs, uint8_t *joints)
{
    for (int x = 0; x < count; x++) {
        int both = (row.keep[x] != 0) & (others.keep[x] != 0);
        int small = surface_step_is_small(row.values[x], others.values[x], doffs);
        joints[x] = (uint8_t)(both & small);
    }
}

/* Pixels at which the forest must be looked at. Upper neighbours that are one run over
 * one run need it only once. */
static void find_events(const uint8_t *keep, struct run_forest *forest)
{
    const uint8_t *left = forest->left;
    const uint8_t *left_above = forest->left_above;
    const uint8_t *up = forest->up;
    uint8_t *events = forest->events;
    events[0] = keep[0] & 1;
    for (int x = 1; x < forest->width_px; x++) {
        uint8_t kept = keep[x] & 1;
        uint8_t starts = kept & (left[x] ^ 1);
        uint8_t ends = (kept ^ 1) & keep[x - 1] & 1;
        uint8_t met = left[x] & left_above[x] & up[x - 1];
        events[x] = starts | ends | (up[x] & (met ^ 1));
    }
}

static void close_run(struct run_forest *forest, int32_t first, int from, int to)
{
    int32_t root = union_find_root(forest->nodes, first);
    forest->nodes[root] -= to - from - 1; /* it counted one when it began */
    for (int x = from; x < to; x++)
        forest->runs[x] = first;
}

/* Builds the runs of a row, marks their first pixels in the mask, and joins them to the
 * runs above. */
static void join_row(struct run_forest *forest, int y, uint8_t *keep)
{
    int width = forest->width_px;
    int from = -1; /* where the open run began */
    int32_t first = 0;
    for (int word = 0; word < width; word += WORD) {
        uint64_t any;
        memcpy(&any, forest->events + word, sizeof(any));
        int end = any == 0 ? word : word + WORD < width ? word + WORD : width;
        for (int x = word; x < end; x++) {
            if (!forest->events[x])
                continue;
            bool joined = forest->left[x] != 0;
            if (from >= 0 && !joined) {
                close_run(forest, first, from, x);
                from = -1;
            }
            if (keep[x] && !joined) {
                from = x;
                first = y * width + x;
                forest->nodes[first] = -1;
                keep[x] = RUN_START;
            }
            if (forest->up[x])
                join(forest->nodes, first, forest->runs_above[x]);
        }
    }
    if (from >= 0)
        close_run(forest, first, from, width);
}

static void build(const struct filter_job *job, struct run_forest *forest)
{
    int width = forest->width_px;
    for (int y = 0; y < job->keep.height_px; y++) {
        const int16_t *values = disparity_row(&job->input->map, y);
        uint8_t *keep = image_row(&job->keep, y);
        const struct masked_row row = {values, keep};
        const struct masked_row right = {values + 1, keep + 1};
        find_joints(right, row, width - 1, job->doffs, forest->left + 1);
        if (y > 0) {
            const struct masked_row above = {disparity_row(&job->input->map, y - 1),
                                             image_row(&job->keep, y - 1)};
            find_joints(row, above, width, job->doffs, forest->up);
        }
        find_events(keep, forest);
        join_row(forest, y, keep);
        int32_t *runs = forest->runs;
        uint8_t *left = forest->left;
        forest->runs = forest->runs_above;
        forest->left = forest->left_above;
        forest->runs_above = runs;
        forest->left_above = left;
    }
}

/* Where a run goes on to from `x`, eight pixels at a time. */
static int run_end(const uint8_t *keep, int x, int width)
{
    for (; x + WORD <= width; x += WORD) {
        uint64_t pixels;
        memcpy(&pixels, keep + x, sizeof(pixels));
        if (pixels != UINT64_MAX)
            break;
    }
    while (x < width && keep[x] == KEPT)
        x++;
    return x;
}

/* Clears the runs of small components and the marks of run starts. */
static void sweep(struct run_forest *forest, int y, int least, uint8_t *keep)
{
    int width = forest->width_px;
    for (int x = 0; x < width;) {
        if (keep[x] != RUN_START) {
            x++;
            continue;
        }
        int32_t root = union_find_root(forest->nodes, y * width + x);
        uint8_t value = -forest->nodes[root] < least ? 0 : KEPT;
        keep[x] = value;
        int end = run_end(keep, x + 1, width);
        if (value == 0)
            memset(keep + x, 0, (size_t)(end - x));
        x = end;
    }
}

enum po_status component_filter(struct filter_job *job, struct po_error *error)
{
    int width = job->keep.width_px;
    int height = job->keep.height_px;
    struct run_forest forest;
    if ((int64_t)width * height > INT32_MAX)
        return po_fail(error, PO_UNSUPPORTED,
                       "--min-component is for images below 2^31 pixels, not %d x %d; "
                       "use --min-component 0",
                       width, height);
    size_t mark = scratch_mark(job->scratch);
    enum po_status status = take_forest(job->scratch, width, height, &forest, error);
    if (status != PO_OK)
        return status;
    build(job, &forest);
    for (int y = 0; y < height; y++)
        sweep(&forest, y, job->input->settings->min_component_points,
              image_row(&job->keep, y));
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
