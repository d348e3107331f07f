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

struct line_key {
    int section; /* of "[name]" lines: keys repeat from one to the next */
    int length;
    const char *text;
};

static int compare_keys(const void *a, const void *b)
{
    const struct line_key *x = a;
    const struct line_key *y = b;
    if (x->section != y->section)
        return x->section - y->section;
    if (x->length != y->length)
        return x->length - y->length;
    return memcmp(x->text, y->text, (size_t)x->length);
}

/* The keys of all "key: ..." and "key = ..." lines; NULL in `keys`: only counted. */
static size_t collect_keys(const char *text, struct line_key *keys)
{
    static const char NAME[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_.";
    size_t count = 0;
    int section = 0;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, " \t\r\n");
        size_t length = strspn(line, NAME);
        const char *after = line + length + strspn(line + length, " \t");
        section += *line == '[';
        if (length == 0 || (*after != '=' && *after != ':'))
            continue;
        if (keys != NULL)
            keys[count] = (struct line_key){section, (int)length, line};
        count++;
    }
    return count;
}

enum po_status lines_check_keys(const struct calibration_source *source,
                                struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t count = collect_keys(source->text, NULL);
    struct line_key *keys = calloc(count + 1, sizeof(*keys));
    if (keys == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", source->path);
    (void)collect_keys(source->text, keys);
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < count && status == PO_OK; i++)
        if (compare_keys(&keys[i - 1], &keys[i]) == 0)
            status = po_fail(error, PO_BAD_FORMAT,
                             "%s: the key '%.*s' stands twice; remove one", source->path,
                             keys[i].length < 60 ? keys[i].length : 60, keys[i].text);
    free(keys);
    return status;
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
