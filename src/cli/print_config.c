/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/json_file.h"
#include "cli/print.h"
#include "settings/setting_value.h"

/* In JSON's own type where it has one. */
static void add_value(struct json *root, const struct setting_row *row, const char *text)
{
    double number;
    bool is_numeric = row->kind == SETTING_INT || row->kind == SETTING_REAL ||
                      row->kind == SETTING_LENGTH;
    if (row->kind == SETTING_FLAG)
        json_add_bool(root, row->name, strcmp(text, "true") == 0);
    else if (is_numeric && number_parse(text, &number))
        json_add_number(root, row->name, number);
    else
        json_add_string(root, row->name, text);
}

static bool is_said(const struct settings_set *set, int index, const char *text)
{
    bool is_left_open =
        set->origins[index] == ORIGIN_DEFAULT && strcmp(text, "auto") == 0;
    return text[0] != '\0' && !is_left_open;
}

enum po_status print_config(FILE *stream, const struct settings_set *set,
                            struct po_error *error)
{
    struct json *root = json_new_object();
    for (int i = 0; i < settings_row_count(); i++) {
        char value[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, value, sizeof(value));
        if (is_said(set, i, value))
            add_value(root, settings_row(i), value);
    }
    return print_json(stream, root, error);
}
