/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matchers alone, on the same pair, in the same run, on one core: our levels at every
 * CPU level, and OpenCV's StereoSGBM in its four modes on unpadded images.
 *
 *   bench_stereo DATA_DIR [--scene NAME] [--width N] [--height N] [--min N]
 *                [--disparities N] [--repeat N] [--without-opencv] [--growth]
 *
 * Prints JSON: milliseconds of CPU time (the fastest of N), giga-evaluations of a
 * disparity a second (width * height * disparities / time), ratio to MODE_SGBM, working
 * memory, and bad pixels where the scene has ground truth at its own size. The pair is
 * scaled to width x height; 0 keeps the scene's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_file.h"
#include "cv_shim/cv_shim.h"
#include "pool/worker_pool.h"
#include "stereo/kernel_dispatch.h"
#include "stereo/matcher.h"
#include "support/bench_road.h"
#include "support/scene_list.h"

enum { MAX_THREADS = 2, STACK_BYTES = 1 << 20 };

struct options {
    const char *directory;
    const char *scene;
    int width_px;
    int height_px;
    struct disparity_range range;
    int repeat;
    bool without_opencv;
    bool growth;
};

struct pair {
    struct image_view colour;
    struct image_view left;
    struct image_view right;
};

/* A matcher with its own memory, so that several may run side by side. */
struct runner {
    struct po_match_settings settings;
    struct match_input input;
    struct match_plan plan;
    struct scratch scratch;
    struct match_output output;
    struct po_error error;
    enum po_status status;
    int repeat;
};

static void fail(const struct po_error *error)
{
    (void)fprintf(stderr, "bench_stereo: %s\n", error->message);
    exit(1);
}

static void scale_image(const struct image_view *from, struct image_view *to)
{
    for (int y = 0; y < to->height_px; y++)
        for (int x = 0; x < to->width_px; x++) {
            double u = (x + 0.5) * from->width_px / to->width_px - 0.5;
            double v = (y + 0.5) * from->height_px / to->height_px - 0.5;
            u = u < 0 ? 0 : u > from->width_px - 1 ? from->width_px - 1 : u;
            v = v < 0 ? 0 : v > from->height_px - 1 ? from->height_px - 1 : v;
            int ix = (int)u < from->width_px - 1 ? (int)u : from->width_px - 2;
            int iy = (int)v < from->height_px - 1 ? (int)v : from->height_px - 2;
            for (int c = 0; c < from->channels; c++) {
                const uint8_t *a = image_row(from, iy) + ix * from->channels + c;
                const uint8_t *b = image_row(from, iy + 1) + ix * from->channels + c;
                double top = a[0] + (u - ix) * (a[from->channels] - a[0]);
                double bottom = b[0] + (u - ix) * (b[from->channels] - b[0]);
                image_row(to, y)[x * from->channels + c] =
                    (uint8_t)(top + (v - iy) * (bottom - top) + 0.5);
            }
        }
}

static struct image_view scaled(const struct image_view *from, int width_px,
                                int height_px, struct scratch *scratch)
{
    struct image_view to;
    struct po_error error;
    if (image_view_take(scratch, width_px, height_px, from->channels, &to, &error) !=
        PO_OK)
        fail(&error);
    scale_image(from, &to);
    return to;
}

static void load_pair(const struct options *options, struct scratch *scratch,
                      struct pair *pair)
{
    struct po_error error;
    struct scene_list list;
    struct scene_pair loaded;
    if (scene_list_read(options->directory, options->scene, &list, &error) != PO_OK)
        fail(&error);
    if (list.count == 0) {
        (void)fprintf(stderr, "bench_stereo: no scene named %s\n", options->scene);
        exit(1);
    }
    if (scene_load(&list.scenes[0], scratch, &loaded, &error) != PO_OK)
        fail(&error);
    int width = options->width_px > 0 ? options->width_px : loaded.left.width_px;
    int height = options->height_px > 0 ? options->height_px : loaded.left.height_px;
    pair->colour = scaled(&loaded.colour, width, height, scratch);
    pair->left = scaled(&loaded.left, width, height, scratch);
    pair->right = scaled(&loaded.right, width, height, scratch);
    scene_list_release(&list);
}

