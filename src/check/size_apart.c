/* SPDX-License-Identifier: Apache-2.0 */
#include "check/size_apart.h"

#include <stdio.h>

#include "process/child_call.h"

struct found_size {
    enum po_status status;
    int width_px;
    int height_px;
    char message[256];
};

static void peek_in_child(const void *request, void *result)
{
    struct found_size *size = result;
    struct po_error error = {0};
    size->status = image_size_peek(request, &size->width_px, &size->height_px, &error);
    (void)snprintf(size->message, sizeof(size->message), "%.255s", error.message);
}

static enum po_status look(const struct size_peek *peek, const char *path, int *width_px,
                           int *height_px, struct po_error *error)
{
    struct found_size size = {0};
    struct po_error cause = {0};
    const struct child_call call = {.run = peek_in_child,
                                    .request = path,
                                    .result = &size,
                                    .result_bytes = sizeof(size),
                                    .timeout_s = peek->limit_s};
    enum po_status status = child_call_run(&call, &cause);
    if (status != PO_OK)
        return po_fail(error, status == PO_OUT_OF_MEMORY ? status : PO_IO,
                       "%s: its size is not known: %s", path, cause.message);
    *width_px = size.width_px;
    *height_px = size.height_px;
    return size.status == PO_OK ? PO_OK : po_fail(error, size.status, "%s", size.message);
}

struct size_peek size_apart(double limit_s)
{
    return (struct size_peek){.look = look, .limit_s = limit_s};
}
