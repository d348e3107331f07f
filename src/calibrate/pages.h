/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages: texts that a child makes and its supervisor writes to files, in shared memory.
 *
 * Invariant: a text is whole or absent. Ownership: pages_release; texts live as long.
 */
#ifndef CALIBRATE_PAGES_H
#define CALIBRATE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "process_offline/status.h"

enum { PAGES_MAX = 4, PAGE_SUFFIX_BYTES = 16 };

struct page {
    size_t offset;
    size_t bytes;
    char suffix[PAGE_SUFFIX_BYTES];
};

struct pages {
    size_t capacity; /* of the mapping */
    size_t used;
    int count;
    struct page pages[PAGES_MAX];
    char text[]; /* the rest of the mapping */
};

PO_MUST_CHECK enum po_status pages_create(struct pages **pages, struct po_error *error);
void pages_destroy(struct pages *pages); /* NULL allowed */

/* Drops what an attempt before this one left. */
void pages_clear(struct pages *pages);
/* Appends a copy. */
PO_MUST_CHECK enum po_status pages_add(struct pages *pages, const char *suffix,
                                       const char *text, size_t bytes,
                                       struct po_error *error);
/* What `write` prints, as a page. */
PO_MUST_CHECK enum po_status
pages_add_print(struct pages *pages, void (*write)(const void *context, FILE *stream),
                const void *context, struct po_error *error);
/* NUL-terminated. */
const char *pages_text(const struct pages *pages, int index);

#endif
