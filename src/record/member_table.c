/* SPDX-License-Identifier: Apache-2.0 */
#include "record/member_table.h"

#include <math.h>
#include <string.h>

uint64_t whole_number(double number)
{
    bool is_whole = number >= 0.0 && number <= 0x1p53 && number == floor(number);
    return is_whole ? (uint64_t)number : 0;
}

int small_number(double number)
{
    return fabs(number) <= 1e9 ? (int)number : 0;
}

int numbers_read(struct json_scan *scan, double *numbers, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++)
        numbers[i] = NAN;
    if (!json_scan_array(scan))
        return 0;
    for (; json_scan_element(scan); found++) {
        double number = json_scan_number(scan, NAN);
        if (found < count)
            numbers[found] = number;
    }
    return found;
}

static bool read_text(struct json_scan *scan, char *field, size_t bytes)
{
    const char *text = json_scan_text(scan, NULL);
    size_t length = text != NULL ? strlen(text) : bytes;
    if (length >= bytes)
        return false;
    memcpy(field, text, length + 1);
    return true;
}

static bool is_number(struct json_scan *scan)
{
    char next = json_scan_peek(scan);
    return next == '-' || (next >= '0' && next <= '9');
}

static bool read_number(struct json_scan *scan, enum member_kind kind, void *field)
{
    if (!is_number(scan)) {
        json_scan_skip(scan);
        return false;
    }
    double number = json_scan_number(scan, 0);
    if (kind == MEMBER_INT)
        *(int *)field = small_number(number);
    else if (kind == MEMBER_COUNT)
        *(uint64_t *)field = whole_number(number);
    else
        *(double *)field = number;
    return true;
}

static bool read_member(struct json_scan *scan, const struct member *member, void *into)
{
    void *field = (char *)into + member->field;
    switch (member->kind) {
    case MEMBER_TEXT:
        return read_text(scan, field, member->size);
    case MEMBER_INT:
    case MEMBER_COUNT:
    case MEMBER_NUMBER:
        return read_number(scan, member->kind, field);
    case MEMBER_NUMBERS:
        return numbers_read(scan, field, (int)member->size) > 0;
    case MEMBER_BOOL:
        *(bool *)field = json_scan_bool(scan, *(bool *)field);
        return true;
    case MEMBER_OTHER:
        return member->read(scan, into);
    }
    return false;
}

/* Files have their members in the order of the table: the next one is looked at first. */
static const struct member *find(const struct member *members, int count, int next,
                                 const char *key)
{
    for (int i = 0; i < count; i++) {
        int at = next + i < count ? next + i : next + i - count;
        if (strcmp(members[at].key, key) == 0)
            return &members[at];
    }
    return NULL;
}

static int count_needed(const struct member *members, int count)
{
    int needed = 0;
    for (int i = 0; i < count; i++)
        needed += members[i].is_needed;
    return needed;
}

bool members_read(struct json_scan *scan, const struct member *members, int count,
                  void *into)
{
    uint64_t met = 0; /* by member, of those that are needed */
    int needed = count_needed(members, count);
    int next = 0;
    const char *key;
    if (!json_scan_object(scan))
        return false;
    while ((key = json_scan_member(scan)) != NULL) {
        const struct member *member = find(members, count, next, key);
        if (member == NULL) {
            json_scan_skip(scan);
            continue;
        }
        int at = (int)(member - members);
        next = at + 1 < count ? at + 1 : 0;
        bool fits = read_member(scan, member, into);
        if (!fits && (member->is_needed || member->kind == MEMBER_OTHER))
            return false;
        needed -= member->is_needed && (met >> at & 1) == 0;
        met |= (uint64_t)1 << at;
    }
    return needed == 0 && scan->status == PO_OK;
}
