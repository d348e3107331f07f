/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of each step of refinement, in ms of the thread's own time per megapixel.
 *
 *   bench_refine DATA_DIR [--scene SUBSTRING] [--repeat N] [--profile NAME]
 *
 * The raw match is made once a scene; then the steps of `full` run one after the other, N
 * times, and the fastest time of each counts. Means over scenes weigh by pixels. What the
 * learned confidence costs in all, its share of the sum, has a line of its own.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cv_shim/cv_shim.h"
#include "match/match_stage.h"
#include "refine/confidence.h"
#include "refine/fill_holes.h"
#include "refine/plane_tiles.h"
#include "refine/refine.h"
#include "refine/steps.h"
#include "settings/settings_table.h"
#include "support/bench_settings.h"
#include "support/scene_list.h"

enum { SPECKLE_PX = 30, MAX_DIFFERENCE = 24, ARENA_BYTES_A_PIXEL = 128 };

struct work {
    struct scene_pair pair;
    struct disparity_range range;
    struct match_output match;
    struct disparity_map raw; /* the left match as it was made */
    struct refine_output out;
    struct surface_support support;
    const struct po_match_settings *settings;
    const struct quality_preset *preset;
    const struct row_kernels *kernels;
    struct scratch *scratch;
    uint64_t count;
};

static enum po_status check(struct work *work, struct po_error *error)
{
    (void)error;
    work->count = left_right_check(&work->match.left, &work->match.right, MAX_DIFFERENCE,
                                   work->kernels);
    return PO_OK;
}

static enum po_status textureless(struct work *work, struct po_error *error)
{
    return texture_check(&work->match.left,
                         &(struct texture_views){&work->pair.colour, work->kernels},
                         work->scratch, &work->count, error);
}

static enum po_status speckle(struct work *work, struct po_error *error)
{
    return speckle_filter(&work->match.left, SPECKLE_PX, DISPARITY_SCALE, work->scratch,
                          &work->count, error);
}

static enum po_status classify(struct work *work, struct po_error *error)
{
    struct hole_counts counts;
    return classify_holes(&(struct hole_maps){&work->match.left, &work->match.right,
                                              work->range, work->kernels},
                          work->scratch, &work->out.classes, &counts, error);
}

/* The second pass of plane fills, where a level has one, is timed beside the first. */
static enum po_status plane_pass(struct work *work, int pass, struct po_error *error)
{
    if (pass >= work->preset->plane_passes)
        return PO_OK;
    return plane_tiles_fill(
        &(struct plane_job){&work->match.left, &work->out.classes, &work->pair.colour,
                            work->range, work->preset->passes[pass].shift,
                            work->preset->passes[pass].demand,
                            work->preset->passes[pass].min_area_px, work->kernels},
        work->scratch, &work->count, error);
}

static enum po_status planes(struct work *work, struct po_error *error)
{
    return plane_pass(work, 0, error);
}

static enum po_status planes_again(struct work *work, struct po_error *error)
{
    return plane_pass(work, 1, error);
}

static enum po_status directions(struct work *work, struct po_error *error)
{
    return fill_directions(&work->match.left, &work->out.classes, work->kernels,
                           work->scratch, error);
}

static enum po_status background(struct work *work, struct po_error *error)
{
    (void)error;
    (void)fill_background(&work->match.left);
    return PO_OK;
}

static void copy_map(const struct disparity_map *source, struct disparity_map *target)
{
    for (int y = 0; y < source->height_px; y++)
        memcpy(disparity_row(target, y), disparity_row(source, y),
               (size_t)source->width_px * sizeof(int16_t));
}

static enum po_status weigh(struct work *work, struct po_error *error)
{
    struct row_tally visited = {0, work->out.map.height_px, 0};
    copy_map(&work->match.left, &work->out.map);
    enum po_status status = weighted_median(
        &(struct median_views){&work->out.map, &work->out.classes, &work->pair.colour,
                               work->kernels},
        work->preset->median_lattices, work->scratch, &work->match.left, &visited, error);
    work->count = visited.pixels;
    return status;
}

static enum po_status median(struct work *work, struct po_error *error)
{
    (void)error;
    median_5x5(&work->match.left, work->kernels, &work->out.map);
    return PO_OK;
}

