/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graph-based segmentation (Felzenszwalb and Huttenlocher, Efficient graph-based image
 * segmentation, 2004): edges between 4-neighbours, weighted by the largest channel
 * difference, are taken from light to heavy; an edge joins two segments when it is no
 * heavier than the heaviest inside either plus K over its size (equations 4 and 5).
 * Segments that stay too small then join a neighbour.
 *
 * Weights are bytes, so sorting is one counting pass, and the threshold is kept as the
 * largest byte that still joins.
 */
#include <string.h>

#include "base/number.h"
#include "base/union_find.h"
#include "refine/colour_steps.h"
#include "refine/steps.h"

enum {
    SHIFT_MAX = 2,
    SCALE_K = 400,
    SMALLEST_PX = 20,
    WEIGHTS = 256,
    DOWN = 1,
    SLACKS = SCALE_K + 2
};

struct graph {
    int width_px;
    int height_px;
    int32_t *parents;       /* the node above, or minus the segment's size at a root */
    uint8_t *joins;         /* heaviest edge weight that still joins the root */
    uint32_t *edges;        /* 2 * node, plus DOWN for the one to the node below */
    uint32_t ends[WEIGHTS]; /* where the edges of each weight end */
    uint16_t slack[SLACKS]; /* K over the size of a segment; 0 from the last one on */
};

static size_t reduced(int side_px, int shift)
{
    return ((size_t)side_px + (1U << shift) - 1) >> shift;
}

static size_t node_count(int width_px, int height_px, int shift)
{
    return reduced(width_px, shift) * reduced(height_px, shift);
}

size_t segmentation_label_bytes(int width_px, int height_px, int shift)
{
    return scratch_array_size(node_count(width_px, height_px, shift), sizeof(int32_t));
}

/* On the way to the quarter-size image. */
static size_t half_image_bytes(int width_px, int height_px, int channels)
{
    return image_view_bytes((int)reduced(width_px, 1), (int)reduced(height_px, 1),
                            channels);
}

size_t segmentation_bytes(int width_px, int height_px, int channels, int shift)
{
    size_t nodes = node_count(width_px, height_px, shift);
    size_t image = image_view_bytes((int)reduced(width_px, shift),
                                    (int)reduced(height_px, shift), channels);
    size_t bytes =
        scratch_sum(segmentation_label_bytes(width_px, height_px, shift), image);
    if (shift == SHIFT_MAX)
        bytes = scratch_sum(bytes, half_image_bytes(width_px, height_px, channels));
    bytes = scratch_sum(bytes, scratch_array_size(nodes, sizeof(int32_t)));
    bytes = scratch_sum(bytes, scratch_size(nodes));
    bytes = scratch_sum(bytes, scratch_array_size(nodes, 2 * sizeof(uint32_t)));
    return scratch_sum(bytes, scratch_array_size(reduced(width_px, shift), 2));
}

/* The weights of the edges to the right of and below each pixel of row y. */
static void weigh_row(const struct image_view *image, int y, uint8_t *right,
                      uint8_t *down)
{
    const uint8_t *row = image_row(image, y);
    colour_steps(row, row + image->channels, image->width_px - 1, image->channels, right);
    if (y + 1 < image->height_px)
        colour_steps(row, image_row(image, y + 1), image->width_px, image->channels,
                     down);
}

/* ends[w] = where the edges of weight w begin: counted by weight, summed up. */
static void count_edges(const struct image_view *image, uint8_t *right, uint8_t *down,
                        uint32_t ends[WEIGHTS])
{
    memset(ends, 0, WEIGHTS * sizeof(ends[0]));
    for (int y = 0; y < image->height_px; y++) {
        weigh_row(image, y, right, down);
        for (int x = 0; x + 1 < image->width_px; x++)
            ends[right[x]]++;
        for (int x = 0; y + 1 < image->height_px && x < image->width_px; x++)
            ends[down[x]]++;
    }
    uint32_t before = 0;
    for (int i = 0; i < WEIGHTS; i++) {
        uint32_t count = ends[i];
        ends[i] = before;
        before += count;
    }
}

