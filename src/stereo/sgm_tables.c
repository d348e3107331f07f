/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_tables.h"

#include "stereo/sgm_kernels.h"

#define DISTANCE(a, b)                                                                   \
    (HAMMING_WEIGHT * (((((a) ^ (b)) >> 0) & 1) + ((((a) ^ (b)) >> 1) & 1) +             \
                       ((((a) ^ (b)) >> 2) & 1) + ((((a) ^ (b)) >> 3) & 1)))
#define FOUR(a, b)                                                                       \
    DISTANCE(a, b), DISTANCE(a, (b) + 1), DISTANCE(a, (b) + 2), DISTANCE(a, (b) + 3)
#define ROW(a) FOUR(a, 0), FOUR(a, 4), FOUR(a, 8), FOUR(a, 12)

_Alignas(64) const uint8_t sgm_hamming_tables[256] = {
    ROW(0), ROW(1), ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),  ROW(7),
    ROW(8), ROW(9), ROW(10), ROW(11), ROW(12), ROW(13), ROW(14), ROW(15),
};

#define ABSOLUTE(i) ((i) < 0 ? -(i) : (i))
#define CAPPED(i) ((i) < GRADIENT_CAP ? (i) : GRADIENT_CAP)
#define GRADIENT(i) (GRADIENT_WEIGHT * CAPPED(ABSOLUTE((i) - (GRADIENT_CAP - 1))))

_Alignas(16) const uint8_t sgm_gradient_table[16] = {
    GRADIENT(0),  GRADIENT(1),  GRADIENT(2),  GRADIENT(3),  GRADIENT(4),  GRADIENT(5),
    GRADIENT(6),  GRADIENT(7),  GRADIENT(8),  GRADIENT(9),  GRADIENT(10), GRADIENT(11),
    GRADIENT(12), GRADIENT(13), GRADIENT(14), GRADIENT(15),
};
