/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/confidence.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "refine/confidence_scorecard.h"

enum {
    MEASURED_RADIUS_PX = 4,
    PAD = 8, /* beside rows whose neighbours are read */
    NO_DIFFERENCE = 255,
    FEATURE_MAX = 1023,
    SCORE_LIMIT = 8 * SCORECARD_UNIT, /* log-odds beyond which bytes no longer change */
};

static size_t padded_bytes(int width_px, size_t element_bytes)
{
    return scratch_array_size((size_t)width_px + 2 * (size_t)PAD, element_bytes);
}

size_t confidence_bytes(int width_px)
{
    size_t wide = padded_bytes(width_px, sizeof(int16_t));
    size_t narrow = padded_bytes(width_px, 1);
    size_t bytes = scratch_sum(narrow, narrow);
    for (int i = 0; i < FEATURE_COUNT + 3; i++)
        bytes = scratch_sum(bytes, wide);
    return bytes;
}

static void *take_padded(struct scratch *scratch, int width_px, size_t element_bytes)
{
    size_t bytes = padded_bytes(width_px, element_bytes);
    uint8_t *row = scratch_take(scratch, bytes);
    if (row == NULL)
        return NULL;
    memset(row, 0, bytes);
    return row + (size_t)PAD * element_bytes;
}

enum po_status confidence_rows_take(struct scratch *scratch, int width_px,
                                    struct confidence_rows *rows, struct po_error *error)
{
    *rows = (struct confidence_rows){.width_px = width_px};
    for (int i = 0; i < FEATURE_COUNT; i++)
        rows->features[i] = take_padded(scratch, width_px, sizeof(int16_t));
    rows->scores = take_padded(scratch, width_px, sizeof(int16_t));
    rows->low = take_padded(scratch, width_px, sizeof(int16_t));
    rows->high = take_padded(scratch, width_px, sizeof(int16_t));
    rows->counts = take_padded(scratch, width_px, 1);
    rows->steps = take_padded(scratch, width_px, 1);
    return rows->steps != NULL ? PO_OK
                               : scratch_exhausted(scratch, "the confidence", error);
}

static void measure_bytes(const struct image_view *image, int y, int width_px,
                          int16_t *restrict feature)
{
    if (image->pixels == NULL) {
        memset(feature, 0, (size_t)width_px * sizeof(int16_t));
        return;
    }
    const uint8_t *row = image_row(image, y);
    for (int x = 0; x < width_px; x++)
        feature[x] = row[x];
}

static void measure_difference(const struct confidence_input *input, int y,
                               int16_t *restrict feature)
{
    int width_px = input->map->width_px;
    const int16_t *row = disparity_row(input->work, y);
    if (input->match->right.values == NULL) {
        memset(feature, 0, (size_t)width_px * sizeof(int16_t));
        return;
    }
    const int16_t *right = disparity_row(&input->match->right, y);
    for (int x = 0; x < width_px; x++) {
        int match = (x * DISPARITY_SCALE - row[x] + DISPARITY_SCALE / 2) >> 4;
        bool inside = match >= 0 && match < width_px;
        int other = right[inside ? match : 0];
        int difference = other > row[x] ? other - row[x] : row[x] - other;
        bool known = inside && other != DISPARITY_INVALID && difference < NO_DIFFERENCE;
        feature[x] = (int16_t)(known ? difference : NO_DIFFERENCE);
    }
}

