/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/length_histogram.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { LOW_BITS = 16 };

static const uint32_t SIGN = UINT32_C(1) << 31;

/* Bits of floats order as integers once negative ones are turned round. */
static inline uint32_t bin_of(float length)
{
    uint32_t bits;
    memcpy(&bits, &length, sizeof(bits));
    uint32_t turn = (0U - (bits >> 31)) | SIGN;
    return (bits ^ turn) >> LOW_BITS;
}

static float middle_of(uint32_t bin)
{
    uint32_t ordered = bin << LOW_BITS | UINT32_C(1) << (LOW_BITS - 1);
    uint32_t bits = ordered & SIGN ? ordered ^ SIGN : ~ordered;
    float length;
    memcpy(&length, &bits, sizeof(length));
    return length;
}

void length_histogram_add(uint32_t *histogram, const float *factors, int factor_step,
                          const float *depths, const uint8_t *keep, int count)
{
    for (int i = 0; i < count; i++)
        histogram[bin_of(factors[(ptrdiff_t)i * factor_step] * depths[i])] +=
            keep[i] & 1U;
}

double length_histogram_quantile(const uint32_t *histogram, double share)
{
    uint64_t total = 0;
    uint64_t below = 0;
    for (uint32_t bin = 0; bin < CLOUD_LENGTH_BINS; bin++)
        total += histogram[bin];
    uint64_t wanted = (uint64_t)(share * (double)total);
    for (uint32_t bin = 0; bin < CLOUD_LENGTH_BINS; bin++) {
        below += histogram[bin];
        if (below > wanted)
            return (double)middle_of(bin);
    }
    return NAN;
}
