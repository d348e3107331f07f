/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/confidence.h"

#include <stdbool.h>
#include <string.h>

#include "refine/row_kernels.h"
#include "stereo/kernel_dispatch.h"

size_t confidence_bytes(int width_px, int height_px, int guide_channels)
{
    size_t green = guide_channels == 1 ? 0 : image_view_bytes(width_px, height_px, 1);
    return scratch_sum(green,
                       scratch_sum(feature_rows_bytes(width_px),
                                   surface_support_work_bytes(width_px, height_px)));
}

static const struct confidence_tables *tables_of(const struct confidence_job *job)
{
    static const struct confidence_tables *const by_level[] = {
        [PO_SGM_FAST] = &confidence_tables_fast,
        [PO_SGM_BALANCED] = &confidence_tables_balanced,
        [PO_SGM_QUALITY] = &confidence_tables_quality,
    };
    if (job->probe != NULL && job->probe->tables != NULL)
        return job->probe->tables;
    if (job->input.match->uniqueness_margin.pixels == NULL)
        return &confidence_tables_plain;
    return by_level[job->settings->level];
}

uint32_t confidence_features(enum confidence_stage stage)
{
    static const int ends[] = {
        [CONFIDENCE_LOCAL] = FEATURE_LOCAL,
        [CONFIDENCE_RAW] = FEATURE_RAW,
        [CONFIDENCE_FINAL] = FEATURE_COUNT,
    };
    uint32_t known = (1U << ends[stage]) - 1;
    return stage == CONFIDENCE_FINAL ? known & ~(1U << FEATURE_LOCAL) : known;
}

static const struct sgm_kernels *kernels_of(const struct confidence_job *job)
{
    const struct sgm_kernels *kernels = sgm_kernels_find(job->settings->cpu);
    return kernels != NULL ? kernels : &sgm_kernels_scalar;
}

/* One forest over all rows of a map. */
struct scoring {
    const struct confidence_job *job;
    const struct sgm_kernels *kernels;
    const struct row_kernels *rows;
    struct feature_input input;
    struct ready_forest forest;
    enum confidence_stage stage;
    uint32_t features;
};

/* Packed once a map: features read it row by row. */
static enum po_status take_green(const struct confidence_job *job,
                                 struct image_view *green, struct po_error *error)
{
    const struct image_view *guide = job->input.guide;
    const struct row_kernels *kernels = row_kernels_find(job->settings->cpu);
    if (guide->channels == 1) {
        *green = *guide;
        return PO_OK;
    }
    enum po_status status =
        image_view_take(job->scratch, guide->width_px, guide->height_px, 1, green, error);
    for (int y = 0; status == PO_OK && y < guide->height_px; y++)
        kernels->green_row(image_row(guide, y), guide->width_px, image_row(green, y));
    return status;
}

static void scoring_init(const struct confidence_job *job,
                         const struct byte_forest *forest, enum confidence_stage stage,
                         struct scoring *scoring)
{
    scoring->job = job;
    scoring->kernels = kernels_of(job);
    scoring->rows = row_kernels_find(job->settings->cpu);
    scoring->input = job->input;
    scoring->stage = stage;
    scoring->features =
        forest->asked | (job->probe != NULL ? confidence_features(stage) : 0);
    forest_make_ready(forest, &scoring->forest);
}

/* The scores of the measured pixels of row y are in rows->scores. */
static void score_row(const struct scoring *scoring, int y, struct feature_rows *rows)
{
    const struct confidence_probe *probe = scoring->job->probe;
    scoring->rows->measure_features(&scoring->input, scoring->features, y, rows);
    scoring->kernels->forest(&scoring->forest, (const uint8_t *const *)rows->features,
                             image_row(scoring->input.classes, y), rows->width_px,
                             rows->scores);
    if (probe != NULL && probe->row != NULL)
        probe->row(probe->context, scoring->stage, y, &scoring->input, rows);
}

