/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/document.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct document {
    bool is_json;
    int node_count;
    int node_capacity;
    struct document_node *nodes;
    size_t text_used;
    size_t text_capacity;
    char *texts;
    size_t numbers_used;
    double *numbers; /* DOCUMENT_MAX_NUMBERS of them; NULL until one is kept */
    struct document_node *last_root;
};

struct document *document_create(size_t text_bytes, bool is_json)
{
    /* A node is at least one byte of its file (a comma, a digit) beside its container. */
    size_t nodes = text_bytes + 2;
    struct document *document = calloc(1, sizeof(*document));
    if (document == NULL)
        return NULL;
    document->is_json = is_json;
    document->node_capacity =
        nodes < DOCUMENT_MAX_NODES ? (int)nodes : DOCUMENT_MAX_NODES;
    document->nodes = calloc((size_t)document->node_capacity, sizeof(*document->nodes));
    document->text_capacity = 4 * text_bytes + 64;
    document->texts = malloc(document->text_capacity);
    if (document->nodes == NULL || document->texts == NULL) {
        document_destroy(document);
        return NULL;
    }
    return document;
}

void document_destroy(struct document *document)
{
    if (document == NULL)
        return;
    free(document->nodes);
    free(document->texts);
    free(document->numbers);
    free(document);
}

const char *document_keep_text(struct document *document, const char *text, size_t bytes)
{
    if (bytes + 1 > document->text_capacity - document->text_used)
        return NULL;
    char *kept = document->texts + document->text_used;
    memcpy(kept, text, bytes);
    kept[bytes] = '\0';
    document->text_used += bytes + 1;
    return kept;
}

double *document_keep_numbers(struct document *document, size_t count)
{
    if (document->numbers == NULL)
        document->numbers = calloc(DOCUMENT_MAX_NUMBERS, sizeof(*document->numbers));
    if (document->numbers == NULL ||
        count > (size_t)DOCUMENT_MAX_NUMBERS - document->numbers_used)
        return NULL;
    double *kept = document->numbers + document->numbers_used;
    document->numbers_used += count;
    return kept;
}

void document_drop_last_root(struct document *document)
{
    struct document_node *node = document->nodes;
    if (document->last_root == NULL || document->last_root == node)
        return;
    while (node->next != document->last_root)
        node = node->next;
    document->node_count = (int)(node->next - document->nodes);
    node->next = NULL;
    document->last_root = node;
}

struct document_node *document_add(struct document *document,
                                   struct document_node *parent, enum document_kind kind,
                                   const char *key, const char *text)
{
    int depth = parent != NULL ? parent->depth + 1 : 0;
    if (document->node_count == document->node_capacity || depth > DOCUMENT_MAX_DEPTH)
        return NULL;
    struct document_node *node = &document->nodes[document->node_count++];
    node->kind = kind;
    node->key = key;
    node->text = text;
    node->depth = depth;
    if (parent == NULL) {
        if (document->last_root != NULL)
            document->last_root->next = node;
        document->last_root = node;
        return node;
    }
    if (parent->last != NULL)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    return node;
}

const struct document_node *document_root(const struct document *document)
{
    return document != NULL && document->node_count > 0 ? document->nodes : NULL;
}

bool document_is_json(const struct document *document)
{
    return document->is_json;
}

static int compare_keys(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* The key that stands twice in `map`; NULL: none. `keys` has room for its members. */
static const char *key_twice(const struct document_node *map, const char **keys)
{
    size_t count = 0;
    for (const struct document_node *node = map->first; node != NULL; node = node->next)
        if (node->key != NULL)
            keys[count++] = node->key;
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            return keys[i];
    return NULL;
}

enum po_status document_check_keys(const struct document *document, const char *path,
                                   struct po_error *error)
{
    const char *twice = NULL;
    const char **keys = calloc((size_t)document->node_count + 1, sizeof(*keys));
    if (keys == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    for (int i = 0; i < document->node_count && twice == NULL; i++)
        if (document->nodes[i].kind == DOCUMENT_MAP)
            twice = key_twice(&document->nodes[i], keys);
    free(keys);
    return twice == NULL
               ? PO_OK
               : po_fail(error, PO_BAD_FORMAT,
                         "%s: the key '%.60s' stands twice; remove one", path, twice);
}

const struct document_node *document_get(const struct document_node *map, const char *key)
{
    if (map == NULL || map->kind != DOCUMENT_MAP)
        return NULL;
    for (const struct document_node *node = map->first; node != NULL; node = node->next)
        if (node->key != NULL && strcmp(node->key, key) == 0)
            return node;
    return NULL;
}

static bool is_null(const struct document_node *node)
{
    return node->kind == DOCUMENT_SCALAR &&
           (node->text[0] == '\0' || strcmp(node->text, "null") == 0 ||
            strcmp(node->text, "~") == 0);
}

const struct document_node *document_get_any(const struct document_node *map,
                                             const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        const struct document_node *node = document_get(map, *keys);
        if (node != NULL && !is_null(node))
            return node;
    }
    return NULL;
}

const char *document_text(const struct document_node *node)
{
    return node != NULL && node->kind == DOCUMENT_SCALAR ? node->text : NULL;
}

bool scalar_number(const char *text, double *value)
{
    static const struct {
        const char *name;
        double value;
    } SPECIAL[] = {
        {".nan", NAN}, {".inf", INFINITY}, {"+.inf", INFINITY}, {"-.inf", -INFINITY}};
    for (size_t i = 0; i < sizeof(SPECIAL) / sizeof(SPECIAL[0]); i++)
        if (strcasecmp(text, SPECIAL[i].name) == 0) {
            *value = SPECIAL[i].value;
            return true;
        }
    char *end = NULL;
    double parsed = strtod(text, &end);
    if (end == text || *end != '\0')
        return false;
    *value = parsed;
    return true;
}

bool document_numbers(const struct document_node *node, double *values, int max,
                      int *count)
{
    *count = 0;
    if (node == NULL)
        return false;
    if (node->kind == DOCUMENT_MAP)
        return document_numbers(document_get(node, "data"), values, max, count);
    if (node->kind == DOCUMENT_ARRAY) {
        *count = node->number_count < INT_MAX ? (int)node->number_count : INT_MAX;
        for (int i = 0; i < max && i < *count && node->numbers != NULL; i++)
            values[i] = node->numbers[i];
        return true;
    }
    if (node->kind == DOCUMENT_SCALAR) {
        double value;
        if (!scalar_number(node->text, &value))
            return false;
        *count = 1;
        if (max > 0)
            values[0] = value;
        return true;
    }
    for (const struct document_node *child = node->first; child != NULL;
         child = child->next) {
        int got;
        int room = max > *count ? max - *count : 0;
        if (!document_numbers(child, room > 0 ? values + *count : values, room, &got))
            return false;
        *count += got;
    }
    return true;
}

double document_number(const struct document_node *node, double otherwise)
{
    double value;
    const char *text = document_text(node);
    return text != NULL && scalar_number(text, &value) ? value : otherwise;
}
