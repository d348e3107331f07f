/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fitted_text.h"

#include <stdio.h>
#include <stdlib.h>

void fitted_text(char *text, size_t text_bytes, const char *format, va_list arguments)
{
    va_list again;
    /* NOLINTBEGIN(clang-analyzer-valist.Uninitialized): the caller began it */
    va_copy(again, arguments);
    int length = vsnprintf(text, text_bytes, format, arguments);
    char *whole = length >= (int)text_bytes ? malloc((size_t)length + 1) : NULL;
    if (whole != NULL) {
        size_t head = text_bytes / 3;
        size_t tail = text_bytes - head - sizeof("...");
        (void)vsnprintf(whole, (size_t)length + 1, format, again);
        (void)snprintf(text, text_bytes, "%.*s...%s", (int)head, whole,
                       whole + (size_t)length - tail);
        free(whole);
    }
    va_end(again);
    /* NOLINTEND(clang-analyzer-valist.Uninitialized) */
}
