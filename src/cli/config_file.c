/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_file.h"

#include <stdio.h>
#include <string.h>

#include "base/json_file.h"
#include "base/option_error.h"
#include "settings/setting_value.h"

enum { CONFIG_MAX_FILE_BYTES = 1 << 20 };

/* ["a", "b"] and [1, 2] as the comma-separated text of the command line. */
static bool join_array(const struct json *array, char *text, size_t text_bytes)
{
    size_t used = 0;
    const struct json *item = json_first(array);
    text[0] = '\0';
    for (; item != NULL; item = json_next(item)) {
        char number[40];
        enum json_type type = json_type(item);
        if (type != JSON_STRING && type != JSON_NUMBER)
            return false;
        if (type == JSON_NUMBER)
            number_format(json_number(item, 0.0), number, sizeof(number));
        int length = snprintf(text + used, text_bytes - used, "%s%s", used > 0 ? "," : "",
                              type == JSON_NUMBER ? number : json_string(item, ""));
        if (length < 0 || (size_t)length >= text_bytes - used)
            return false;
        used += (size_t)length;
    }
    return true;
}

static bool takes_array(const struct setting_row *row)
{
    return row->kind == SETTING_LIST || row->kind == SETTING_CUSTOM;
}

/* The value as the command line would give it; false for types no setting has. */
static bool value_text(const struct setting_row *row, const struct json *node, char *text,
                       size_t text_bytes)
{
    int length = 0;
    switch (json_type(node)) {
    case JSON_BOOL:
        length =
            snprintf(text, text_bytes, "%s", json_bool(node, false) ? "true" : "false");
        break;
    case JSON_NUMBER:
        number_format(json_number(node, 0.0), text, text_bytes);
        break;
    case JSON_STRING:
        length = snprintf(text, text_bytes, "%s", json_string(node, ""));
        break;
    case JSON_ARRAY:
        return takes_array(row) && join_array(node, text, text_bytes);
    case JSON_NULL:
    case JSON_OBJECT:
        return false;
    }
    return length >= 0 && (size_t)length < text_bytes;
}

static enum po_status fail_unknown(const char *key, struct po_error *error)
{
    const char *closest = settings_suggest(key);
    if (closest != NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "unknown key '%.60s'; did you mean '%s'?",
                       key, closest);
    return po_fail(error, PO_BAD_ARGUMENT,
                   "unknown key '%.60s'; keys are option names without dashes, see "
                   "--help",
                   key);
}

/* Which of the two was meant nobody can know. */
static enum po_status check_unique(const struct json *root, const struct json *node,
                                   struct po_error *error)
{
    const char *key = json_key(node);
    for (const struct json *one = json_first(root); one != node; one = json_next(one))
        if (strcmp(json_key(one), key) == 0)
            return po_fail(error, PO_BAD_ARGUMENT, "the key '%.60s' stands twice", key);
    return PO_OK;
}

static enum po_status read_member(const struct json *node, struct settings_set *set,
                                  struct po_error *error)
{
    char text[SETTING_FORMAT_BYTES];
    int index = 0;
    const char *key = json_key(node);
    if (strcmp(key, "$schema") == 0 || strcmp(key, "description") == 0)
        return PO_OK;
    const struct setting_row *row = settings_find(key, &index);
    if (row == NULL)
        return fail_unknown(key, error);
    if (!value_text(row, node, text, sizeof(text)))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: a value of this type does not fit%s%s", key,
                       row->argument != NULL ? "; give " : "; give true or false",
                       row->argument != NULL ? row->argument : "");
    return settings_assign(set, index, text, ORIGIN_FILE, error);
}

enum po_status config_file_read(const char *path, struct settings_set *set,
                                struct po_error *error)
{
    struct json *root = NULL;
    struct po_error cause = {0};
    enum po_status status = json_read_file(path, CONFIG_MAX_FILE_BYTES, &root, &cause);
    status = fail_of_option(status, "config", path, &cause, error);
    if (status == PO_BAD_FORMAT || status == PO_IO)
        return PO_BAD_ARGUMENT; /* the message stands: what was given is wrong */
    if (status != PO_OK)
        return status;
    if (json_type(root) != JSON_OBJECT)
        status = po_fail(&cause, PO_BAD_ARGUMENT,
                         "not a configuration; give an object of settings");
    const struct json *node = json_type(root) == JSON_OBJECT ? json_first(root) : NULL;
    for (; status == PO_OK && node != NULL; node = json_next(node)) {
        status = check_unique(root, node, &cause);
        if (status == PO_OK)
            status = read_member(node, set, &cause);
    }
    if (status != PO_OK)
        status = po_fail(error, status, "--config %s: %s", path, cause.message);
    json_free(root);
    return status;
}
