/* SPDX-License-Identifier: Apache-2.0 */
#include "check/image_check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum {
    GRADIENT_NOISE = 6,
    IDENTICAL_MIN_CONTRAST = 4,
    BORDER_BLACK = 1, /* grey levels up to it are black */
    BORDER_MIN_PX = 3,
    BORDER_LINES = 16, /* scan lines a side */
    ROW_STEP = 4,      /* a quarter of the rows says as much */
};
static const double MAX_SATURATED = 0.2;
static const double MAX_BLACK = 0.5;
static const double MAX_EXPOSURE_RATIO = 1.6;
static const double MIN_TEXTURED = 0.02;
static const double MIN_SHARPNESS = 0.27; /* a Gaussian blur of sigma 3 px gives 0.25 */
static const double IDENTICAL_DIFFERENCE = 0.5;

struct sums {
    uint64_t count, total, squares, saturated, black, gradient, laplacian, textured;
};

/* Three rows from a column on, each with a pixel before it and behind it, and what of the
 * middle one was seen. */
struct row_part {
    const uint8_t *above, *row, *below, *seen;
};

enum { PART_PX = 1024 }; /* the sums of a part fit into 32 bits */

/* In masks, not branches: compilers make vectors of it. */
static void add_part(struct sums *sums, const struct row_part *part, int count_px)
{
    uint32_t count = 0, total = 0, squares = 0, saturated = 0, black = 0;
    uint32_t gradient_sum = 0, laplacian_sum = 0, textured = 0;
    const uint8_t *above = part->above;
    const uint8_t *row = part->row;
    const uint8_t *below = part->below;
    const uint8_t *seen_row = part->seen;
    for (int x = 0; x < count_px; x++) {
        uint32_t seen = seen_row[x] == 255 ? UINT32_MAX : 0;
        int value = row[x];
        int gradient = abs(row[x + 1] - row[x - 1]) + abs(below[x] - above[x]);
        int laplacian = abs(4 * value - row[x - 1] - row[x + 1] - above[x] - below[x]);
        uint32_t has_texture = gradient > GRADIENT_NOISE ? seen : 0;
        count += seen & 1;
        total += (uint32_t)value & seen;
        squares += (uint32_t)(value * value) & seen;
        saturated += (value >= 254 ? seen : 0) & 1;
        black += (value <= 1 ? seen : 0) & 1;
        textured += has_texture & 1;
        gradient_sum += (uint32_t)gradient & has_texture;
        laplacian_sum += (uint32_t)laplacian & has_texture;
    }
    sums->count += count;
    sums->total += total;
    sums->squares += squares;
    sums->saturated += saturated;
    sums->black += black;
    sums->gradient += gradient_sum;
    sums->laplacian += laplacian_sum;
    sums->textured += textured;
}

/* But for the row's first pixel and its last. */
static void add_row(struct sums *sums, const struct image_view *grey,
                    const struct image_view *valid, int y)
{
    uint8_t all[PART_PX];
    memset(all, 255, sizeof(all));
    for (int x = 1; x < grey->width_px - 1; x += PART_PX) {
        const struct row_part part = {
            image_row(grey, y - 1) + x,
            image_row(grey, y) + x,
            image_row(grey, y + 1) + x,
            valid->pixels != NULL ? image_row(valid, y) + x : all,
        };
        add_part(sums, &part, minimum(grey->width_px - 1 - x, PART_PX));
    }
}

/* Length of the black run that a scan line begins with where rectification saw it;
 * `step_x` and `step_y` lead inwards. */
static int black_run(const struct image_view *grey, const struct image_view *valid, int x,
                     int y, int step_x, int step_y)
{
    int run = 0;
    for (; x >= 0 && y >= 0 && x < grey->width_px && y < grey->height_px;
         x += step_x, y += step_y) {
        if (valid->pixels != NULL && image_row(valid, y)[x] != 255)
            continue;
        if (image_row(grey, y)[x] > BORDER_BLACK)
            break;
        run++;
    }
    return run;
}

/* Whether most scan lines from this side begin with a black run that is neither chance
 * nor the night. */
static bool side_is_black(const struct image_view *grey, const struct image_view *valid,
                          int side)
{
    bool vertical = side >= 2;
    int across = vertical ? grey->width_px : grey->height_px;
    int along = vertical ? grey->height_px : grey->width_px;
    int far = side % 2 == 0 ? 0 : along - 1;
    int inwards = side % 2 == 0 ? 1 : -1;
    int black = 0;
    for (int i = 0; i < BORDER_LINES; i++) {
        /* The middle 80 %: the corners belong to the other sides. */
        int at = (int)((0.1 + 0.8 * i / (BORDER_LINES - 1)) * (across - 1));
        int run = vertical ? black_run(grey, valid, at, far, 0, inwards)
                           : black_run(grey, valid, far, at, inwards, 0);
        black += run >= BORDER_MIN_PX && run <= along / 4;
    }
    return black >= BORDER_LINES * 3 / 4;
}

