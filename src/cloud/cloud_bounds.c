/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_bounds.h"

void cloud_bounds_add(struct cloud_bounds *bounds, const float (*xyz)[3], int count)
{
    for (int i = 0; i < count; i++)
        for (int axis = 0; axis < 3; axis++) {
            double value = (double)xyz[i][axis];
            bool first = !bounds->known && i == 0;
            if (first || value < bounds->min[axis])
                bounds->min[axis] = value;
            if (first || value > bounds->max[axis])
                bounds->max[axis] = value;
        }
    bounds->known = bounds->known || count > 0;
}
