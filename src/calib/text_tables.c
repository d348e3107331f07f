/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/text_tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"
#include "calib/format.h"

enum { CHUNK_BYTES = 1 << 16, TOKEN_BYTES = 64 };

bool text_may_hold_tables(const char *path)
{
    struct input_stat info;
    return input_file_stat(path, &info, NULL) == PO_OK &&
           info.size_bytes > 2 * (uint64_t)TEXT_TABLE_LEAST_BYTES;
}

bool text_table_parse(const char *text, uint64_t *offset, uint64_t *bytes)
{
    return text != NULL && sscanf(text, "table %" SCNu64 " %" SCNu64, offset, bytes) == 2;
}

struct table_cutter {
    const char *path;
    char *text; /* kept so far */
    size_t used;
    uint64_t at;        /* of the byte being looked at, in the file */
    uint64_t run_start; /* of the run of numbers, in the file */
    size_t run_text;    /* and in the kept text */
    bool in_run;
    bool has_digits; /* a run of dashes and blanks is none of numbers */
};

static bool is_of_numbers(char c)
{
    static const char NUMBERS[] = "0123456789+-.eE, \t\r\n";
    return c != '\0' && strchr(NUMBERS, c) != NULL;
}

static enum po_status keep(struct table_cutter *cutter, char c, struct po_error *error)
{
    if (c == '\0')
        return po_fail(error, PO_BAD_FORMAT, "%s: holds NUL bytes; want a text file",
                       cutter->path);
    if (cutter->used + TOKEN_BYTES >= CALIBRATION_MAX_BYTES)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: larger than %d bytes beside its tables of numbers; not a "
                       "calibration file",
                       cutter->path, CALIBRATION_MAX_BYTES);
    if (c != '\r')
        cutter->text[cutter->used++] = c;
    return PO_OK;
}

/* A long run becomes a token, its text is dropped. */
static void end_run(struct table_cutter *cutter)
{
    uint64_t bytes = cutter->at - cutter->run_start;
    cutter->in_run = false;
    if (bytes < TEXT_TABLE_LEAST_BYTES || !cutter->has_digits)
        return;
    cutter->used = cutter->run_text;
    int wrote = snprintf(cutter->text + cutter->used, TOKEN_BYTES,
                         "\"table %" PRIu64 " %" PRIu64 "\"", cutter->run_start, bytes);
    cutter->used += (size_t)wrote;
}

static enum po_status take(struct table_cutter *cutter, const char *chunk, size_t bytes,
                           struct po_error *error)
{
    for (size_t i = 0; i < bytes; i++, cutter->at++) {
        bool number = is_of_numbers(chunk[i]);
        if (number && !cutter->in_run) {
            cutter->in_run = true;
            cutter->run_start = cutter->at;
            cutter->run_text = cutter->used;
            cutter->has_digits = false;
        }
        cutter->has_digits |= chunk[i] >= '0' && chunk[i] <= '9';
        if (!number && cutter->in_run)
            end_run(cutter);
        bool dropped =
            cutter->in_run && cutter->at - cutter->run_start >= TEXT_TABLE_LEAST_BYTES;
        enum po_status status = dropped ? PO_OK : keep(cutter, chunk[i], error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

static enum po_status cut(struct table_cutter *cutter, int descriptor,
                          struct po_error *error)
{
    char *chunk = malloc(CHUNK_BYTES);
    enum po_status status = PO_OK;
    ssize_t got = 1;
    if (chunk == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", cutter->path);
    while (status == PO_OK && (got = input_read(descriptor, chunk, CHUNK_BYTES)) > 0)
        status = take(cutter, chunk, (size_t)got, error);
    if (got < 0)
        status = input_read_failed(cutter->path, error);
    if (status == PO_OK && cutter->in_run)
        end_run(cutter);
    free(chunk);
    return status;
}

enum po_status text_without_tables(const char *path, char **text, size_t *bytes,
                                   struct po_error *error)
{
    int descriptor = -1;
    struct input_stat info;
    struct table_cutter cutter = {.path = path};
    *text = NULL;
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return status;
    if (info.size_bytes > TEXT_TABLES_MAX_BYTES) {
        (void)close(descriptor);
        return po_fail(error, PO_BAD_FORMAT, "%s: larger than 1 GiB; not a calibration",
                       path);
    }
    cutter.text = malloc(CALIBRATION_MAX_BYTES + 1);
    if (cutter.text == NULL) {
        (void)close(descriptor);
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    }
    status = cut(&cutter, descriptor, error);
    (void)close(descriptor);
    if (status != PO_OK) {
        free(cutter.text);
        return status;
    }
    cutter.text[cutter.used] = '\0';
    *text = cutter.text;
    *bytes = cutter.used;
    return PO_OK;
}
