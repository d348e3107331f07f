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
    score->bad3 += error_px > 3.0;
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
    score.bad3 = (score.bad3 + missing) * percent;
    score.bad4 = (score.bad4 + missing) * percent;
    score.density = (double)sum->valid * percent;
    if (sum->valid > 0) {
        score.mae /= (double)sum->valid;
        score.bad2_valid *= 100.0 / (double)sum->valid;
    }
    return score;
}

/* One row, and which of its pixels count. */
struct scored_row {
    const struct ground_truth *truth;
    const int16_t *values;
    const uint8_t *classes;    /* NULL: every value is measured */
    const uint8_t *confidence; /* NULL: none */
    size_t first_pixel;
};

static bool is_measured(const struct scored_row *row, int x)
{
    return row->values[x] != DISPARITY_INVALID &&
           (row->classes == NULL || row->classes[x] == PIXEL_MEASURED);
}

static double error_at(const struct scored_row *row, int x)
{
    double disparity_px = (double)row->values[x] / DISPARITY_SCALE;
    return fabs(disparity_px -
                (double)row->truth->disparities[row->first_pixel + (size_t)x]);
}

static void add_row(const struct scored_row *row, bool measured_only, bool nonocc,
                    struct score_sum *sum)
{
    const struct ground_truth *truth = row->truth;
    if (nonocc && truth->mask == NULL)
        return;
    for (int x = 0; x < truth->width_px; x++) {
        if (!is_scored(truth, row->first_pixel + (size_t)x, nonocc))
            continue;
        sum->sums.pixels++;
        if (row->values[x] != DISPARITY_INVALID &&
            (!measured_only || is_measured(row, x)))
            add_pixel(&sum->sums, error_at(row, x), &sum->valid);
    }
}

/* Without the band at the left that the right camera never sees: nobody can measure it.
 */
static void add_row_in_view(const struct scored_row *row, struct score_sum *sum)
{
    const struct ground_truth *truth = row->truth;
    for (int x = 0; x < truth->width_px; x++) {
        size_t pixel = row->first_pixel + (size_t)x;
        if (!is_scored(truth, pixel, false) || (float)x < truth->disparities[pixel])
            continue;
        sum->sums.pixels++;
        if (row->values[x] != DISPARITY_INVALID)
            add_pixel(&sum->sums, error_at(row, x), &sum->valid);
    }
}

static void add_row_to_curve(const struct scored_row *row, struct curve_sum *curve)
{
    for (int x = 0; x < row->truth->width_px && row->confidence != NULL; x++) {
        if (!is_scored(row->truth, row->first_pixel + (size_t)x, false))
            continue;
        curve->pixels++;
        if (!is_measured(row, x))
            continue;
        curve->measured[row->confidence[x]]++;
        curve->wrong[row->confidence[x]] += error_at(row, x) > 2.0;
    }
}

enum po_status score_totals_begin(struct score_totals *totals, int width_px,
                                  int height_px, const struct truth_files *files,
                                  struct po_error *error)
{
    *totals = (struct score_totals){
        .truth = {.width_px = width_px, .height_px = height_px},
    };
    struct ground_truth *truth = &totals->truth;
    enum po_status status =
        read_plane(files->truth, files->scale, truth, &truth->disparities, error);
    if (status == PO_OK && files->mask != NULL)
        status = read_plane(files->mask, 1.0, truth, &truth->mask, error);
    if (status != PO_OK)
        score_totals_release(totals);
    return status;
}

static const uint8_t *row_of(const struct image_view *view, int y)
{
    return view != NULL && view->pixels != NULL ? image_row(view, y) : NULL;
}

void score_totals_add(struct score_totals *totals, const struct score_views *views,
                      const struct score_rows *rows)
{
    if (totals->truth.disparities == NULL)
        return;
    for (int y = rows->first_y; y < rows->end_y; y++) {
        struct scored_row row = {
            .truth = &totals->truth,
            .values = disparity_row(views->map, y),
            .classes = row_of(views->classes, y),
            .confidence = row_of(views->confidence, y),
            .first_pixel = (size_t)(rows->top_y + y) * (size_t)views->map->width_px,
        };
        add_row(&row, false, false, &totals->dense_all);
        add_row(&row, false, true, &totals->dense_nonocc);
        add_row_in_view(&row, &totals->dense_in_view);
        add_row(&row, true, false, &totals->measured_all);
        add_row(&row, true, true, &totals->measured_nonocc);
        add_row_to_curve(&row, &totals->curve);
    }
}

struct frame_scores score_totals_end(const struct score_totals *totals)
{
    return (struct frame_scores){
        .dense_all = finish_score(&totals->dense_all),
        .dense_nonocc = finish_score(&totals->dense_nonocc),
        .dense_in_view = finish_score(&totals->dense_in_view),
        .measured_all = finish_score(&totals->measured_all),
        .measured_nonocc = finish_score(&totals->measured_nonocc),
        .curve = confidence_curve_make(&totals->curve),
    };
}

void score_totals_release(struct score_totals *totals)
{
    free(totals->truth.disparities);
    free(totals->truth.mask);
    totals->truth.disparities = NULL;
    totals->truth.mask = NULL;
}

enum po_status score_frame(const struct score_views *views,
                           const struct truth_files *files, struct frame_scores *scores,
                           struct po_error *error)
{
    struct score_totals totals;
    const struct score_rows rows = {0, 0, views->map->height_px};
    *scores = (struct frame_scores){0};
    enum po_status status = score_totals_begin(&totals, views->map->width_px,
                                               views->map->height_px, files, error);
    if (status != PO_OK)
        return status;
    score_totals_add(&totals, views, &rows);
    *scores = score_totals_end(&totals);
    score_totals_release(&totals);
    return PO_OK;
}
