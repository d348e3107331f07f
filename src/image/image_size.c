/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image_size.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"

enum { MAX_SIDE_PX = 1000000 };

static bool keep(uint64_t width, uint64_t height, int *width_px, int *height_px)
{
    if (width == 0 || height == 0 || width > MAX_SIDE_PX || height > MAX_SIDE_PX)
        return false;
    *width_px = (int)width;
    *height_px = (int)height;
    return true;
}

static uint32_t big(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool size_of_png(const uint8_t *head, size_t bytes, int *width_px, int *height_px)
{
    return bytes >= 24 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0 &&
           keep(big(head + 16, 4), big(head + 20, 4), width_px, height_px);
}

/* Segments up to the first start of frame (SOF0 .. SOF15 but DHT, JPG and DAC). */
static bool size_of_jpeg(const uint8_t *head, size_t bytes, int *width_px, int *height_px)
{
    if (bytes < 4 || head[0] != 0xff || head[1] != 0xd8)
        return false;
    for (size_t at = 2; at + 9 <= bytes && head[at] == 0xff;) {
        uint8_t marker = head[at + 1];
        if (marker == 0xff) {
            at++;
            continue;
        }
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
            marker != 0xcc)
            return keep(big(head + at + 7, 2), big(head + at + 5, 2), width_px,
                        height_px);
        at += 2 + big(head + at + 2, 2);
    }
    return false;
}

static bool next_number(const uint8_t *head, size_t bytes, size_t *at, uint64_t *value)
{
    *value = 0;
    for (; *at < bytes; ++*at) {
        if (head[*at] == '#')
            while (*at < bytes && head[*at] != '\n')
                ++*at;
        else if (isdigit(head[*at]))
            break;
        else if (!isspace(head[*at]))
            return false;
    }
    size_t first = *at;
    for (; *at < bytes && isdigit(head[*at]) && *value <= MAX_SIDE_PX; ++*at)
        *value = 10 * *value + (uint64_t)(head[*at] - '0');
    return *at > first;
}

static bool size_of_netpbm(const uint8_t *head, size_t bytes, int *width_px,
                           int *height_px)
{
    size_t at = 2;
    uint64_t width;
    uint64_t height;
    return bytes > 2 && head[0] == 'P' && head[1] >= '2' && head[1] <= '6' &&
           next_number(head, bytes, &at, &width) &&
           next_number(head, bytes, &at, &height) &&
           keep(width, height, width_px, height_px);
}

static bool size_of_bmp(const uint8_t *head, size_t bytes, int *width_px, int *height_px)
{
    if (bytes < 26 || head[0] != 'B' || head[1] != 'M')
        return false;
    int32_t height = (int32_t)(head[22] | (uint32_t)head[23] << 8 |
                               (uint32_t)head[24] << 16 | (uint32_t)head[25] << 24);
    uint32_t width = head[18] | (uint32_t)head[19] << 8 | (uint32_t)head[20] << 16 |
                     (uint32_t)head[21] << 24;
    return keep(width, height < 0 ? (uint64_t) - (int64_t)height : (uint64_t)height,
                width_px, height_px);
}

bool image_size_of_head(const uint8_t *head, size_t bytes, int *width_px, int *height_px)
{
    return size_of_png(head, bytes, width_px, height_px) ||
           size_of_jpeg(head, bytes, width_px, height_px) ||
           size_of_netpbm(head, bytes, width_px, height_px) ||
           size_of_bmp(head, bytes, width_px, height_px);
}

static enum po_status peek(int descriptor, const char *path, int *width_px,
                           int *height_px, struct po_error *error)
{
    uint8_t *head = malloc(IMAGE_SIZE_HEAD_BYTES);
    if (head == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to look at it", path);
    enum po_status status = PO_OK;
    ssize_t got = input_read_at(descriptor, head, IMAGE_SIZE_HEAD_BYTES, 0);
    if (got < 0)
        status = po_fail(error, PO_IO, "%s: cannot read it: %s", path, strerror(errno));
    if (got > 0 && !image_size_of_head(head, (size_t)got, width_px, height_px))
        *width_px = *height_px = 0;
    free(head);
    return status;
}

enum po_status image_size_peek(const char *path, int *width_px, int *height_px,
                               struct po_error *error)
{
    int descriptor = -1;
    struct input_stat info;
    *width_px = *height_px = 0;
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return input_status_is_passing(status) ? status : PO_OK;
    status = peek(descriptor, path, width_px, height_px, error);
    (void)close(descriptor);
    return status;
}
