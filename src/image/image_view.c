/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image_view.h"

#include <string.h>

#include "image/pixel_kernels.h"

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
    const struct pixel_kernels *kernels = pixel_kernels_find();
    for (int y = 0; y < source->height_px; y++)
        kernels->grey_row(image_row(source, y), image_row(grey, y), source->width_px);
}

void image_halve(const struct image_view *source, struct image_view *half)
{
    const struct pixel_kernels *kernels = pixel_kernels_find();
    int channels = source->channels;
    int pairs = source->width_px / 2;
    for (int y = 0; y < half->height_px; y++) {
        int below = 2 * y + 1 < source->height_px ? 2 * y + 1 : source->height_px - 1;
        const uint8_t *a = image_row(source, 2 * y);
        const uint8_t *b = image_row(source, below);
        uint8_t *to = image_row(half, y);
        if (channels == 1)
            kernels->halve_row_1(a, b, to, pairs);
        else
            kernels->halve_row_3(a, b, to, pairs);
        /* An odd last column stands for its missing neighbour. */
        for (int p = 2 * pairs * channels; p < source->width_px * channels; p++)
            to[p - pairs * channels] = (uint8_t)((2 * a[p] + 2 * b[p] + 2) >> 2);
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

struct image_view image_rows_view(const struct image_view *view, int first_y, int count)
{
    struct image_view rows = *view;
    if (view->pixels == NULL)
        return rows;
    rows.pixels = image_row(view, first_y);
    rows.height_px = count;
    return rows;
}