/* Counting sort of all edges; within a weight they stay in raster order. */
static void sort_edges(const struct image_view *image, uint8_t *weights,
                       struct graph *graph)
{
    uint8_t *right = weights;
    uint8_t *down = weights + image->width_px;
    count_edges(image, right, down, graph->ends);
    uint32_t node = 0;
    for (int y = 0; y < image->height_px; y++) {
        weigh_row(image, y, right, down);
        bool has_below = y + 1 < image->height_px;
        for (int x = 0; x < image->width_px; x++, node++) {
            if (x + 1 < image->width_px)
                graph->edges[graph->ends[right[x]]++] = 2 * node;
            if (has_below)
                graph->edges[graph->ends[down[x]]++] = 2 * node + DOWN;
        }
    }
}

static int32_t find_root(int32_t *parents, int32_t node)
{
    int32_t parent = parents[node];
    while (parent >= 0) {
        int32_t above = parents[parent];
        if (above < 0)
            return parent;
        parents[node] = above;
        node = above;
        parent = parents[node];
    }
    return node;
}

static int32_t edge_end(const struct graph *graph, uint32_t edge)
{
    int32_t node = (int32_t)(edge >> 1);
    return (edge & DOWN) ? node + graph->width_px : node + 1;
}

/* The roots at both ends of an edge; false when they are one. */
static bool find_roots(const struct graph *graph, uint32_t edge, int32_t *a, int32_t *b)
{
    int32_t from = (int32_t)(edge >> 1);
    int32_t to = edge_end(graph, edge);
    int32_t above_from = graph->parents[from];
    int32_t above_to = graph->parents[to];
    if ((above_from == above_to && above_from >= 0) || above_from == to ||
        above_to == from)
        return false;
    *a = find_root(graph->parents, from);
    *b = find_root(graph->parents, to);
    return *a != *b;
}

/* Edges that stand between two segments are kept, in order; says how many. */
static uint32_t join_similar(struct graph *graph)
{
    uint32_t i = 0, kept = 0;
    for (int weight = 0; weight < WEIGHTS; weight++) {
        for (; i < graph->ends[weight]; i++) {
            int32_t a, b;
            if (!find_roots(graph, graph->edges[i], &a, &b))
                continue;
            if (weight > graph->joins[a] || weight > graph->joins[b]) {
                graph->edges[kept++] = graph->edges[i];
                continue;
            }
            int32_t root = union_find_join_roots(graph->parents, a, b);
            int limit = weight + graph->slack[minimum(-graph->parents[root], SLACKS - 1)];
            graph->joins[root] = (uint8_t)(limit < WEIGHTS - 1 ? limit : WEIGHTS - 1);
        }
    }
    return kept;
}

static void join_small(struct graph *graph, uint32_t edge_count)
{
    for (uint32_t i = 0; i < edge_count; i++) {
        int32_t a, b;
        if (!find_roots(graph, graph->edges[i], &a, &b))
            continue;
        if (graph->parents[a] > -SMALLEST_PX || graph->parents[b] > -SMALLEST_PX)
            (void)union_find_join_roots(graph->parents, a, b);
    }
}

/* Labels in the order in which segments first appear; `numbers` of roots start at 0. */
static int number_segments(struct graph *graph, int32_t *numbers, int32_t *labels)
{
    int32_t nodes = graph->width_px * graph->height_px;
    int count = 0;
    for (int32_t node = 0; node < nodes; node++) {
        int32_t root = find_root(graph->parents, node);
        if (numbers[root] == 0)
            numbers[root] = ++count;
        labels[node] = numbers[root] - 1;
    }
    return count;
}

