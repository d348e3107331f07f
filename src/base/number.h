/* SPDX-License-Identifier: Apache-2.0 */
/* Small arithmetic that many files need: the smaller and the larger of two, a value held
 * between bounds, the side of an image that is halved, figures as they are shown. */
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

/* For printing with so many decimals: what would read -0, -0.00 is 0. Signed figures that
 * may be next to nothing are shown through it. */
static inline double shown(double value, int decimals)
{
    double half_step = 0.5;
    for (int i = 0; i < decimals; i++)
        half_step /= 10;
    return value <= 0 && value >= -half_step ? 0.0 : value;
}

/* The last column or row of an odd side stays. */
static inline int half_side(int side_px)
{
    return (side_px + 1) / 2;
}

#endif
