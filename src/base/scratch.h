/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scratch: one arena a worker, filled front to back and rewound after each frame.
 *
 * Invariant: nothing taken is freed on its own; take returns 64-byte aligned memory of
 * unspecified content, or NULL when the plan that sized the arena was wrong.
 * Ownership: the arena owns its pages until scratch_release.
 *
 * A plan adds scratch_size(bytes) for each take it foresees, so that plan and use agree
 * to the byte. scratch_peak() returns how far an arena was ever filled: tests compare it
 * with the plan.
 */
#ifndef BASE_SCRATCH_H
#define BASE_SCRATCH_H

#include <stddef.h>

#include "process_offline/status.h"

enum { SCRATCH_ALIGNMENT = 64 };

struct scratch {
    unsigned char *base;
    size_t capacity; /* bytes */
    size_t used;
    size_t peak;
};

/* What a take of `bytes` uses of an arena; SIZE_MAX when it cannot be represented. */
size_t scratch_size(size_t bytes);

/* bytes + bytes, saturating at SIZE_MAX: sums of plans stay sums when one is absurd. */
size_t scratch_sum(size_t a, size_t b);

/* scratch_size(count * element_bytes), saturating. */
size_t scratch_array_size(size_t count, size_t element_bytes);

PO_MUST_CHECK enum po_status scratch_init(struct scratch *scratch, size_t capacity_bytes,
                                          struct po_error *error);
void scratch_release(struct scratch *scratch);

/* NULL when full. */
void *scratch_take(struct scratch *scratch, size_t bytes);
void *scratch_take_array(struct scratch *scratch, size_t count, size_t element_bytes);
void *scratch_take_zeroed(struct scratch *scratch, size_t bytes);

/* mark ... rewind gives back all that was taken in between. */
size_t scratch_mark(const struct scratch *scratch);
void scratch_rewind(struct scratch *scratch, size_t mark);

/* The error of a take that failed: a defect in a plan, named after `what`. */
PO_MUST_CHECK enum po_status scratch_exhausted(const struct scratch *scratch,
                                               const char *what, struct po_error *error);

#endif
