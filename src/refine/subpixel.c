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

enum { SHORT_ROWS = SUBPIXEL_TERMS * (SUBPIXEL_RING + 1) };

static size_t padded_bytes(int width_px, size_t element_bytes)
{
    return scratch_array_size((size_t)width_px + SUBPIXEL_PAD + SUBPIXEL_PAD_AFTER,
                              element_bytes);
}

size_t subpixel_bytes(int width_px)
{
    size_t bytes = 0;
    for (int i = 0; i < SHORT_ROWS; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px, sizeof(int16_t)));
    for (int i = 0; i < SUBPIXEL_PRODUCTS; i++)
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
    for (int k = 0; k < SUBPIXEL_TERMS; k++) {
        for (int i = 0; i < SUBPIXEL_RING; i++)
            window->ring[i].of[k] = take_padded(scratch, width_px, sizeof(int16_t));
        window->terms[k] = take_padded(scratch, width_px, sizeof(int16_t));
    }
    for (int k = 0; k < SUBPIXEL_PRODUCTS; k++)
        window->products[k] = take_padded(scratch, width_px, sizeof(int32_t));
    return window->products[SUBPIXEL_PRODUCTS - 1] != NULL;
}

static void clear_terms(const struct subpixel_terms *terms, int width_px)
{
    for (int k = 0; k < SUBPIXEL_TERMS; k++)
        memset(terms->of[k], 0, (size_t)width_px * sizeof(int16_t));
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
    int height = map->height_px;
    if (map->width_px < SUBPIXEL_TAPS)
        return PO_OK;
    size_t mark = scratch_mark(scratch);
    if (!take_window(scratch, map->width_px, &window))
        return scratch_exhausted(scratch, "the sub-pixel step", error);
    for (int y = -SUBPIXEL_RADIUS; y < height; y++) {
        int entering = y + SUBPIXEL_RADIUS;
        bool inside = entering < height;
        struct subpixel_images images = {0};
        const struct subpixel_turn turn = {
            .images = inside ? &images : NULL,
            .entering = &window.ring[entering % SUBPIXEL_RING],
            .leaving = &window.ring[(entering + 1) % SUBPIXEL_RING],
            .classes = y >= 0 ? image_row(views->classes, y) : NULL,
            .values = y >= 0 ? disparity_row(map, y) : NULL,
        };
        if (inside)
            images = images_of(views, map, entering);
        else
            clear_terms(turn.entering, map->width_px);
        views->kernels->subpixel_turn(&window, &turn);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
