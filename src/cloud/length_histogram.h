/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms of signed lengths over all magnitudes: bins are the upper half of a float's
 * bits, in the order of the values, so each is 1/128 to 1/256 of its length wide.
 *
 * A table holds CLOUD_LENGTH_BINS counts, zeroed before the first length.
 */
#ifndef CLOUD_LENGTH_HISTOGRAM_H
#define CLOUD_LENGTH_HISTOGRAM_H

#include <stdint.h>

#include "cloud/cloud_totals.h"

/* Counts factors[i] * depths[i] where keep[i]; a `factor_step` of 0 takes one factor for
 * all. */
void length_histogram_add(uint32_t *histogram, const float *factors, int factor_step,
                          const float *depths, const uint8_t *keep, int count);

/* The length below which `share` of all lie, to a bin; NaN of an empty table. */
double length_histogram_quantile(const uint32_t *histogram, double share);

#endif