static struct confidence_job job_of(struct work *work, const struct disparity_map *map)
{
    return (struct confidence_job){
        .input = {.map = map,
                  .work = &work->match.left,
                  .classes = &work->out.classes,
                  .match = &work->match,
                  .guide = &work->pair.colour},
        .settings = work->settings,
        .scratch = work->scratch,
    };
}

static enum po_status judge(struct work *work, struct po_error *error)
{
    struct confidence_job job = job_of(work, &work->match.left);
    return confidence_judge(&job, &work->out.confidence, &work->support, error);
}

static enum po_status trust(struct work *work, struct po_error *error)
{
    (void)error;
    work->count =
        drop_unlikely(&work->out.confidence, &work->match.left, &work->out.classes);
    return PO_OK;
}

static enum po_status see(struct work *work, struct po_error *error)
{
    (void)error;
    work->count = free_space_check(&work->match.left, &work->match.right,
                                   &work->out.classes, work->kernels);
    return PO_OK;
}

static enum po_status rate(struct work *work, struct po_error *error)
{
    struct confidence_job job = job_of(work, &work->out.map);
    job.input.support = &work->support;
    return confidence_rate(&job, &work->out.confidence, &work->out.sigma, error);
}

static enum po_status move(struct work *work, struct po_error *error)
{
    const struct subpixel_views views = {work->pair.left, work->pair.right,
                                         &work->out.classes, work->kernels};
    return subpixel_step(&views, work->scratch, &work->out.map, error);
}

static enum po_status flatten(struct work *work, struct po_error *error)
{
    const struct flat_views views = {&work->out.classes, work->kernels};
    return flat_mean(&views, work->scratch, &work->out.map, error);
}

static const struct step {
    const char *name;
    enum po_status (*run)(struct work *work, struct po_error *error);
} steps[] = {
    {"left-right check", check},
    {"texture check", textureless},
    {"speckle", speckle},
    {"hole classes", classify},
    {"scores", judge},
    {"unlikely dropped", trust},
    {"planes", planes},
    {"planes 2", planes_again},
    {"eight directions", directions},
    {"free space", see},
    {"background rows", background},
    {"weighted median", weigh},
    {"median 5x5", median},
    {"confidence", rate},
    {"sub-pixel", move},
    {"flat mean", flatten},
};
enum { STEPS = sizeof(steps) / sizeof(*steps) };

static bool is_of_confidence(const struct step *step)
{
    return step->run == judge || step->run == trust || step->run == rate;
}

static enum po_status prepare(struct work *work, const struct scene *scene,
                              const struct po_settings *settings, struct po_error *error)
{
    struct match_stage_plan plan;
    struct vertical_disparity offset;
    enum po_status status = scene_load(scene, work->scratch, &work->pair, error);
    if (status != PO_OK)
        return status;
    int width_px = work->pair.left.width_px, height_px = work->pair.left.height_px;
    work->range = scene_range(scene);
    struct match_stage_input input = {.left = work->pair.left,
                                      .right = work->pair.right,
                                      .guide = work->pair.colour,
                                      .range = work->range,
                                      .settings = settings};
    status = match_stage_make_plan(settings,
                                   &(struct match_size){width_px, height_px,
                                                        work->pair.colour.channels,
                                                        work->range},
                                   0, &plan, error);
    if (status == PO_OK)
        status = match_stage_take_output(&plan, work->scratch, width_px, height_px,
                                         &work->match, error);
    if (status == PO_OK)
        status =
            disparity_map_take(work->scratch, width_px, height_px, &work->raw, error);
    if (status == PO_OK)
        status =
            refine_take_output(work->scratch, width_px, height_px, &work->out, error);
    if (status == PO_OK)
        status =
            match_stage_run(&plan, &input, work->scratch, &work->match, &offset, error);
    if (status == PO_OK)
        copy_map(&work->match.left, &work->raw);
    return status;
}

