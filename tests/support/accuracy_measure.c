/* SPDX-License-Identifier: Apache-2.0 */
#include "support/accuracy.h"

#include "match/match_stage.h"
#include "refine/refine.h"
#include "support/bench_pipeline.h"

enum { ARENA_BYTES_A_PIXEL = 64, ARENA_MINIMUM_BYTES = 64 << 20 };

/* Everything one scene needs, prepared before the clock runs. */
struct work {
    const struct scene *scene;
    const struct po_settings *settings;
    struct scene_pair pair;
    struct disparity_range range;
    struct match_stage_plan plan;
    struct match_output match;
    struct refine_output refined;
};

static enum po_status run_stages(struct work *work, struct scratch *scratch,
                                 struct scene_result *result, struct po_error *error)
{
    struct match_stage_input input = {
        .left = work->pair.left,
        .right = work->pair.right,
        .guide = work->pair.colour,
        .range = work->range,
        .settings = work->settings,
    };
    struct refine_input refine = {
        .guide = work->pair.colour,
        .left = work->pair.left,
        .right = work->pair.right,
        .range = work->range,
        .settings = work->settings,
    };
    struct vertical_disparity offset;
    struct count_list counts = {0};
    double start_ms = bench_time_now().cpu_ms;
    enum po_status status =
        match_stage_run(&work->plan, &input, scratch, &work->match, &offset, error);
    double matched_ms = bench_time_now().cpu_ms;
    if (status == PO_OK)
        status =
            refine_run(&refine, &work->match, scratch, &work->refined, &counts, error);
    double match_ms = matched_ms - start_ms;
    double refine_ms = bench_time_now().cpu_ms - matched_ms;
    if (result->match_ms == 0.0 ||
        match_ms + refine_ms < result->match_ms + result->refine_ms) {
        result->match_ms = match_ms;
        result->refine_ms = refine_ms;
    }
    return status;
}

static enum po_status prepare(struct work *work, struct scratch *scratch,
                              struct po_error *error)
{
    enum po_status status = scene_load(work->scene, scratch, &work->pair, error);
    if (status != PO_OK)
        return status;
    int width_px = work->pair.left.width_px;
    int height_px = work->pair.left.height_px;
    work->range = scene_range(work->scene);
    return match_stage_make_plan(work->settings,
                                 &(struct match_size){width_px, height_px,
                                                      work->pair.colour.channels,
                                                      work->range},
                                 0, &work->plan, error);
}

static enum po_status take_outputs(struct work *work, struct scratch *scratch,
                                   struct po_error *error)
{
    int width_px = work->pair.left.width_px;
    int height_px = work->pair.left.height_px;
    enum po_status status = match_stage_take_output(&work->plan, scratch, width_px,
                                                    height_px, &work->match, error);
    if (status == PO_OK)
        status = refine_take_output(scratch, width_px, height_px, &work->refined, error);
    return status;
}

static enum po_status score(const struct work *work, struct scene_result *result,
                            struct po_error *error)
{
    const struct refine_output *refined = &work->refined;
    const struct score_views views = {&refined->map, &refined->classes,
                                      &refined->confidence};
    const struct score_rows rows = {0, 0, refined->map.height_px};
    const struct truth_files files = {
        work->scene->truth, work->scene->mask[0] != '\0' ? work->scene->mask : NULL,
        work->scene->truth_scale};
    struct score_totals totals;
    enum po_status status = score_totals_begin(&totals, refined->map.width_px,
                                               refined->map.height_px, &files, error);
    if (status != PO_OK)
        return status;
    score_totals_add(&totals, &views, &rows);
    result->scores = score_totals_end(&totals);
    result->curve = totals.curve;
    score_totals_release(&totals);
    return PO_OK;
}

static enum po_status run_scene(struct work *work, int repeat, struct scratch *scratch,
                                struct scene_result *result, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < repeat && status == PO_OK; i++) {
        /* Loaded again each time: the match stage may warp the right image in place. */
        scratch_rewind(scratch, 0);
        status = prepare(work, scratch, error);
        size_t before = scratch->used;
        scratch->peak = before;
        if (status == PO_OK)
            status = take_outputs(work, scratch, error);
        if (status == PO_OK)
            status = run_stages(work, scratch, result, error);
        result->scratch_bytes = (double)(scratch->peak - before);
    }
    if (status != PO_OK)
        return status;
    result->library_bytes = (double)work->plan.library_bytes;
    result->megapixels =
        1e-6 * work->pair.left.width_px * (double)work->pair.left.height_px;
    return score(work, result, error);
}

/* The arena of a scene: images, outputs, and what the stages ask for. */
static size_t arena_bytes(const struct scene *scene, const struct po_settings *settings)
{
    struct match_stage_plan plan;
    struct disparity_range range = scene_range(scene);
    size_t bytes = ARENA_MINIMUM_BYTES + (size_t)scene->width_px *
                                             (size_t)scene->height_px *
                                             ARENA_BYTES_A_PIXEL;
    if (match_stage_make_plan(
            settings, &(struct match_size){scene->width_px, scene->height_px, 3, range},
            0, &plan, NULL) == PO_OK)
        bytes += plan.scratch_bytes + plan.output_bytes;
    return bytes +
           refine_scratch_bytes(settings, scene->width_px, scene->height_px, 3, range);
}

enum po_status accuracy_measure(const struct scene *scene,
                                const struct po_settings *settings, int repeat,
                                struct scene_result *result, struct po_error *error)
{
    struct scratch scratch;
    struct work work = {.scene = scene, .settings = settings};
    enum po_status status = scratch_init(&scratch, arena_bytes(scene, settings), error);
    if (status == PO_OK)
        status = run_scene(&work, repeat, &scratch, result, error);
    scratch_release(&scratch);
    return status;
}
