/* SPDX-License-Identifier: Apache-2.0 */
/* Files of "key: numbers" and "key = numbers" lines. */
#include <stdlib.h>
#include <string.h>

#include "calib/format.h"

bool lines_find(const char *text, const char *key, char separator, const char **value)
{
    size_t length = strlen(key);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, " \t\n");
        if (strncmp(line, key, length) != 0)
            continue;
        const char *after = line + length + strspn(line + length, " \t");
        if (*after == separator) {
            *value = after + 1;
            return true;
        }
    }
    return false;
}

int line_numbers(const char *value, double *numbers, int max)
{
    int count = 0;
    for (;;) {
        value += strspn(value, " \t[](),;");
        if (*value == '\n' || *value == '\0' || *value == '#')
            return count;
        char *end = NULL;
        double number = strtod(value, &end);
        if (end == value || strchr(" \t[](),;\n#", *end) == NULL)
            return -1;
        if (count < max)
            numbers[count] = number;
        count++;
        value = end;
    }
}

enum po_status lines_numbers(const struct calibration_source *source, const char *key,
                             char separator, int count, double *numbers,
                             struct po_error *error)
{
    const char *value = NULL;
    if (!lines_find(source->text, key, separator, &value))
        return po_fail(error, PO_BAD_CALIBRATION, "%s: no line '%s%c ...'", source->path,
                       key, separator);
    int got = line_numbers(value, numbers, count);
    if (got < 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: %s holds something that is no number; want %d numbers",
                       source->path, key, count);
    if (got != count)
        return po_fail(error, PO_BAD_CALIBRATION, "%s: %s has %d numbers; want %d",
                       source->path, key, got, count);
    return PO_OK;
}
