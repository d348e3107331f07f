/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image files in, told apart by their magic bytes, never by their name.
 *
 * A file is probed first (header only: size, depth, what decoding will cost in bytes),
 * then read into scratch as 8-bit grey or RGB. Readers bound everything by what the probe
 * said. PNG 8/16 bit grey, colour, palette, alpha, interlaced; JPEG grey and YCbCr; TIFF;
 * PGM, PPM, PFM; BMP; WebP. CMYK and Bayer are refused by name.
 */
#ifndef IMAGE_IMAGE_FILE_H
#define IMAGE_IMAGE_FILE_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/scratch.h"
#include "base/warning_list.h"
#include "image/image_header.h"
#include "image/image_view.h"
#include "image/sample_scale.h"

/* How an image is read; all zero but the scale: no cancel, no warnings. */
struct image_request {
    struct image_scale16 scale;
    const struct cancel *cancel;   /* polled while decoding; NULL: never */
    struct warning_list *warnings; /* alpha, gamma, EXIF are appended; may be NULL */
};

/* Reads only the header. Errors: PO_NOT_FOUND, PO_IO, PO_BAD_IMAGE, PO_UNSUPPORTED. */
PO_MUST_CHECK enum po_status
image_file_probe(const char *path, struct image_header *header, struct po_error *error);

/* Scratch bytes image_file_read takes for this header, the image itself included. */
size_t image_file_scratch_bytes(const struct image_header *header);

/* Reads the image into scratch; `header` is what probe said, and a file that changed
 * since is an error. PO_CANCELLED after a cancel. */
PO_MUST_CHECK enum po_status
image_file_read(const char *path, const struct image_header *header,
                const struct image_request *request, struct scratch *scratch,
                struct image_view *image, struct po_error *error);

/* The bounds of the samples of a 16-bit image, 0..255 for 8-bit files: what a session's
 * scale is chosen from. */
PO_MUST_CHECK enum po_status image_file_sample_bounds(const char *path,
                                                      const struct cancel *cancel,
                                                      struct scratch *scratch,
                                                      struct sample_bounds *bounds,
                                                      struct po_error *error);
/* Scratch bytes it takes. */
size_t image_file_bounds_bytes(const struct image_header *header);

/* Samples of a one-channel file as float: PFM, or PNG of 8 or 16 bit divided by `scale`;
 * ground truth maps. Invalid (inf, NaN, and 0 of a PNG) is NAN. Width*height floats,
 * top-down, malloc'ed: the caller frees them. */
PO_MUST_CHECK enum po_status image_file_read_float(const char *path, double scale,
                                                   int *width_px, int *height_px,
                                                   float **values,
                                                   struct po_error *error);

#endif
