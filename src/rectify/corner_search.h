/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How alike a small patch about a corner is to patches about a place in the right image,
 * a pixel or two around: many corners a frame, so patches are smaller than patch_match's
 * and the positions few.
 *
 * Sums are whole numbers, so their order does not matter: the loops may be any vectors'.
 * Ownership: views only.
 */
#ifndef RECTIFY_CORNER_SEARCH_H
#define RECTIFY_CORNER_SEARCH_H

#include "image/image_view.h"

enum {
    CORNER_PATCH_PX = 4,
    SEARCH_PX = 2, /* in both directions */
    SEARCH_SIDE = 2 * SEARCH_PX + 1,
};

/* scores[j][i]: normalised cross-correlation, -1 to 1, of the patch about (x, y) with the
 * one about (right_x + i - SEARCH_PX, y + j - SEARCH_PX); 0 where either has one grey.
 * One channel; all patches lie inside the images. */
void corner_search(const struct image_view *left, int x, int y,
                   const struct image_view *right, int right_x,
                   double scores[SEARCH_SIDE][SEARCH_SIDE]);

#endif
