/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, as far as file names of unknown encoding need it. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* Bytes of the well-formed sequence at `text` (RFC 3629), 0 when there is none. */
size_t utf8_sequence_bytes(const char *text);

#endif