/* Rows of extremes over three rows, padded by one repeated pixel. */
static void measure_span(const struct disparity_map *map, int y,
                         struct confidence_rows *rows)
{
    int width_px = map->width_px;
    const int16_t *above = disparity_row(map, clamp(y - 1, 0, map->height_px - 1));
    const int16_t *row = disparity_row(map, y);
    const int16_t *below = disparity_row(map, clamp(y + 1, 0, map->height_px - 1));
    int16_t *restrict low = rows->low;
    int16_t *restrict high = rows->high;
    int16_t *restrict feature = rows->features[FEATURE_SPAN];
    for (int x = 0; x < width_px; x++) {
        int16_t a = above[x], b = row[x], c = below[x];
        int16_t smaller = a < b ? a : b;
        int16_t larger = a < b ? b : a;
        low[x] = smaller < c ? smaller : c;
        high[x] = larger > c ? larger : c;
    }
    low[-1] = low[0];
    high[-1] = high[0];
    low[width_px] = low[width_px - 1];
    high[width_px] = high[width_px - 1];
    for (int x = 0; x < width_px; x++) {
        int16_t l = low[x - 1] < low[x] ? low[x - 1] : low[x];
        int16_t h = high[x - 1] > high[x] ? high[x - 1] : high[x];
        l = l < low[x + 1] ? l : low[x + 1];
        h = h > high[x + 1] ? h : high[x + 1];
        int span = h - l;
        feature[x] = (int16_t)(span < FEATURE_MAX ? span : FEATURE_MAX);
    }
}

/* Counts beyond the image are 0. */
static void measure_measured(const struct image_view *classes, int y,
                             struct confidence_rows *rows)
{
    int width_px = classes->width_px;
    int16_t *restrict feature = rows->features[FEATURE_MEASURED];
    uint8_t *restrict counts = rows->counts;
    memset(counts, 0, (size_t)width_px);
    for (int dy = -MEASURED_RADIUS_PX; dy <= MEASURED_RADIUS_PX; dy++) {
        if (y + dy < 0 || y + dy >= classes->height_px)
            continue;
        const uint8_t *row = image_row(classes, y + dy);
        for (int x = 0; x < width_px; x++)
            counts[x] = (uint8_t)(counts[x] + (row[x] == PIXEL_MEASURED));
    }
    for (int x = 0; x < width_px; x++) {
        uint8_t sum = 0;
        for (int dx = -MEASURED_RADIUS_PX; dx <= MEASURED_RADIUS_PX; dx++)
            sum = (uint8_t)(sum + counts[x + dx]);
        feature[x] = sum;
    }
}

static void measure_smoothed(const struct confidence_input *input, int y,
                             int16_t *restrict feature)
{
    const int16_t *after = disparity_row(input->map, y);
    const int16_t *before = disparity_row(input->work, y);
    for (int x = 0; x < input->map->width_px; x++) {
        int change = after[x] > before[x] ? after[x] - before[x] : before[x] - after[x];
        feature[x] = (int16_t)(change < FEATURE_MAX ? change : FEATURE_MAX);
    }
}

static inline void measure_steps(const uint8_t *row, int channels, int width_px,
                                 uint8_t *restrict steps)
{
    for (ptrdiff_t x = 1; x < width_px - 1; x++) {
        uint8_t a = row[(x - 1) * channels], b = row[(x + 1) * channels];
        steps[x] = a > b ? (uint8_t)(a - b) : (uint8_t)(b - a);
    }
}

/* Of the green channel, or of grey; the largest within two pixels. */
static void measure_texture(const struct image_view *guide, int y,
                            struct confidence_rows *rows)
{
    int width_px = guide->width_px;
    int channels = guide->channels;
    const uint8_t *row = image_row(guide, y) + (channels == 3 ? 1 : 0);
    uint8_t *restrict steps = rows->steps;
    int16_t *restrict feature = rows->features[FEATURE_TEXTURE];
    steps[0] = steps[width_px - 1] = 0;
    if (channels == 3)
        measure_steps(row, 3, width_px, steps);
    else
        measure_steps(row, 1, width_px, steps);
    for (int x = 0; x < width_px; x++) {
        uint8_t a = steps[x - 2] > steps[x - 1] ? steps[x - 2] : steps[x - 1];
        uint8_t b = steps[x + 2] > steps[x + 1] ? steps[x + 2] : steps[x + 1];
        a = a > b ? a : b;
        feature[x] = a > steps[x] ? a : steps[x];
    }
}

