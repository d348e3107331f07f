/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_features.h"

#include <string.h>

#include "base/number.h"

struct neighbour {
    int8_t dx;
    int8_t dy;
};

/* The ring of eight around the pixel, then every second pixel of the 9x9 around it: small
 * details from the one, reach from the other, in 32 bits. */
static const struct neighbour census_neighbours[CENSUS_BITS] = {
    {-1, -1}, {0, -1},  {1, -1}, {-1, 0}, {1, 0},  {-1, 1},  {0, 1},   {1, 1},
    {-4, -4}, {-2, -4}, {0, -4}, {2, -4}, {4, -4}, {-4, -2}, {-2, -2}, {0, -2},
    {2, -2},  {4, -2},  {-4, 0}, {-2, 0}, {2, 0},  {4, 0},   {-4, 2},  {-2, 2},
    {0, 2},   {2, 2},   {4, 2},  {-4, 4}, {-2, 4}, {0, 4},   {2, 4},   {4, 4},
};

static size_t left_stride(const struct sgm_geometry *geometry)
{
    return (size_t)geometry->width_px + SPAN_PADDING + 2 * (size_t)LEFT_MARGIN;
}

void features_begin(const struct sgm_geometry *geometry, struct sgm_workspace *workspace)
{
    for (int i = 0; i < RING_ROWS; i++) {
        workspace->left_loaded[i] = -1;
        workspace->right_loaded[i] = -1;
    }
    memset(workspace->left_ring, 0, RING_ROWS * left_stride(geometry));
    memset(workspace->right_ring, 0, RING_ROWS * geometry->ring_stride);
    memset(workspace->p2_horizontal, 0, (size_t)geometry->width_px + SPAN_PADDING);
    memset(workspace->right, 0, geometry->right_bytes);
}

/* The row of the image that is row `y` of the window, or the nearest. */
static int image_row_of(const struct sgm_geometry *geometry, int y)
{
    return clamp(geometry->window.y + y, 0, geometry->image_height_px - 1);
}

static void load_left_row(const struct sgm_geometry *geometry, const uint8_t *from,
                          uint8_t *pixels)
{
    const int last = geometry->image_width_px - 1;
    const int first = geometry->window.x - LEFT_MARGIN;
    const int end = geometry->window.x + geometry->width_px + LEFT_MARGIN;
    const int begin = first < 0 ? 0 : first;
    const int stop = end > last + 1 ? last + 1 : end;
    uint8_t *to = pixels - LEFT_MARGIN;
    memset(to, from[0], (size_t)(begin - first));
    memcpy(to + (begin - first), from + begin, (size_t)(stop - begin));
    memset(to + (stop - first), from[last], (size_t)(end - stop));
}

/* Pixel 0 of window row `y` in the left ring. */
static const uint8_t *left_row(const struct sgm_geometry *geometry,
                               const struct image_view *image, int y,
                               struct sgm_workspace *workspace)
{
    int row = image_row_of(geometry, y);
    int slot = row % RING_ROWS;
    uint8_t *pixels =
        workspace->left_ring + (size_t)slot * left_stride(geometry) + LEFT_MARGIN;
    if (workspace->left_loaded[slot] != row) {
        load_left_row(geometry, image_row(image, row), pixels);
        workspace->left_loaded[slot] = row;
    }
    return pixels;
}

