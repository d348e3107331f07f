/* SPDX-License-Identifier: Apache-2.0 */
/* Size arithmetic that says no instead of wrapping. On false, *result is untouched. */
#ifndef BASE_CHECKED_H
#define BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool size_multiply(size_t a, size_t b, size_t *result)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *result = product;
    return true;
}

static inline bool size_add(size_t a, size_t b, size_t *result)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *result = sum;
    return true;
}

/* Rounds up to a multiple of `alignment`, a power of two. */
static inline bool size_align(size_t value, size_t alignment, size_t *result)
{
    size_t padded;
    if (!size_add(value, alignment - 1, &padded))
        return false;
    *result = padded & ~(alignment - 1);
    return true;
}

#endif
