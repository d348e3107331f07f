/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A printf-style text in a buffer of any size: one that is too long loses its middle, as
 * it begins with a path of any length and ends with what is wrong. Without memory for the
 * whole of it, it is cut at its end.
 */
#ifndef BASE_FITTED_TEXT_H
#define BASE_FITTED_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include "process_offline/status.h"

void fitted_text(char *text, size_t text_bytes, const char *format, va_list arguments)
    PO_PRINTF(3, 0);

#endif
