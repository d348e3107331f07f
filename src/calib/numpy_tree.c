/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays as nodes of a document, and the .npy files of a folder. */
#include "calib/numpy_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/siblings.h"

/* Text of a 0-d array of unicode: four bytes a letter. */
static enum po_status read_text(struct document *document, const char *name,
                                const struct npy_stream *stream,
                                const struct npy_header *header, const char **kept,
                                struct po_error *error)
{
    char text[64];
    size_t length = 0;
    uint8_t letter[4];
    size_t wanted = header->count == 1 ? (size_t)header->element_bytes : 0;
    for (size_t i = 0; i < wanted && length + 1 < sizeof(text); i++) {
        if (!stream->read(stream->context, letter, sizeof(letter)))
            return npy_cut_short(name, "ends within its text", error);
        uint8_t low = letter[header->big_endian ? 3 : 0];
        if (low == 0)
            break;
        text[length++] = (char)low;
    }
    *kept = document_keep_text(document, text, length);
    return PO_OK;
}

static enum po_status too_many(const char *name, struct po_error *error)
{
    return po_fail(error, PO_BAD_FORMAT,
                   "%s: more than %d numbers in small arrays; not a "
                   "calibration file",
                   name, DOCUMENT_MAX_NUMBERS);
}

static enum po_status add_numbers(struct document *document, struct document_node *node,
                                  const char *name, const struct npy_stream *stream,
                                  const struct npy_header *header, struct po_error *error)
{
    node->number_count = header->count;
    char type[8];
    int length =
        snprintf(type, sizeof(type), "%c%d", header->kind, header->element_bytes);
    node->text = document_keep_text(document, type, (size_t)length);
    node->dimensions = header->dimensions < 3 ? header->dimensions : 3;
    for (int i = 0; i < node->dimensions; i++)
        node->shape[i] = header->shape[i];
    if (header->count > DOCUMENT_ARRAY_NUMBERS)
        return PO_OK;
    errno = 0;
    double *values = document_keep_numbers(document, header->count);
    if (values == NULL)
        return errno == ENOMEM ? input_read_failed(name, error) : too_many(name, error);
    node->numbers = values;
    return npy_read_values(name, stream, header, values, error);
}

enum po_status document_add_npy(struct document *document, struct document_node *root,
                                const char *name, const char *key,
                                const struct npy_stream *stream, struct po_error *error)
{
    static const char PICKLED[] = "an array of pickled Python objects";
    struct npy_header header;
    enum po_status status = npy_read_header(name, stream, &header, error);
    if (status != PO_OK)
        return status;
    const char *kept = document_keep_text(document, key, strlen(key));
    const char *text = NULL;
    if (header.kind == 'O')
        text = document_keep_text(document, PICKLED, sizeof(PICKLED) - 1);
    else if (header.kind == 'U')
        status = read_text(document, name, stream, &header, &text, error);
    if (status != PO_OK)
        return status;
    if (kept == NULL || (!npy_holds_numbers(&header) && text == NULL))
        return too_many(name, error);
    struct document_node *node = document_add(
        document, root, text != NULL ? DOCUMENT_SCALAR : DOCUMENT_ARRAY, kept, text);
    if (node == NULL)
        return too_many(name, error);
    return text != NULL ? PO_OK
                        : add_numbers(document, node, name, stream, &header, error);
}

static bool read_file(void *context, void *target, size_t bytes)
{
    const int *descriptor = context;
    ssize_t got = input_read(*descriptor, target, bytes);
    if (got >= 0)
        errno = 0;
    return got == (ssize_t)bytes;
}

static enum po_status add_file(struct document *document, struct document_node *root,
                               const char *path, struct po_error *error)
{
    char key[128];
    int descriptor = -1;
    struct input_stat info;
    const char *name = path_name(path);
    size_t length = strlen(name) - strlen(".npy");
    if (length >= sizeof(key))
        return PO_OK; /* no name of a matrix */
    memcpy(key, name, length);
    key[length] = '\0';
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return status;
    const struct npy_stream stream = {read_file, &descriptor};
    status = document_add_npy(document, root, path, key, &stream, error);
    (void)close(descriptor);
    return status;
}

enum po_status document_from_npy_folder(const char *path, struct document **document,
                                        struct po_error *error)
{
    struct siblings siblings;
    *document = NULL;
    enum po_status status = siblings_list(path, &siblings, error);
    if (status != PO_OK)
        return status;
    struct document *made = document_create((size_t)SIBLINGS_MAX * 256, false);
    struct document_node *root =
        made != NULL ? document_add(made, NULL, DOCUMENT_MAP, NULL, NULL) : NULL;
    if (root == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    for (int i = 0; i < siblings.count && status == PO_OK; i++)
        status = add_file(made, root, siblings.paths[i], error);
    siblings_release(&siblings);
    if (status == PO_OK)
        *document = made;
    else
        document_destroy(made);
    return status;
}
