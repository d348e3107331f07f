/* SPDX-License-Identifier: Apache-2.0 */
/* What a strip adds to the frame's view. */
#include "frame/frame_view_steps.h"

#include <string.h>

#include "base/number.h"
#include "frame/map_kernels.h"

/* What a pixel of the picture stands for: side_px x side_px pixels of the left image, the
 * next one `step` pixels of the map away, which is `downscale` times as large. */
struct block {
    int step;
    int downscale;
    int side_px;
};

/* The first `count` of a picture's row of whole blocks; of a side that the compiler
 * knows.
 */
static inline void average_sides(const struct image_view *left, int side, int channels,
                                 int y0, int count, uint8_t *rgb)
{
    enum { BLOCKS = 64, SIDE_MAX = 4 };
    const struct map_kernels *kernels = map_kernels_find();
    uint16_t columns[BLOCKS * SIDE_MAX * 3];
    int block_bytes = side * channels;
    for (int first = 0; first < count; first += BLOCKS) {
        int blocks = minimum(BLOCKS, count - first);
        kernels->add_rows(image_row(left, y0) + (ptrdiff_t)first * block_bytes,
                          left->stride_bytes, side, blocks * block_bytes, columns);
        for (int i = 0; i < blocks; i++, rgb += 3)
            for (int c = 0; c < 3; c++) {
                const uint16_t *sums =
                    columns + (ptrdiff_t)i * block_bytes + (channels == 3 ? c : 0);
                unsigned sum = 0;
                for (int x = 0; x < side; x++)
                    sum += sums[(ptrdiff_t)x * channels];
                rgb[c] = (uint8_t)(sum / (unsigned)(side * side));
            }
    }
}

/* Pixels x0 .. x1 - 1 of a row, added up by channel; grey ones are three alike. */
static inline void add_pixels(const uint8_t *row, int x0, int x1, int channels,
                              unsigned sums[3])
{
    const uint8_t *pixel = row + (ptrdiff_t)x0 * channels;
    for (int x = x0; x < x1; x++, pixel += channels)
        for (int c = 0; c < channels; c++)
            sums[c] += pixel[c];
}

/* Those of a picture's row that are whole, where they are of a usual side; returns how
 * many there were. */
static inline int average_usual(const struct image_view *left, const struct block *block,
                                int channels, int y0, int width_px, uint8_t *rgb)
{
    int side = block->side_px;
    int count = minimum(width_px, left->width_px / side);
    if (side * block->downscale != block->step || y0 + side > left->height_px)
        return 0;
    switch (side) {
    case 2:
        average_sides(left, 2, channels, y0, count, rgb);
        return count;
    case 3:
        average_sides(left, 3, channels, y0, count, rgb);
        return count;
    case 4:
        average_sides(left, 4, channels, y0, count, rgb);
        return count;
    default:
        return 0;
    }
}

/* A picture's row of blocks of the left image. */
static inline void average_blocks(const struct image_view *left,
                                  const struct block *block, int channels, int y0,
                                  int width_px, uint8_t *rgb)
{
    int y1 = minimum(y0 + block->side_px, left->height_px);
    int done = average_usual(left, block, channels, y0, width_px, rgb);
    rgb += (ptrdiff_t)3 * done;
    for (int i = done; i < width_px; i++, rgb += 3) {
        int x0 = i * block->step / block->downscale;
        int x1 = minimum(x0 + block->side_px, left->width_px);
        unsigned sums[3] = {0, 0, 0};
        for (int y = y0; y < y1; y++)
            add_pixels(image_row(left, y), x0, x1, channels, sums);
        bool empty = x1 <= x0 || y1 <= y0;
        unsigned count = empty ? 1 : (unsigned)((x1 - x0) * (y1 - y0));
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(sums[channels == 3 ? c : 0] / count);
    }
}

