/* SPDX-License-Identifier: Apache-2.0 */
/* Constant tables of the vector kernels. */
#ifndef STEREO_SGM_TABLES_H
#define STEREO_SGM_TABLES_H

#include <stdint.h>

/* HAMMING_WEIGHT * popcount(a ^ b) at 16 a + b, of nibbles a and b. */
extern const uint8_t sgm_hamming_tables[256];

/* GRADIENT_WEIGHT * min(|i - (GRADIENT_CAP - 1)|, GRADIENT_CAP) at i. */
extern const uint8_t sgm_gradient_table[16];

#endif
