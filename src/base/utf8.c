/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdint.h>

/* Sequences as RFC 3629, section 4, lists them: no overlong forms, no surrogates. */
struct sequence_form {
    uint8_t first_low, first_high;
    uint8_t second_low, second_high;
    uint8_t bytes;
};

static const struct sequence_form forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static int is_within(unsigned char byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

size_t utf8_sequence_bytes(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] > 0 && bytes[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        const struct sequence_form *form = &forms[i];
        if (!is_within(bytes[0], form->first_low, form->first_high))
            continue;
        if (!is_within(bytes[1], form->second_low, form->second_high))
            return 0;
        for (size_t k = 2; k < form->bytes; k++)
            if (!is_within(bytes[k], 0x80, 0xBF))
                return 0;
        return form->bytes;
    }
    return 0;
}
