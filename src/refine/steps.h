/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of refinement, in the order refine.c walks them; each lives in the file of
 * its name.
 *
 * Invariant: `map` holds sixteenths of a pixel or DISPARITY_INVALID; `classes` says why.
 * While refining, a class tells a hole from its filling only by the map's value, and the
 * flag PIXEL_ON_PLANE marks holes that a plane has filled. All views have the same size.
 * Ownership: the caller's; working memory comes from scratch and goes back to it.
 */
#ifndef REFINE_STEPS_H
#define REFINE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scratch.h"
#include "image/image_view.h"
#include "stereo/disparity_map.h"

/* Invalidates left pixels whose right-image match disagrees by more than
 * `max_difference` sixteenths or lies outside; returns how many. */
uint64_t left_right_check(struct disparity_map *map, const struct disparity_map *right,
                          int max_difference);

/* Fills the holes of each row with the smaller (background) neighbour, empty rows with
 * the nearest row. False when no pixel holds a value. */
bool fill_background(struct disparity_map *map);

/* 5x5 median of a map without holes. `source` and `target` differ. */
void median_5x5(const struct disparity_map *source, struct disparity_map *target);

#endif
