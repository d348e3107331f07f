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

/* restrict lets the compiler use vectors: the rows of two images never overlap. */
static void grey_row(const uint8_t *restrict rgb, uint8_t *restrict grey, int width_px)
{
    for (int x = 0; x < width_px; x++, rgb += 3) {
        uint32_t sum = 4899U * rgb[0] + 9617U * rgb[1] + 1868U * rgb[2] + 8192U;
        grey[x] = (uint8_t)(sum >> 14);
    }
}

void image_to_grey(const struct image_view *source, struct image_view *grey)
{
    if (source->channels == 1) {
        image_copy(source, grey);
        return;
    }
    for (int y = 0; y < source->height_px; y++)
        grey_row(image_row(source, y), image_row(grey, y), source->width_px);
}

/* Means of 2x2 pixels of `pairs` whole pairs of columns. */
static void halve_row_1(const uint8_t *restrict a, const uint8_t *restrict b,
                        uint8_t *restrict to, int pairs)
{
    for (int x = 0; x < pairs; x++, a += 2, b += 2) {
        unsigned sum = (unsigned)a[0] + a[1] + b[0] + b[1];
        to[x] = (uint8_t)((sum + 2) >> 2);
    }
}

/* At every byte the mean with the one three further on, of two rows. */
static void average_bytes_3(const uint8_t *restrict a, const uint8_t *restrict b,
                            uint8_t *restrict means, int count)
{
    for (int i = 0; i < count; i++) {
        unsigned sum = (unsigned)a[i] + a[i + 3] + b[i] + b[i + 3];
        means[i] = (uint8_t)((sum + 2) >> 2);
    }
}

/* Means of all bytes in vector code, then those of every second pixel: the wasted half
 * costs less than taking channels apart. */
static void halve_row_3(const uint8_t *restrict a, const uint8_t *restrict b,
                        uint8_t *restrict to, int pairs)
{
    enum { AT_ONCE = 64 };
    uint8_t means[6 * AT_ONCE];
    for (int first = 0; first < pairs; first += AT_ONCE) {
        int count = pairs - first < AT_ONCE ? pairs - first : AT_ONCE;
        average_bytes_3(a + (ptrdiff_t)6 * first, b + (ptrdiff_t)6 * first, means,
                        6 * count - 3);
        for (ptrdiff_t x = 0; x < count; x++, to += 3)
            memcpy(to, means + 6 * x, 3);
    }
}

void image_halve(const struct image_view *source, struct image_view *half)
{
    int channels = source->channels;
    int pairs = source->width_px / 2;
    for (int y = 0; y < half->height_px; y++) {
        int below = 2 * y + 1 < source->height_px ? 2 * y + 1 : source->height_px - 1;
        const uint8_t *a = image_row(source, 2 * y);
        const uint8_t *b = image_row(source, below);
        uint8_t *to = image_row(half, y);
        if (channels == 1)
            halve_row_1(a, b, to, pairs);
        else
            halve_row_3(a, b, to, pairs);
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
