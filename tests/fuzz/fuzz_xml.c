/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as OpenCV's XML: a bounded tree, or an error that says something. */
#include <stdint.h>
#include <stdlib.h>

#include "calib/document.h"
#include "support/replay_torture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Depth is bounded, so the walk is. */
static int nodes_below(const struct document_node *node)
{
    int count = 0;
    if (node->depth > DOCUMENT_MAX_DEPTH)
        abort();
    if (node->kind == DOCUMENT_SCALAR && node->text == NULL)
        abort();
    for (const struct document_node *child = node->first; child != NULL;
         child = child->next)
        count += 1 + nodes_below(child);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document *document = NULL;
    struct po_error error = {0};
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < size; i++)
        text[i] = data[i] != 0 ? (char)data[i] : ' ';
    text[size] = '\0';
    torture_begin();
    if (document_from_xml("fuzz.xml", text, size, &document, &error) == PO_OK) {
        if (nodes_below(document_root(document)) > DOCUMENT_MAX_NODES)
            abort();
    } else if (error.message[0] == '\0') {
        abort();
    }
    document_destroy(document);
    torture_end();
    free(text);
    return 0;
}
