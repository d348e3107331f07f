/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits that every double keeps, and digits that tell any two doubles apart. */
enum { KEPT_DIGITS = 15, TELLING_DIGITS = 17, INTEGER_DIGITS_MAX = 20 };

/* The last digits of `number`, as many as there is room for. */
static void put_digits(uint64_t number, char *digits, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        digits[i] = (char)('0' + number % 10);
}

size_t decimal_print_integer(uint64_t number, char text[DECIMAL_BYTES])
{
    char digits[INTEGER_DIGITS_MAX];
    int first = INTEGER_DIGITS_MAX;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    size_t length = (size_t)(INTEGER_DIGITS_MAX - first);
    memcpy(text, digits + first, length);
    text[length] = '\0';
    return length;
}

/* With libc, for what is too large, too small or no number. */
static size_t print_slowly(double number, char text[DECIMAL_BYTES])
{
    int length = snprintf(text, DECIMAL_BYTES, "%.*g", KEPT_DIGITS, number);
    if (strtod(text, NULL) != number)
        length = snprintf(text, DECIMAL_BYTES, "%.*g", TELLING_DIGITS, number);
    return (size_t)length;
}

#if defined(__SIZEOF_INT128__) && FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53

__extension__ typedef unsigned __int128 wide;

/* Of the numbers that are printed here: 10^LEAST_EXPONENT to below 10^KEPT_DIGITS, which
 * "%g" writes without an exponent. */
enum { LEAST_EXPONENT = -4 };

static const double bounds[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1, 1e2,
                                1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* Exact as doubles: 10^22 is the last that is. */
static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                       1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                       1e14, 1e15, 1e16, 1e17, 1e18};

static uint64_t power_of_five(int exponent)
{
    uint64_t power = 1;
    for (uint64_t base = 5; exponent > 0; exponent /= 2, base *= base)
        power *= exponent % 2 == 1 ? base : 1;
    return power;
}

/* The exponent in base ten; `number` lies within the bounds. */
static int exponent_of(double number)
{
    int exponent = 0;
    while (bounds[exponent + 1] <= number)
        exponent++;
    return exponent + LEAST_EXPONENT;
}

/*
 * number * 10^decimals, to the nearest integer, ties to even, exactly: a double is
 * m * 2^e, and of 10^k = 5^k * 2^k only 5^k takes digits. m has 53 bits and 5^20, the
 * largest here, has 47.
 */
static uint64_t scale_to_integer(double number, int decimals)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    uint64_t mantissa = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
    wide product = (wide)mantissa * power_of_five(decimals);
    int shift = (int)(bits >> 52) - 1075 + decimals; /* below 0: 17 digits at most */
    wide half = (wide)1 << (-shift - 1);
    wide rest = product & (2 * half - 1);
    uint64_t whole = (uint64_t)(product >> -shift);
    return whole + (rest > half || (rest == half && whole % 2 == 1));
}

/* `digits` * 10^-decimals without trailing zeros. Gives the length. */
static size_t put_fixed(uint64_t digits, int decimals, char *text)
{
    char fraction[TELLING_DIGITS - LEAST_EXPONENT + 1];
    uint64_t unit = 1;
    for (; decimals > 0 && digits % 10 == 0; decimals--)
        digits /= 10;
    for (int i = 0; i < decimals && unit <= digits; i++)
        unit *= 10;
    bool is_below_one = unit > digits;
    size_t length = decimal_print_integer(is_below_one ? 0 : digits / unit, text);
    if (decimals == 0)
        return length;
    put_digits(is_below_one ? digits : digits % unit, fraction, decimals);
    text[length++] = '.';
    memcpy(text + length, fraction, (size_t)decimals);
    length += (size_t)decimals;
    text[length] = '\0';
    return length;
}

/*
 * Fifteen digits are below 2^53 and the power of ten is exact, so the division gives the
 * double nearest to the decimal, as strtod does (Clinger 1990, "How to read floating
 * point numbers accurately").
 */
static bool reads_back(uint64_t digits, int decimals, double number)
{
    return (double)digits / powers_of_ten[decimals] == number;
}

size_t decimal_print(double number, char text[DECIMAL_BYTES])
{
    double size = fabs(number);
    size_t sign = number < 0;
    if (!(size >= bounds[0] && size < bounds[sizeof(bounds) / sizeof(*bounds) - 1]))
        return number == 0 && !signbit(number) ? decimal_print_integer(0, text)
                                               : print_slowly(number, text);
    int exponent = exponent_of(size);
    int decimals = KEPT_DIGITS - 1 - exponent;
    uint64_t digits = scale_to_integer(size, decimals);
    if (!reads_back(digits, decimals, size)) {
        decimals = TELLING_DIGITS - 1 - exponent;
        digits = scale_to_integer(size, decimals);
    }
    text[0] = '-';
    return sign + put_fixed(digits, decimals, text + sign);
}

#else

size_t decimal_print(double number, char text[DECIMAL_BYTES])
{
    return print_slowly(number, text);
}

#endif
