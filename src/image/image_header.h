/* SPDX-License-Identifier: Apache-2.0 */
/* What an image file says of itself before it is decoded. Plain value. */
#ifndef IMAGE_IMAGE_HEADER_H
#define IMAGE_IMAGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum image_format {
    IMAGE_PNG,
    IMAGE_JPEG,
    IMAGE_TIFF,
    IMAGE_NETPBM,
    IMAGE_BMP,
    IMAGE_WEBP
};

struct image_header {
    enum image_format format;
    int width_px;
    int height_px;
    int channels;         /* 1 or 3 after reading */
    int bits;             /* of a sample in the file: 8 or 16 (1, 2, 4 read as 8) */
    bool has_alpha;       /* ignored, with a warning */
    bool is_float;        /* PFM, float TIFF */
    int exif_orientation; /* 1..8; ignored, with a warning when not 1 */
    size_t decoder_bytes; /* upper bound of what the library allocates while decoding */
};

#endif
