/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/text_number.h"

#include <math.h>
#include <stdint.h>

static const double LARGEST = 9e18; /* of a scaled number */

size_t text_number(char *out, double value, int decimals)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    char digits[24];
    int count = 0;
    size_t length = 0;
    if (!isfinite(value)) {
        out[0] = out[2] = 'n';
        out[1] = 'a';
        return 3;
    }
    double scaled = fmin(floor(fabs(value) * powers[decimals] + 0.5), LARGEST);
    uint64_t rest = (uint64_t)scaled;
    if (value < 0 && rest > 0)
        out[length++] = '-';
    while (rest > 0 || count <= decimals) {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    while (count > 0) {
        if (count == decimals)
            out[length++] = '.';
        out[length++] = digits[--count];
    }
    return length;
}
