/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "base/input_file.h"

/* A value takes some 80 bytes in memory and two in the file: a bound of the file's size
 * alone would let 256 MB of brackets take 7 GB. A report of 64 thousand frames fits. */
enum { JSON_MAX_DEPTH = 64, JSON_MAX_VALUES = 4 << 20 };

/* struct json is cJSON under a name of our own. */
static cJSON *node_of(const struct json *json)
{
    return (cJSON *)json;
}

static struct json *json_of(const cJSON *node)
{
    return (struct json *)node;
}

/* cJSON recurses up to its own limit of 1000 and allocates for each value; our bounds are
 * checked before it sees the text. */
static enum po_status check_bounds(const char *text, size_t bytes, struct po_error *error)
{
    int depth = 0;
    int values = 1;
    bool quoted = false;
    for (size_t i = 0; i < bytes; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = false;
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '[' || text[i] == '{') {
            values++;
            if (++depth > JSON_MAX_DEPTH)
                return po_fail(error, PO_BAD_FORMAT, "JSON nested deeper than %d levels",
                               JSON_MAX_DEPTH);
        } else if (text[i] == ']' || text[i] == '}') {
            depth--;
        } else {
            values += text[i] == ',';
        }
        if (values > JSON_MAX_VALUES)
            return po_fail(error, PO_BAD_FORMAT, "JSON of more than %d values",
                           JSON_MAX_VALUES);
    }
    return PO_OK;
}

static int line_of(const char *text, const char *where)
{
    int line = 1;
    for (const char *c = text; c < where; c++)
        line += *c == '\n';
    return line;
}

enum po_status json_parse(const char *text, size_t bytes, struct json **root,
                          struct po_error *error)
{
    *root = NULL;
    enum po_status status = check_bounds(text, bytes, error);
    if (status != PO_OK)
        return status;
    const char *end = NULL;
    errno = 0; /* cJSON does not say whether the text or the memory was at fault */
    cJSON *node = cJSON_ParseWithLengthOpts(text, bytes, &end, 0);
    if (node == NULL && errno == ENOMEM)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to read the JSON");
    if (node == NULL)
        return po_fail(error, PO_BAD_FORMAT, "not valid JSON at line %d",
                       end != NULL ? line_of(text, end) : 1);
    while (end < text + bytes &&
           (*end == ' ' || *end == '\n' || *end == '\t' || *end == '\r'))
        end++;
    if (end < text + bytes && *end != '\0') {
        cJSON_Delete(node);
        return po_fail(error, PO_BAD_FORMAT, "more text after the JSON value at line %d",
                       line_of(text, end));
    }
    *root = json_of(node);
    return PO_OK;
}

enum po_status json_read_file_text(const char *path, size_t max_bytes, struct json **root,
                                   char **text, struct po_error *error)
{
    size_t bytes = 0;
    *root = NULL;
    enum po_status status = input_file_read_text(path, max_bytes, text, &bytes, error);
    if (status != PO_OK)
        return status;
    struct po_error cause = {0};
    status = json_parse(*text, bytes, root, &cause);
    return status == PO_OK ? PO_OK
                           : po_fail(error, status, "%s: %s", path, cause.message);
}

enum po_status json_read_file(const char *path, size_t max_bytes, struct json **root,
                              struct po_error *error)
{
    char *text = NULL;
    enum po_status status = json_read_file_text(path, max_bytes, root, &text, error);
    free(text);
    return status;
}

void json_free(struct json *root)
{
    cJSON_Delete(node_of(root));
}

enum json_type json_type(const struct json *node)
{
    const cJSON *n = node_of(node);
    if (cJSON_IsBool(n))
        return JSON_BOOL;
    if (cJSON_IsNumber(n))
        return JSON_NUMBER;
    if (cJSON_IsString(n))
        return JSON_STRING;
    if (cJSON_IsArray(n))
        return JSON_ARRAY;
    if (cJSON_IsObject(n))
        return JSON_OBJECT;
    return JSON_NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return json_of(cJSON_GetObjectItemCaseSensitive(node_of(object), key));
}

int json_length(const struct json *array_or_object)
{
    return array_or_object != NULL ? cJSON_GetArraySize(node_of(array_or_object)) : 0;
}

const struct json *json_first(const struct json *array_or_object)
{
    return array_or_object != NULL ? json_of(node_of(array_or_object)->child) : NULL;
}

const struct json *json_next(const struct json *node)
{
    return json_of(node_of(node)->next);
}

