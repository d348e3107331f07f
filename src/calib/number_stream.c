/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/number_stream.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"
#include "base/path.h"

static bool read_file(void *context, void *target, size_t bytes)
{
    errno = 0;
    bool whole = fread(target, 1, bytes, context) == bytes;
    if (!ferror(context))
        errno = 0;
    return whole;
}

static enum po_status read_header(struct number_stream *stream, struct po_error *error)
{
    const struct npy_stream source = {
        stream->member != NULL ? npz_member_read : read_file,
        stream->member != NULL ? stream->member : (void *)stream->file};
    enum po_status status =
        npy_read_header(stream->name, &source, &stream->header, error);
    if (status == PO_OK &&
        (!npy_holds_numbers(&stream->header) || stream->header.fortran_order))
        status =
            po_fail(error, PO_UNSUPPORTED,
                    "%s: remap tables are read as numbers in C order; save them with "
                    "numpy.ascontiguousarray",
                    stream->name);
    return status;
}

enum po_status number_stream_open(struct number_stream *stream, const char *folder,
                                  const struct remap_array *array, struct po_error *error)
{
    char path[CALIBRATION_PATH];
    int descriptor = -1;
    struct input_stat info;
    memset(stream, 0, sizeof(*stream));
    if (!path_join(path, sizeof(path), folder, array->file))
        return po_fail(error, PO_NOT_FOUND, "%s: the path is too long", array->file);
    (void)snprintf(stream->name, sizeof(stream->name), "%.400s %s", path, array->member);
    if (array->member[0] != '\0') {
        enum po_status status = npz_member_open(path, array->member, &stream->archive,
                                                &stream->member, error);
        return status == PO_OK ? read_header(stream, error) : status;
    }
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return status;
    stream->file = fdopen(descriptor, "rb");
    if (stream->file == NULL) {
        status = input_read_failed(path, error);
        (void)close(descriptor);
        return status;
    }
    stream->is_text = array->text_bytes > 0;
    stream->left = array->text_bytes;
    if (fseek(stream->file, (long)array->text_offset, SEEK_SET) != 0)
        return input_read_failed(path, error);
    return stream->is_text ? PO_OK : read_header(stream, error);
}

static bool is_between(int c)
{
    return isspace(c) || c == ',';
}

/* What stands between blanks and commas; false: nothing, or longer than any number.
 * errno: as of npy_stream. */
static bool next_token(struct number_stream *stream, char *text, size_t text_bytes)
{
    size_t length = 0;
    int c = ' ';
    errno = 0;
    for (; stream->left > 0 && is_between(c); stream->left--)
        c = getc(stream->file);
    while (c != EOF && !is_between(c) && length + 1 < text_bytes) {
        text[length++] = (char)c;
        c = stream->left > 0 ? getc(stream->file) : EOF;
        stream->left -= stream->left > 0;
    }
    text[length] = '\0';
    if (!ferror(stream->file))
        errno = 0;
    return errno == 0 && length > 0 && (c == EOF || is_between(c));
}

static bool next_of_text(struct number_stream *stream, double *value)
{
    char text[400]; /* a double in full has 309 digits before the point */
    char *end = NULL;
    if (!next_token(stream, text, sizeof(text)))
        return false;
    *value = strtod(text, &end);
    errno = 0;
    return *end == '\0';
}

enum po_status number_stream_next(struct number_stream *stream, double *value,
                                  struct po_error *error)
{
    uint8_t bytes[8];
    size_t count = (size_t)stream->header.element_bytes;
    bool got = stream->is_text          ? next_of_text(stream, value)
               : stream->member != NULL ? npz_member_read(stream->member, bytes, count)
                                        : read_file(stream->file, bytes, count);
    if (!got && errno != 0)
        return input_read_failed(stream->name, error);
    if (!got)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: a remap table ends early, or holds what is no number",
                       stream->name);
    if (!stream->is_text)
        *value = npy_value(&stream->header, bytes);
    return PO_OK;
}

enum po_status number_stream_finish(struct number_stream *stream, struct po_error *error)
{
    return stream->member != NULL ? npz_member_finish(stream->member, stream->name, error)
                                  : PO_OK;
}

void number_stream_close(struct number_stream *stream)
{
    if (stream->file != NULL)
        (void)fclose(stream->file);
    npz_member_close(stream->archive, stream->member);
    memset(stream, 0, sizeof(*stream));
}
