/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time stamps as file names spell them: nanoseconds, microseconds, milliseconds or
 * seconds since 1970 in one number, decimal seconds, seconds and a fraction behind '_' or
 * '-'. Words may stand around them, other digits may not.
 */
#ifndef SESSION_STAMP_TEXT_H
#define SESSION_STAMP_TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct stamp_parts {
    int64_t seconds;
    int64_t fraction; /* of the unit below */
    int digits;       /* of the fraction as written; 0: none */
    bool is_counted; /* behind '_' or '-': a count, whose unit all names of a session show
                        (sec_usec without leading zeros) */
};

bool stamp_text_parse(const char *text, struct stamp_parts *parts);

/* `counted_digits`: 3, 6 or 9, the unit of counted fractions. */
int64_t stamp_parts_ns(const struct stamp_parts *parts, int counted_digits);

#endif
