/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bench_pipeline.h"

#include <string.h>
#include <time.h>

#include "cloud/cloud_file.h"
#include "cloud/selection.h"
#include "match/match_stage.h"
#include "refine/refine.h"

static double clock_ms(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

struct bench_time bench_time_now(void)
{
    return (struct bench_time){clock_ms(CLOCK_MONOTONIC),
                               clock_ms(CLOCK_THREAD_CPUTIME_ID)};
}

void stopwatch_init(struct stopwatch *watch, struct bench_pipeline *pipeline, int repeat)
{
    *watch = (struct stopwatch){
        .pipeline = pipeline, .repeat = repeat, .last = bench_time_now()};
    pipeline->totals[repeat] = (struct bench_time){0};
}

void stopwatch_skip(struct stopwatch *watch)
{
    if (watch != NULL)
        watch->last = bench_time_now();
}

void stopwatch_lap(struct stopwatch *watch, const char *stage)
{
    if (watch == NULL)
        return;
    struct bench_time now = bench_time_now();
    struct bench_time *total = &watch->pipeline->totals[watch->repeat];
    struct bench_time lap = {now.wall_ms - watch->last.wall_ms,
                             now.cpu_ms - watch->last.cpu_ms};
    watch->pipeline->stages[watch->stage] = stage;
    watch->pipeline->laps[watch->stage][watch->repeat] = lap;
    total->wall_ms += lap.wall_ms;
    total->cpu_ms += lap.cpu_ms;
    watch->pipeline->stage_count = ++watch->stage;
    stopwatch_skip(watch);
}

static enum po_status take_like(struct scratch *scratch, const struct image_view *image,
                                int channels, struct image_view *view,
                                struct po_error *error)
{
    return image_view_take(scratch, image->width_px, image->height_px, channels, view,
                           error);
}

/* The left image stays in colour for the cloud; the right one is needed in grey only. */
enum po_status bench_read_and_rectify(const struct bench_input *input,
                                      struct scratch *scratch, struct bench_views *views,
                                      struct stopwatch *watch, struct po_error *error)
{
    struct image_view left;
    struct image_view right;
    struct image_view right_grey;
    enum po_status status = bench_image_read(input->left_path, scratch, &left, error);
    if (status == PO_OK)
        status = bench_image_read(input->right_path, scratch, &right, error);
    if (status != PO_OK)
        return status;
    stopwatch_lap(watch, "read");
    status = take_like(scratch, &left, left.channels, &views->colour, error);
    if (status == PO_OK)
        status = take_like(scratch, &left, 1, &views->left, error);
    if (status == PO_OK)
        status = take_like(scratch, &left, 1, &right_grey, error);
    if (status == PO_OK)
        status = take_like(scratch, &left, 1, &views->right, error);
    if (status == PO_OK)
        status = rectifier_run(input->rectifier, 0, &left, &views->colour, error);
    if (status != PO_OK)
        return status;
    image_to_grey(&views->colour, &views->left);
    image_to_grey(&right, &right_grey);
    status = rectifier_run(input->rectifier, 1, &right_grey, &views->right, error);
    stopwatch_lap(watch, "rectify");
    return status;
}

double bench_matched_percent(const struct disparity_map *map, int invalid)
{
    uint64_t matched = 0;
    for (int y = 0; y < map->height_px; y++)
        for (int x = 0; x < map->width_px; x++)
            matched += disparity_row(map, y)[x] != invalid;
    return 100.0 * (double)matched / ((double)map->width_px * map->height_px);
}

static enum po_status
match_and_refine(const struct bench_input *input, struct bench_pipeline *pipeline,
                 const struct bench_views *views, struct refine_output *refined,
                 struct stopwatch *watch, struct scratch *scratch, struct po_error *error)
{
    const struct po_settings *settings = &pipeline->set.values;
    int width_px = views->left.width_px;
    int height_px = views->left.height_px;
    struct match_stage_input match_input = {
        .left = views->left,
        .right = views->right,
        .guide = views->colour,
        .range = input->range,
        .settings = settings,
    };
    struct refine_input refine = {.guide = views->colour,
                                  .left = views->left,
                                  .right = views->right,
                                  .range = input->range,
                                  .settings = settings};
    struct match_stage_plan plan;
    struct match_output match;
    struct vertical_disparity offset;
    struct count_list counts = {0};
    enum po_status status = match_stage_make_plan(
        settings,
        &(struct match_size){width_px, height_px, views->colour.channels, input->range},
        0, &plan, error);
    if (status == PO_OK)
        status =
            match_stage_take_output(&plan, scratch, width_px, height_px, &match, error);
    if (status == PO_OK)
        status = refine_take_output(scratch, width_px, height_px, refined, error);
    if (status == PO_OK)
        status = match_stage_run(&plan, &match_input, scratch, &match, &offset, error);
    if (status != PO_OK)
        return status;
    stopwatch_lap(watch, "match");
    pipeline->matched_percent = bench_matched_percent(&match.left, DISPARITY_INVALID);
    stopwatch_skip(watch);
    status = refine_run(&refine, &match, scratch, refined, &counts, error);
    stopwatch_lap(watch, "refine");
    return status;
}

static enum po_status
write_cloud(const struct bench_input *input, struct bench_pipeline *pipeline,
            const struct bench_views *views, const struct refine_output *refined,
            struct stopwatch *watch, struct scratch *scratch, struct po_error *error)
{
    struct cloud_input cloud = {
        .map = refined->map,
        .classes = refined->classes,
        .confidence = refined->confidence,
        .sigma = refined->sigma,
        .colour = views->colour,
        .rig = input->rectification.rig,
        .settings = &pipeline->set.values.cloud,
    };
    struct cloud_selection selection;
    struct count_list counts = {0};
    struct warning_list *warnings = scratch_take_zeroed(scratch, sizeof(*warnings));
    struct atomic_file *file = scratch_take(scratch, sizeof(*file));
    if (warnings == NULL || file == NULL)
        return scratch_exhausted(scratch, "the writer", error);
    enum po_status status =
        cloud_select(&cloud, scratch, &selection, &counts, warnings, error);
    stopwatch_lap(watch, "cloud");
    if (status == PO_OK)
        status = atomic_file_open_plain(file, input->cloud_path, false, error);
    if (status != PO_OK)
        return status;
    status = cloud_write(&cloud, &selection, scratch, file, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    stopwatch_lap(watch, "write");
    pipeline->points = selection.points;
    return status;
}

enum po_status bench_pipeline_run(const struct bench_input *input,
                                  struct bench_pipeline *pipeline,
                                  struct stopwatch *watch, struct scratch *scratch,
                                  struct po_error *error)
{
    struct bench_views views;
    struct refine_output refined;
    enum po_status status = bench_read_and_rectify(input, scratch, &views, watch, error);
    if (status == PO_OK)
        status =
            match_and_refine(input, pipeline, &views, &refined, watch, scratch, error);
    if (status == PO_OK)
        status = write_cloud(input, pipeline, &views, &refined, watch, scratch, error);
    return status;
}

enum po_status bench_pipeline_init(struct bench_pipeline *pipeline, const char *name,
                                   struct po_error *error)
{
    int index = 0;
    bool opencv = strcmp(name, "opencv") == 0;
    *pipeline = (struct bench_pipeline){.name = name};
    settings_set_init(&pipeline->set);
    if (settings_find("profile", &index) == NULL)
        return po_fail(error, PO_INTERNAL, "no setting named profile");
    enum po_status status = settings_assign(&pipeline->set, index, opencv ? "fast" : name,
                                            ORIGIN_COMMAND_LINE, error);
    if (status != PO_OK)
        return status;
    if (opencv)
        pipeline->set.values.match.matcher = PO_MATCHER_OPENCV;
    /* The recipe's cloud is dense and unfiltered: so is ours, to write as much. */
    pipeline->set.values.cloud.include_filled = true;
    pipeline->set.values.cloud.edge_jump_px = 0.0;
    pipeline->set.values.cloud.min_component_points = 0;
    return PO_OK;
}

void bench_pipeline_release(struct bench_pipeline *pipeline)
{
    settings_set_release(&pipeline->set);
}