static void runner_init(struct runner *runner, const struct pair *pair,
                        const struct options *options, enum po_sgm_level level,
                        enum po_cpu_level cpu)
{
    struct po_settings settings;
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    po_settings_defaults(&settings);
    *runner = (struct runner){.settings = settings.match, .repeat = options->repeat};
    runner->settings.level = level;
    runner->settings.cpu = cpu;
    runner->input = (struct match_input){
        .left = pair->left,
        .right = pair->right,
        .guide = level == PO_SGM_FAST ? pair->left : pair->colour,
        .range = options->range,
    };
    int width = pair->left.width_px;
    int height = pair->left.height_px;
    if (matcher->plan(&runner->settings, width, height, runner->input.guide.channels,
                      options->range, 0, &runner->plan, &runner->error) != PO_OK)
        fail(&runner->error);
    if (scratch_init(&runner->scratch,
                     runner->plan.scratch_bytes + runner->plan.output_bytes,
                     &runner->error) != PO_OK ||
        matcher_take_output(matcher, &runner->scratch, width, height, &runner->output,
                            &runner->error) != PO_OK)
        fail(&runner->error);
}

static void run_once(void *context, int worker, int job)
{
    struct runner *runner = (struct runner *)context + job;
    (void)worker;
    for (int i = 0; i < runner->repeat && runner->status == PO_OK; i++)
        runner->status = matcher_find(PO_MATCHER_SGM)
                             ->run(&runner->settings, &runner->plan, &runner->input,
                                   &runner->scratch, &runner->output, &runner->error);
}

static double time_runner(struct runner *runner, int repeat)
{
    double best = 1e30;
    runner->repeat = 1;
    for (int i = 0; i < repeat; i++) {
        double start_ms = bench_time_now().cpu_ms;
        run_once(runner, 0, 0);
        double seconds = (bench_time_now().cpu_ms - start_ms) * 1e-3;
        best = seconds < best ? seconds : best;
        if (runner->status != PO_OK)
            fail(&runner->error);
    }
    return best;
}

static void add_speed(struct json *row, const struct options *options,
                      const struct pair *pair, double seconds, double sgbm_seconds)
{
    double evaluations =
        (double)pair->left.width_px * pair->left.height_px * options->range.count;
    json_add_number(row, "ms", seconds * 1e3);
    json_add_number(row, "gde_per_s", evaluations / seconds * 1e-9);
    if (sgbm_seconds > 0)
        json_add_number(row, "times_mode_sgbm", sgbm_seconds / seconds);
}

/* How many times the throughput of one thread two have, each with its own match. */
static double two_threads(const struct pair *pair, const struct options *options,
                          enum po_sgm_level level)
{
    struct runner runners[MAX_THREADS];
    struct worker_pool_settings pool = {
        .workers = MAX_THREADS, .batch_size = 1, .stack_bytes = STACK_BYTES};
    struct po_error error;
    double seconds[MAX_THREADS] = {1e30, 1e30};
    for (int i = 0; i < MAX_THREADS; i++)
        runner_init(&runners[i], pair, options, level, PO_CPU_AUTO);
    for (int repeat = 0; repeat < options->repeat; repeat++)
        for (int threads = 1; threads <= MAX_THREADS; threads++) {
            pool.workers = threads;
            double start = clock_monotonic_s();
            if (worker_pool_run(&pool, threads, run_once, runners, &error) != PO_OK)
                fail(&error);
            double elapsed = clock_monotonic_s() - start;
            seconds[threads - 1] =
                elapsed < seconds[threads - 1] ? elapsed : seconds[threads - 1];
        }
    for (int i = 0; i < MAX_THREADS; i++)
        scratch_release(&runners[i].scratch);
    return MAX_THREADS * seconds[0] / seconds[1];
}

