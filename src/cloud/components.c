/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small components: kept pixels are joined with their left and upper neighbour when both
 * lie on one surface, by union-find with path halving; roots carry the size.
 */
#include "cloud/cloud_filters.h"
#include "cloud/surface_step.h"

/* A forest over the pixels: a root holds minus its size, others the index of a pixel
 * nearer to the root. */
size_t component_scratch_bytes(int width_px, int height_px)
{
    return scratch_array_size((size_t)width_px, (size_t)height_px * sizeof(int32_t));
}

static int32_t find_root(int32_t *nodes, int32_t index)
{
    while (nodes[index] >= 0) {
        int32_t parent = nodes[index];
        if (nodes[parent] >= 0)
            nodes[index] = nodes[parent];
        index = parent;
    }
    return index;
}

static void join(int32_t *nodes, int32_t a, int32_t b)
{
    a = find_root(nodes, a);
    b = find_root(nodes, b);
    if (a == b)
        return;
    int32_t larger = nodes[a] <= nodes[b] ? a : b;
    int32_t smaller = larger == a ? b : a;
    nodes[larger] += nodes[smaller];
    nodes[smaller] = larger;
}

static void join_row(const struct filter_job *job, int32_t *nodes, int y)
{
    int width = job->keep.width_px;
    const int16_t *values = disparity_row(&job->input->map, y);
    const uint8_t *keep = image_row(&job->keep, y);
    const int16_t *above = y > 0 ? disparity_row(&job->input->map, y - 1) : NULL;
    const uint8_t *keep_above = y > 0 ? image_row(&job->keep, y - 1) : NULL;
    int32_t index = y * width;
    for (int x = 0; x < width; x++, index++) {
        nodes[index] = -1;
        if (!keep[x])
            continue;
        if (x > 0 && keep[x - 1] &&
            surface_step_is_small(values[x], values[x - 1], job->doffs))
            join(nodes, index, index - 1);
        if (y > 0 && keep_above[x] &&
            surface_step_is_small(values[x], above[x], job->doffs))
            join(nodes, index, index - width);
    }
}

enum po_status component_filter(struct filter_job *job, struct po_error *error)
{
    int width = job->keep.width_px;
    int height = job->keep.height_px;
    int least = job->input->settings->min_component_points;
    if ((int64_t)width * height > INT32_MAX)
        return po_fail(error, PO_UNSUPPORTED,
                       "--min-component is for images below 2^31 pixels, not %d x %d; "
                       "use --min-component 0",
                       width, height);
    size_t mark = scratch_mark(job->scratch);
    int32_t *nodes =
        scratch_take_array(job->scratch, (size_t)width, (size_t)height * sizeof(int32_t));
    if (nodes == NULL)
        return scratch_exhausted(job->scratch, "the component filter", error);
    for (int y = 0; y < height; y++)
        join_row(job, nodes, y);
    for (int y = 0; y < height; y++) {
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < width; x++)
            if (keep[x] && -nodes[find_root(nodes, y * width + x)] < least)
                keep[x] = 0;
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
