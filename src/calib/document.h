/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document: a small tree of maps, lists, scalars and arrays read from YAML, JSON, XML,
 * NumPy or MATLAB files, so that a format asks for keys and numbers without knowing which
 * of them it was.
 *
 * Invariant: at most DOCUMENT_MAX_NODES nodes, DOCUMENT_MAX_DEPTH levels and
 * DOCUMENT_MAX_NUMBERS numbers in arrays; no aliases, so a tree is as big as its text. A
 * larger array (a remap table) has a shape and no numbers. Ownership: document_destroy
 * frees nodes, texts and numbers.
 */
#ifndef CALIB_DOCUMENT_H
#define CALIB_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "process_offline/status.h"

enum {
    DOCUMENT_MAX_NODES = 65536,
    DOCUMENT_MAX_DEPTH = 24,
    DOCUMENT_MAX_NUMBERS = 65536,
    DOCUMENT_ARRAY_NUMBERS = 4096 /* of one array; larger ones are only described */
};

enum document_kind { DOCUMENT_MAP, DOCUMENT_LIST, DOCUMENT_SCALAR, DOCUMENT_ARRAY };

struct document_node {
    enum document_kind kind;
    const char *key;       /* of a map's member, NULL for others */
    const char *text;      /* of a scalar; the type of an array: "f8", "i2" */
    const double *numbers; /* of an array, row by row; NULL: too many to be kept */
    size_t number_count;
    int dimensions; /* of an array, and its first sides */
    size_t shape[3];
    struct document_node *first;
    struct document_node *last;
    struct document_node *next;
    int depth;
};

struct document;

PO_MUST_CHECK enum po_status document_from_yaml(const char *path, const char *text,
                                                size_t bytes, struct document **document,
                                                struct po_error *error);
PO_MUST_CHECK enum po_status document_from_json(const char *path, const char *text,
                                                size_t bytes, struct document **document,
                                                struct po_error *error);
PO_MUST_CHECK enum po_status document_from_xml(const char *path, const char *text,
                                               size_t bytes, struct document **document,
                                               struct po_error *error);
void document_destroy(struct document *document); /* NULL allowed */

/* NULL when the text holds nothing. Further documents of one YAML file follow as `next`.
 */
const struct document_node *document_root(const struct document *document);
bool document_is_json(const struct document *document);
/* PO_BAD_FORMAT when a map holds a key twice: which of the two was meant nobody knows. */
PO_MUST_CHECK enum po_status document_check_keys(const struct document *document,
                                                 const char *path,
                                                 struct po_error *error);

/* Building, for the two readers. Each returns NULL when a limit is reached. */
struct document *document_create(size_t text_bytes, bool is_json);
struct document_node *document_add(struct document *document,
                                   struct document_node *parent, enum document_kind kind,
                                   const char *key, const char *text);
const char *document_keep_text(struct document *document, const char *text, size_t bytes);
/* Room for `count` numbers that live as long as the document. */
double *document_keep_numbers(struct document *document, size_t count);
/* Forgets a broken last document of a file whose first is whole. */
void document_drop_last_root(struct document *document);

/* A member of a map, by one key or by the first of several (NULL-terminated). */
const struct document_node *document_get(const struct document_node *map,
                                         const char *key);
const struct document_node *document_get_any(const struct document_node *map,
                                             const char *const *keys);
/* The scalar's text, NULL for others. */
const char *document_text(const struct document_node *node);
/*
 * The numbers below a node in reading order: a scalar, nested lists, or a matrix map
 * (rows, cols, data). *count is how many there are, of which `max` are stored; false when
 * one is no number.
 */
bool document_numbers(const struct document_node *node, double *values, int max,
                      int *count);
/* A single number, `otherwise` when there is none. */
double document_number(const struct document_node *node, double otherwise);
/* Parses all of `text`: C numbers and YAML's .nan, .inf. */
bool scalar_number(const char *text, double *value);

#endif
