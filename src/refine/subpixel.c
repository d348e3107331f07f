/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sub-pixel step: where the two images themselves agree best, near a measured value.
 *
 * Costs of whole disparities say little of the fraction, and paths of penalties draw it
 * to whole pixels. The grey values say it: with the right image warped by the map, the
 * difference left in a window is minus the step times the horizontal gradient, plus a
 * constant (exposure) and the step of a row times the vertical gradient (what
 * rectification left). Least squares over 7x7 pixels (Lucas and Kanade 1981), one round;
 * each pixel is warped by its own value, so slanted surfaces and edges need nothing else.
 * What the fit leaves unexplained, against the energy of the gradient, is how far it can
 * be believed: the step shrinks by 1 / (1 + 12 times that).
 */
#include <string.h>

#include "base/number.h"
#include "refine/row_kernels.h"
#include "refine/steps.h"
#include "refine/subpixel_window.h"

enum { SHORT_ROWS = SUBPIXEL_TERMS * SUBPIXEL_SIDE + 1, SUM_ROWS = 2 * SUBPIXEL_SUMS };

static size_t padded_bytes(int width_px, size_t element_bytes)
{
    return scratch_array_size((size_t)width_px + 2 * (size_t)SUBPIXEL_PAD, element_bytes);
}

size_t subpixel_bytes(int width_px)
{
    size_t bytes = padded_bytes(width_px, sizeof(uint32_t));
    for (int i = 0; i < SHORT_ROWS; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px, sizeof(int16_t)));
    for (int i = 0; i < SUM_ROWS; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px, sizeof(int32_t)));
    return bytes;
}

static void *take_padded(struct scratch *scratch, int width_px, size_t element_bytes)
{
    uint8_t *row = scratch_take_zeroed(scratch, padded_bytes(width_px, element_bytes));
    return row == NULL ? NULL : row + SUBPIXEL_PAD * element_bytes;
}

/* The last of all rows is taken only where the others were. */
static bool take_window(struct scratch *scratch, int width_px,
                        struct subpixel_window *window)
{
    window->width_px = width_px;
    for (int i = 0; i < SUBPIXEL_SIDE; i++)
        window->ring[i] = (struct subpixel_terms){
            take_padded(scratch, width_px, sizeof(int16_t)),
            take_padded(scratch, width_px, sizeof(int16_t)),
            take_padded(scratch, width_px, sizeof(int16_t)),
            take_padded(scratch, width_px, sizeof(int16_t)),
        };
    for (int i = 0; i < SUBPIXEL_SUMS; i++) {
        window->columns[i] = take_padded(scratch, width_px, sizeof(int32_t));
        window->windows[i] = take_padded(scratch, width_px, sizeof(int32_t));
    }
    window->steps = take_padded(scratch, width_px, sizeof(int16_t));
    window->taps = take_padded(scratch, width_px, sizeof(uint32_t));
    return window->taps != NULL;
}

static struct subpixel_images images_of(const struct subpixel_views *views,
                                        const struct disparity_map *map, int y)
{
    const struct image_view *left = &views->left;
    return (struct subpixel_images){
        .above = image_row(left, maximum(y - 1, 0)),
        .left = image_row(left, y),
        .below = image_row(left, minimum(y + 1, map->height_px - 1)),
        .right = image_row(&views->right, y),
        .classes = image_row(views->classes, y),
        .values = disparity_row(map, y),
    };
}

/* A row moves once all rows of its window are warped by what they held before. */
enum po_status subpixel_step(const struct subpixel_views *views, struct scratch *scratch,
                             struct disparity_map *map, struct po_error *error)
{
    struct subpixel_window window;
    const struct row_kernels *kernels = views->kernels;
    int height = map->height_px;
    if (map->width_px < SUBPIXEL_TAPS)
        return PO_OK;
    size_t mark = scratch_mark(scratch);
    if (!take_window(scratch, map->width_px, &window))
        return scratch_exhausted(scratch, "the sub-pixel step", error);
    for (int y = -SUBPIXEL_RADIUS; y < height; y++) {
        int entering = y + SUBPIXEL_RADIUS;
        const struct subpixel_terms *terms = &window.ring[entering % SUBPIXEL_SIDE];
        if (entering >= SUBPIXEL_SIDE)
            kernels->subpixel_drop(&window, terms);
        if (entering < height) {
            struct subpixel_images images = images_of(views, map, entering);
            kernels->subpixel_load(&images, &window, terms);
        }
        if (y >= 0)
            kernels->subpixel_move(&window, image_row(views->classes, y),
                                   disparity_row(map, y));
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
