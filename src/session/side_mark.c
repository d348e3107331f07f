/* SPDX-License-Identifier: Apache-2.0 */
/* What tells the left from the right file by name: left01, cam0_7, 7_L. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "session/layout.h"

/* A word may touch other letters at either end of the name; a letter alone may not. */
struct mark_family {
    const char *marks[2];
    bool is_word;
};

static const struct mark_family FAMILIES[SIDE_MARK_FAMILIES] = {
    {{"left", "right"}, true}, {{"cam0", "cam1"}, false}, {{"l", "r"}, false}};

static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == '.' || c == ' ';
}

static bool may_stand(const struct mark_family *family, const char *stem, size_t length,
                      size_t at, size_t mark)
{
    bool first = at == 0;
    bool last = at + mark == length;
    bool free_before = first || !isalnum((unsigned char)stem[at - 1]);
    bool free_after = last || !isalnum((unsigned char)stem[at + mark]);
    if (family->is_word)
        return first || last ||
               (!isalpha((unsigned char)stem[at - 1]) &&
                !isalpha((unsigned char)stem[at + mark]));
    if (free_before && free_after)
        return true;
    /* IMG_7L, imgL, L7 */
    bool upper = isupper((unsigned char)stem[at]) != 0;
    if (mark == 1 && last && at > 0)
        return upper || isdigit((unsigned char)stem[at - 1]);
    return mark == 1 && first && isdigit((unsigned char)stem[at + mark]);
}

/* Prefers the start, then the end, then the middle of a name. */
static bool find_mark(const struct mark_family *family, const char *stem, size_t length,
                      const char *mark, size_t *at)
{
    size_t bytes = strlen(mark);
    bool found = false;
    if (bytes > length)
        return false;
    for (size_t i = 0; i + bytes <= length; i++) {
        size_t place = i == 0 ? 0 : length - bytes - (i - 1);
        if (strncasecmp(stem + place, mark, bytes) != 0 ||
            !may_stand(family, stem, length, place, bytes))
            continue;
        *at = place;
        found = true;
        break;
    }
    return found;
}

void stem_copy(const char *name, char key[SIDE_KEY_BYTES])
{
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    (void)snprintf(key, SIDE_KEY_BYTES, "%.*s", (int)length, name);
}

bool side_mark_strip(const char *name, int family, int side, char key[SIDE_KEY_BYTES])
{
    const struct mark_family *marks = &FAMILIES[family];
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    size_t at;
    if (length >= SIDE_KEY_BYTES ||
        !find_mark(marks, name, length, marks->marks[side], &at))
        return false;
    size_t after = at + strlen(marks->marks[side]);
    size_t before = at;
    /* One separator goes with the mark: left_7 and 7_left are 7, a_left_7 is a_7. */
    if (after < length && is_separator(name[after]))
        after++;
    else if (after == length && before > 0 && is_separator(name[before - 1]))
        before--;
    memcpy(key, name, before);
    memcpy(key + before, name + after, length - after);
    key[before + length - after] = '\0';
    return true;
}

void pair_key(const char *left, const char *right, char key[SIDE_KEY_BYTES])
{
    char other[SIDE_KEY_BYTES];
    for (int family = 0; family < SIDE_MARK_FAMILIES; family++)
        if (side_mark_strip(left, family, SIDE_LEFT, key) &&
            side_mark_strip(right, family, SIDE_RIGHT, other) && strcmp(key, other) == 0)
            return;
    stem_copy(left, key);
    stem_copy(right, other);
    if (strcmp(key, other) != 0)
        key[0] = '\0';
}
