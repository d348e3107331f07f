/* SPDX-License-Identifier: Apache-2.0 */
#include "session/frame_number.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The last run of digits of the stem: [*first, *last). */
static bool find_number(const char *name, size_t *first, size_t *last)
{
    char stem[SIDE_KEY_BYTES];
    stem_copy(name, stem);
    size_t at = strlen(stem);
    while (at > 0 && !isdigit((unsigned char)stem[at - 1]))
        at--;
    *last = at;
    while (at > 0 && isdigit((unsigned char)stem[at - 1]))
        at--;
    *first = at;
    return *first < *last;
}

bool frame_number_of(const char *name, char key[SIDE_KEY_BYTES])
{
    size_t first;
    size_t last;
    if (!find_number(name, &first, &last))
        return false;
    while (first + 1 < last && name[first] == '0')
        first++;
    (void)snprintf(key, SIDE_KEY_BYTES, "%.*s", (int)(last - first), name + first);
    return true;
}

bool frame_numbers_count(const struct listing *listing)
{
    const char *model = NULL;
    size_t model_first = 0;
    size_t model_last = 0;
    for (int i = 0; i < listing->count; i++) {
        const char *name = listing->entries[i].name;
        size_t first;
        size_t last;
        if (!listing->entries[i].is_image)
            continue;
        if (!find_number(name, &first, &last))
            return false;
        if (model == NULL) {
            model = name;
            model_first = first;
            model_last = last;
        }
        if (first != model_first || strncmp(name, model, first) != 0 ||
            strcmp(name + last, model + model_last) != 0)
            return false;
    }
    return model != NULL;
}
