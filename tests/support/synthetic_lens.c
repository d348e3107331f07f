/* SPDX-License-Identifier: Apache-2.0 */
#include "support/synthetic_lens.h"

#include <math.h>

void synthetic_lens_distort(const double k[8], bool is_fisheye, const double ideal[2],
                            double seen[2])
{
    double x = ideal[0];
    double y = ideal[1];
    double r2 = x * x + y * y;
    if (is_fisheye) {
        double r = sqrt(r2);
        double t = atan(r);
        double t2 = t * t;
        double bent = t * (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))));
        double scale = r > 1e-12 ? bent / r : 1;
        seen[0] = x * scale;
        seen[1] = y * scale;
        return;
    }
    double radial = (1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]))) /
                    (1 + r2 * (k[5] + r2 * (k[6] + r2 * k[7])));
    seen[0] = x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x);
    seen[1] = y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y;
}