static void average_left(const struct frame *frame, int y, struct frame_view *view,
                         int view_y)
{
    const struct image_view *left = &frame->strip.left;
    int downscale = frame->job->plan.downscale;
    const struct block block = {view->size.step, downscale,
                                maximum(view->size.step / downscale, 1)};
    uint8_t *rgb = image_row(&view->left, view_y);
    if (left->channels == 3)
        average_blocks(left, &block, 3, y / downscale, view->left.width_px, rgb);
    else
        average_blocks(left, &block, 1, y / downscale, view->left.width_px, rgb);
}

static void gather_maps(struct frame *frame, struct frame_view *view)
{
    const struct frame_strip *strip = &frame->strip;
    const struct full_size *full = &frame->full;
    for (int y = strip->full_first; y < strip->full_end; y++) {
        int image_y = strip->full_top + y;
        if (image_y % view->size.step != 0)
            continue;
        int view_y = image_y / view->size.step;
        const int16_t *values = disparity_row(&full->map, y);
        const uint8_t *classes = image_row(&full->classes, y);
        const uint8_t *confidence = image_row(&full->confidence, y);
        int16_t *kept_values = disparity_row(&view->map, view_y);
        uint8_t *kept_classes = image_row(&view->classes, view_y);
        uint8_t *kept_confidence = image_row(&view->confidence, view_y);
        const ptrdiff_t step = view->size.step;
        average_left(frame, y, view, view_y);
        for (int i = 0; i < view->map.width_px; i++) {
            kept_values[i] = values[i * step];
            kept_classes[i] = classes[i * step];
            kept_confidence[i] = confidence[i * step];
        }
    }
}

static void gather_point(const struct frame *frame, int x, int y, uint32_t place,
                         struct frame_view *view)
{
    const struct cloud_input *cloud = &frame->cloud;
    const struct image_view *colour = &cloud->colour;
    const uint8_t *pixel = image_row(colour, y) + (ptrdiff_t)x * colour->channels;
    bool grey = colour->channels == 1;
    const struct view_point point = {
        .pixel = place,
        .disparity = disparity_row(&cloud->map, y)[x],
        .rgb = {pixel[0], pixel[grey ? 0 : 1], pixel[grey ? 0 : 2]},
        .confidence = image_row(&cloud->confidence, y)[x],
        .class = image_row(&cloud->classes, y)[x],
    };
    frame_view_add_point(view, &point);
}

/* The places that are chosen and kept, eight at a time: most are not. */
static void gather_places(const struct frame *frame, int first, int count, int y,
                          const uint8_t *chosen, struct frame_view *view)
{
    enum { WORD = sizeof(uint64_t) };
    uint32_t row = (uint32_t)(frame->strip.top + y) * (uint32_t)frame->cloud.map.width_px;
    for (int i = 0; i < count; i += WORD) {
        uint64_t any;
        memcpy(&any, chosen + i, sizeof(any));
        for (int k = i; any != 0 && k < minimum(i + WORD, count); k++)
            if (chosen[k] != 0)
                gather_point(frame, first + k, y, row + (uint32_t)(first + k), view);
    }
}

static void gather_row_points(const struct frame *frame, int y, struct frame_view *view)
{
    enum { AT_ONCE = 128 };
    const struct map_kernels *kernels = map_kernels_find();
    uint8_t chosen[AT_ONCE] = {0};
    int width = frame->cloud.map.width_px;
    const uint8_t *keep = image_row(&frame->selection.keep, y);
    uint32_t row = (uint32_t)(frame->strip.top + y) * (uint32_t)width;
    for (int first = 0; first < width; first += AT_ONCE) {
        int count = minimum(AT_ONCE, width - first);
        kernels->choose_places(row + (uint32_t)first, view->limit, keep + first, count,
                               chosen);
        gather_places(frame, first, count, y, chosen, view);
    }
}

enum po_status frame_view_rows(struct frame *frame, struct artefact_writer *writer,
                               struct po_error *error)
{
    (void)writer;
    (void)error;
    gather_maps(frame, frame->view);
    if (frame->job->plan.strip_count == 1)
        frame_view_expect(frame->view, frame->selection.points);
    for (int y = frame->strip.first; frame->rig.unit != RIG_NONE && y < frame->strip.end;
         y++)
        gather_row_points(frame, y, frame->view);
    return PO_OK;
}