static int black_sides(const struct image_view *grey, const struct image_view *valid)
{
    int count = 0;
    for (int side = 0; side < 4; side++)
        count += side_is_black(grey, valid, side);
    return count;
}

struct image_statistics image_statistics_of(const struct image_view *grey,
                                            const struct image_view *valid)
{
    struct sums sums = {0};
    for (int y = 1; y < grey->height_px - 1; y += ROW_STEP)
        add_row(&sums, grey, valid, y);
    struct image_statistics statistics = {0};
    if (sums.count == 0)
        return statistics;
    statistics.black_sides = black_sides(grey, valid);
    double count = (double)sums.count;
    statistics.mean = (double)sums.total / count;
    double variance = (double)sums.squares / count - statistics.mean * statistics.mean;
    statistics.contrast = sqrt(variance > 0.0 ? variance : 0.0);
    statistics.saturated = (double)sums.saturated / count;
    statistics.black = (double)sums.black / count;
    statistics.textured = (double)sums.textured / count;
    statistics.sharpness =
        sums.gradient > 0 ? (double)sums.laplacian / (double)sums.gradient : 0.0;
    return statistics;
}

bool pair_looks_rectified(const struct pair_statistics *statistics)
{
    return statistics->left.black_sides + statistics->right.black_sides >= 4;
}

struct pair_statistics pair_statistics_of(const struct image_view *left,
                                          const struct image_view *right,
                                          const struct image_view *left_valid,
                                          const struct image_view *right_valid)
{
    struct pair_statistics statistics = {.left = image_statistics_of(left, left_valid),
                                         .right =
                                             image_statistics_of(right, right_valid)};
    uint64_t difference = 0;
    uint64_t count = 0;
    for (int y = 0; y < left->height_px; y += ROW_STEP) {
        const uint8_t *a = image_row(left, y);
        const uint8_t *b = image_row(right, y);
        for (int x = 0; x < left->width_px; x++)
            difference += (uint64_t)abs(a[x] - b[x]);
        count += (uint64_t)left->width_px;
    }
    statistics.difference = (double)difference / (double)count;
    return statistics;
}

static void add(struct image_findings *findings, const char *format, ...) PO_PRINTF(2, 3);

static void add(struct image_findings *findings, const char *format, ...)
{
    if (findings->count == IMAGE_FINDING_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(findings->texts[findings->count++], IMAGE_FINDING_BYTES, format,
                    arguments);
    va_end(arguments);
}

static void check_one(const struct image_statistics *image, const char *side,
                      struct image_findings *findings)
{
    if (image->saturated > MAX_SATURATED)
        add(findings, "%.0f %% of the %s image is saturated: lower the exposure",
            100.0 * image->saturated, side);
    if (image->black > MAX_BLACK)
        add(findings, "%.0f %% of the %s image is black: raise the exposure or the light",
            100.0 * image->black, side);
    if (image->textured < MIN_TEXTURED)
        add(findings,
            "only %.1f %% of the %s image has texture: there is nothing to match",
            100.0 * image->textured, side);
    else if (image->sharpness < MIN_SHARPNESS)
        add(findings, "the %s image is blurred (sharpness %.2f, want %.2f or more)", side,
            image->sharpness, MIN_SHARPNESS);
}

void image_check(const struct pair_statistics *statistics,
                 struct image_findings *findings)
{
    const struct image_statistics *left = &statistics->left;
    const struct image_statistics *right = &statistics->right;
    findings->count = 0;
    check_one(left, "left", findings);
    check_one(right, "right", findings);
    double brighter = left->mean > right->mean ? left->mean : right->mean;
    double darker = left->mean > right->mean ? right->mean : left->mean;
    if (brighter > MAX_EXPOSURE_RATIO * (darker + 1.0))
        add(findings, "exposures differ: mean grey %.0f left, %.0f right", left->mean,
            right->mean);
    if (statistics->difference < IDENTICAL_DIFFERENCE &&
        left->contrast > IDENTICAL_MIN_CONTRAST)
        add(findings,
            "left and right are the same picture (mean difference %.2f grey levels)",
            statistics->difference);
}
