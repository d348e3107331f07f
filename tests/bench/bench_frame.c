/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole frame, PNG in and PLY out, against the usual recipe in plain OpenCV calls.
 *
 *   bench_frame DATA_DIR [--json FILE] [--repeat N] [--scene mosaic|aloe] [--width PX]
 *               [--height PX] [--min-disparity N] [--num-disparities N]
 *               [--profile NAME ...]
 *
 * Both pipelines run in this program, turn by turn, on one core and on the same two
 * files: four scenes as tiles of one pair, 1456x1088, all disparities within the range.
 * They share the readers, the remap tables, the PLY layout and the writer without sync;
 * both write every pixel they gave a value. The recipe: StereoSGBM MODE_SGBM block 5,
 * bilateral 5/10/10, inpainting NS radius 3, reprojectImageTo3D. OpenCV is the one of
 * the system.
 *
 * Times are the thread's own (CPU) and those of the clock on the wall; ratios compare
 * medians of CPU time within this run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_file.h"
#include "cv_shim/cv_shim.h"
#include "support/classic_recipe.h"

enum { PIPELINES_MAX = 6, ARENA_BYTES_A_PIXEL = 768 };

struct options {
    struct bench_input_request input;
    const char *json;
    int repeat;
    struct disparity_range range;
    const char *profiles[PIPELINES_MAX];
    int profile_count;
};

