/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal: numbers as text, byte for byte as printf gives them, in a fraction of its
 * time: the report of a large session is millions of them. No locale, no memory of its
 * own.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_BYTES = 32 }; /* of any number's text, with its NUL */

/* "%llu". Gives the length. */
size_t decimal_print_integer(uint64_t number, char text[DECIMAL_BYTES]);

/* A decimal that reads back as the same double: "%.15g" where that does, else "%.17g".
 * Gives the length. */
size_t decimal_print(double number, char text[DECIMAL_BYTES]);

#endif
