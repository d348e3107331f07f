/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/confidence.h"

#include <stdbool.h>
#include <string.h>

#include "refine/row_kernels.h"
#include "stereo/kernel_dispatch.h"

size_t confidence_bytes(int width_px, int height_px)
{
    return scratch_sum(feature_rows_bytes(width_px),
                       surface_support_work_bytes(width_px, height_px));
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

/* One forest over all rows of a map. */
struct scoring {
    const struct confidence_job *job;
    const struct sgm_kernels *kernels;
    const struct row_kernels *rows;
    struct feature_input input;
    const struct byte_forest *forest;
    enum confidence_stage stage;
    uint32_t features;
};

static struct scoring scoring_of(const struct confidence_job *job,
                                 const struct byte_forest *forest,
                                 enum confidence_stage stage)
{
    const struct sgm_kernels *kernels = sgm_kernels_find(job->settings->cpu);
    return (struct scoring){
        .job = job,
        .kernels = kernels != NULL ? kernels : &sgm_kernels_scalar,
        .rows = row_kernels_find(job->settings->cpu),
        .input = job->input,
        .forest = forest,
        .stage = stage,
        .features = forest->asked | (job->probe != NULL ? confidence_features(stage) : 0),
    };
}

/* The scores of row y are in rows->scores. */
static void score_row(const struct scoring *scoring, int y, struct feature_rows *rows)
{
    const struct confidence_probe *probe = scoring->job->probe;
    scoring->rows->measure_features(&scoring->input, scoring->features, y, rows);
    scoring->kernels->forest(scoring->forest, (const uint8_t *const *)rows->features,
                             rows->width_px, rows->scores);
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
    struct scoring local = scoring_of(job, &tables->local, CONFIDENCE_LOCAL);
    struct scoring raw = scoring_of(job, &tables->raw, CONFIDENCE_RAW);
    struct feature_rows rows;
    const struct support_input input = {
        .map = job->input.map,
        .classes = job->input.classes,
        .scores = scores,
        .guide = job->input.guide,
        .kernels = row_kernels_find(job->settings->cpu),
    };
    raw.input.scores = scores;
    raw.input.support = support;
    enum po_status status =
        surface_support_take(job->scratch, job->input.map->width_px,
                             job->input.map->height_px, support, error);
    if (status != PO_OK)
        return status;
    size_t mark = scratch_mark(job->scratch);
    status = feature_rows_take(job->scratch, job->input.map->width_px, &rows, error);
    if (status == PO_OK) {
        score_map(&local, &rows, scores);
        status = surface_support_make(&input, job->scratch, support, error);
    }
    if (status == PO_OK)
        score_map(&raw, &rows, scores);
    scratch_rewind(job->scratch, mark);
    return status;
}

enum po_status confidence_rate(const struct confidence_job *job,
                               struct image_view *confidence, struct image_view *sigma,
                               struct po_error *error)
{
    const struct confidence_tables *tables = tables_of(job);
    struct scoring final = scoring_of(job, &tables->final, CONFIDENCE_FINAL);
    size_t mark = scratch_mark(job->scratch);
    struct feature_rows rows;
    enum po_status status =
        feature_rows_take(job->scratch, job->input.map->width_px, &rows, error);
    if (status != PO_OK)
        return status;
    final.input.scores = confidence;
    for (int y = 0; y < job->input.map->height_px; y++) {
        const uint8_t *classes = image_row(job->input.classes, y);
        uint8_t *to_confidence = image_row(confidence, y);
        uint8_t *to_sigma = image_row(sigma, y);
        score_row(&final, y, &rows);
        for (int x = 0; x < rows.width_px; x++) {
            bool measured = classes[x] == PIXEL_MEASURED;
            uint8_t score = rows.scores[x];
            to_confidence[x] = measured ? tables->curve[score] : 0;
            to_sigma[x] = measured ? tables->sigmas[score / FOREST_SCORE_UNIT] : 255;
        }
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
