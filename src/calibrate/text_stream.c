/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/text_stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum { FIRST_BYTES = 4096 };

/* Room for `more` bytes and the NUL. */
static bool has_room(struct text_stream *to, size_t more)
{
    size_t wanted = to->bytes + more + 1;
    if (wanted <= to->capacity)
        return true;
    size_t capacity = to->capacity > 0 ? to->capacity : FIRST_BYTES;
    while (capacity < wanted)
        capacity *= 2;
    char *text = realloc(to->text, capacity);
    if (text == NULL)
        return false;
    to->text = text;
    to->capacity = capacity;
    return true;
}

static ssize_t take(void *cookie, const char *bytes, size_t count)
{
    struct text_stream *to = cookie;
    if (to->lost || !has_room(to, count)) {
        to->lost = true;
        return 0;
    }
    memcpy(to->text + to->bytes, bytes, count);
    to->bytes += count;
    return (ssize_t)count;
}

enum po_status text_stream_open(struct text_stream *to, struct po_error *error)
{
    *to = (struct text_stream){0};
    to->stream = fopencookie(to, "w", (cookie_io_functions_t){.write = take});
    return to->stream != NULL
               ? PO_OK
               : po_fail(error, PO_OUT_OF_MEMORY, "no memory for the results");
}

enum po_status text_stream_close(struct text_stream *to, char **text, size_t *bytes,
                                 struct po_error *error)
{
    bool failed = ferror(to->stream) != 0;
    failed = fclose(to->stream) != 0 || failed;
    to->stream = NULL;
    *text = NULL;
    *bytes = 0;
    if (failed || to->lost || !has_room(to, 0)) {
        free(to->text);
        to->text = NULL;
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the results");
    }
    to->text[to->bytes] = '\0';
    *text = to->text;
    *bytes = to->bytes;
    to->text = NULL;
    return PO_OK;
}
