/* SPDX-License-Identifier: Apache-2.0 */
/* What the loops of flat_mean.c keep of three rows: extremes and sums of each column.
 * Ownership: rows lie in scratch. */
#ifndef REFINE_FLAT_COLUMNS_H
#define REFINE_FLAT_COLUMNS_H

#include <stdint.h>

enum { FLAT_SIDE = 3 };

struct flat_columns {
    int16_t *low;
    int16_t *high;
    int16_t *sums;
};

#endif
