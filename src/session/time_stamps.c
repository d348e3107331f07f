/* SPDX-License-Identifier: Apache-2.0 */
#include "session/time_stamps.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/path.h"
#include "session/stamp_text.h"

enum {
    CSV_MAX_BYTES = 64 << 20,
    PARTS_DIGITS = 6 /* sec_usec, where one name alone is judged */
};

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
    char stem[SIDE_KEY_BYTES];
    struct stamp_parts parts;
    stem_copy(name, stem);
    if (parse_stamp(stem, strlen(stem), stamp))
        return true;
    if (!stamp_text_parse(stem, &parts))
        return false;
    *stamp = stamp_parts_ns(&parts, PARTS_DIGITS);
    return true;
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
        *added = (struct stamped_name){.name = entry->name};
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

/* The parts of all keys, those that are no stamps without seconds. */
static struct stamp_parts *parse_keys(const struct keyed_list *side, int *parsed,
                                      int *counted_digits)
{
    struct stamp_parts *parts = calloc((size_t)side->count + 1, sizeof(*parts));
    *parsed = 0;
    for (int i = 0; i < side->count && parts != NULL; i++) {
        if (!stamp_text_parse(side->names[i].key, &parts[i])) {
            parts[i] = (struct stamp_parts){0};
            continue;
        }
        ++*parsed;
        if (parts[i].is_counted && parts[i].digits > *counted_digits)
            *counted_digits = parts[i].digits;
    }
    return parts;
}

/* A side's names with what was read of their stamps. */
struct stamp_source {
    const struct keyed_list *side;
    const char *folder;
    const struct stamp_parts *parts;
    int counted_digits;
};

static enum po_status fill_stamps(const struct stamp_source *source,
                                  struct stamped_list *stamps, struct pair_list *pairs,
                                  struct po_error *error)
{
    const struct keyed_list *side = source->side;
    const struct stamp_parts *parts = source->parts;
    const char *folder = source->folder;
    enum po_status status = PO_OK;
    stamps->names = calloc((size_t)side->count + 1, sizeof(*stamps->names));
    if (stamps->names == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", folder);
    for (int i = 0; i < side->count && status == PO_OK; i++) {
        const struct keyed_name *keyed = &side->names[i];
        if (parts[i].seconds == 0)
            status = pair_list_add_unmatched(pairs, folder, keyed->name, error);
        else
            stamps->names[stamps->count++] =
                (struct stamped_name){stamp_parts_ns(&parts[i], source->counted_digits),
                                      keyed->name, keyed->key};
    }
    if (stamps->count > 1)
        qsort(stamps->names, (size_t)stamps->count, sizeof(*stamps->names),
              compare_stamps);
    return status;
}

enum po_status stamped_lists_of_keys(const struct keyed_list sides[2],
                                     const char *const folders[2],
                                     struct stamped_list stamps[2],
                                     struct pair_list *pairs, bool *timed,
                                     struct po_error *error)
{
    int parsed[2] = {0, 0};
    int digits = 0;
    enum po_status status = PO_OK;
    struct stamp_parts *parts[2] = {parse_keys(&sides[0], &parsed[0], &digits),
                                    parse_keys(&sides[1], &parsed[1], &digits)};
    digits = digits <= 3 ? 3 : digits <= 6 ? 6 : 9;
    *timed = true;
    for (int side = 0; side < 2; side++)
        *timed = *timed && parsed[side] > 0 && 2 * parsed[side] >= sides[side].count;
    if (parts[0] == NULL || parts[1] == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", folders[0]);
    for (int side = 0; side < 2 && status == PO_OK && *timed; side++) {
        const struct stamp_source source = {&sides[side], folders[side], parts[side],
                                            digits};
        status = fill_stamps(&source, &stamps[side], pairs, error);
    }
    free(parts[0]);
    free(parts[1]);
    return status;
}
