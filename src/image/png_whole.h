/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common PNG in a third of the time: not interlaced, 8 or 16 bit grey or RGB, small
 * enough to hold whole. Its pixels are inflated at one go by libdeflate and unfiltered
 * eight rows at a time. A short cut only: what it declines, libpng reads and judges.
 */
#ifndef IMAGE_PNG_WHOLE_H
#define IMAGE_PNG_WHOLE_H

#include "image/image_reader.h"

/* Scratch for an image of `row_bytes` a row in a file of `file_bytes`; 0 when it is to be
 * left to libpng. */
size_t png_whole_bytes(size_t row_bytes, int height_px, uint64_t file_bytes);

/* Reads the pixels. The source stands behind the head of the first IDAT chunk, which
 * has `chunk_bytes`. False when anything is unusual or broken: the sink may then hold
 * some rows, and the source must be read from its beginning. */
bool png_whole_decode(struct image_source *source, uint32_t chunk_bytes,
                      const struct image_header *header, struct image_sink *sink);

#endif