void confidence_measure(const struct confidence_input *input, int y,
                        struct confidence_rows *rows)
{
    int width_px = rows->width_px;
    measure_bytes(&input->match->uniqueness_margin, y, width_px,
                  rows->features[FEATURE_UNIQUENESS_MARGIN]);
    measure_bytes(&input->match->cost, y, width_px, rows->features[FEATURE_COST]);
    measure_difference(input, y, rows->features[FEATURE_DIFFERENCE]);
    measure_span(input->map, y, rows);
    measure_measured(input->classes, y, rows);
    measure_smoothed(input, y, rows->features[FEATURE_SMOOTHED]);
    measure_texture(input->guide, y, rows);
}

/* All steps in one loop over the row; those beyond the count never apply. */
static void add_feature(const struct scorecard_feature *scorecard, const int16_t *feature,
                        int width_px, int16_t *restrict scores)
{
    int16_t thresholds[SCORECARD_STEPS_MAX], steps[SCORECARD_STEPS_MAX];
    for (int i = 0; i < SCORECARD_STEPS_MAX; i++) {
        thresholds[i] = i < scorecard->count ? scorecard->thresholds[i] : INT16_MAX;
        steps[i] = i < scorecard->count ? scorecard->steps[i] : 0;
    }
    for (int x = 0; x < width_px; x++) {
        int16_t value = feature[x];
        int16_t score = scores[x];
        for (int i = 0; i < SCORECARD_STEPS_MAX; i++) {
            int16_t above = (int16_t)(value > thresholds[i] ? -1 : 0);
            score = (int16_t)(score + (steps[i] & above));
        }
        scores[x] = score;
    }
}

static void score_row(const struct confidence_scorecard *scorecard,
                      struct confidence_rows *rows)
{
    for (int x = 0; x < rows->width_px; x++)
        rows->scores[x] = scorecard->base;
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (scorecard->features[i].count > 0)
            add_feature(&scorecard->features[i], rows->features[i], rows->width_px,
                        rows->scores);
}

/* By score from -SCORE_LIMIT to SCORE_LIMIT. */
struct curve {
    uint8_t confidence[2 * SCORE_LIMIT + 1];
    uint8_t sigma[2 * SCORE_LIMIT + 1];
};

static void init_curve(const struct confidence_scorecard *scorecard, struct curve *curve)
{
    for (int score = -SCORE_LIMIT; score <= SCORE_LIMIT; score++) {
        double probability = 1 / (1 + exp(-(double)score / SCORECARD_UNIT));
        int confidence = (int)lround(255 * probability);
        curve->confidence[score + SCORE_LIMIT] = (uint8_t)confidence;
        int bucket = clamp(score / SCORECARD_SIGMA_STEP, 0, SCORECARD_SIGMAS - 1);
        curve->sigma[score + SCORE_LIMIT] = scorecard->sigmas[bucket];
    }
}

enum po_status confidence_rate(const struct confidence_input *input,
                               struct scratch *scratch, struct image_view *confidence,
                               struct image_view *sigma, struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct confidence_rows rows;
    enum po_status status =
        confidence_rows_take(scratch, input->map->width_px, &rows, error);
    if (status != PO_OK)
        return status;
    const struct confidence_scorecard *scorecard =
        input->match->uniqueness_margin.pixels != NULL ? &confidence_scorecard_sgm
                                                       : &confidence_scorecard_plain;
    struct curve curve;
    init_curve(scorecard, &curve);
    for (int y = 0; y < input->map->height_px; y++) {
        const uint8_t *classes = image_row(input->classes, y);
        uint8_t *to_confidence = image_row(confidence, y);
        uint8_t *to_sigma = image_row(sigma, y);
        confidence_measure(input, y, &rows);
        score_row(scorecard, &rows);
        for (int x = 0; x < rows.width_px; x++) {
            int at = clamp(rows.scores[x], -SCORE_LIMIT, SCORE_LIMIT) + SCORE_LIMIT;
            bool measured = classes[x] == PIXEL_MEASURED;
            to_confidence[x] = measured ? curve.confidence[at] : 0;
            to_sigma[x] = measured ? curve.sigma[at] : 255;
        }
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
