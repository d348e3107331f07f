/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/outside_text.h"
#include "cli/print.h"

/* What a sequence of two or three bytes of UTF-8 stands for, or one byte of ASCII. */
static unsigned code_of(const unsigned char *bytes, size_t count)
{
    if (count == 3)
        return (bytes[0] & 0x0fU) << 12 | (bytes[1] & 0x3fU) << 6 | (bytes[2] & 0x3fU);
    if (count == 2)
        return (bytes[0] & 0x1fU) << 6 | (bytes[1] & 0x3fU);
    return bytes[0];
}

/* A harmful character as JSON's escape, which gives it back; no character can: '?'. */
static void print_harmful(FILE *stream, const char *text, size_t bytes)
{
    unsigned code = code_of((const unsigned char *)text, bytes);
    if (bytes == 1 && code > 0x7f)
        (void)fputc('?', stream);
    else
        (void)fprintf(stream, "\\u%04x", code);
}

enum po_status print_json(FILE *stream, struct json *root, struct po_error *error)
{
    char *text = NULL;
    enum po_status status = json_print(root, &text, error);
    for (const char *at = text; status == PO_OK && *at != '\0';) {
        bool harmless;
        size_t bytes = outside_text_next(at, &harmless);
        if (harmless || *at == '\n' || *at == '\t')
            (void)fwrite(at, 1, bytes, stream);
        else
            print_harmful(stream, at, bytes);
        at += bytes;
    }
    free(text);
    json_free(root);
    return status;
}
