/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matchers alone, on the same pair, in the same run, on one core and in turn: our
 * levels, and OpenCV's StereoSGBM in its four modes on unpadded images.
 *
 *   bench_stereo DATA_DIR [--scene NAME] [--width N] [--height N] [--min N]
 *                [--disparities N] [--repeat N] [--without-opencv] [--growth] [--tiles]
 *
 * Prints JSON: milliseconds of CPU time (the fastest of N), giga-evaluations of a
 * disparity a second (width * height * disparities / time), ratio to MODE_SGBM, working
 * memory, and bad pixels of the raw map at the size of the ground truth (holes, and truth
 * beyond the range, are bad). The pair is
 * scaled to width x height; 0 keeps the scene's. --growth adds other sizes and ranges;
 * --tiles, or it, the match in tiles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_file.h"
#include "cv_shim/cv_shim.h"
#include "evaluate/score.h"
#include "pool/worker_pool.h"
#include "stereo/kernel_dispatch.h"
#include "support/bench_matcher.h"
#include "support/bench_pipeline.h"

enum { MAX_THREADS = 2, STACK_BYTES = 1 << 20 };

static void add_speed(struct json *row, const struct bench_match_options *options,
                      const struct bench_match_pair *pair, double seconds,
                      double sgbm_seconds)
{
    double evaluations =
        (double)pair->left.width_px * pair->left.height_px * options->range.count;
    json_add_number(row, "ms", seconds * 1e3);
    json_add_number(row, "gde_per_s", evaluations / seconds * 1e-9);
    if (sgbm_seconds > 0)
        json_add_number(row, "times_mode_sgbm", sgbm_seconds / seconds);
}

/* How many times the throughput of one thread two have, each with its own match. */
static double two_threads(const struct bench_match_pair *pair,
                          const struct bench_match_options *options,
                          enum po_sgm_level level)
{
    struct bench_matcher runners[MAX_THREADS];
    struct worker_pool_settings pool = {
        .workers = MAX_THREADS, .batch_size = 1, .stack_bytes = STACK_BYTES};
    struct po_error error;
    double seconds[MAX_THREADS] = {1e30, 1e30};
    for (int i = 0; i < MAX_THREADS; i++)
        bench_matcher_init(&runners[i], pair, options, level, PO_CPU_AUTO);
    for (int repeat = 0; repeat < options->repeat; repeat++)
        for (int threads = 1; threads <= MAX_THREADS; threads++) {
            pool.workers = threads;
            double start = clock_monotonic_s();
            if (worker_pool_run(&pool, threads, bench_matcher_run, runners, &error) !=
                PO_OK)
                bench_match_fail(&error);
            double elapsed = clock_monotonic_s() - start;
            seconds[threads - 1] =
                elapsed < seconds[threads - 1] ? elapsed : seconds[threads - 1];
        }
    for (int i = 0; i < MAX_THREADS; i++)
        scratch_release(&runners[i].scratch);
    return MAX_THREADS * seconds[0] / seconds[1];
}

/* One of OpenCV's modes, or one of our levels at the best CPU level. */
struct contender {
    bool is_opencv;
    int which; /* enum po_opencv_mode or enum po_sgm_level */
    struct bench_matcher runner;
    struct disparity_map map; /* OpenCV's result */
    double seconds;           /* the fastest */
};

enum { CONTENDERS = 7, OPENCV_MODES = 4 };

static void run_opencv(const struct bench_match_pair *pair,
                       const struct bench_match_options *options,
                       struct contender *contender)
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
        .mode = (enum po_opencv_mode)contender->which,
    };
    struct po_error error;
    if (cv_shim_sgbm(&settings, &left, &right, contender->map.values,
                     contender->map.stride, &error) != PO_OK)
        bench_match_fail(&error);
}