static int compare_ms(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct summary {
    double min_ms;
    double median_ms;
};

static struct summary summarise(const double *ms, int count)
{
    double sorted[BENCH_REPEAT_MAX];
    memcpy(sorted, ms, (size_t)count * sizeof(*ms));
    qsort(sorted, (size_t)count, sizeof(*sorted), compare_ms);
    return (struct summary){sorted[0], sorted[count / 2]};
}

struct summaries {
    struct summary wall;
    struct summary cpu;
};

/* Of `times` less `part`, turn by turn; `part` may be NULL. */
static struct summaries summarise_times(const struct bench_time *times,
                                        const struct bench_time *part, int count)
{
    double wall[BENCH_REPEAT_MAX];
    double cpu[BENCH_REPEAT_MAX];
    for (int i = 0; i < count; i++) {
        wall[i] = times[i].wall_ms - (part != NULL ? part[i].wall_ms : 0.0);
        cpu[i] = times[i].cpu_ms - (part != NULL ? part[i].cpu_ms : 0.0);
    }
    return (struct summaries){summarise(wall, count), summarise(cpu, count)};
}

/* What the others are measured against: the recipe, whole and without its costliest
 * step. */
struct reference {
    struct summaries whole;
    struct summaries without_inpaint;
};

static struct reference reference_of(const struct bench_pipeline *classic, int repeat)
{
    const struct bench_time *inpaint = NULL;
    for (int i = 0; i < classic->stage_count; i++)
        if (strcmp(classic->stages[i], "inpaint") == 0)
            inpaint = classic->laps[i];
    return (struct reference){summarise_times(classic->totals, NULL, repeat),
                              summarise_times(classic->totals, inpaint, repeat)};
}

static void add_times(struct json *parent, const char *name,
                      const struct summaries *times)
{
    struct json *object = json_add_object(parent, name);
    json_add_number(object, "cpu_median", times->cpu.median_ms);
    json_add_number(object, "cpu_min", times->cpu.min_ms);
    json_add_number(object, "wall_median", times->wall.median_ms);
    json_add_number(object, "wall_min", times->wall.min_ms);
}

static void add_ratios(struct json *object, const char *name,
                       const struct summaries *reference, const struct summaries *times)
{
    struct json *ratios = json_add_object(object, name);
    json_add_number(ratios, "cpu_median",
                    reference->cpu.median_ms / times->cpu.median_ms);
    json_add_number(ratios, "cpu_min", reference->cpu.min_ms / times->cpu.min_ms);
    json_add_number(ratios, "wall_median",
                    reference->wall.median_ms / times->wall.median_ms);
    json_add_number(ratios, "wall_min", reference->wall.min_ms / times->wall.min_ms);
    (void)printf(" %.2f", reference->cpu.median_ms / times->cpu.median_ms);
}

static void report_pipeline(const struct bench_pipeline *pipeline, int repeat,
                            const struct reference *reference, struct json *parent)
{
    struct json *object = json_add_object(parent, pipeline->name);
    struct json *stages = json_add_object(object, "stages_ms");
    (void)printf("%-16s", pipeline->name);
    for (int i = 0; i < pipeline->stage_count; i++) {
        struct summaries lap = summarise_times(pipeline->laps[i], NULL, repeat);
        add_times(stages, pipeline->stages[i], &lap);
        (void)printf(" %s %.1f", pipeline->stages[i], lap.cpu.median_ms);
    }
    struct summaries total = summarise_times(pipeline->totals, NULL, repeat);
    add_times(object, "total_ms", &total);
    (void)printf(" | total %.1f (min %.1f, wall %.1f), times faster", total.cpu.median_ms,
                 total.cpu.min_ms, total.wall.median_ms);
    add_ratios(object, "times_faster", &reference->whole, &total);
    (void)printf(", without inpainting");
    add_ratios(object, "times_faster_than_without_inpaint", &reference->without_inpaint,
               &total);
    json_add_number(object, "points", (double)pipeline->points);
    json_add_number(object, "matched_percent", pipeline->matched_percent);
    json_add_number(object, "scratch_bytes", pipeline->scratch_bytes);
    (void)printf(", %llu points, matched %.1f %%, scratch %.1f MB\n",
                 (unsigned long long)pipeline->points, pipeline->matched_percent,
                 pipeline->scratch_bytes / 1e6);
}

static enum po_status report(const struct options *options,
                             const struct bench_pipeline *pipelines, int count,
                             struct po_error *error)
{
    struct json *root = json_new_object();
    json_add_string(root, "scene", options->input.mosaic->name);
    json_add_number(root, "width_px", options->input.width_px);
    json_add_number(root, "height_px", options->input.height_px);
    json_add_number(root, "min_disparity", options->range.min_px);
    json_add_number(root, "num_disparities", options->range.count);
    json_add_number(root, "repeat", options->repeat);
    json_add_string(root, "opencv", cv_shim_version());
    struct json *object = json_add_object(root, "pipelines");
    struct reference reference = reference_of(&pipelines[0], options->repeat);
    (void)printf("%s %dx%d, disparities %d..%d, median of %d, ms of CPU time\n",
                 options->input.mosaic->name, options->input.width_px,
                 options->input.height_px, options->range.min_px,
                 options->range.min_px + options->range.count - 1, options->repeat);
    for (int i = 0; i < count; i++)
        report_pipeline(&pipelines[i], options->repeat, &reference, object);
    enum po_status status = PO_OK;
    if (options->json != NULL)
        status = json_write_file(root, options->json, error);
    json_free(root);
    return status;
}

/* ---- the run -------------------------------------------------------------------- */

static enum po_status run_pipelines(const struct options *options,
                                    const struct bench_input *input,
                                    struct bench_pipeline *pipelines, int count,
                                    struct scratch *scratch, struct po_error *error)
{
    /* One turn more than asked: the first warms caches and pages and is overwritten. */
    for (int turn = -1; turn < options->repeat; turn++) {
        for (int i = 0; i < count; i++) {
            int repeat = turn < 0 ? 0 : turn;
            scratch_rewind(scratch, 0);
            scratch->peak = 0;
            struct stopwatch watch;
            stopwatch_init(&watch, &pipelines[i], repeat);
            enum po_status status =
                pipelines[i].classic
                    ? classic_recipe_run(input, &pipelines[i], &watch, scratch, error)
                    : bench_pipeline_run(input, &pipelines[i], &watch, scratch, error);
            if (status != PO_OK)
                return status;
            pipelines[i].scratch_bytes = (double)scratch->peak;
        }
    }
    return PO_OK;
}

static enum po_status run(const struct options *options, struct po_error *error)
{
    static struct bench_pipeline pipelines[PIPELINES_MAX + 1];
    int count = 1;
    pipelines[0] = (struct bench_pipeline){.name = "classic recipe", .classic = true};
    struct scratch scratch = {0};
    struct bench_input input = {0};
    size_t pixels = (size_t)options->input.width_px * (size_t)options->input.height_px;
    enum po_status status =
        scratch_init(&scratch, (pixels + (1U << 20)) * ARENA_BYTES_A_PIXEL, error);
    if (status == PO_OK)
        status = bench_input_make(&options->input, &scratch, &input, error);
    input.range = options->range;
    for (int i = 0; i < options->profile_count && status == PO_OK; i++)
        status = bench_pipeline_init(&pipelines[count++], options->profiles[i], error);
    if (status == PO_OK)
        status = run_pipelines(options, &input, pipelines, count, &scratch, error);
    if (status == PO_OK)
        status = report(options, pipelines, count, error);
    bench_input_release(&input);
    scratch_release(&scratch);
    for (int i = 1; i < count; i++)
        bench_pipeline_release(&pipelines[i]);
    return status;
}

static bool take_number(const char *name, const char *wanted, const char *value,
                        int *number)
{
    if (strcmp(name, wanted) != 0)
        return false;
    *number = (int)strtol(value, NULL, 10);
    return true;
}

static bool take_scene(const char *value, struct options *options)
{
    const struct mosaic *mosaic = mosaic_find(value);
    if (mosaic == NULL)
        return false;
    options->input.mosaic = mosaic;
    if (strcmp(mosaic->name, "aloe") == 0)
        options->range = (struct disparity_range){0, 256};
    return true;
}

static enum po_status parse_option(struct options *options, const char *name,
                                   const char *value, struct po_error *error)
{
    if (take_number(name, "--repeat", value, &options->repeat) ||
        take_number(name, "--width", value, &options->input.width_px) ||
        take_number(name, "--height", value, &options->input.height_px) ||
        take_number(name, "--min-disparity", value, &options->range.min_px) ||
        take_number(name, "--num-disparities", value, &options->range.count))
        return PO_OK;
    if (strcmp(name, "--json") == 0)
        options->json = value;
    else if (strcmp(name, "--profile") == 0 && options->profile_count < PIPELINES_MAX)
        options->profiles[options->profile_count++] = value;
    else if (strcmp(name, "--scene") != 0 || !take_scene(value, options))
        return po_fail(error, PO_BAD_ARGUMENT, "unknown option %s %s", name, value);
    return PO_OK;
}

static enum po_status parse(int argc, char **argv, struct options *options,
                            struct po_error *error)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            options->input.data_directory = argv[i];
            continue;
        }
        const char *name = argv[i];
        if (++i >= argc)
            return po_fail(error, PO_BAD_ARGUMENT, "%s wants a value", name);
        enum po_status status = parse_option(options, name, argv[i], error);
        if (status != PO_OK)
            return status;
    }
    if (options->profile_count == 0) {
        const char *const all[] = {"opencv", "fast", "balanced", "quality", "classic"};
        options->profile_count = 5;
        memcpy(options->profiles, all, sizeof(all));
    }
    if (options->input.data_directory == NULL || options->repeat < 1 ||
        options->repeat > BENCH_REPEAT_MAX || options->input.width_px < 64 ||
        options->input.height_px < 64 || options->input.width_px > 8192 ||
        options->input.height_px > 8192)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "usage: bench_frame DATA_DIR [--json FILE] [--repeat 1..%d] "
                       "[--scene mosaic|aloe] [--width PX] [--height PX] "
                       "[--min-disparity N] [--num-disparities N] [--profile NAME ...]",
                       BENCH_REPEAT_MAX);
    return PO_OK;
}

int main(int argc, char **argv)
{
    struct options options = {
        .input = {.mosaic = mosaic_find("mosaic"), .width_px = 1456, .height_px = 1088},
        .repeat = 7,
        .range = {-16, 96},
    };
    struct po_error error = {0};
    (void)!cv_shim_init(NULL);
    enum po_status status = parse(argc, argv, &options, &error);
    if (status == PO_OK)
        status = run(&options, &error);
    if (status == PO_OK)
        return 0;
    (void)fprintf(stderr, "bench_frame: %s\n", error.message);
    return status == PO_BAD_ARGUMENT ? 2 : 1;
}
