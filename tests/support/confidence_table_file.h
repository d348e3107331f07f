/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confidence tables from a text file, so that tables on trial need no build.
 *
 * One line a forest, "NAME COUNT BASE" (local, raw, final), followed by COUNT lines of
 * four features, four thresholds and sixteen leaves; then "sigmas" and sixteen numbers.
 * What the file leaves out stays as it was. Ownership: the file owns its trees.
 */
#ifndef SUPPORT_CONFIDENCE_TABLE_FILE_H
#define SUPPORT_CONFIDENCE_TABLE_FILE_H

#include <stdbool.h>

#include "refine/confidence_tables.h"

enum { TABLE_FORESTS = 3 };

struct confidence_table_file {
    struct confidence_tables tables;
    struct forest_tree trees[TABLE_FORESTS][FOREST_TREES_MAX];
};

PO_MUST_CHECK enum po_status
confidence_table_file_read(const char *path, struct confidence_table_file *file,
                           struct po_error *error);

#endif