/* out[x] = (above + 2 row + below), then the same along the row, over 16. */
static void smooth_row(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                       int width_px, int channels, uint8_t *restrict out)
{
    int last = (width_px - 1) * channels;
    for (int i = 0; i < last + channels; i++) {
        int left = i < channels ? i : i - channels;
        int right = i < last ? i + channels : i;
        int sum = above[left] + 2 * row[left] + below[left];
        sum += 2 * (above[i] + 2 * row[i] + below[i]);
        sum += above[right] + 2 * row[right] + below[right];
        out[i] = (uint8_t)((sum + 8) >> 4);
    }
}

/* Binomial 3x3, close to a Gaussian of sigma 0.7. */
static void smooth(const struct image_view *source, struct image_view *target)
{
    int last = source->height_px - 1;
    for (int y = 0; y <= last; y++)
        smooth_row(image_row(source, y > 0 ? y - 1 : 0), image_row(source, y),
                   image_row(source, y < last ? y + 1 : last), source->width_px,
                   source->channels, image_row(target, y));
}

/* The image to segment: smoothed at full size, or averaged once or twice. */
static enum po_status take_image(const struct image_view *guide, int shift,
                                 struct scratch *scratch, struct image_view *image,
                                 struct po_error *error)
{
    struct image_view half;
    enum po_status status = image_view_take(scratch, (int)reduced(guide->width_px, shift),
                                            (int)reduced(guide->height_px, shift),
                                            guide->channels, image, error);
    if (status == PO_OK && shift == SHIFT_MAX)
        status = image_view_take(scratch, (int)reduced(guide->width_px, 1),
                                 (int)reduced(guide->height_px, 1), guide->channels,
                                 &half, error);
    if (status != PO_OK)
        return status;
    if (shift == SHIFT_MAX) {
        image_halve(guide, &half);
        image_halve(&half, image);
    } else if (shift != 0) {
        image_halve(guide, image);
    } else {
        smooth(guide, image);
    }
    return PO_OK;
}

static bool take_graph(struct scratch *scratch, struct graph *graph, size_t nodes)
{
    graph->parents = scratch_take_array(scratch, nodes, sizeof(int32_t));
    graph->joins = scratch_take(scratch, nodes);
    graph->edges = scratch_take_array(scratch, nodes, 2 * sizeof(uint32_t));
    return graph->edges != NULL;
}

static void init_nodes(struct graph *graph, int32_t nodes)
{
    for (int32_t node = 0; node < nodes; node++)
        graph->parents[node] = -1;
    memset(graph->joins, WEIGHTS - 1, (size_t)nodes); /* K over 1 is above any weight */
    graph->slack[0] = 0;
    for (int size = 1; size < SLACKS; size++)
        graph->slack[size] = (uint16_t)(SCALE_K / size);
}

enum po_status segmentation_run(const struct image_view *guide, int shift,
                                struct scratch *scratch,
                                struct segmentation *segmentation, struct po_error *error)
{
    int width_px = (int)reduced(guide->width_px, shift);
    int height_px = (int)reduced(guide->height_px, shift);
    size_t nodes = node_count(guide->width_px, guide->height_px, shift);
    int32_t *labels = scratch_take_array(scratch, nodes, sizeof(int32_t));
    size_t mark = scratch_mark(scratch);
    struct image_view image;
    struct graph graph = {.width_px = width_px, .height_px = height_px};
    enum po_status status = take_image(guide, shift, scratch, &image, error);
    if (status != PO_OK)
        return status;
    uint8_t *weights = scratch_take_array(scratch, (size_t)width_px, 2);
    if (!take_graph(scratch, &graph, nodes) || weights == NULL)
        return scratch_exhausted(scratch, "the segmentation", error);
    sort_edges(&image, weights, &graph);
    init_nodes(&graph, (int32_t)nodes);
    join_small(&graph, join_similar(&graph));
    *segmentation = (struct segmentation){
        .width_px = width_px, .height_px = height_px, .shift = shift, .labels = labels};
    /* The edges are done with; two to a node, they leave room for numbers. */
    memset(graph.edges, 0, nodes * sizeof(int32_t));
    segmentation->count = number_segments(&graph, (int32_t *)graph.edges, labels);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
