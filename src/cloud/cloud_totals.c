/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_totals.h"

#include <math.h>
#include <string.h>

void cloud_totals_init(struct cloud_totals *totals)
{
    memset(totals, 0, sizeof(*totals));
    for (int axis = 0; axis < 3; axis++) {
        totals->min_mm[axis] = INFINITY;
        totals->max_mm[axis] = -INFINITY;
    }
}
