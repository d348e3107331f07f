/* SPDX-License-Identifier: Apache-2.0 */
#include "session/frame_selection.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

static enum po_status bad(const char *text, struct po_error *error)
{
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--frames %.200s: want numbers and ranges counted from 0, such as "
                   "0-9,15,20-",
                   text);
}

static bool parse_number(const char **cursor, int *number)
{
    if (!isdigit((unsigned char)**cursor))
        return false;
    long value = 0;
    for (; isdigit((unsigned char)**cursor); ++*cursor) {
        value = value * 10 + (**cursor - '0');
        if (value > INT_MAX)
            return false;
    }
    *number = (int)value;
    return true;
}

static bool parse_range(const char **cursor, struct frame_range *range)
{
    if (!parse_number(cursor, &range->first))
        return false;
    range->last = range->first;
    if (**cursor != '-')
        return true;
    ++*cursor;
    if (**cursor == ',' || **cursor == '\0')
        range->last = FRAME_RANGE_OPEN;
    else if (!parse_number(cursor, &range->last))
        return false;
    return range->first <= range->last;
}

enum po_status frame_selection_parse(const char *text, struct frame_selection *selection,
                                     struct po_error *error)
{
    memset(selection, 0, sizeof(*selection));
    selection->all = text == NULL;
    if (text == NULL)
        return PO_OK;
    const char *cursor = text;
    for (;;) {
        if (selection->count == FRAME_RANGES_MAX)
            return po_fail(error, PO_BAD_ARGUMENT, "--frames: more than %d ranges",
                           FRAME_RANGES_MAX);
        if (!parse_range(&cursor, &selection->ranges[selection->count++]))
            return bad(text, error);
        if (*cursor == '\0')
            return PO_OK;
        if (*cursor != ',')
            return bad(text, error);
        cursor++;
    }
}

bool frame_selection_holds(const struct frame_selection *selection, int index)
{
    for (int i = 0; i < selection->count; i++)
        if (index >= selection->ranges[i].first && index <= selection->ranges[i].last)
            return true;
    return selection->all;
}
