/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/json_file.h"
#include "cli/print.h"
#include "settings/settings_table.h"

/* Wraps in anyOf what may also be another word. */
static struct json *add_or_word(struct json *property, const char *word)
{
    if (word == NULL)
        return property;
    struct json *any = json_add_array(property, "anyOf");
    struct json *other = json_append_object(any);
    json_add_string(other, "const", word);
    return json_append_object(any);
}

static void add_choices(struct json *property, const struct setting_row *row)
{
    struct json *list = json_add_array(property, "enum");
    for (int i = 0; row->choices[i] != NULL; i++)
        json_append_string(list, row->choices[i]);
}

static void add_number(struct json *property, const struct setting_row *row)
{
    struct json *number = add_or_word(property, row->allow_auto ? "auto" : NULL);
    json_add_string(number, "type", row->kind == SETTING_INT ? "integer" : "number");
    json_add_number(number, "minimum", row->min);
    json_add_number(number, "maximum", row->max);
}

/* "cloud,depth" or ["cloud", "depth"]. */
static void add_list(struct json *property, const struct setting_row *row)
{
    struct json *any = json_add_array(property, "anyOf");
    json_add_string(json_append_object(any), "type", "string");
    struct json *array = json_append_object(any);
    json_add_string(array, "type", "array");
    add_choices(json_add_object(array, "items"), row);
}

/* Sizes, lengths and levels may be plain numbers, a region six of them. */
static void add_loose(struct json *property, const struct setting_row *row)
{
    struct json *types = json_add_array(property, "type");
    json_append_string(types, "string");
    json_append_string(types, "number");
    if (row->kind == SETTING_CUSTOM)
        json_append_string(types, "array");
}

static void add_type(struct json *property, const struct setting_row *row)
{
    switch (row->kind) {
    case SETTING_FLAG:
        json_add_string(property, "type", "boolean");
        break;
    case SETTING_INT:
    case SETTING_REAL:
        add_number(property, row);
        break;
    case SETTING_CHOICE:
        add_choices(property, row);
        break;
    case SETTING_LIST:
        add_list(property, row);
        break;
    case SETTING_TEXT:
        json_add_string(property, "type", "string");
        break;
    case SETTING_SIZE:
    case SETTING_LENGTH:
    case SETTING_CUSTOM:
        add_loose(property, row);
        break;
    }
}

static void add_row(struct json *properties, const struct setting_row *row)
{
    struct json *property = json_add_object(properties, row->name);
    json_add_string(property, "description", row->help);
    add_type(property, row);
}

enum po_status print_config_schema(FILE *stream, struct po_error *error)
{
    struct json *root = json_new_object();
    json_add_string(root, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_add_string(root, "title", "process_offline configuration");
    json_add_string(root, "type", "object");
    json_add_bool(root, "additionalProperties", false);
    struct json *properties = json_add_object(root, "properties");
    json_add_string(json_add_object(properties, "$schema"), "type", "string");
    json_add_string(json_add_object(properties, "description"), "type", "string");
    for (int i = 0; i < settings_row_count(); i++)
        add_row(properties, settings_row(i));
    return print_json(stream, root, error);
}