static void contender_init(struct contender *contender, int index,
                           const struct bench_match_pair *pair,
                           const struct bench_match_options *options,
                           struct scratch *scratch)
{
    struct po_error error;
    *contender = (struct contender){.is_opencv = index < OPENCV_MODES,
                                    .which = index % OPENCV_MODES,
                                    .seconds = 1e30};
    if (!contender->is_opencv)
        bench_matcher_init(&contender->runner, pair, options,
                           (enum po_sgm_level)contender->which, PO_CPU_AUTO);
    else if (disparity_map_take(scratch, pair->left.width_px, pair->left.height_px,
                                &contender->map, &error) != PO_OK)
        bench_match_fail(&error);
}

/* In turn, so that a slow spell of the machine meets all. */
static void race(const struct bench_match_pair *pair,
                 const struct bench_match_options *options,
                 struct contender contenders[CONTENDERS])
{
    for (int repeat = 0; repeat < options->repeat; repeat++)
        for (int i = options->without_opencv ? OPENCV_MODES : 0; i < CONTENDERS; i++) {
            struct contender *contender = &contenders[i];
            if (contender->is_opencv && contender->which > PO_OPENCV_3WAY && repeat > 0)
                continue;
            double start_ms = bench_time_now().cpu_ms;
            contender->runner.repeat = 1;
            if (contender->is_opencv)
                run_opencv(pair, options, contender);
            else
                bench_matcher_run(&contender->runner, 0, 0);
            if (contender->runner.status != PO_OK)
                bench_match_fail(&contender->runner.error);
            double seconds = (bench_time_now().cpu_ms - start_ms) * 1e-3;
            contender->seconds =
                seconds < contender->seconds ? seconds : contender->seconds;
        }
}

/* Scores of a raw map, brought to the size of the scene's ground truth. */
static void add_scores(struct json *row, const struct bench_match_pair *pair,
                       const struct disparity_map *map, int invalid,
                       struct scratch *scratch)
{
    const struct scene *scene = &pair->scene;
    struct po_error error;
    struct frame_scores scores;
    struct disparity_map sized;
    size_t mark = scratch_mark(scratch);
    if (disparity_map_take(scratch, scene->width_px, scene->height_px, &sized, &error) !=
        PO_OK)
        bench_match_fail(&error);
    for (int y = 0; y < sized.height_px; y++)
        for (int x = 0; x < sized.width_px; x++) {
            int value = disparity_row(
                map,
                y * map->height_px / sized.height_px)[x * map->width_px / sized.width_px];
            disparity_row(&sized, y)[x] =
                value == invalid ? DISPARITY_INVALID
                                 : (int16_t)(value * sized.width_px / map->width_px);
        }
    const struct score_views views = {.map = &sized};
    if (score_frame(&views, &(struct truth_files){scene->truth, NULL, scene->truth_scale},
                    &scores, &error) != PO_OK)
        bench_match_fail(&error);
    scratch_rewind(scratch, mark);
    json_add_number(row, "bad1_percent", scores.dense_all.bad1);
    json_add_number(row, "bad2_percent", scores.dense_all.bad2);
    json_add_number(row, "mae_px", scores.dense_all.mae);
    json_add_number(row, "density_percent", scores.dense_all.density);
}

static const char *const level_names[] = {"fast", "balanced", "quality"};

static double opencv_bytes(const struct bench_match_pair *pair,
                           const struct bench_match_options *options, int mode)
{
    struct po_settings settings;
    struct match_plan plan;
    struct po_error error;
    po_settings_defaults(&settings);
    settings.match.matcher = PO_MATCHER_OPENCV;
    settings.match.opencv_mode = (enum po_opencv_mode)mode;
    settings.match.block_size_px = 5;
    if (matcher_find(PO_MATCHER_OPENCV)
            ->plan(&settings.match,
                   &(struct match_size){pair->left.width_px, pair->left.height_px, 1,
                                        options->range},
                   0, &plan, &error) != PO_OK)
        bench_match_fail(&error);
    return (double)plan.library_bytes;
}