static double opencv_mode(const struct pair *pair, const struct options *options,
                          enum po_opencv_mode mode, struct scratch *scratch)
{
    struct cv_image left = {pair->left.width_px, pair->left.height_px, 1,
                            pair->left.stride_bytes, pair->left.pixels};
    struct cv_image right = left;
    right.pixels = pair->right.pixels;
    right.stride_bytes = pair->right.stride_bytes;
    struct cv_sgbm_settings settings = {
        .min_disparity = options->range.min_px,
        .num_disparities = options->range.count,
        .block_size = 5,
        .p1 = 8 * 25,
        .p2 = 32 * 25,
        .disp12_max_diff = 1,
        .uniqueness_ratio = 10,
        .mode = mode,
    };
    struct po_error error;
    struct disparity_map map;
    size_t mark = scratch_mark(scratch);
    if (disparity_map_take(scratch, left.width_px, left.height_px, &map, &error) != PO_OK)
        fail(&error);
    double best = 1e30;
    int repeat = mode == PO_OPENCV_SGBM || mode == PO_OPENCV_3WAY ? options->repeat : 1;
    for (int i = 0; i < repeat; i++) {
        double start_ms = bench_time_now().cpu_ms;
        if (cv_shim_sgbm(&settings, &left, &right, map.values, map.stride, &error) !=
            PO_OK)
            fail(&error);
        double seconds = (bench_time_now().cpu_ms - start_ms) * 1e-3;
        best = seconds < best ? seconds : best;
    }
    scratch_rewind(scratch, mark);
    return best;
}

static double add_opencv(const struct pair *pair, const struct options *options,
                         struct scratch *scratch, struct json *rows)
{
    static const char *const names[] = {"MODE_SGBM", "MODE_SGBM_3WAY", "MODE_HH",
                                        "MODE_HH4"};
    double sgbm = 0;
    for (int mode = PO_OPENCV_SGBM; mode <= PO_OPENCV_HH4; mode++) {
        double seconds = opencv_mode(pair, options, (enum po_opencv_mode)mode, scratch);
        sgbm = mode == PO_OPENCV_SGBM ? seconds : sgbm;
        struct json *row = json_append_object(rows);
        json_add_string(row, "matcher", "opencv");
        json_add_string(row, "mode", names[mode]);
        add_speed(row, options, pair, seconds, sgbm);
    }
    return sgbm;
}

static void add_level(const struct pair *pair, const struct options *options,
                      enum po_sgm_level level, enum po_cpu_level cpu, double sgbm,
                      struct json *rows)
{
    static const char *const names[] = {"fast", "balanced", "quality"};
    struct runner runner;
    runner_init(&runner, pair, options, level, cpu);
    int repeat = cpu == PO_CPU_SCALAR ? 1 : options->repeat;
    double seconds = time_runner(&runner, repeat);
    struct json *row = json_append_object(rows);
    json_add_string(row, "matcher", "sgm");
    json_add_string(row, "level", names[level]);
    json_add_string(row, "cpu", sgm_kernels_find(cpu)->name);
    add_speed(row, options, pair, seconds, sgbm);
    json_add_number(row, "working_bytes", (double)runner.plan.scratch_bytes);
    json_add_number(row, "result_bytes", (double)runner.plan.output_bytes);
    scratch_release(&runner.scratch);
}

static void add_sgm(const struct pair *pair, const struct options *options, double sgbm,
                    struct json *rows)
{
    static const enum po_cpu_level cpus[] = {PO_CPU_AVX512, PO_CPU_AVX2, PO_CPU_NEON,
                                             PO_CPU_SSE4, PO_CPU_SCALAR};
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level++)
        for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
            if (sgm_kernels_find(cpus[i]) != NULL &&
                (cpus[i] != PO_CPU_SCALAR || level == PO_SGM_FAST))
                add_level(pair, options, (enum po_sgm_level)level, cpus[i], sgbm, rows);
}