static int floor_divide(int a, int b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* Offset q of phase r holds the pixel of position r + q * vectors, or the nearest of the
 * row. */
static void load_right_row(const struct sgm_geometry *geometry, const uint8_t *from,
                           uint8_t *phases)
{
    const int vectors = geometry->layout.vectors;
    const int last = geometry->image_width_px - 1;
    const int first = -CENSUS_RADIUS_PX;
    const int count = geometry->positions / vectors + 1 + CENSUS_RADIUS_PX;
    for (int r = 0; r < vectors; r++) {
        uint8_t *to = phases + (size_t)r * geometry->phase_stride + RIGHT_MARGIN;
        const int x0 = geometry->window.x + geometry_origin(geometry) - r;
        const int begin = clamp(-floor_divide(last - x0, vectors), first, count);
        const int end = clamp(floor_divide(x0, vectors) + 1, begin, count);
        memset(to + first, from[last], (size_t)(begin - first));
        for (int q = begin, x = x0 - begin * vectors; q < end; q++, x -= vectors)
            to[q] = from[x];
        memset(to + end, from[0], (size_t)(count - end));
    }
}

/* Phases of image row `y` in the right ring, each RIGHT_MARGIN before its position 0. */
static const uint8_t *right_row(const struct sgm_geometry *geometry,
                                const struct image_view *image, int y,
                                struct sgm_workspace *workspace)
{
    int row = image_row_of(geometry, y);
    int slot = row % RING_ROWS;
    uint8_t *phases = workspace->right_ring + (size_t)slot * geometry->ring_stride;
    if (workspace->right_loaded[slot] != row) {
        load_right_row(geometry, image_row(image, row), phases);
        workspace->right_loaded[slot] = row;
    }
    return phases;
}

static void left_features(const struct sgm_geometry *geometry,
                          const struct match_input *input, int y,
                          struct sgm_workspace *workspace)
{
    const uint8_t *rows[2 * CENSUS_RADIUS_PX + 1];
    for (int dy = -CENSUS_RADIUS_PX; dy <= CENSUS_RADIUS_PX; dy++)
        rows[dy + CENSUS_RADIUS_PX] = left_row(geometry, &input->left, y + dy, workspace);
    const uint8_t *neighbours[CENSUS_BITS];
    for (int i = 0; i < CENSUS_BITS; i++)
        neighbours[i] =
            rows[census_neighbours[i].dy + CENSUS_RADIUS_PX] + census_neighbours[i].dx;
    int width = geometry->width_px;
    size_t stride = (size_t)width + SPAN_PADDING;
    const struct sgm_kernels *kernels = geometry->kernels;
    kernels->census(rows[CENSUS_RADIUS_PX], neighbours, width, workspace->left_planes,
                    stride);
    kernels->census_interleave(workspace->left_planes, stride, width,
                               workspace->left_census);
    const uint8_t *const *around = rows + CENSUS_RADIUS_PX - 1;
    const uint8_t *sides[6] = {around[0] - 1, around[1] - 1, around[2] - 1,
                               around[0] + 1, around[1] + 1, around[2] + 1};
    kernels->gradient(sides, width, workspace->left_gradient);
}

/* The phase that holds the right neighbour dx pixels away, moved so that both share an
 * index: x + dx is position p - dx. */
static const uint8_t *neighbour_phase(const struct sgm_geometry *geometry,
                                      const uint8_t *phases, int phase, int dx)
{
    int vectors = geometry->layout.vectors;
    int p = phase - dx + CENSUS_RADIUS_PX * vectors;
    return phases + (size_t)(p % vectors) * geometry->phase_stride + RIGHT_MARGIN +
           p / vectors - CENSUS_RADIUS_PX;
}

/* What a kernel reads around a row of pixels. */
struct surroundings {
    const uint8_t *centre;
    const uint8_t *neighbours[CENSUS_BITS];
    const uint8_t *sides[6];
};

static struct surroundings
phase_surroundings(const struct sgm_geometry *geometry, int phase,
                   const uint8_t *const rows[2 * CENSUS_RADIUS_PX + 1])
{
    struct surroundings around;
    around.centre = neighbour_phase(geometry, rows[CENSUS_RADIUS_PX], phase, 0);
    for (int i = 0; i < CENSUS_BITS; i++)
        around.neighbours[i] =
            neighbour_phase(geometry, rows[census_neighbours[i].dy + CENSUS_RADIUS_PX],
                            phase, census_neighbours[i].dx);
    for (int i = 0; i < 6; i++)
        around.sides[i] = neighbour_phase(geometry, rows[CENSUS_RADIUS_PX - 1 + i % 3],
                                          phase, i < 3 ? -1 : 1);
    return around;
}

/* Features of one phase of all tiles; a tile begins `step` offsets after the one before.
 */
static void right_phase(const struct sgm_geometry *geometry, int phase,
                        const uint8_t *const rows[2 * CENSUS_RADIUS_PX + 1],
                        uint8_t *planes)
{
    const struct lane_layout *layout = &geometry->layout;
    struct surroundings around = phase_surroundings(geometry, phase, rows);
    const int step = geometry->tile_pixels / layout->vectors;
    int count = geometry->positions / layout->vectors + 1;
    for (int first = 0; first < geometry->width_px; first += geometry->tile_pixels) {
        const int span = count < PLANE_STRIDE ? count : PLANE_STRIDE;
        geometry->kernels->census(around.centre, around.neighbours, span, planes,
                                  PLANE_STRIDE);
        geometry->kernels->gradient(around.sides, span,
                                    planes + (size_t)CENSUS_PLANES * PLANE_STRIDE);
        around.centre += step;
        for (int i = 0; i < CENSUS_BITS; i++)
            around.neighbours[i] += step;
        for (int i = 0; i < 6; i++)
            around.sides[i] += step;
        count -= step;
        planes += (size_t)layout->vectors * PHASE_STRIDE;
    }
}

static int pixel(const struct image_view *image, int x, int y)
{
    return image_row(image,
                     clamp(y, 0, image->height_px - 1))[clamp(x, 0, image->width_px - 1)];
}

/* All features of one right pixel, as a kernel would compute them. */
static void pixel_features(const struct sgm_geometry *geometry,
                           const struct image_view *image, int x, int y,
                           uint8_t features[FEATURE_PLANES])
{
    uint8_t padded[CENSUS_BITS][SPAN_PADDING] = {{0}};
    uint8_t centre[SPAN_PADDING] = {(uint8_t)pixel(image, x, y)};
    const uint8_t *neighbours[CENSUS_BITS];
    for (int i = 0; i < CENSUS_BITS; i++) {
        padded[i][0] = (uint8_t)pixel(image, x + census_neighbours[i].dx,
                                      y + census_neighbours[i].dy);
        neighbours[i] = padded[i];
    }
    uint8_t planes[FEATURE_PLANES][SPAN_PADDING];
    geometry->kernels->census(centre, neighbours, 1, planes[0], SPAN_PADDING);
    const uint8_t *sides[6];
    for (int i = 0; i < 6; i++) {
        padded[i][0] = (uint8_t)pixel(image, i < 3 ? x - 1 : x + 1, y - 1 + i % 3);
        sides[i] = padded[i];
    }
    geometry->kernels->gradient(sides, 1, planes[CENSUS_PLANES]);
    for (int k = 0; k < FEATURE_PLANES; k++)
        features[k] = planes[k][0];
}

/* Positions first .. last - 1 of a tile take the features of the image's edge: a pixel
 * whose match would lie outside costs as much as at the edge. */
static void repeat_edge(const struct sgm_geometry *geometry,
                        const uint8_t features[FEATURE_PLANES], int first, int last,
                        uint8_t *tile)
{
    int vectors = geometry->layout.vectors;
    first = clamp(first, 0, PLANE_STRIDE * vectors);
    last = clamp(last, 0, PLANE_STRIDE * vectors);
    for (int r = 0; r < vectors; r++) {
        int from = first <= r ? 0 : (first - r + vectors - 1) / vectors;
        int to = last <= r ? 0 : (last - r + vectors - 1) / vectors;
        for (int k = 0; k < FEATURE_PLANES && from < to; k++)
            memset(tile + (ptrdiff_t)r * PHASE_STRIDE + (ptrdiff_t)k * PLANE_STRIDE +
                       from,
                   features[k], (size_t)(to - from));
    }
}

static void right_features(const struct sgm_geometry *geometry,
                           const struct match_input *input, int y,
                           struct sgm_workspace *workspace)
{
    const uint8_t *rows[2 * CENSUS_RADIUS_PX + 1];
    for (int dy = -CENSUS_RADIUS_PX; dy <= CENSUS_RADIUS_PX; dy++)
        rows[dy + CENSUS_RADIUS_PX] =
            right_row(geometry, &input->right, y + dy, workspace);
    uint8_t left_edge[FEATURE_PLANES];
    uint8_t right_edge[FEATURE_PLANES];
    int last = geometry->image_width_px - 1;
    pixel_features(geometry, &input->right, 0, geometry->window.y + y, left_edge);
    pixel_features(geometry, &input->right, last, geometry->window.y + y, right_edge);
    int vectors = geometry->layout.vectors;
    int origin = geometry->window.x + geometry_origin(geometry); /* of image column 0 */
    uint8_t *tile = workspace->right;
    for (int r = 0; r < vectors; r++)
        right_phase(geometry, r, rows, tile + (ptrdiff_t)r * PHASE_STRIDE);
    for (int first = 0; first < geometry->width_px; first += geometry->tile_pixels) {
        repeat_edge(geometry, right_edge, 0, origin - last - first, tile);
        repeat_edge(geometry, left_edge, origin + 1 - first, geometry->positions, tile);
        tile += (ptrdiff_t)vectors * PHASE_STRIDE;
    }
}

void features_row(const struct sgm_geometry *geometry, const struct match_input *input,
                  int y, struct sgm_workspace *workspace)
{
    left_features(geometry, input, y, workspace);
    right_features(geometry, input, y, workspace);
}