/* Not the clock on the wall: machines that measure are seldom quiet. */
static double thread_time_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static enum po_status run_steps(struct work *work, int repeat, double seconds[STEPS],
                                struct po_error *error)
{
    for (int round = 0; round < repeat; round++) {
        size_t mark = scratch_mark(work->scratch);
        copy_map(&work->raw, &work->match.left);
        for (int i = 0; i < (int)STEPS; i++) {
            double start_s = thread_time_s();
            enum po_status status = steps[i].run(work, error);
            double took_s = thread_time_s() - start_s;
            if (status != PO_OK)
                return status;
            seconds[i] = round == 0 || took_s < seconds[i] ? took_s : seconds[i];
        }
        scratch_rewind(work->scratch, mark);
    }
    return PO_OK;
}

static enum po_status measure(const struct scene *scene,
                              const struct po_settings *settings, int repeat,
                              double seconds[STEPS], struct po_error *error)
{
    struct scratch scratch;
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    size_t volume = 4 * pixels * (size_t)scene_range(scene).count;
    struct work work = {.scratch = &scratch,
                        .settings = &settings->match,
                        .preset = quality_preset_of(settings->match.level),
                        .kernels = row_kernels_find(settings->match.cpu)};
    enum po_status status = scratch_init(
        &scratch, pixels * ARENA_BYTES_A_PIXEL + volume + (64U << 20), error);
    if (status == PO_OK)
        status = prepare(&work, scene, settings, error);
    if (status == PO_OK)
        status = run_steps(&work, repeat, seconds, error);
    scratch_release(&scratch);
    return status;
}

struct options {
    const char *directory;
    const char *scene;
    int repeat;
    struct settings_set set;
};

static enum po_status run(const struct options *options, struct po_error *error)
{
    struct scene_list list;
    double totals[STEPS] = {0}, megapixels = 0, sum = 0, learned = 0;
    enum po_status status =
        scene_list_read(options->directory, options->scene, &list, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < list.count && status == PO_OK; i++) {
        double seconds[STEPS] = {0};
        const struct scene *scene = &list.scenes[i];
        status = measure(scene, &options->set.values, options->repeat, seconds, error);
        for (int k = 0; k < (int)STEPS; k++)
            totals[k] += seconds[k];
        megapixels += 1e-6 * scene->width_px * (double)scene->height_px;
    }
    scene_list_release(&list);
    if (status != PO_OK || megapixels <= 0)
        return status;
    for (int k = 0; k < (int)STEPS; k++) {
        printf("%-18s %7.2f ms/Mpx\n", steps[k].name, 1e3 * totals[k] / megapixels);
        sum += totals[k];
        learned += is_of_confidence(&steps[k]) ? totals[k] : 0;
    }
    printf("%-18s %7.2f ms/Mpx\n", "learned confidence", 1e3 * learned / megapixels);
    printf("%-18s %7.2f ms/Mpx\n", "sum", 1e3 * sum / megapixels);
    return PO_OK;
}

static enum po_status set_option(struct options *options, const char *name,
                                 const char *value, struct po_error *error)
{
    if (strcmp(name, "scene") == 0) {
        options->scene = value;
        return PO_OK;
    }
    if (strcmp(name, "repeat") == 0) {
        options->repeat = atoi(value) > 0 ? atoi(value) : 1;
        return PO_OK;
    }
    return bench_set_setting(&options->set, name, value, error);
}

int main(int argc, char **argv)
{
    struct options options = {.repeat = 5};
    struct po_error error = {0};
    enum po_status status = PO_OK;
    (void)!cv_shim_init(NULL);
    settings_set_init(&options.set);
    for (int i = 1; i < argc && status == PO_OK; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            options.directory = argv[i];
        } else if (i + 1 < argc) {
            status = set_option(&options, argv[i] + 2, argv[i + 1], &error);
            i++;
        } else {
            status = po_fail(&error, PO_BAD_ARGUMENT, "%s wants a value", argv[i]);
        }
    }
    if (status == PO_OK && options.directory == NULL)
        status = po_fail(&error, PO_BAD_ARGUMENT,
                         "usage: bench_refine DATA_DIR [--scene SUBSTRING] [--repeat N] "
                         "[--profile NAME]");
    if (status == PO_OK)
        status = run(&options, &error);
    settings_set_release(&options.set);
    if (status != PO_OK)
        (void)fprintf(stderr, "bench_refine: %s\n", error.message);
    return status == PO_OK ? 0 : 1;
}
