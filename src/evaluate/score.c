/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/score.h"

#include <math.h>
#include <stdlib.h>

#include "image/image_file.h"

static enum po_status read_plane(const char *path, double scale,
                                 const struct ground_truth *truth, float **values,
                                 struct po_error *error)
{
    int width_px = 0;
    int height_px = 0;
    enum po_status status =
        image_file_read_float(path, scale, &width_px, &height_px, values, error);
    if (status != PO_OK)
        return status;
    if (*values == NULL)
        return po_fail(error, PO_INTERNAL, "%s: read, but without values", path);
    if (width_px == truth->width_px && height_px == truth->height_px)
        return PO_OK;
    free(*values);
    *values = NULL;
    return po_fail(error, PO_BAD_FORMAT,
                   "%s has %dx%d pixels, the disparity map %dx%d: ground truth must "
                   "have the size of the rectified left image",
                   path, width_px, height_px, truth->width_px, truth->height_px);
}

static bool is_scored(const struct ground_truth *truth, size_t pixel, bool nonocc)
{
    return !isnan(truth->disparities[pixel]) && (!nonocc || truth->mask[pixel] == 255.0F);
}

static void add_pixel(struct score *score, double error_px, uint64_t *valid)
{
    (*valid)++;
    score->mae += error_px;
    score->bad05 += error_px > 0.5;
    score->bad1 += error_px > 1.0;
    score->bad2 += error_px > 2.0;
    score->bad4 += error_px > 4.0;
    score->bad2_valid += error_px > 2.0;
}

/* Counts become percent; what is invalid is bad at every bound. */
static struct score finish_score(const struct score_sum *sum)
{
    struct score score = sum->sums;
    if (score.pixels == 0)
        return score;
    double percent = 100.0 / (double)score.pixels;
    double missing = (double)(score.pixels - sum->valid);
    score.present = true;
    score.bad05 = (score.bad05 + missing) * percent;
    score.bad1 = (score.bad1 + missing) * percent;
    score.bad2 = (score.bad2 + missing) * percent;
    score.bad4 = (score.bad4 + missing) * percent;
    score.density = (double)sum->valid * percent;
    if (sum->valid > 0) {
        score.mae /= (double)sum->valid;
        score.bad2_valid *= 100.0 / (double)sum->valid;
    }
    return score;
}

struct score_rows {
    const struct ground_truth *truth;
    const int16_t *values;
    const uint8_t *classes; /* NULL: every value is measured */
    size_t first_pixel;
};

static void add_row(const struct score_rows *rows, bool measured_only, bool nonocc,
                    struct score_sum *sum)
{
    const struct ground_truth *truth = rows->truth;
    if (nonocc && truth->mask == NULL)
        return;
    for (int x = 0; x < truth->width_px; x++) {
        size_t pixel = rows->first_pixel + (size_t)x;
        if (!is_scored(truth, pixel, nonocc))
            continue;
        sum->sums.pixels++;
        if (rows->values[x] == DISPARITY_INVALID)
            continue;
        if (measured_only && rows->classes != NULL && rows->classes[x] != PIXEL_MEASURED)
            continue;
        double disparity_px = (double)rows->values[x] / DISPARITY_SCALE;
        add_pixel(&sum->sums, fabs(disparity_px - (double)truth->disparities[pixel]),
                  &sum->valid);
    }
}

enum po_status score_totals_begin(struct score_totals *totals, int width_px,
                                  int height_px, const char *ground_truth_path,
                                  const char *mask_path, double scale,
                                  struct po_error *error)
{
    *totals = (struct score_totals){
        .truth = {.width_px = width_px, .height_px = height_px},
    };
    struct ground_truth *truth = &totals->truth;
    enum po_status status =
        read_plane(ground_truth_path, scale, truth, &truth->disparities, error);
    if (status == PO_OK && mask_path != NULL)
        status = read_plane(mask_path, 1.0, truth, &truth->mask, error);
    if (status != PO_OK)
        score_totals_release(totals);
    return status;
}

void score_totals_add(struct score_totals *totals, const struct disparity_map *map,
                      const struct image_view *classes, int top_y, int first_y, int end_y)
{
    bool has_classes = classes != NULL && classes->pixels != NULL;
    if (totals->truth.disparities == NULL)
        return;
    for (int y = first_y; y < end_y; y++) {
        struct score_rows rows = {
            .truth = &totals->truth,
            .values = disparity_row(map, y),
            .classes = has_classes ? image_row(classes, y) : NULL,
            .first_pixel = (size_t)(top_y + y) * (size_t)map->width_px,
        };
        add_row(&rows, false, false, &totals->dense_all);
        add_row(&rows, false, true, &totals->dense_nonocc);
        add_row(&rows, true, false, &totals->measured_all);
        add_row(&rows, true, true, &totals->measured_nonocc);
    }
}

struct frame_scores score_totals_end(const struct score_totals *totals)
{
    return (struct frame_scores){
        .dense_all = finish_score(&totals->dense_all),
        .dense_nonocc = finish_score(&totals->dense_nonocc),
        .measured_all = finish_score(&totals->measured_all),
        .measured_nonocc = finish_score(&totals->measured_nonocc),
    };
}

void score_totals_release(struct score_totals *totals)
{
    free(totals->truth.disparities);
    free(totals->truth.mask);
    totals->truth.disparities = NULL;
    totals->truth.mask = NULL;
}

enum po_status score_frame(const struct disparity_map *map,
                           const struct image_view *classes,
                           const char *ground_truth_path, const char *mask_path,
                           double scale, struct frame_scores *scores,
                           struct po_error *error)
{
    struct score_totals totals;
    *scores = (struct frame_scores){0};
    enum po_status status =
        score_totals_begin(&totals, map->width_px, map->height_px, ground_truth_path,
                           mask_path, scale, error);
    if (status != PO_OK)
        return status;
    score_totals_add(&totals, map, classes, 0, 0, map->height_px);
    *scores = score_totals_end(&totals);
    score_totals_release(&totals);
    return PO_OK;
}

static void add_score(struct score *sum, const struct score *score, int *count)
{
    if (!score->present)
        return;
    (*count)++;
    sum->bad05 += score->bad05;
    sum->bad1 += score->bad1;
    sum->bad2 += score->bad2;
    sum->bad4 += score->bad4;
    sum->mae += score->mae;
    sum->density += score->density;
    sum->bad2_valid += score->bad2_valid;
    sum->pixels += score->pixels;
}

static void divide_score(struct score *sum, int count)
{
    if (count == 0)
        return;
    sum->present = true;
    sum->bad05 /= count;
    sum->bad1 /= count;
    sum->bad2 /= count;
    sum->bad4 /= count;
    sum->mae /= count;
    sum->density /= count;
    sum->bad2_valid /= count;
}

struct frame_scores score_mean(const struct frame_scores *scores, int count)
{
    struct frame_scores mean = {0};
    int counts[4] = {0};
    for (int i = 0; i < count; i++) {
        add_score(&mean.dense_all, &scores[i].dense_all, &counts[0]);
        add_score(&mean.dense_nonocc, &scores[i].dense_nonocc, &counts[1]);
        add_score(&mean.measured_all, &scores[i].measured_all, &counts[2]);
        add_score(&mean.measured_nonocc, &scores[i].measured_nonocc, &counts[3]);
    }
    divide_score(&mean.dense_all, counts[0]);
    divide_score(&mean.dense_nonocc, counts[1]);
    divide_score(&mean.measured_all, counts[2]);
    divide_score(&mean.measured_nonocc, counts[3]);
    return mean;
}
