/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graph-based segmentation (Felzenszwalb and Huttenlocher, Efficient graph-based image
 * segmentation, 2004): edges between 4-neighbours, weighted by the largest channel
 * difference, are taken from light to heavy; an edge joins two segments when it is no
 * heavier than the heaviest inside either plus K over its size (equations 4 and 5).
 * Segments that stay too small then join a neighbour.
 *
 * Differences up to a flat step are the camera's noise and weigh nothing: such edges
 * always join, so pixels that they connect are found first (flat_parts.h), and the graph
 * has a node a component. Of the other edges only those between components are kept.
 * Weights are bytes, so sorting is one counting pass, without a branch an edge, and the
 * threshold is kept as the largest byte that still joins.
 */
#include <string.h>

#include "base/number.h"
#include "refine/colour_steps.h"
#include "refine/flat_parts.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

enum {
    SHIFT_MAX = 2,
    SCALE_K = 400,
    SMALLEST_PX = 20,
    WEIGHTS = 256,
    SLACKS = SCALE_K + 2,
    SIZE_BITS = 24,
    SIZE_MAX_PX = (1 << SIZE_BITS) - 1,
    JOINED_AT_ONCE = 256,
};

/* By shift: averaging has taken noise away already. */
static const uint8_t flat_steps[SHIFT_MAX + 1] = {2, 1, 1};

/* Between two components, or their roots. */
struct edge {
    uint32_t a, b;
};

