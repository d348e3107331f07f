/* SPDX-License-Identifier: Apache-2.0 */
#include "base/readable.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void readable_seconds(double seconds, char *text, size_t text_bytes)
{
    if (!(seconds >= 0.0) || seconds > 1e8) {
        (void)snprintf(text, text_bytes, "?");
    } else if (seconds < 0.9995) {
        (void)snprintf(text, text_bytes, "%.0f ms", seconds * 1e3);
    } else if (seconds < 59.95) {
        (void)snprintf(text, text_bytes, "%.1f s", seconds);
    } else {
        long whole = lround(seconds);
        if (whole < 3600)
            (void)snprintf(text, text_bytes, "%ld:%02ld", whole / 60, whole % 60);
        else
            (void)snprintf(text, text_bytes, "%ld:%02ld:%02ld", whole / 3600,
                           whole / 60 % 60, whole % 60);
    }
}

void readable_size(uint64_t bytes, char *text, size_t text_bytes)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double value = (double)bytes;
    int unit = 0;
    while (value >= 999.5 && unit < 4) {
        value /= 1024.0;
        unit++;
    }
    int digits = unit > 0 && value < 9.95 ? 1 : 0;
    (void)snprintf(text, text_bytes, "%.*f %s", digits, value, units[unit]);
}

void readable_count(uint64_t count, char *text, size_t text_bytes)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < text_bytes; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}