static void add_contender(const struct contender *contender,
                          const struct bench_match_pair *pair,
                          const struct bench_match_options *options, double sgbm,
                          double three_way, struct scratch *scratch, struct json *rows)
{
    static const char *const modes[] = {"MODE_SGBM", "MODE_SGBM_3WAY", "MODE_HH",
                                        "MODE_HH4"};
    struct json *row = json_append_object(rows);
    json_add_string(row, "matcher", contender->is_opencv ? "opencv" : "sgm");
    json_add_string(row, contender->is_opencv ? "mode" : "level",
                    contender->is_opencv ? modes[contender->which]
                                         : level_names[contender->which]);
    add_speed(row, options, pair, contender->seconds, sgbm);
    if (three_way > 0)
        json_add_number(row, "times_mode_sgbm_3way", three_way / contender->seconds);
    if (contender->is_opencv) {
        json_add_number(row, "working_bytes",
                        opencv_bytes(pair, options, contender->which));
        add_scores(row, pair, &contender->map, (options->range.min_px - 1) * 16, scratch);
    } else {
        json_add_string(row, "cpu", sgm_kernels_find(PO_CPU_AUTO)->name);
        json_add_number(row, "working_bytes",
                        (double)contender->runner.plan.scratch_bytes);
        json_add_number(row, "result_bytes", (double)contender->runner.plan.output_bytes);
        add_scores(row, pair, &contender->runner.output.left, DISPARITY_INVALID, scratch);
    }
}

static void add_race(const struct bench_match_pair *pair,
                     const struct bench_match_options *options, struct scratch *scratch,
                     struct json *rows)
{
    static struct contender contenders[CONTENDERS];
    int first = options->without_opencv ? OPENCV_MODES : 0;
    for (int i = first; i < CONTENDERS; i++)
        contender_init(&contenders[i], i, pair, options, scratch);
    race(pair, options, contenders);
    double sgbm = first == 0 ? contenders[PO_OPENCV_SGBM].seconds : 0;
    double three_way = first == 0 ? contenders[PO_OPENCV_3WAY].seconds : 0;
    for (int i = first; i < CONTENDERS; i++) {
        add_contender(&contenders[i], pair, options, sgbm, three_way, scratch, rows);
        scratch_release(&contenders[i].runner.scratch);
    }
}

/* `fast` at each CPU level. */
static void add_cpus(const struct bench_match_pair *pair,
                     const struct bench_match_options *options, struct json *rows)
{
    static const enum po_cpu_level cpus[] = {PO_CPU_AVX512, PO_CPU_AVX2, PO_CPU_NEON,
                                             PO_CPU_SSE4, PO_CPU_SCALAR};
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        if (sgm_kernels_find(cpus[i]) == NULL)
            continue;
        struct bench_matcher runner;
        bench_matcher_init(&runner, pair, options, PO_SGM_FAST, cpus[i]);
        double seconds =
            bench_matcher_time(&runner, cpus[i] == PO_CPU_SCALAR ? 1 : options->repeat);
        struct json *row = json_append_object(rows);
        json_add_string(row, "cpu", sgm_kernels_find(cpus[i])->name);
        add_speed(row, options, pair, seconds, 0);
        scratch_release(&runner.scratch);
    }
}

/* Tiles against the whole: what narrow ranges save, and what they lose. */
static void add_tiles(const struct bench_match_pair *pair,
                      const struct bench_match_options *options, struct scratch *scratch,
                      struct json *rows)
{
    for (int tiled = 0; tiled < 2; tiled++) {
        struct bench_matcher runner;
        bench_matcher_init(&runner, pair, options, PO_SGM_QUALITY, PO_CPU_AUTO);
        if (tiled == 1 && matcher_find(PO_MATCHER_SGM)
                                  ->plan(&runner.settings,
                                         &(struct match_size){
                                             pair->left.width_px, pair->left.height_px,
                                             runner.input.guide.channels, options->range},
                                         runner.plan.scratch_bytes - 1, &runner.plan,
                                         &runner.error) != PO_OK) {
            scratch_release(&runner.scratch);
            return; /* too small a pair to gain */
        }
        double seconds = bench_matcher_time(&runner, options->repeat);
        struct json *row = json_append_object(rows);
        json_add_bool(row, "tiled", runner.plan.tiled);
        add_speed(row, options, pair, seconds, 0);
        json_add_number(row, "working_bytes", (double)runner.plan.scratch_bytes);
        json_add_number(row, "evaluations", (double)runner.output.evaluations);
        add_scores(row, pair, &runner.output.left, DISPARITY_INVALID, scratch);
        scratch_release(&runner.scratch);
    }
}

