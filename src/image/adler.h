/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adler-32, the checksum of a zlib stream (RFC 1950, section 9), by ISA-L, which takes
 * many bytes at a time: zlib's own goes byte by byte.
 */
#ifndef IMAGE_ADLER_H
#define IMAGE_ADLER_H

#include <stddef.h>
#include <stdint.h>

/* `adler` with the bytes added; 1 before the first. */
uint32_t adler_add(uint32_t adler, const uint8_t *data, size_t bytes);

#endif
