/* SPDX-License-Identifier: Apache-2.0 */
/* Times and sizes as a person reads them. */
#ifndef BASE_READABLE_H
#define BASE_READABLE_H

#include <stddef.h>
#include <stdint.h>

enum { READABLE_BYTES = 32 };

/* "812 ms", "9.8 s", "3:07", "1:02:03". */
void readable_seconds(double seconds, char *text, size_t text_bytes);
/* "512 MB", "1.5 GB", in powers of 1024. */
void readable_size(uint64_t bytes, char *text, size_t text_bytes);
/* "12,345,678". */
void readable_count(uint64_t count, char *text, size_t text_bytes);

#endif