/* The one-sweep match at half and double sides and ranges. */
static void add_growth(const struct pair *pair, const struct options *options,
                       struct scratch *scratch, struct json *rows)
{
    static const double factors[][2] = {{0.5, 1}, {1, 0.5}, {1, 1}, {1, 2}, {2, 1}};
    for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        size_t mark = scratch_mark(scratch);
        int width = (int)(pair->left.width_px * factors[i][0]);
        int height = (int)(pair->left.height_px * factors[i][0]);
        struct pair resized = {scaled(&pair->colour, width, height, scratch),
                               scaled(&pair->left, width, height, scratch),
                               scaled(&pair->right, width, height, scratch)};
        struct options changed = *options;
        changed.range.count = (int)(options->range.count * factors[i][1]) / 16 * 16;
        struct runner runner;
        runner_init(&runner, &resized, &changed, PO_SGM_FAST, PO_CPU_AUTO);
        struct json *row = json_append_object(rows);
        json_add_number(row, "width", width);
        json_add_number(row, "height", height);
        json_add_number(row, "disparities", changed.range.count);
        add_speed(row, &changed, &resized, time_runner(&runner, options->repeat), 0);
        json_add_number(row, "working_bytes", (double)runner.plan.scratch_bytes);
        scratch_release(&runner.scratch);
        scratch_rewind(scratch, mark);
    }
}

static int number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static bool parse(int argc, char **argv, struct options *options)
{
    *options = (struct options){.directory = argc > 1 ? argv[1] : NULL,
                                .scene = "middlebury2006_full/Aloe",
                                .width_px = 1456,
                                .height_px = 1088,
                                .range = {-16, 96},
                                .repeat = 5};
    struct {
        const char *name;
        int *value;
    } numbers[] = {{"--width", &options->width_px},
                   {"--height", &options->height_px},
                   {"--min", &options->range.min_px},
                   {"--disparities", &options->range.count},
                   {"--repeat", &options->repeat}};
    for (int i = 2; i < argc; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
            if (strcmp(argv[i], numbers[k].name) == 0 && i + 1 < argc) {
                *numbers[k].value = number(argv[++i]);
                known = true;
                break;
            }
        if (known)
            continue;
        if (strcmp(argv[i], "--scene") == 0 && i + 1 < argc)
            options->scene = argv[++i];
        else if (strcmp(argv[i], "--without-opencv") == 0)
            options->without_opencv = true;
        else if (strcmp(argv[i], "--growth") == 0)
            options->growth = true;
        else
            return false;
    }
    return options->directory != NULL;
}

static struct json *measure(const struct options *options, struct scratch *scratch)
{
    struct pair pair;
    load_pair(options, scratch, &pair);
    struct json *root = json_new_object();
    json_add_string(root, "scene", options->scene);
    json_add_number(root, "width", pair.left.width_px);
    json_add_number(root, "height", pair.left.height_px);
    json_add_number(root, "min_disparity", options->range.min_px);
    json_add_number(root, "disparities", options->range.count);
    struct json *rows = json_add_array(root, "matchers");
    double sgbm = options->without_opencv ? 0 : add_opencv(&pair, options, scratch, rows);
    add_sgm(&pair, options, sgbm, rows);
    json_add_number(root, "two_threads_fast", two_threads(&pair, options, PO_SGM_FAST));
    json_add_number(root, "two_threads_quality",
                    two_threads(&pair, options, PO_SGM_QUALITY));
    if (options->growth)
        add_growth(&pair, options, scratch, json_add_array(root, "growth"));
    return root;
}

int main(int argc, char **argv)
{
    struct options options;
    struct scratch scratch;
    struct po_error error;
    if (!parse(argc, argv, &options)) {
        (void)fprintf(stderr, "usage: bench_stereo DATA_DIR [--scene NAME] [--width N] "
                              "[--height N] [--min N] [--disparities N] [--repeat N] "
                              "[--without-opencv] [--growth]\n");
        return 2;
    }
    cv_shim_init();
    if (scratch_init(&scratch, (size_t)1 << 30, &error) != PO_OK)
        fail(&error);
    struct json *root = measure(&options, &scratch);
    char *text = NULL;
    if (json_print(root, &text, &error) != PO_OK)
        fail(&error);
    (void)fputs(text, stdout);
    free(text);
    json_free(root);
    scratch_release(&scratch);
    return 0;
}
