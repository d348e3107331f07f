/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON trees, read with bounds and written atomically; the only place that knows cJSON.
 *
 * Invariant: trees read from a file are at most 64 levels deep and `max_bytes` long.
 * Ownership: json_free frees a tree; children belong to their parent. Adders return the
 * added node, or NULL when memory is short: nothing is added to NULL, and the tree
 * remembers that it lacks something, so that json_print and json_write_file say so.
 */
#ifndef BASE_JSON_FILE_H
#define BASE_JSON_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "process_offline/status.h"

struct json; /* a node: object, array, string, number, true, false or null */

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

PO_MUST_CHECK enum po_status json_read_file(const char *path, size_t max_bytes,
                                            struct json **root, struct po_error *error);
/* Gives the text too; the caller frees it, whatever the status. */
PO_MUST_CHECK enum po_status json_read_file_text(const char *path, size_t max_bytes,
                                                 struct json **root, char **text,
                                                 struct po_error *error);
PO_MUST_CHECK enum po_status json_parse(const char *text, size_t bytes,
                                        struct json **root, struct po_error *error);
void json_free(struct json *root);

enum json_type json_type(const struct json *node);
/* NULL when absent or when `object` is not an object; exact case. */
const struct json *json_get(const struct json *object, const char *key);
int json_length(const struct json *array_or_object);
/* Array elements and object members by index; NULL past the end. O(1) amortised is not
 * given: iterate with json_first / json_next. */
const struct json *json_first(const struct json *array_or_object);
const struct json *json_next(const struct json *node);
/* The key of an object's member, NULL for others. */
const char *json_key(const struct json *node);
/* Typed values with a default for a missing or mistyped node. */
double json_number(const struct json *node, double otherwise);
bool json_bool(const struct json *node, bool otherwise);
const char *json_string(const struct json *node, const char *otherwise);

struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_add_object(struct json *object, const char *key);
struct json *json_add_array(struct json *object, const char *key);
void json_add_string(struct json *object, const char *key, const char *value);
void json_add_number(struct json *object, const char *key,
                     double value); /* NaN, inf: null */
void json_add_bool(struct json *object, const char *key, bool value);
void json_add_null(struct json *object, const char *key);
void json_append_string(struct json *array, const char *value);
void json_append_number(struct json *array, double value);
struct json *json_append_object(struct json *array);

/* Indented text, a newline at the end; malloc'ed, the caller frees it. */
PO_MUST_CHECK enum po_status json_print(const struct json *root, char **text,
                                        struct po_error *error);
/* Published through atomic_file. */
PO_MUST_CHECK enum po_status json_write_file(const struct json *root, const char *path,
                                             struct po_error *error);

#endif
