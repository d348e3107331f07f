/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds of what a cloud's file holds, for formats that say them in a header. */
#ifndef CLOUD_CLOUD_BOUNDS_H
#define CLOUD_CLOUD_BOUNDS_H

#include <stdbool.h>

/* What was written, in the format's own numbers; starts empty. */
struct cloud_bounds {
    bool known;
    double min[3];
    double max[3];
};

/* Widens the bounds by points packed as three floats each. */
void cloud_bounds_add(struct cloud_bounds *bounds, const float (*xyz)[3], int count);

#endif
