/* SPDX-License-Identifier: Apache-2.0 */
#include "session/time_stamps.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/path.h"

enum { CSV_MAX_BYTES = 64 << 20 };

struct csv_row {
    const char *name;
    int64_t stamp_ns;
};

struct csv_table {
    char *text;
    int count;
    struct csv_row *rows; /* by name */
};

static bool parse_stamp(const char *text, size_t length, int64_t *stamp)
{
    if (length == 0 || length > 18 + 1)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    if (value > INT64_MAX)
        return false;
    *stamp = (int64_t)value;
    return true;
}

static int compare_rows(const void *a, const void *b)
{
    return path_compare_natural(((const struct csv_row *)a)->name,
                                ((const struct csv_row *)b)->name);
}

/* One "stamp,name" line, cut into strings in place; false for comments and others. */
static bool parse_row(char *line, struct csv_row *row)
{
    char *comma = strchr(line, ',');
    if (comma == NULL || !parse_stamp(line, (size_t)(comma - line), &row->stamp_ns))
        return false;
    char *name = comma + 1 + strspn(comma + 1, " \t");
    size_t length = strcspn(name, ",\r");
    name[length] = '\0';
    row->name = name;
    return length > 0;
}

static enum po_status read_csv(const char *path, struct csv_table *table,
                               struct pair_list *pairs, struct po_error *error)
{
    size_t bytes = 0;
    struct po_error cause = {0};
    enum po_status status =
        input_file_read_text(path, CSV_MAX_BYTES, &table->text, &bytes, &cause);
    if (status == PO_NOT_FOUND)
        return PO_OK;
    if (status == PO_IO || status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK) {
        warning_list_add(&pairs->warnings, "%s; time stamps are taken from file names",
                         cause.message);
        return PO_OK;
    }
    size_t lines = 1;
    for (size_t i = 0; i < bytes; i++)
        lines += table->text[i] == '\n';
    table->rows = calloc(lines, sizeof(*table->rows));
    if (table->rows == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %zu lines", path,
                       lines);
    for (char *line = table->text; line != NULL;) {
        char *next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (parse_row(line, &table->rows[table->count]))
            table->count++;
        line = next;
    }
    if (table->count > 1)
        qsort(table->rows, (size_t)table->count, sizeof(*table->rows), compare_rows);
    return PO_OK;
}

static bool stamp_of(const struct csv_table *table, const char *name, int64_t *stamp)
{
    struct csv_row key = {.name = name};
    const struct csv_row *row = NULL;
    if (table->count > 0)
        row = bsearch(&key, table->rows, (size_t)table->count, sizeof(*table->rows),
                      compare_rows);
    if (row != NULL) {
        *stamp = row->stamp_ns;
        return true;
    }
    const char *dot = strrchr(name, '.');
    return parse_stamp(name, dot != NULL ? (size_t)(dot - name) : strlen(name), stamp);
}

static int compare_stamps(const void *a, const void *b)
{
    const struct stamped_name *x = a;
    const struct stamped_name *y = b;
    if (x->stamp_ns != y->stamp_ns)
        return x->stamp_ns < y->stamp_ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

enum po_status stamped_list_read(const struct listing *listing, const char *folder,
                                 const char *csv_path, struct stamped_list *stamps,
                                 struct pair_list *pairs, struct po_error *error)
{
    struct csv_table table = {0};
    memset(stamps, 0, sizeof(*stamps));
    stamps->names = calloc((size_t)listing->count + 1, sizeof(*stamps->names));
    if (stamps->names == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", folder);
    enum po_status status = read_csv(csv_path, &table, pairs, error);
    for (int i = 0; i < listing->count && status == PO_OK; i++) {
        const struct listing_entry *entry = &listing->entries[i];
        struct stamped_name *added = &stamps->names[stamps->count];
        if (!entry->is_image)
            continue;
        added->name = entry->name;
        if (stamp_of(&table, entry->name, &added->stamp_ns))
            stamps->count++;
        else
            status = pair_list_add_unmatched(pairs, folder, entry->name, error);
    }
    if (status == PO_OK && table.count > stamps->count)
        warning_list_add(&pairs->warnings, "%s names %d images, of which %d are there",
                         csv_path, table.count, stamps->count);
    if (status == PO_OK && stamps->count > 1)
        qsort(stamps->names, (size_t)stamps->count, sizeof(*stamps->names),
              compare_stamps);
    free(table.rows);
    free(table.text);
    return status;
}

void stamped_list_release(struct stamped_list *stamps)
{
    free(stamps->names);
    memset(stamps, 0, sizeof(*stamps));
}

static double gap_s(const struct stamped_name *a, const struct stamped_name *b)
{
    return fabs((double)(a->stamp_ns - b->stamp_ns)) * 1e-9;
}

/* Whether another left image is closer to this right one. */
static bool belongs_to_next(const struct stamped_list *lefts, int left,
                            const struct stamped_name *right)
{
    return left + 1 < lefts->count &&
           gap_s(&lefts->names[left + 1], right) < gap_s(&lefts->names[left], right);
}

enum po_status pair_by_time(struct pair_list *pairs, const char *const folders[2],
                            const struct stamped_list sides[2], double tolerance_s,
                            struct po_error *error)
{
    enum po_status status = PO_OK;
    int l = 0;
    int r = 0;
    while (status == PO_OK && l < sides[0].count && r < sides[1].count) {
        const struct stamped_name *left = &sides[0].names[l];
        const struct stamped_name *right = &sides[1].names[r];
        bool close = gap_s(left, right) <= tolerance_s;
        if (close && !belongs_to_next(&sides[0], l, right)) {
            char key[32];
            (void)snprintf(key, sizeof(key), "%lld", (long long)left->stamp_ns);
            status = pair_list_add(pairs, key, folders[0], left->name, folders[1],
                                   right->name, error);
            l++;
            r++;
        } else if (close || left->stamp_ns < right->stamp_ns) {
            status = pair_list_add_unmatched(pairs, folders[0], left->name, error);
            l++;
        } else {
            status = pair_list_add_unmatched(pairs, folders[1], right->name, error);
            r++;
        }
    }
    for (; status == PO_OK && l < sides[0].count; l++)
        status =
            pair_list_add_unmatched(pairs, folders[0], sides[0].names[l].name, error);
    for (; status == PO_OK && r < sides[1].count; r++)
        status =
            pair_list_add_unmatched(pairs, folders[1], sides[1].names[r].name, error);
    return status;
}
