/* SPDX-License-Identifier: Apache-2.0 */
#include "support/confidence_table_file.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 16, TREE_NUMBERS = 2 * FOREST_DEPTH + FOREST_LEAVES };

static const char *const names[TABLE_FORESTS] = {"local", "raw", "final"};

static struct byte_forest *forest_of(struct confidence_tables *tables, int which)
{
    struct byte_forest *const forests[TABLE_FORESTS] = {&tables->local, &tables->raw,
                                                        &tables->final};
    return forests[which];
}

static bool read_bytes(FILE *stream, uint8_t *bytes, int count)
{
    for (int i = 0; i < count; i++) {
        int value;
        if (fscanf(stream, "%d", &value) != 1 || value < 0 || value > UINT8_MAX)
            return false;
        bytes[i] = (uint8_t)value;
    }
    return true;
}

static bool read_tree(FILE *stream, struct forest_tree *tree)
{
    if (!read_bytes(stream, tree->features, FOREST_DEPTH) ||
        !read_bytes(stream, tree->thresholds, FOREST_DEPTH) ||
        !read_bytes(stream, tree->leaves, FOREST_LEAVES))
        return false;
    for (int i = 0; i < FOREST_DEPTH; i++)
        if (tree->features[i] >= FEATURE_COUNT)
            return false;
    return true;
}

static bool read_forest(FILE *stream, int which, struct confidence_table_file *file)
{
    int count, base;
    uint32_t asked = 0;
    if (fscanf(stream, "%d %d", &count, &base) != 2 || count < 0 ||
        count > FOREST_TREES_MAX || base < INT16_MIN / 4 || base > INT16_MAX / 4)
        return false;
    for (int i = 0; i < count; i++) {
        const struct forest_tree *tree = &file->trees[which][i];
        if (!read_tree(stream, &file->trees[which][i]))
            return false;
        for (int k = 0; k < FOREST_DEPTH; k++)
            asked |= 1U << tree->features[k];
    }
    *forest_of(&file->tables, which) =
        (struct byte_forest){count, (int16_t)base, asked, file->trees[which]};
    return true;
}

static bool read_section(FILE *stream, const char *name,
                         struct confidence_table_file *file)
{
    for (int i = 0; i < TABLE_FORESTS; i++)
        if (strcmp(name, names[i]) == 0)
            return read_forest(stream, i, file);
    if (strcmp(name, "curve") == 0)
        return read_bytes(stream, file->tables.curve, UINT8_MAX + 1);
    return strcmp(name, "sigmas") == 0 &&
           read_bytes(stream, file->tables.sigmas, CONFIDENCE_SIGMAS);
}

enum po_status confidence_table_file_read(const char *path,
                                          struct confidence_table_file *file,
                                          struct po_error *error)
{
    char name[NAME_BYTES];
    bool good = true;
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return po_fail(error, PO_NOT_FOUND, "%s: cannot be opened", path);
    while (good && fscanf(stream, "%15s", name) == 1)
        good = read_section(stream, name, file);
    (void)fclose(stream);
    return good ? PO_OK
                : po_fail(error, PO_BAD_FORMAT,
                          "%s: not a table of %d features: section %s", path,
                          FEATURE_COUNT, name);
}
