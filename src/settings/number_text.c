/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "settings/setting_value.h"

/* strtod also takes hexadecimal, infinities and leading blanks, which are typing errors
 * here. */
static bool looks_decimal(const char *text, size_t length)
{
    return length > 0 && strspn(text, "0123456789+-.eE") == length &&
           strpbrk(text, "0123456789") != NULL;
}

bool number_parse(const char *text, double *number)
{
    if (!looks_decimal(text, strlen(text)))
        return false;
    char *end = NULL;
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value))
        return false;
    *number = value;
    return true;
}

bool length_parse(const char *text, double *length_mm)
{
    static const struct {
        const char *name;
        double unit_mm;
    } units[] = {{"mm", 1.0}, {"cm", 10.0}, {"m", 1000.0}, {"", 1.0}};
    char number[40];
    size_t length = strlen(text);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t unit_length = strlen(units[i].name);
        if (length < unit_length ||
            strcmp(text + length - unit_length, units[i].name) != 0)
            continue;
        size_t digits = length - unit_length;
        if (digits >= sizeof(number))
            return false;
        memcpy(number, text, digits);
        number[digits] = '\0';
        if (!number_parse(number, length_mm))
            return false;
        *length_mm *= units[i].unit_mm;
        return isfinite(*length_mm);
    }
    return false;
}

void number_format(double number, char *text, size_t text_bytes)
{
    char decimal[DECIMAL_BYTES];
    (void)decimal_print(number, decimal);
    (void)snprintf(text, text_bytes, "%s", decimal);
}

static bool unit_shift(const char *unit, int *shift)
{
    static const char letters[] = "kMGT";
    *shift = 0;
    if (*unit == '\0' || strcasecmp(unit, "b") == 0)
        return true;
    for (int i = 0; letters[i] != '\0'; i++) {
        if (toupper((unsigned char)*unit) != toupper((unsigned char)letters[i]))
            continue;
        *shift = 10 * (i + 1);
        return unit[1] == '\0' || strcasecmp(unit + 1, "b") == 0 ||
               strcasecmp(unit + 1, "ib") == 0;
    }
    return false;
}

bool size_parse(const char *text, uint64_t *bytes)
{
    size_t digits = strspn(text, "0123456789.");
    char number[32];
    int shift;
    if (digits == 0 || digits >= sizeof(number) || !unit_shift(text + digits, &shift))
        return false;
    memcpy(number, text, digits);
    number[digits] = '\0';
    double value;
    if (!number_parse(number, &value))
        return false;
    value = ldexp(value, shift);
    if (value >= ldexp(1.0, 53)) /* beyond, doubles skip whole bytes */
        return false;
    *bytes = (uint64_t)value;
    return true;
}

void size_format(uint64_t bytes, char *text, size_t text_bytes)
{
    static const char units[] = "\0KMGT";
    int unit = 0;
    while (unit < 4 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    (void)snprintf(text, text_bytes, "%llu%.1s", (unsigned long long)bytes, &units[unit]);
}
