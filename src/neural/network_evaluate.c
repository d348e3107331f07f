/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network_evaluate.h"

#include <math.h>
#include <string.h>

/* Above this share of negative values the sign is the network's convention. */
static const double NEGATIVE_SHARE = 0.9;
/* Below this share of finite values a map is of no use. */
static const double MIN_FINITE_SHARE = 0.5;

/* A task with its geometry and its tensors. */
struct evaluation {
    const struct network_task *task;
    struct network_fit fit;
    struct network_feed feeds[2];
    int feed_count;
    struct scratch *scratch;
};

static bool views_share_input(const struct network_model *model)
{
    return model->kind == NETWORK_STEREO && model->input[0] == model->input[1];
}

size_t network_evaluate_bytes(const struct network_model *model, int width_px,
                              int height_px, int channels)
{
    struct network_fit fit;
    const struct network_picture picture = {
        .width_px = width_px, .height_px = height_px, .channels = channels};
    if (network_fit_make(model, width_px, height_px, &fit, NULL) != PO_OK)
        return 0;
    size_t view = scratch_array_size(network_view_floats(model, &fit), sizeof(float));
    size_t tensors = model->kind == NETWORK_STEREO ? scratch_sum(view, view) : view;
    return scratch_sum(tensors, network_view_pack_bytes(&picture));
}

static void set_shape(const struct network_model *model, const struct network_fit *fit,
                      int channels, struct network_feed *feed)
{
    feed->rank = 4;
    feed->shape[0] = 1;
    feed->shape[model->channels_last ? 3 : 1] = channels;
    feed->shape[model->channels_last ? 1 : 2] = fit->tensor_height_px;
    feed->shape[model->channels_last ? 2 : 3] = fit->tensor_width_px;
}

static enum po_status take_tensors(struct evaluation *evaluation, struct po_error *error)
{
    const struct network_model *model = evaluation->task->model;
    bool shared = views_share_input(model);
    size_t floats = network_view_floats(model, &evaluation->fit) * (shared ? 2 : 1);
    evaluation->feed_count = model->kind == NETWORK_STEREO && !shared ? 2 : 1;
    for (int i = 0; i < evaluation->feed_count; i++) {
        set_shape(model, &evaluation->fit, model->channels * (shared ? 2 : 1),
                  &evaluation->feeds[i]);
        evaluation->feeds[i].data =
            scratch_take_array(evaluation->scratch, floats, sizeof(float));
        if (evaluation->feeds[i].data == NULL)
            return scratch_exhausted(evaluation->scratch, "a network's input", error);
    }
    return PO_OK;
}

static enum po_status pack_views(const struct evaluation *evaluation,
                                 const struct network_tile *tile, struct po_error *error)
{
    const struct network_task *task = evaluation->task;
    const struct network_model *model = task->model;
    int views = model->kind == NETWORK_STEREO ? 2 : 1;
    bool shared = views_share_input(model);
    enum po_status status = PO_OK;
    for (int i = 0; i < views && status == PO_OK; i++)
        status = network_view_pack(
            &task->views[i], &(struct network_part){model, &evaluation->fit, tile},
            &(struct network_slice){evaluation->feeds[shared ? 0 : model->input[i]].data,
                                    shared ? i * model->channels : 0,
                                    model->channels * (shared ? 2 : 1)},
            evaluation->scratch, error);
    return status;
}

static enum po_status run_tile(const struct evaluation *evaluation, int index,
                               struct network_map *map, struct po_error *error)
{
    const struct network_task *task = evaluation->task;
    struct network_tile tile =
        network_tile_at(&evaluation->fit, map->width_px, map->height_px, index);
    struct network_result result;
    enum po_status status = pack_views(evaluation, &tile, error);
    if (status == PO_OK)
        status = network_run(task->network, evaluation->feeds, task->model->output,
                             &result, error);
    if (status != PO_OK)
        return status;
    status = network_view_unpack(
        &result, &(struct network_part){task->model, &evaluation->fit, &tile},
        task->views[0].mirrored, map, error);
    network_result_release(task->network, &result);
    return status;
}

struct value_survey {
    size_t finite;
    size_t negative;
    float low;
    float high;
};

static struct value_survey survey_values(const struct network_map *map, size_t count)
{
    struct value_survey survey = {0, 0, INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        float value = map->values[i];
        if (!isfinite(value))
            continue;
        survey.finite++;
        survey.negative += value < 0.0F;
        survey.low = fminf(survey.low, value);
        survey.high = fmaxf(survey.high, value);
    }
    return survey;
}

static enum po_status check_values(const struct value_survey *survey, size_t count,
                                   struct po_error *error)
{
    if ((double)survey->finite < MIN_FINITE_SHARE * (double)count)
        return po_fail(error, PO_BAD_FORMAT,
                       "the network gave no number for %.1f %% of the pixels",
                       100.0 * (double)(count - survey->finite) / (double)count);
    if (!(survey->high > survey->low))
        return po_fail(error, PO_BAD_FORMAT,
                       "the network gave %g for every pixel: its inputs may be scaled "
                       "otherwise than it was trained with",
                       (double)survey->low);
    return PO_OK;
}

/* From the network's pixels and sign to the picture's. */
static void scale_values(const struct evaluation *evaluation,
                         const struct value_survey *survey, struct network_map *map,
                         size_t count, struct network_findings *findings)
{
    const struct network_model *model = evaluation->task->model;
    double factor = model->output_scale;
    findings->missing = (double)(count - survey->finite) / (double)count;
    if (model->kind == NETWORK_STEREO) {
        factor /= evaluation->fit.scale_x;
        findings->sign_turned =
            !model->sign_known &&
            (double)survey->negative > NEGATIVE_SHARE * (double)survey->finite;
        factor = findings->sign_turned ? -factor : factor;
    }
    for (size_t i = 0; i < count; i++)
        map->values[i] = (float)(map->values[i] * factor);
}

enum po_status network_evaluate(const struct network_task *task, struct scratch *scratch,
                                struct network_map *map,
                                struct network_findings *findings, struct po_error *error)
{
    struct evaluation evaluation = {.task = task, .scratch = scratch};
    size_t mark = scratch_mark(scratch);
    size_t count = (size_t)map->width_px * (size_t)map->height_px;
    *findings = (struct network_findings){0};
    enum po_status status = network_fit_make(task->model, map->width_px, map->height_px,
                                             &evaluation.fit, error);
    if (status == PO_OK)
        status = take_tensors(&evaluation, error);
    int tiles = evaluation.fit.tiles_x * evaluation.fit.tiles_y;
    for (int i = 0; i < tiles && status == PO_OK; i++) {
        if (cancel_requested(task->cancel))
            status = po_fail(error, PO_CANCELLED, "cancelled in the network");
        else
            status = run_tile(&evaluation, i, map, error);
    }
    scratch_rewind(scratch, mark);
    if (status != PO_OK)
        return status;
    struct value_survey survey = survey_values(map, count);
    status = check_values(&survey, count, error);
    if (status == PO_OK)
        scale_values(&evaluation, &survey, map, count, findings);
    return status;
}
