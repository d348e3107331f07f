/* SPDX-License-Identifier: Apache-2.0 */
/* A picture as JPEG in memory, for pages. Bytes depend on nothing but the pixels. */
#ifndef IMAGE_JPEG_WRITER_H
#define IMAGE_JPEG_WRITER_H

#include "image/image_view.h"

/* Room that a picture of this size never exceeds. */
size_t jpeg_room_bytes(int width_px, int height_px);

/* Grey or RGB, 8 bit; `bytes` gets what was used of `room`. */
PO_MUST_CHECK enum po_status jpeg_encode(const struct image_view *image,
                                         unsigned char *out, size_t room, size_t *bytes,
                                         struct po_error *error);

#endif
