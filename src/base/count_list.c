/* SPDX-License-Identifier: Apache-2.0 */
#include "base/count_list.h"

#include <string.h>

void count_list_add(struct count_list *list, const char *name, uint64_t value)
{
    for (int i = 0; i < list->length; i++) {
        if (strcmp(list->entries[i].name, name) == 0) {
            list->entries[i].value += value;
            return;
        }
    }
    if (list->length < COUNT_LIST_MAX)
        list->entries[list->length++] = (struct count_entry){name, value};
}

uint64_t count_list_get(const struct count_list *list, const char *name)
{
    for (int i = 0; i < list->length; i++)
        if (strcmp(list->entries[i].name, name) == 0)
            return list->entries[i].value;
    return 0;
}
