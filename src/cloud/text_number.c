/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/text_number.h"

#include <math.h>
#include <string.h>

static const double LARGEST = 9e18; /* of a scaled number */
enum { DIGITS_MAX = 20 };

/* Two digits of every number below a hundred: half as many divisions. */
static const char PAIRS[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

/* Writes the digits so that they end before `end`; returns where they begin. */
static char *digits_before(char *end, uint64_t value)
{
    while (value >= 100) {
        const char *pair = PAIRS + 2 * (value % 100);
        value /= 100;
        *--end = pair[1];
        *--end = pair[0];
    }
    if (value >= 10) {
        *--end = PAIRS[2 * value + 1];
        *--end = PAIRS[2 * value];
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

size_t text_integer(char *out, uint64_t value)
{
    char digits[DIGITS_MAX];
    char *end = digits + DIGITS_MAX;
    const char *begin = digits_before(end, value);
    size_t length = (size_t)(end - begin);
    memcpy(out, begin, length);
    return length;
}

size_t text_number(char *out, double value, int decimals)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    char digits[DIGITS_MAX];
    char *end = digits + DIGITS_MAX;
    size_t length = 0;
    if (!isfinite(value)) {
        out[0] = out[2] = 'n';
        out[1] = 'a';
        return 3;
    }
    double scaled = fmin(fabs(value) * powers[decimals] + 0.5, LARGEST);
    uint64_t whole = (uint64_t)scaled;
    char *begin = digits_before(end, whole);
    while (end - begin <= decimals)
        *--begin = '0';
    if (value < 0 && whole > 0)
        out[length++] = '-';
    size_t before_point = (size_t)(end - begin - decimals);
    memcpy(out + length, begin, before_point);
    length += before_point;
    if (decimals == 0)
        return length;
    out[length++] = '.';
    memcpy(out + length, end - decimals, (size_t)decimals);
    return length + (size_t)decimals;
}