const char *json_key(const struct json *node)
{
    return node_of(node)->string;
}

double json_number(const struct json *node, double otherwise)
{
    return cJSON_IsNumber(node_of(node)) ? node_of(node)->valuedouble : otherwise;
}

bool json_bool(const struct json *node, bool otherwise)
{
    return cJSON_IsBool(node_of(node)) ? cJSON_IsTrue(node_of(node)) != 0 : otherwise;
}

const char *json_string(const struct json *node, const char *otherwise)
{
    return cJSON_IsString(node_of(node)) ? node_of(node)->valuestring : otherwise;
}

struct json *json_new_object(void)
{
    return json_of(cJSON_CreateObject());
}

struct json *json_new_array(void)
{
    return json_of(cJSON_CreateArray());
}

/* A bit above those that cJSON knows, in the type of a node that lacks a child for want
 * of memory: what is written of it would be another thing, and well-formed. */
enum { LACKS_A_CHILD = 1 << 16 };

static cJSON *mark_unless(cJSON *added, struct json *parent)
{
    if (added == NULL && parent != NULL)
        node_of(parent)->type |= LACKS_A_CHILD;
    return added;
}

static bool lacks_something(const cJSON *node)
{
    if ((node->type & LACKS_A_CHILD) != 0)
        return true;
    for (const cJSON *child = node->child; child != NULL; child = child->next)
        if (lacks_something(child))
            return true;
    return false;
}

struct json *json_add_object(struct json *object, const char *key)
{
    return json_of(mark_unless(cJSON_AddObjectToObject(node_of(object), key), object));
}

struct json *json_add_array(struct json *object, const char *key)
{
    return json_of(mark_unless(cJSON_AddArrayToObject(node_of(object), key), object));
}

void json_add_string(struct json *object, const char *key, const char *value)
{
    (void)mark_unless(cJSON_AddStringToObject(node_of(object), key, value), object);
}

static cJSON *number_or_null(double value)
{
    double number = value == 0 ? 0 : value; /* no -0 */
    return isfinite(value) ? cJSON_CreateNumber(number) : cJSON_CreateNull();
}

void json_add_number(struct json *object, const char *key, double value)
{
    cJSON *item = number_or_null(value);
    if (cJSON_AddItemToObject(node_of(object), key, item))
        return;
    cJSON_Delete(item);
    (void)mark_unless(NULL, object);
}

void json_add_bool(struct json *object, const char *key, bool value)
{
    (void)mark_unless(cJSON_AddBoolToObject(node_of(object), key, value), object);
}

void json_add_null(struct json *object, const char *key)
{
    (void)mark_unless(cJSON_AddNullToObject(node_of(object), key), object);
}

/* The item belongs to the array, or is no more. */
static cJSON *append(struct json *array, cJSON *item)
{
    if (cJSON_AddItemToArray(node_of(array), item))
        return item;
    cJSON_Delete(item);
    return mark_unless(NULL, array);
}

void json_append_string(struct json *array, const char *value)
{
    (void)append(array, cJSON_CreateString(value));
}

void json_append_number(struct json *array, double value)
{
    (void)append(array, number_or_null(value));
}

struct json *json_append_object(struct json *array)
{
    return json_of(append(array, cJSON_CreateObject()));
}

/* The text with a line end; the caller frees it. NULL: no memory. */
static char *printed_text(const struct json *root)
{
    bool is_whole = root != NULL && !lacks_something(node_of(root));
    char *printed = is_whole ? cJSON_Print(node_of(root)) : NULL;
    if (printed == NULL)
        return NULL;
    size_t length = strlen(printed);
    char *grown = realloc(printed, length + 2);
    if (grown == NULL) {
        free(printed);
        return NULL;
    }
    grown[length] = '\n';
    grown[length + 1] = '\0';
    return grown;
}

enum po_status json_print(const struct json *root, char **text, struct po_error *error)
{
    *text = printed_text(root);
    if (*text == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to print JSON");
    return PO_OK;
}

enum po_status json_write_file(const struct json *root, const char *path,
                               struct po_error *error)
{
    enum po_status status = PO_OK;
    char *text = printed_text(root);
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (text == NULL || file == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
        goto cleanup;
    }
    status = atomic_file_open(file, path, error);
    if (status == PO_OK)
        status = atomic_file_write(file, text, strlen(text), error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);

cleanup:
    free(file);
    free(text);
    return status;
}
