/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flag another thread or process raises to ask for an early end. Long loops poll it at
 * least every few milliseconds and return PO_CANCELLED. A NULL pointer never cancels.
 */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct cancel {
    atomic_int requested;
};

static inline bool cancel_requested(const struct cancel *cancel)
{
    return cancel != NULL && atomic_load_explicit(&((struct cancel *)cancel)->requested,
                                                  memory_order_relaxed) != 0;
}

#endif
