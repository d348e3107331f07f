/* SPDX-License-Identifier: Apache-2.0 */
#include "check/size_apart.h"

#include "base/log.h"
#include "process/child_call.h"

struct found_size {
    bool known;
    int width_px;
    int height_px;
};

static void peek_in_child(const void *request, void *result)
{
    struct found_size *size = result;
    size->known = image_size_peek(request, &size->width_px, &size->height_px);
}

static bool look(const struct size_peek *peek, const char *path, int *width_px,
                 int *height_px)
{
    struct found_size size = {0};
    struct po_error cause = {0};
    const struct child_call call = {.run = peek_in_child,
                                    .request = path,
                                    .result = &size,
                                    .result_bytes = sizeof(size),
                                    .timeout_s = peek->limit_s};
    if (child_call_run(&call, &cause) != PO_OK) {
        log_warning("%s: its size is not known for the choice of a calibration: %s", path,
                    cause.message);
        return false;
    }
    *width_px = size.width_px;
    *height_px = size.height_px;
    return size.known;
}

struct size_peek size_apart(double limit_s)
{
    return (struct size_peek){.look = look, .limit_s = limit_s};
}
