/* SPDX-License-Identifier: Apache-2.0 */
/* Bilinear remapping of an image (remap_row.h), by the processor's best instructions
 * whatever --cpu says: all give the same bytes. */
#ifndef RECTIFY_REMAP_H
#define RECTIFY_REMAP_H

#include "rectify/remap_row.h"

/* `target` has as many channels as `source`, one or three of 8 bits; `places` has one for
 * each of its pixels. */
void remap_image(const struct image_view *source, const struct remap_places *places,
                 struct image_view *target);

#endif
