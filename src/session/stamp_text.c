/* SPDX-License-Identifier: Apache-2.0 */
#include "session/stamp_text.h"

#include <string.h>

static const char DIGITS[] = "0123456789";

enum {
    SECOND_DIGITS = 10, /* from 2001 to 2286 */
    FRACTION_DIGITS = 9
};

static const int64_t first_second = 1000000000;

static int64_t number_of(const char *digits, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

static bool parse_fraction(const char *text, struct stamp_parts *parts)
{
    if (*text == '\0' || strchr("._-", *text) == NULL)
        return true;
    size_t digits = strspn(text + 1, DIGITS);
    if (digits == 0)
        return true;
    if (digits > FRACTION_DIGITS)
        return false;
    parts->fraction = number_of(text + 1, digits);
    parts->digits = (int)digits;
    parts->is_counted = *text != '.';
    return strpbrk(text + 1 + digits, DIGITS) == NULL;
}

bool stamp_text_parse(const char *text, struct stamp_parts *parts)
{
    const char *first = strpbrk(text, DIGITS);
    if (first == NULL)
        return false;
    size_t digits = strspn(first, DIGITS);
    /* s, ms, us, ns */
    if (digits < SECOND_DIGITS || digits > SECOND_DIGITS + FRACTION_DIGITS ||
        (digits - SECOND_DIGITS) % 3 != 0)
        return false;
    *parts = (struct stamp_parts){.seconds = number_of(first, SECOND_DIGITS)};
    if (parts->seconds < first_second)
        return false;
    const char *rest = first + digits;
    if (digits == SECOND_DIGITS)
        return parse_fraction(rest, parts);
    parts->digits = (int)digits - SECOND_DIGITS;
    parts->fraction = number_of(first + SECOND_DIGITS, (size_t)parts->digits);
    return strpbrk(rest, DIGITS) == NULL;
}

int64_t stamp_parts_ns(const struct stamp_parts *parts, int counted_digits)
{
    int64_t fraction = parts->fraction;
    int digits = parts->is_counted ? counted_digits : parts->digits;
    for (; digits < FRACTION_DIGITS; digits++)
        fraction *= 10;
    return parts->seconds * 1000000000 + fraction;
}
