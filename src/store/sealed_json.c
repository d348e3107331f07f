/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sealed_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define SEAL_KEY "checksum"

enum po_status sealed_json_write(struct json *root, const char *path,
                                 struct po_error *error)
{
    char *text = NULL;
    char seal[HASH_TEXT_BYTES];
    if (json_print(root, &text, NULL) != PO_OK)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    hash_text(hash_bytes(text, strlen(text)), seal);
    free(text);
    json_add_string(root, SEAL_KEY, seal);
    return json_write_file(root, path, error);
}

static char *last_seal(char *text)
{
    char *last = NULL;
    for (char *found = strstr(text, "\"" SEAL_KEY "\""); found != NULL;
         found = strstr(found + 1, "\"" SEAL_KEY "\""))
        last = found;
    return last;
}

/* Takes the seal off the text, which is then as it was hashed, and compares. */
static bool is_unchanged(char *text, const char *seal)
{
    char found[HASH_TEXT_BYTES];
    char tail[HASH_TEXT_BYTES + 64];
    char *comma = last_seal(text);
    while (comma != NULL && comma > text && *comma != ',')
        comma--;
    /* The seal does not cover itself: it must stand as the printer puts it. */
    int length =
        snprintf(tail, sizeof(tail), ",\n\t\"" SEAL_KEY "\":\t\"%.64s\"\n}\n", seal);
    if (comma == NULL || length < 0 || strcmp(comma, tail) != 0)
        return false;
    memcpy(comma, "\n}\n", 4); /* as the printer ends an object */
    hash_text(hash_bytes(text, (size_t)(comma - text) + 3), found);
    return strcmp(found, seal) == 0;
}

enum po_status sealed_json_read(const char *path, size_t max_bytes, struct json **root,
                                struct po_error *error)
{
    char *text = NULL;
    enum po_status status = json_read_file_text(path, max_bytes, root, &text, error);
    if (status == PO_OK &&
        !is_unchanged(text, json_string(json_get(*root, SEAL_KEY), ""))) {
        json_free(*root);
        *root = NULL;
        status = po_fail(error, PO_BAD_FORMAT, "%s: is not as it was written", path);
    }
    free(text);
    return status;
}
