/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each byte waits for the one a pixel before it, so a row alone is a chain of a dozen
 * operations a byte. But row y + 1 can follow row y one pixel behind: eight rows go
 * through together as a slanted front, one in each lane of a vector,
 *
 *     row y      . . . . . . . 7
 *     row y + 1  . . . . . . 6        a step to the right: what lane j made becomes what
 *     row y + 2  . . . . . 5          stands above lane j + 1
 *
 * whatever mixture of filters they have. The vectors are the compiler's own, for any CPU.
 */
#include "image/png_unfilter.h"

#include <string.h>

enum { FILTER_NONE, FILTER_SUB, FILTER_UP, FILTER_AVERAGE, FILTER_PAETH, FILTER_COUNT };
enum { LANES = PNG_FRONT_ROWS, PIXEL_BYTES_MAX = 6 };

typedef int16_t lanes __attribute__((vector_size(2 * LANES)));

/* a where the mask is all ones, b where it is zero. */
static inline lanes choose(lanes mask, lanes a, lanes b)
{
    return b ^ ((a ^ b) & mask);
}

/*
 * The one of left, above and corner that is nearest to left + above - corner. With
 * lo <= hi of left and above: it is lo where 3 corner - left - above >= hi, hi where that
 * is <= lo, else the corner.
 */
static inline lanes paeth(lanes left, lanes above, lanes corner)
{
    lanes turn = (corner + corner + corner) - above - left;
    lanes smaller = left < above;
    lanes lo = choose(smaller, left, above);
    lanes hi = left ^ above ^ lo;
    lanes nearest = choose(turn < hi, corner, lo);
    return choose(turn > lo, nearest, hi);
}

/* All ones in the lanes of rows with that filter. */
struct filter_masks {
    lanes left; /* Sub */
    lanes above;
    lanes average;
    lanes paeth;
};

/* A pixel's bytes of the rows of a front. */
struct front {
    lanes left[PIXEL_BYTES_MAX];
    lanes corner[PIXEL_BYTES_MAX];
};

struct front_rows {
    const uint8_t *filtered; /* of lane 0's byte; a lane further is `filtered_skew` on */
    ptrdiff_t filtered_skew;
    uint8_t *pixels;
    ptrdiff_t pixels_skew;
    const uint8_t *above; /* of lane 0 */
};

static inline lanes shift_in(lanes from, int16_t first)
{
    return (lanes){first, from[0], from[1], from[2], from[3], from[4], from[5], from[6]};
}

/* One pixel in each of the lanes first..last. Lanes outside stay zero, as if all before
 * their row's first pixel were. */
static inline void front_step(struct front *front, const struct filter_masks *masks,
                              const struct front_rows *rows, size_t pixel_bytes,
                              int first, int last)
{
    for (size_t c = 0; c < pixel_bytes; c++) {
        lanes filtered = {0};
        for (int j = 0; j < LANES; j++)
            if (j >= first && j <= last)
                filtered[j] = rows->filtered[j * rows->filtered_skew + (ptrdiff_t)c];
        lanes left = front->left[c];
        lanes corner = front->corner[c];
        lanes above = shift_in(left, first == 0 ? rows->above[c] : 0);
        lanes sum = filtered + (left & masks->left) + (above & masks->above) +
                    (((left + above) >> 1) & masks->average) +
                    (paeth(left, above, corner) & masks->paeth);
        lanes made = sum & 0xff;
        for (int j = 0; j < LANES; j++)
            if (j >= first && j <= last)
                rows->pixels[j * rows->pixels_skew + (ptrdiff_t)c] = (uint8_t)made[j];
            else
                made[j] = 0;
        front->left[c] = made;
        front->corner[c] = above;
    }
}

static bool masks_fill(struct filter_masks *masks, const uint8_t *filtered, size_t stride)
{
    memset(masks, 0, sizeof(*masks));
    for (int j = 0; j < LANES; j++) {
        int filter = filtered[(size_t)j * stride];
        masks->left[j] = filter == FILTER_SUB ? -1 : 0;
        masks->above[j] = filter == FILTER_UP ? -1 : 0;
        masks->average[j] = filter == FILTER_AVERAGE ? -1 : 0;
        masks->paeth[j] = filter == FILTER_PAETH ? -1 : 0;
        if (filter >= FILTER_COUNT)
            return false;
    }
    return true;
}

