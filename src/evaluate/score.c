/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/score.h"

#include <math.h>
#include <stdlib.h>

#include "image/image_file.h"

/* Ground truth and mask: width * height floats, NAN where there is nothing. */
struct ground_truth {
    float *disparities;
    float *mask; /* NULL: none */
};

static enum po_status read_plane(const char *path, double scale,
                                 const struct disparity_map *map, float **values,
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
    if (width_px == map->width_px && height_px == map->height_px)
        return PO_OK;
    free(*values);
    *values = NULL;
    return po_fail(error, PO_BAD_FORMAT,
                   "%s has %dx%d pixels, the disparity map %dx%d: ground truth must "
                   "have the size of the rectified left image",
                   path, width_px, height_px, map->width_px, map->height_px);
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
static void finish_score(struct score *score, uint64_t valid)
{
    if (score->pixels == 0)
        return;
    double percent = 100.0 / (double)score->pixels;
    double missing = (double)(score->pixels - valid);
    score->present = true;
    score->bad05 = (score->bad05 + missing) * percent;
    score->bad1 = (score->bad1 + missing) * percent;
    score->bad2 = (score->bad2 + missing) * percent;
    score->bad4 = (score->bad4 + missing) * percent;
    score->density = (double)valid * percent;
    if (valid > 0) {
        score->mae /= (double)valid;
        score->bad2_valid *= 100.0 / (double)valid;
    }
}

static struct score score_map(const struct disparity_map *map,
                              const struct image_view *classes,
                              const struct ground_truth *truth, bool measured_only,
                              bool nonocc)
{
    struct score score = {0};
    uint64_t valid = 0;
    if (truth->disparities == NULL || (nonocc && truth->mask == NULL))
        return score;
    size_t pixel = 0;
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        const uint8_t *class_row =
            classes != NULL && classes->pixels != NULL ? image_row(classes, y) : NULL;
        for (int x = 0; x < map->width_px; x++, pixel++) {
            if (!is_scored(truth, pixel, nonocc))
                continue;
            score.pixels++;
            if (row[x] == DISPARITY_INVALID)
                continue;
            if (measured_only && class_row != NULL && class_row[x] != PIXEL_MEASURED)
                continue;
            double disparity_px = (double)row[x] / DISPARITY_SCALE;
            add_pixel(&score, fabs(disparity_px - (double)truth->disparities[pixel]),
                      &valid);
        }
    }
    finish_score(&score, valid);
    return score;
}

enum po_status score_frame(const struct disparity_map *map,
                           const struct image_view *classes,
                           const char *ground_truth_path, const char *mask_path,
                           double scale, struct frame_scores *scores,
                           struct po_error *error)
{
    struct ground_truth truth = {0};
    *scores = (struct frame_scores){0};
    enum po_status status =
        read_plane(ground_truth_path, scale, map, &truth.disparities, error);
    if (status == PO_OK && mask_path != NULL)
        status = read_plane(mask_path, 1.0, map, &truth.mask, error);
    if (status == PO_OK) {
        scores->dense_all = score_map(map, classes, &truth, false, false);
        scores->dense_nonocc = score_map(map, classes, &truth, false, true);
        scores->measured_all = score_map(map, classes, &truth, true, false);
        scores->measured_nonocc = score_map(map, classes, &truth, true, true);
    }
    free(truth.disparities);
    free(truth.mask);
    return status;
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