struct graph {
    int width_px;
    int height_px;
    uint8_t flat_step;
    uint8_t *right;    /* the weights of edges to the right, rows without padding */
    uint8_t *down;     /* and to the pixel below */
    uint8_t *marks;    /* of a row */
    int *kept;         /* edges of a row that are kept */
    int32_t *labels;   /* the component of each pixel */
    uint32_t *parents; /* the component above; a root's is itself */
    uint32_t *states;  /* of a root: heaviest edge that still joins it, and its size */
    int32_t *numbers;  /* of the segments, by component */
    struct edge *edges;
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

/* Of a row and a pixel at both of its ends. */
static size_t sums_bytes(int width_px, int channels)
{
    return scratch_array_size(((size_t)width_px + 2) * (size_t)channels,
                              sizeof(uint16_t));
}

static size_t graph_bytes(size_t nodes, size_t width_px)
{
    size_t bytes = scratch_sum(scratch_size(nodes), scratch_size(nodes));
    bytes = scratch_sum(bytes, scratch_size(width_px + ROW_SCAN_PAD));
    bytes = scratch_sum(bytes, scratch_array_size(width_px, sizeof(int)));
    bytes = scratch_sum(bytes, scratch_array_size(nodes, sizeof(uint32_t)));
    bytes = scratch_sum(bytes, scratch_array_size(nodes, sizeof(uint32_t)));
    bytes = scratch_sum(bytes, scratch_array_size(nodes, sizeof(int32_t)));
    return scratch_sum(bytes, scratch_array_size(nodes, 2 * sizeof(struct edge)));
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
    bytes = scratch_sum(bytes, sums_bytes(width_px, channels));
    return scratch_sum(bytes, graph_bytes(nodes, reduced(width_px, shift)));
}

/* The weights of all edges; beyond the last column and row nothing is near. */
static void weigh_edges(const struct image_view *image, struct graph *graph)
{
    int last = image->height_px - 1;
    int width_px = image->width_px;
    for (int y = 0; y <= last; y++) {
        const uint8_t *row = image_row(image, y);
        uint8_t *right = graph->right + (ptrdiff_t)y * width_px;
        uint8_t *down = graph->down + (ptrdiff_t)y * width_px;
        colour_steps(row, row + image->channels, width_px - 1, image->channels, right);
        right[width_px - 1] = WEIGHTS - 1;
        if (y < last)
            colour_steps(row, image_row(image, y + 1), width_px, image->channels, down);
    }
}

/* Edges from a row of pixels, to the right or down: a kind of them, one after another. */
struct edge_row {
    const uint8_t *weights;
    const int32_t *labels; /* the components of their two ends */
    const int32_t *others;
    int count;
};

static struct edge_row edges_right(const struct graph *graph, int y)
{
    ptrdiff_t first = (ptrdiff_t)y * graph->width_px;
    const int32_t *labels = graph->labels + first;
    return (struct edge_row){graph->right + first, labels, labels + 1,
                             graph->width_px - 1};
}

/* The last row has none. */
static struct edge_row edges_down(const struct graph *graph, int y)
{
    ptrdiff_t first = (ptrdiff_t)y * graph->width_px;
    const int32_t *labels = graph->labels + first;
    return (struct edge_row){graph->down + first, labels, labels + graph->width_px,
                             y + 1 < graph->height_px ? graph->width_px : 0};
}

/* An edge within a component is not kept. */
static void mark_kept(const struct edge_row *row, uint8_t flat_step,
                      uint8_t *restrict marks)
{
    for (int i = 0; i < row->count; i++)
        marks[i] = (row->weights[i] > flat_step) & (row->labels[i] != row->others[i]);
}

/* The kept edges of a row, in graph->kept; how many. */
static int list_kept(const struct graph *graph, const struct edge_row *row)
{
    mark_kept(row, graph->flat_step, graph->marks);
    return list_marked(graph->marks, row->count, 0, graph->kept);
}

static void count_row(const struct graph *graph, const struct edge_row *row,
                      uint32_t *counts)
{
    int count = list_kept(graph, row);
    for (int i = 0; i < count; i++)
        counts[row->weights[graph->kept[i]]]++;
}

/* ends[w] = how many edges weigh less than w. */
static void count_edges(struct graph *graph)
{
    uint32_t rights[WEIGHTS] = {0}, downs[WEIGHTS] = {0};
    uint32_t before = 0;
    for (int y = 0; y < graph->height_px; y++) {
        struct edge_row right = edges_right(graph, y), down = edges_down(graph, y);
        count_row(graph, &right, rights);
        count_row(graph, &down, downs);
    }
    for (int i = 0; i < WEIGHTS; i++) {
        graph->ends[i] = before;
        before += rights[i] + downs[i];
    }
}

/* Edges that are not kept are left out before: a place that all of them share would have
 * each wait for the one before. */
static void sort_row(struct graph *graph, const struct edge_row *row)
{
    int count = list_kept(graph, row);
    for (int i = 0; i < count; i++) {
        int at = graph->kept[i];
        graph->edges[graph->ends[row->weights[at]]++] =
            (struct edge){(uint32_t)row->labels[at], (uint32_t)row->others[at]};
    }
}

/* Counting sort; within a weight edges stay in raster order. */
static void sort_edges(struct graph *graph)
{
    count_edges(graph);
    for (int y = 0; y < graph->height_px; y++) {
        struct edge_row right = edges_right(graph, y), down = edges_down(graph, y);
        sort_row(graph, &right);
        sort_row(graph, &down);
    }
}

/* A segment whose size is cut to SIZE_MAX_PX: beyond it, nothing asks for sizes. */
static uint32_t make_state(const struct graph *graph, int weight, uint32_t size)
{
    uint32_t of_slack = size < SLACKS ? size : SLACKS - 1;
    uint32_t limit = (uint32_t)weight + graph->slack[of_slack];
    limit = limit < WEIGHTS - 1 ? limit : WEIGHTS - 1;
    return limit << SIZE_BITS | (size < SIZE_MAX_PX ? size : SIZE_MAX_PX);
}

static inline uint32_t size_of(uint32_t state)
{
    return state & SIZE_MAX_PX;
}

/* Three steps up are nearly always enough, and taken without a branch. */
static inline uint32_t find_root(uint32_t *parents, uint32_t node)
{
    uint32_t root = parents[parents[node]];
    while (parents[root] != root)
        root = parents[root];
    parents[node] = root;
    return root;
}

/* The two roots become one; the state is for the caller to set. */
static uint32_t join_roots(struct graph *graph, struct edge roots, uint32_t *size)
{
    uint32_t size_a = size_of(graph->states[roots.a]);
    uint32_t size_b = size_of(graph->states[roots.b]);
    uint32_t larger = size_a >= size_b ? roots.a : roots.b;
    graph->parents[roots.a ^ roots.b ^ larger] = larger;
    *size = size_a + size_b;
    return larger;
}

static void join_open(struct graph *graph, const struct edge *open, int count, int weight)
{
    for (int i = 0; i < count; i++) {
        uint32_t size;
        struct edge roots = {find_root(graph->parents, open[i].a),
                             find_root(graph->parents, open[i].b)};
        if (roots.a == roots.b)
            continue;
        uint32_t root = join_roots(graph, roots, &size);
        graph->states[root] = make_state(graph, weight, size);
    }
}

/*
 * Joins over edges first .. end - 1, all of one weight, and keeps the others behind the
 * `kept` ones before; says how many are kept now. A segment that an edge of this weight
 * may join stays so through all joins of this weight (K over its size only adds to it),
 * and one that may not stays as it is: so the order does not matter, and both ends of
 * many edges are found, without branches, before any is joined.
 */
static uint32_t join_weight(struct graph *graph, uint32_t first, uint32_t end, int weight,
                            uint32_t kept)
{
    struct edge open[JOINED_AT_ONCE];
    uint32_t least = (uint32_t)weight << SIZE_BITS;
    struct edge *edges = graph->edges;
    for (uint32_t i = first; i < end;) {
        uint32_t last = end - i < JOINED_AT_ONCE ? end : i + JOINED_AT_ONCE;
        int count = 0;
        for (; i < last; i++) {
            struct edge roots = {find_root(graph->parents, edges[i].a),
                                 find_root(graph->parents, edges[i].b)};
            bool differ = roots.a != roots.b;
            bool fits =
                (graph->states[roots.a] >= least) & (graph->states[roots.b] >= least);
            open[count] = roots;
            edges[kept] = roots;
            count += differ & fits;
            kept += differ & !fits;
        }
        join_open(graph, open, count, weight);
    }
    return kept;
}

/* Edges that stand between two segments are kept, in order; says how many. */
static uint32_t join_similar(struct graph *graph)
{
    uint32_t first = 0, kept = 0;
    for (int weight = graph->flat_step + 1; weight < WEIGHTS; weight++) {
        kept = join_weight(graph, first, graph->ends[weight], weight - graph->flat_step,
                           kept);
        first = graph->ends[weight];
    }
    return kept;
}

static void join_small(struct graph *graph, uint32_t edge_count)
{
    for (uint32_t i = 0; i < edge_count; i++) {
        uint32_t size;
        struct edge roots = {find_root(graph->parents, graph->edges[i].a),
                             find_root(graph->parents, graph->edges[i].b)};
        bool small = size_of(graph->states[roots.a]) < SMALLEST_PX ||
                     size_of(graph->states[roots.b]) < SMALLEST_PX;
        if (roots.a == roots.b || !small)
            continue;
        uint32_t root = join_roots(graph, roots, &size);
        graph->states[root] = make_state(graph, 0, size);
    }
}

/* Labels in the order in which segments first appear, as components are. */
static int number_segments(struct graph *graph, uint32_t components)
{
    int32_t *numbers = graph->numbers;
    int32_t nodes = graph->width_px * graph->height_px;
    int count = 0;
    memset(numbers, 0, components * sizeof(int32_t));
    for (uint32_t i = 0; i < components; i++) {
        uint32_t root = find_root(graph->parents, i);
        if (numbers[root] == 0)
            numbers[root] = ++count;
        numbers[i] = numbers[root];
    }
    for (int32_t node = 0; node < nodes; node++)
        graph->labels[node] = numbers[graph->labels[node]] - 1;
    return count;
}

/* sums = above + 2 row + below, for `count` bytes. */
static void sum_rows(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                     int count, uint16_t *restrict sums)
{
    for (int i = 0; i < count; i++)
        sums[i] = (uint16_t)(above[i] + 2 * row[i] + below[i]);
}

/* The same along the row, over 16: `sums` has a pixel more at both ends. */
static void smooth_row(const uint16_t *sums, int width_px, int channels,
                       uint8_t *restrict out)
{
    const uint16_t *left = sums - channels, *right = sums + channels;
    for (int i = 0; i < width_px * channels; i++)
        out[i] = (uint8_t)((left[i] + 2 * sums[i] + right[i] + 8) >> 4);
}

/* Binomial 3x3, close to a Gaussian of sigma 0.7; `sums` has room for a row and a pixel
 * at both of its ends. */
static void smooth(const struct image_view *source, uint16_t *sums,
                   struct image_view *target)
{
    int last = source->height_px - 1;
    int channels = source->channels, count = source->width_px * channels;
    uint16_t *row = sums + channels;
    for (int y = 0; y <= last; y++) {
        sum_rows(image_row(source, y > 0 ? y - 1 : 0), image_row(source, y),
                 image_row(source, y < last ? y + 1 : last), count, row);
        for (int c = 0; c < channels; c++) {
            sums[c] = row[c];
            row[count + c] = row[count - channels + c];
        }
        smooth_row(row, source->width_px, channels, image_row(target, y));
    }
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
    uint16_t *sums = scratch_take(scratch, sums_bytes(guide->width_px, guide->channels));
    if (sums == NULL)
        return scratch_exhausted(scratch, "the segmentation", error);
    if (shift == SHIFT_MAX) {
        image_halve(guide, &half);
        image_halve(&half, image);
    } else if (shift != 0) {
        image_halve(guide, image);
    } else {
        smooth(guide, sums, image);
    }
    return PO_OK;
}

static bool take_graph(struct scratch *scratch, struct graph *graph, size_t nodes)
{
    graph->right = scratch_take(scratch, nodes);
    graph->down = scratch_take(scratch, nodes);
    graph->marks = scratch_take(scratch, (size_t)graph->width_px + ROW_SCAN_PAD);
    graph->kept = scratch_take_array(scratch, (size_t)graph->width_px, sizeof(int));
    graph->parents = scratch_take_array(scratch, nodes, sizeof(uint32_t));
    graph->states = scratch_take_array(scratch, nodes, sizeof(uint32_t));
    graph->numbers = scratch_take_array(scratch, nodes, sizeof(int32_t));
    graph->edges = scratch_take_array(scratch, nodes, 2 * sizeof(struct edge));
    return graph->edges != NULL;
}

/* What the flat steps connect are the first segments. */
static void init_states(struct graph *graph, uint32_t components)
{
    graph->slack[0] = 0;
    for (int size = 1; size < SLACKS; size++)
        graph->slack[size] = (uint16_t)(SCALE_K / size);
    for (uint32_t i = 0; i < components; i++) {
        graph->parents[i] = i;
        graph->states[i] = make_state(graph, 0, graph->states[i]);
    }
}

static uint32_t find_components(struct graph *graph)
{
    struct flat_parts parts = {.width_px = graph->width_px,
                               .height_px = graph->height_px,
                               .flat_step = graph->flat_step,
                               .right = graph->right,
                               .down = graph->down,
                               .marks = graph->marks,
                               .links = graph->parents};
    flat_parts_join(&parts);
    return flat_parts_label(&parts, graph->labels, graph->states);
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
    struct graph graph = {.width_px = width_px,
                          .height_px = height_px,
                          .flat_step = flat_steps[shift],
                          .labels = labels};
    enum po_status status = take_image(guide, shift, scratch, &image, error);
    if (status != PO_OK)
        return status;
    if (!take_graph(scratch, &graph, nodes))
        return scratch_exhausted(scratch, "the segmentation", error);
    weigh_edges(&image, &graph);
    uint32_t components = find_components(&graph);
    init_states(&graph, components);
    sort_edges(&graph);
    join_small(&graph, join_similar(&graph));
    *segmentation = (struct segmentation){
        .width_px = width_px, .height_px = height_px, .shift = shift, .labels = labels};
    segmentation->count = number_segments(&graph, components);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
