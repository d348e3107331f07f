/* SPDX-License-Identifier: Apache-2.0 */
/* Small integer arithmetic that many files need: the smaller and the larger of two, a
 * value held between bounds, the side of an image that is halved. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>

static inline int minimum(int a, int b)
{
    return a < b ? a : b;
}

static inline int maximum(int a, int b)
{
    return a > b ? a : b;
}

static inline size_t size_minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_maximum(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* `low` where the bounds contradict each other. */
static inline int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The last column or row of an odd side stays. */
static inline int half_side(int side_px)
{
    return (side_px + 1) / 2;
}

#endif
