/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lens models that made-up cameras share: written apart from the program's own, so
 * that a fault in those is seen.
 */
#ifndef SUPPORT_SYNTHETIC_LENS_H
#define SUPPORT_SYNTHETIC_LENS_H

#include <stdbool.h>

/*
 * `ideal` is x/z and y/z of a ray, `seen` where the lens puts it, both without unit.
 * Brown's model as OpenCV numbers it, k1 k2 p1 p2 k3 k4 k5 k6 (Brown 1966), or k1 .. k4
 * of the equidistant fisheye (Kannala and Brandt 2006).
 */
void synthetic_lens_distort(const double k[8], bool is_fisheye, const double ideal[2],
                            double seen[2]);

#endif