static void score_map(const struct scoring *scoring, struct feature_rows *rows,
                      struct image_view *scores)
{
    for (int y = 0; y < scores->height_px; y++) {
        score_row(scoring, y, rows);
        memcpy(image_row(scores, y), rows->scores, (size_t)rows->width_px);
    }
}

enum po_status confidence_judge(const struct confidence_job *job,
                                struct image_view *scores,
                                struct surface_support *support, struct po_error *error)
{
    const struct confidence_tables *tables = tables_of(job);
    struct scoring scoring;
    struct image_view green;
    struct feature_rows rows;
    const struct support_input input = {
        .map = job->input.map,
        .classes = job->input.classes,
        .scores = scores,
        .guide = job->input.guide,
        .kernels = row_kernels_find(job->settings->cpu),
        .translate = kernels_of(job)->translate,
    };
    enum po_status status =
        surface_support_take(job->scratch, job->input.map->width_px,
                             job->input.map->height_px, support, error);
    if (status != PO_OK)
        return status;
    size_t mark = scratch_mark(job->scratch);
    status = take_green(job, &green, error);
    if (status == PO_OK)
        status = feature_rows_take(job->scratch, job->input.map->width_px, &rows, error);
    if (status == PO_OK) {
        scoring_init(job, &tables->local, CONFIDENCE_LOCAL, &scoring);
        scoring.input.green = &green;
        score_map(&scoring, &rows, scores);
        status = surface_support_make(&input, job->scratch, support, error);
    }
    if (status == PO_OK) {
        scoring_init(job, &tables->raw, CONFIDENCE_RAW, &scoring);
        scoring.input.scores = scores;
        scoring.input.support = support;
        scoring.input.green = &green;
        score_map(&scoring, &rows, scores);
    }
    scratch_rewind(job->scratch, mark);
    return status;
}

/* What is not measured has neither. */
static void mask_rated(const uint8_t *classes, int width_px, uint8_t *restrict confidence,
                       uint8_t *restrict sigma)
{
    for (int x = 0; x < width_px; x++) {
        uint8_t measured = (uint8_t) - (classes[x] == PIXEL_MEASURED);
        confidence[x] &= measured;
        sigma[x] |= (uint8_t)~measured;
    }
}

static void rate_map(const struct scoring *scoring,
                     const struct confidence_tables *tables, struct feature_rows *rows,
                     struct image_view *confidence, struct image_view *sigma)
{
    uint8_t sigmas[256];
    for (int score = 0; score < 256; score++)
        sigmas[score] = tables->sigmas[score / FOREST_SCORE_UNIT];
    for (int y = 0; y < confidence->height_px; y++) {
        score_row(scoring, y, rows);
        scoring->kernels->translate(tables->curve, rows->scores, rows->width_px,
                                    rows->confidences);
        scoring->kernels->translate(sigmas, rows->scores, rows->width_px, rows->sigmas);
        mask_rated(image_row(scoring->input.classes, y), rows->width_px,
                   rows->confidences, rows->sigmas);
        memcpy(image_row(confidence, y), rows->confidences, (size_t)rows->width_px);
        memcpy(image_row(sigma, y), rows->sigmas, (size_t)rows->width_px);
    }
}

enum po_status confidence_rate(const struct confidence_job *job,
                               struct image_view *confidence, struct image_view *sigma,
                               struct po_error *error)
{
    const struct confidence_tables *tables = tables_of(job);
    struct scoring scoring;
    struct image_view green;
    size_t mark = scratch_mark(job->scratch);
    struct feature_rows rows;
    enum po_status status = take_green(job, &green, error);
    if (status == PO_OK)
        status = feature_rows_take(job->scratch, job->input.map->width_px, &rows, error);
    if (status != PO_OK)
        return status;
    scoring_init(job, &tables->final, CONFIDENCE_FINAL, &scoring);
    scoring.input.green = &green;
    scoring.input.scores = confidence;
    rate_map(&scoring, tables, &rows, confidence, sigma);
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
