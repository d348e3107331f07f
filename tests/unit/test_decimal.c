/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text against printf and strtod, byte for byte. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/decimal.h"

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t any_bits(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void expect_as_printf(double number)
{
    char text[DECIMAL_BYTES];
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "%.15g", number);
    if (strtod(wanted, NULL) != number)
        (void)snprintf(wanted, sizeof(wanted), "%.17g", number);
    size_t length = decimal_print(number, text);
    assert_string_equal(text, wanted);
    assert_int_equal(length, strlen(wanted));
}

static void expect_around(double number)
{
    double below = number;
    double above = number;
    for (int i = 0; i < 20; i++) {
        expect_as_printf(below);
        expect_as_printf(-above);
        below = nextafter(below, 0);
        above = nextafter(above, INFINITY);
    }
}

static void numbers_next_to_powers_of_ten(void **state)
{
    (void)state;
    for (int exponent = -8; exponent <= 20; exponent++)
        for (int digit = 1; digit <= 9; digit++)
            expect_around(digit * pow(10, exponent));
    for (int exponent = -20; exponent <= 60; exponent++)
        expect_around(ldexp(1, exponent));
    expect_around(DBL_MIN);
    expect_around(DBL_MAX);
    expect_as_printf(0);
    expect_as_printf(-0.0);
    expect_as_printf(INFINITY);
    expect_as_printf(NAN);
    expect_as_printf(DBL_TRUE_MIN);
}

/* What is on its way, of any size; and what people measure, of few digits. */
static void random_numbers(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = any_bits();
        double number;
        memcpy(&number, &bits, sizeof(number));
        expect_as_printf(number);
        expect_as_printf(
            ldexp(1 + (double)(bits >> 12) * 0x1p-52, (int)(bits % 64) - 14));
        expect_as_printf((double)(int64_t)(bits % 20000000) / 1e4);
        expect_as_printf(round((double)(bits % 99999) / 7 * 1e4) / 1e4);
        expect_as_printf((double)(bits % 1000000) / 256);
    }
}

/* Halfway between two decimals of 17 digits, which go to the even one. */
static void ties_go_to_even(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++)
        for (int power = 1; power <= 12; power++)
            expect_as_printf((double)(any_bits() >> 12 | 1) * ldexp(1, -power));
}

static void integers(void **state)
{
    (void)state;
    char text[DECIMAL_BYTES];
    char wanted[DECIMAL_BYTES];
    for (int shift = 0; shift < 64; shift++)
        for (int i = 0; i < 200; i++) {
            uint64_t number = i == 0 ? UINT64_MAX >> shift : any_bits() >> shift;
            (void)snprintf(wanted, sizeof(wanted), "%llu", (unsigned long long)number);
            assert_int_equal(decimal_print_integer(number, text), strlen(wanted));
            assert_string_equal(text, wanted);
        }
    assert_int_equal(decimal_print_integer(0, text), 1);
    assert_string_equal(text, "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_next_to_powers_of_ten),
        cmocka_unit_test(random_numbers),
        cmocka_unit_test(ties_go_to_even),
        cmocka_unit_test(integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