/* LANES rows at least LANES pixels wide. */
static inline bool unfilter_front(const struct png_rows *rows, size_t pixel_bytes)
{
    struct filter_masks masks;
    struct front front;
    size_t stride = rows->row_bytes + 1;
    int width_px = (int)(rows->row_bytes / pixel_bytes);
    if (!masks_fill(&masks, rows->filtered, stride))
        return false;
    memset(&front, 0, sizeof(front));
    struct front_rows at = {rows->filtered + 1, (ptrdiff_t)(stride - pixel_bytes),
                            rows->pixels, rows->stride_bytes - (ptrdiff_t)pixel_bytes,
                            rows->above};
    for (int x = 0; x < width_px + LANES - 1; x++) {
        if (x < LANES - 1)
            front_step(&front, &masks, &at, pixel_bytes, 0, x);
        else if (x < width_px)
            front_step(&front, &masks, &at, pixel_bytes, 0, LANES - 1);
        else
            front_step(&front, &masks, &at, pixel_bytes, x - width_px + 1, LANES - 1);
        at.filtered += pixel_bytes;
        at.pixels += pixel_bytes;
        at.above += pixel_bytes;
    }
    return true;
}

static int paeth_byte(int left, int above, int corner)
{
    int turn = 3 * corner - above - left;
    int lo = left < above ? left : above;
    int hi = left < above ? above : left;
    int nearest = turn < hi ? corner : lo;
    return turn > lo ? nearest : hi;
}

/* One row: what is left over below the fronts, and images narrower than one. */
static bool unfilter_row(const uint8_t *filtered, const uint8_t *above, uint8_t *row,
                         size_t row_bytes, size_t pixel_bytes)
{
    int filter = *filtered++;
    for (size_t i = 0; i < row_bytes; i++) {
        int left = i >= pixel_bytes ? row[i - pixel_bytes] : 0;
        int corner = i >= pixel_bytes ? above[i - pixel_bytes] : 0;
        int near = filter == FILTER_SUB       ? left
                   : filter == FILTER_UP      ? above[i]
                   : filter == FILTER_AVERAGE ? (left + above[i]) >> 1
                   : filter == FILTER_PAETH   ? paeth_byte(left, above[i], corner)
                                              : 0;
        row[i] = (uint8_t)(filtered[i] + near);
    }
    return filter < FILTER_COUNT;
}

/* All rows of one filter without a chain: no front is needed. */
static bool unfilter_plain(const struct png_rows *rows)
{
    for (int y = 0; y < rows->count; y++) {
        const uint8_t *filtered = rows->filtered + (size_t)y * (rows->row_bytes + 1);
        if (*filtered != FILTER_NONE && *filtered != FILTER_UP)
            return false;
    }
    for (int y = 0; y < rows->count; y++) {
        const uint8_t *filtered = rows->filtered + (size_t)y * (rows->row_bytes + 1);
        uint8_t *restrict row = rows->pixels + y * rows->stride_bytes;
        const uint8_t *restrict above = y == 0 ? rows->above : row - rows->stride_bytes;
        if (*filtered++ == FILTER_NONE)
            memcpy(row, filtered, rows->row_bytes);
        else
            for (size_t i = 0; i < rows->row_bytes; i++)
                row[i] = (uint8_t)(filtered[i] + above[i]);
    }
    return true;
}

static bool unfilter_lanes(const struct png_rows *rows)
{
    switch (rows->pixel_bytes) {
    case 1:
        return unfilter_front(rows, 1);
    case 2:
        return unfilter_front(rows, 2);
    case 3:
        return unfilter_front(rows, 3);
    default:
        return unfilter_front(rows, 6);
    }
}

bool png_unfilter(const struct png_rows *rows)
{
    struct png_rows part = *rows;
    size_t pixel_bytes = (size_t)rows->pixel_bytes;
    bool wide = rows->row_bytes / pixel_bytes >= LANES;
    bool valid = true;
    for (int left = rows->count; left > 0 && valid; left -= part.count) {
        part.count = wide && left >= LANES ? LANES : 1;
        if (!unfilter_plain(&part))
            valid = part.count == LANES
                        ? unfilter_lanes(&part)
                        : unfilter_row(part.filtered, part.above, part.pixels,
                                       rows->row_bytes, pixel_bytes);
        part.filtered += (size_t)part.count * (rows->row_bytes + 1);
        part.pixels += part.count * part.stride_bytes;
        part.above = part.pixels - part.stride_bytes;
    }
    return valid;
}
