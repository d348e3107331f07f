/* SPDX-License-Identifier: Apache-2.0 */
#include "report/frame_page.h"

#include <limits.h>
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

static const char base64_bytes[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
static const char json_bytes[] = "{}[]\":,.+-_abcdefghijklmnopqrstuvwxyz0123456789";

/* strspn of a text that goes to `end`. The C library makes that slow where there are more
 * bytes than 16 to compare with, and pages are megabytes: a table, in blocks. */
static size_t span_of(const char *text, const char *end, const char *allowed)
{
    enum { BLOCK_BYTES = 16 };
    uint8_t is_other[UCHAR_MAX + 1];
    const uint8_t *next = (const uint8_t *)text;
    memset(is_other, 1, sizeof(is_other));
    for (; *allowed != '\0'; allowed++)
        is_other[(uint8_t)*allowed] = 0;
    for (; end - (const char *)next >= BLOCK_BYTES; next += BLOCK_BYTES) {
        unsigned others = 0;
        for (int i = 0; i < BLOCK_BYTES; i++)
            others |= is_other[next[i]];
        if (others != 0)
            break;
    }
    while (!is_other[*next]) /* the NUL is one */
        next++;
    return (size_t)((const char *)next - text);
}

bool frame_page_read(const char *path, struct frame_page *page)
{
    *page = (struct frame_page){.text = NULL};
    if (input_file_read(path, PAGE_MAX_BYTES, &page->text, &page->bytes, NULL) != PO_OK)
        return false;
    char *next = page->text;
    for (int i = 0; i < PAGE_PARTS; i++) {
        char *found = strstr(next, forms[i].opening);
        if (found == NULL)
            break;
        page->parts[i] = found + strlen(forms[i].opening);
        size_t length = span_of(page->parts[i], page->text + page->bytes,
                                forms[i].json ? json_bytes : base64_bytes);
        next = page->parts[i] + length;
        if (strncmp(next, forms[i].closing, strlen(forms[i].closing)) != 0)
            break;
        *next++ = '\0';
        if (i == PAGE_PARTS - 1)
            return true;
    }
    frame_page_release(page);
    return false;
}

void frame_page_release(struct frame_page *page)
{
    free(page->text);
    *page = (struct frame_page){.text = NULL};
}
