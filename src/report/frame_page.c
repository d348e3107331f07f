/* SPDX-License-Identifier: Apache-2.0 */
#include "report/frame_page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"

enum { PAGE_MAX_BYTES = 8 << 20 };

static const struct {
    const char *opening;
    const char *closing;
    bool json;
} forms[PAGE_PARTS] = {
    [PAGE_LEFT] = {"<img id=\"left\" alt=\"left\" src=\"data:image/jpeg;base64,", "\">",
                   false},
    [PAGE_DISPARITY] = {"<img id=\"disparity\" alt=\"disparity\" "
                        "src=\"data:image/jpeg;base64,",
                        "\">", false},
    [PAGE_CLASS] = {"<img id=\"class\" alt=\"class\" src=\"data:image/jpeg;base64,",
                    "\">", false},
    [PAGE_CONFIDENCE] = {"<img id=\"confidence\" alt=\"confidence\" "
                         "src=\"data:image/jpeg;base64,",
                         "\">", false},
    [PAGE_FACTS] = {"<script type=\"text/plain\" id=\"facts\">", "</script>", true},
    [PAGE_POINTS] = {"<script type=\"text/plain\" id=\"points\">", "</script>", false},
};

static bool is_json(uint8_t byte)
{
    return byte != '\0' &&
           strchr("{}[]\":,.+-_abcdefghijklmnopqrstuvwxyz0123456789", byte) != NULL;
}

static size_t json_span(const char *text)
{
    size_t bytes = 0;
    while (is_json((uint8_t)text[bytes]))
        bytes++;
    return bytes;
}

enum { VECTOR_BYTES = 16, BLOCK_BYTES = 8 * VECTOR_BYTES };
typedef uint8_t byte_vector __attribute__((vector_size(VECTOR_BYTES)));

static bool is_base64(uint8_t byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '/') < 11 ||
           byte == '+' || byte == '=';
}

/* The same of a block: pages are megabytes of it. */
static bool block_is_base64(const uint8_t *block)
{
    byte_vector all = ~(byte_vector){0};
    for (int i = 0; i < BLOCK_BYTES; i += VECTOR_BYTES) {
        byte_vector bytes;
        memcpy(&bytes, block + i, sizeof(bytes));
        byte_vector letters = (bytes | 0x20) - 'a';
        byte_vector digits = bytes - '/'; /* and the slash */
        all &= (byte_vector)(letters < 26) | (byte_vector)(digits < 11) |
               (byte_vector)(bytes == '+') | (byte_vector)(bytes == '=');
    }
    uint64_t halves[VECTOR_BYTES / sizeof(uint64_t)];
    memcpy(halves, &all, sizeof(halves));
    return (halves[0] & halves[1]) == UINT64_MAX;
}

/* Of a text that goes to `end`. */
static size_t base64_span(const char *text, const char *end)
{
    const uint8_t *next = (const uint8_t *)text;
    while (end - (const char *)next >= BLOCK_BYTES && block_is_base64(next))
        next += BLOCK_BYTES;
    while (is_base64(*next)) /* the NUL is none */
        next++;
    return (size_t)((const char *)next - text);
}

static bool find_parts(struct frame_page *page)
{
    char *next = page->room.bytes;
    const char *end = next + page->bytes;
    for (int i = 0; i < PAGE_PARTS; i++) {
        char *found = strstr(next, forms[i].opening);
        if (found == NULL)
            return false;
        char *part = found + strlen(forms[i].opening);
        page->parts[i] = part;
        page->part_bytes[i] = forms[i].json ? json_span(part) : base64_span(part, end);
        next = part + page->part_bytes[i];
        if (strncmp(next, forms[i].closing, strlen(forms[i].closing)) != 0)
            return false;
        *next++ = '\0';
    }
    return true;
}

bool frame_page_read(const char *path, struct frame_page *page)
{
    return input_file_read_into(path, PAGE_MAX_BYTES, &page->room, &page->bytes, NULL) ==
               PO_OK &&
           find_parts(page);
}

void frame_page_release(struct frame_page *page)
{
    free(page->room.bytes);
    page->room = (struct input_room){NULL, 0};
}
