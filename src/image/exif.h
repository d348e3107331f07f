/* SPDX-License-Identifier: Apache-2.0 */
/* The one thing of EXIF a stereo tool needs to know: whether a picture says it is turned.
 */
#ifndef IMAGE_EXIF_H
#define IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* Orientation 1..8 of an EXIF block (from its "II*\0" or "MM\0*" on); 1 when the block
 * is broken or does not say. */
int exif_orientation(const uint8_t *block, size_t bytes);

#endif
