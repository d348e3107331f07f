/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "process_offline/status.h"

/* A message that is too long loses its middle: it begins with a path of any length and
 * ends with what is wrong. */
PO_PRINTF(2, 0)
static void shorten(struct po_error *error, const char *format, size_t length,
                    va_list arguments)
{
    enum { HEAD = PO_ERROR_MESSAGE_BYTES / 3, TAIL = PO_ERROR_MESSAGE_BYTES - HEAD - 4 };
    char *whole = malloc(length + 1);
    if (whole == NULL)
        return; /* cut at its end */
    (void)vsnprintf(whole, length + 1, format, arguments);
    (void)snprintf(error->message, sizeof(error->message), "%.*s...%s", HEAD, whole,
                   whole + length - TAIL);
    free(whole);
}

enum po_status po_fail(struct po_error *error, enum po_status status, const char *format,
                       ...)
{
    if (error != NULL) {
        va_list arguments;
        va_list again;
        va_start(arguments, format);
        va_copy(again, arguments);
        error->status = status;
        int length = vsnprintf(error->message, sizeof(error->message), format, arguments);
        if (length >= (int)sizeof(error->message))
            shorten(error, format, (size_t)length, again);
        va_end(again);
        va_end(arguments);
    }
    return status;
}

const char *po_status_name(enum po_status status)
{
    switch (status) {
    case PO_OK:
        return "ok";
    case PO_INTERNAL:
        return "internal";
    case PO_OUT_OF_MEMORY:
        return "out_of_memory";
    case PO_MEMORY_LIMIT:
        return "memory_limit";
    case PO_BAD_ARGUMENT:
        return "bad_argument";
    case PO_IO:
        return "io";
    case PO_NOT_FOUND:
        return "not_found";
    case PO_BAD_IMAGE:
        return "bad_image";
    case PO_BAD_CALIBRATION:
        return "bad_calibration";
    case PO_BAD_SESSION:
        return "bad_session";
    case PO_BAD_FORMAT:
        return "bad_format";
    case PO_UNSUPPORTED:
        return "unsupported";
    case PO_CANCELLED:
        return "cancelled";
    case PO_NO_RANGE:
        return "no_range";
    case PO_MISALIGNED:
        return "misaligned";
    case PO_UNMEASURED:
        return "unmeasured";
    case PO_LOCKED:
        return "locked";
    case PO_CHANGED:
        return "changed";
    }
    return "unknown";
}
