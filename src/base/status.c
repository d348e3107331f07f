/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include "base/fitted_text.h"
#include "process_offline/status.h"

enum po_status po_fail(struct po_error *error, enum po_status status, const char *format,
                       ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        fitted_text(error->message, sizeof(error->message), format, arguments);
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
