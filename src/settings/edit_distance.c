/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/edit_distance.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "settings/settings_table.h"
#include "settings/synonyms.h"

enum { NAME_MAX_BYTES = 63 };

static int folded(char byte)
{
    return byte == '_' ? '-' : tolower((unsigned char)byte);
}

size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MAX_BYTES + 1]; /* of prefixes of a: two before, before, this */
    size_t a_length = strnlen(a, NAME_MAX_BYTES);
    size_t b_length = strnlen(b, NAME_MAX_BYTES);
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two_before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = folded(a[i - 1]) != folded(b[j - 1]);
            now[j] = size_minimum(size_minimum(before[j], now[j - 1]) + 1,
                                  before[j - 1] + change);
            if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
                folded(a[i - 2]) == folded(b[j - 1]))
                now[j] = size_minimum(now[j], two_before[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

int edit_distance_is_close(size_t distance, const char *name)
{
    size_t length = strlen(name);
    return distance < length && distance <= 1 + length / 6;
}

const char *edit_distance_closest(const char *name, const char *const *list)
{
    const char *closest = NULL;
    size_t closest_distance = SIZE_MAX;
    for (size_t i = 0; list[i] != NULL; i++) {
        size_t distance = edit_distance(name, list[i]);
        if (distance >= closest_distance)
            continue;
        closest = list[i];
        closest_distance = distance;
    }
    if (closest == NULL || !edit_distance_is_close(closest_distance, name))
        return NULL;
    return closest;
}

const char *settings_suggest(const char *name)
{
    const char *meant = synonym_of(NULL, name);
    int index;
    if (meant != NULL && settings_find(meant, &index) != NULL)
        return meant;
    const char *names[SETTING_MAX + 1];
    int count = settings_row_count();
    for (int i = 0; i < count; i++)
        names[i] = settings_row(i)->name;
    names[count] = NULL;
    return edit_distance_closest(name, names);
}
