/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_table.h"

#include <string.h>

#include "settings/settings_rows.h"

enum { PART_COUNT = 6 };

static const struct setting_part *const parts[PART_COUNT] = {
    &settings_rows_input, &settings_rows_match, &settings_rows_network,
    &settings_rows_cloud, &settings_rows_run,   &settings_rows_calibrate};

int settings_row_count(void)
{
    int count = 0;
    for (int i = 0; i < PART_COUNT; i++)
        count += parts[i]->count;
    return count;
}

const struct setting_row *settings_row(int index)
{
    for (int i = 0; i < PART_COUNT; i++) {
        if (index < parts[i]->count)
            return &parts[i]->rows[index];
        index -= parts[i]->count;
    }
    return NULL;
}

const struct setting_row *settings_find(const char *name, int *index)
{
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        if (strcmp(row->name, name) != 0)
            continue;
        if (index != NULL)
            *index = i;
        return row;
    }
    return NULL;
}

bool setting_argument_is_optional(const struct setting_row *row)
{
    return row->kind == SETTING_FLAG ||
           (row->custom != NULL && row->custom->optional_argument);
}

const char *setting_origin_name(enum setting_origin origin)
{
    static const char *const names[] = {"default",     "profile",      "file",
                                        "environment", "command line", "memory budget"};
    return names[origin];
}
