/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to a document, through base/json_file. */
#include <stdio.h>
#include <string.h>

#include "base/json_file.h"
#include "calib/document.h"

static const char *scalar_text(struct document *document, const struct json *value)
{
    char number[40];
    const char *text = NULL;
    switch (json_type(value)) {
    case JSON_STRING:
        text = json_string(value, "");
        break;
    case JSON_NUMBER:
        (void)snprintf(number, sizeof(number), "%.17g", json_number(value, 0));
        text = number;
        break;
    case JSON_BOOL:
        text = json_bool(value, false) ? "true" : "false";
        break;
    default:
        text = "null";
        break;
    }
    return document_keep_text(document, text, strlen(text));
}

/* Depth is bounded by document_add. */
static bool add_tree(struct document *document, struct document_node *parent,
                     const struct json *value)
{
    const char *key = json_key(value);
    if (key != NULL && (key = document_keep_text(document, key, strlen(key))) == NULL)
        return false;
    enum json_type type = json_type(value);
    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        const char *text = scalar_text(document, value);
        return text != NULL &&
               document_add(document, parent, DOCUMENT_SCALAR, key, text) != NULL;
    }
    struct document_node *node = document_add(
        document, parent, type == JSON_OBJECT ? DOCUMENT_MAP : DOCUMENT_LIST, key, NULL);
    if (node == NULL)
        return false;
    for (const struct json *child = json_first(value); child != NULL;
         child = json_next(child))
        if (!add_tree(document, node, child))
            return false;
    return true;
}

enum po_status document_from_json(const char *path, const char *text, size_t bytes,
                                  struct document **document, struct po_error *error)
{
    struct json *root = NULL;
    struct po_error cause = {0};
    *document = NULL;
    enum po_status status = json_parse(text, bytes, &root, &cause);
    if (status != PO_OK)
        return po_fail(error, status, "%s: %s", path, cause.message);
    /* A number printed with 17 digits may be longer than it stood in the text. */
    struct document *made = document_create(8 * bytes, true);
    if (made == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    else if (!add_tree(made, NULL, root))
        status =
            po_fail(error, PO_BAD_FORMAT,
                    "%s: more than %d values or %d levels deep; not a calibration file",
                    path, DOCUMENT_MAX_NODES, DOCUMENT_MAX_DEPTH);
    else
        *document = made;
    if (*document == NULL)
        document_destroy(made);
    json_free(root);
    return status;
}
