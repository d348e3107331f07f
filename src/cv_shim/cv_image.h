/* SPDX-License-Identifier: Apache-2.0 */
/* An image as the shim takes it: 8 bits a sample, the memory is the caller's. */
#ifndef CV_SHIM_CV_IMAGE_H
#define CV_SHIM_CV_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* 8-bit pixels, `channels` interleaved. */
struct cv_image {
    int width_px, height_px, channels;
    ptrdiff_t stride_bytes;
    uint8_t *pixels;
};

#endif
