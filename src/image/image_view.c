/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image_view.h"

#include <string.h>

static size_t stride_of(int width_px, int channels)
{
    return scratch_size((size_t)width_px * (size_t)channels);
}

size_t image_view_bytes(int width_px, int height_px, int channels)
{
    return scratch_array_size(stride_of(width_px, channels), (size_t)height_px);
}

enum po_status image_view_take(struct scratch *scratch, int width_px, int height_px,
                               int channels, struct image_view *view,
                               struct po_error *error)
{
    size_t stride = stride_of(width_px, channels);
    view->width_px = width_px;
    view->height_px = height_px;
    view->channels = channels;
    view->stride_bytes = (ptrdiff_t)stride;
    view->pixels = scratch_take_array(scratch, stride, (size_t)height_px);
    return view->pixels != NULL ? PO_OK : scratch_exhausted(scratch, "an image", error);
}

void image_copy(const struct image_view *source, struct image_view *target)
{
    for (int y = 0; y < source->height_px; y++)
        memcpy(image_row(target, y), image_row(source, y),
               (size_t)source->width_px * (size_t)source->channels);
}

void image_to_grey(const struct image_view *source, struct image_view *grey)
{
    if (source->channels == 1) {
        image_copy(source, grey);
        return;
    }
    for (int y = 0; y < source->height_px; y++) {
        const uint8_t *from = image_row(source, y);
        uint8_t *to = image_row(grey, y);
        for (int x = 0; x < source->width_px; x++, from += 3)
            to[x] = (uint8_t)((4899 * from[0] + 9617 * from[1] + 1868 * from[2] + 8192) >>
                              14);
    }
}

void image_halve(const struct image_view *source, struct image_view *half)
{
    int channels = source->channels;
    for (int y = 0; y < half->height_px; y++) {
        int below = 2 * y + 1 < source->height_px ? 2 * y + 1 : source->height_px - 1;
        const uint8_t *a = image_row(source, 2 * y);
        const uint8_t *b = image_row(source, below);
        uint8_t *to = image_row(half, y);
        for (int x = 0; x < half->width_px; x++) {
            int right = 2 * x + 1 < source->width_px ? 2 * x + 1 : source->width_px - 1;
            for (int c = 0; c < channels; c++) {
                int p = 2 * x * channels + c;
                int q = right * channels + c;
                to[x * channels + c] = (uint8_t)((a[p] + a[q] + b[p] + b[q] + 2) >> 2);
            }
        }
    }
}

struct image_view image_half_view(const struct image_view *view, int right_half)
{
    struct image_view half = *view;
    half.width_px = view->width_px / 2;
    if (right_half)
        half.pixels += (ptrdiff_t)half.width_px * view->channels;
    return half;
}