/* The one-sweep match at half and double sides and ranges. */
static void add_growth(const struct bench_match_pair *pair,
                       const struct bench_match_options *options, struct scratch *scratch,
                       struct json *rows)
{
    static const double factors[][2] = {{0.5, 1}, {1, 0.5}, {1, 1}, {1, 2}, {2, 1}};
    for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        size_t mark = scratch_mark(scratch);
        int width = (int)(pair->left.width_px * factors[i][0]);
        int height = (int)(pair->left.height_px * factors[i][0]);
        struct bench_match_pair resized = {
            bench_match_scaled(&pair->colour, width, height, scratch),
            bench_match_scaled(&pair->left, width, height, scratch),
            bench_match_scaled(&pair->right, width, height, scratch), pair->scene};
        struct bench_match_options changed = *options;
        changed.range.count = (int)(options->range.count * factors[i][1]) / 16 * 16;
        struct bench_matcher runner;
        bench_matcher_init(&runner, &resized, &changed, PO_SGM_FAST, PO_CPU_AUTO);
        struct json *row = json_append_object(rows);
        json_add_number(row, "width", width);
        json_add_number(row, "height", height);
        json_add_number(row, "disparities", changed.range.count);
        add_speed(row, &changed, &resized, bench_matcher_time(&runner, options->repeat),
                  0);
        json_add_number(row, "working_bytes", (double)runner.plan.scratch_bytes);
        scratch_release(&runner.scratch);
        scratch_rewind(scratch, mark);
    }
}

static int number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static bool parse(int argc, char **argv, struct bench_match_options *options)
{
    *options = (struct bench_match_options){.directory = argc > 1 ? argv[1] : NULL,
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
        else if (strcmp(argv[i], "--tiles") == 0)
            options->tiles = true;
        else
            return false;
    }
    return options->directory != NULL;
}

static struct json *measure(const struct bench_match_options *options,
                            struct scratch *scratch)
{
    struct bench_match_pair pair;
    bench_match_load(options, scratch, &pair);
    struct json *root = json_new_object();
    json_add_string(root, "scene", options->scene);
    json_add_number(root, "width", pair.left.width_px);
    json_add_number(root, "height", pair.left.height_px);
    json_add_number(root, "min_disparity", options->range.min_px);
    json_add_number(root, "disparities", options->range.count);
    struct json *rows = json_add_array(root, "matchers");
    add_race(&pair, options, scratch, rows);
    add_cpus(&pair, options, json_add_array(root, "fast_by_cpu"));
    json_add_number(root, "two_threads_fast", two_threads(&pair, options, PO_SGM_FAST));
    json_add_number(root, "two_threads_quality",
                    two_threads(&pair, options, PO_SGM_QUALITY));
    if (options->growth || options->tiles)
        add_tiles(&pair, options, scratch, json_add_array(root, "tiles"));
    if (options->growth)
        add_growth(&pair, options, scratch, json_add_array(root, "growth"));
    return root;
}

int main(int argc, char **argv)
{
    struct bench_match_options options;
    struct scratch scratch;
    struct po_error error;
    if (!parse(argc, argv, &options)) {
        (void)fprintf(stderr, "usage: bench_stereo DATA_DIR [--scene NAME] [--width N] "
                              "[--height N] [--min N] [--disparities N] [--repeat N] "
                              "[--without-opencv] [--growth] [--tiles]\n");
        return 2;
    }
    (void)!cv_shim_init(NULL);
    if (scratch_init(&scratch, (size_t)1 << 30, &error) != PO_OK)
        bench_match_fail(&error);
    struct json *root = measure(&options, &scratch);
    char *text = NULL;
    if (json_print(root, &text, &error) != PO_OK)
        bench_match_fail(&error);
    (void)fputs(text, stdout);
    free(text);
    json_free(root);
    scratch_release(&scratch);
    return 0;
}
