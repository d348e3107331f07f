/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accuracy of a profile, or of any set of settings, over the scenes with ground truth.
 *
 *   bench_accuracy DATA_DIR [--scene SUBSTRING] [--per-scene] [--json FILE] [--repeat N]
 *                  [--NAME VALUE ...]
 *
 * where NAME is any setting of the program: --profile fast, --matcher opencv, --fill
 * none. Percentages are of pixels with ground truth, invalid pixels counted as bad;
 * groups are means over scenes. Times are of one core, the fastest of N.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_file.h"
#include "cv_shim/cv_shim.h"
#include "evaluate/score.h"
#include "frame/match_stage.h"
#include "refine/refine.h"
#include "settings/settings_table.h"
#include "support/scene_list.h"

enum { ARENA_BYTES_A_PIXEL = 64, ARENA_MINIMUM_BYTES = 64 << 20 };

struct options {
    const char *directory;
    const char *scene;
    const char *json;
    bool per_scene;
    int repeat;
    struct settings_set set;
};

struct scene_result {
    struct frame_scores scores;
    double megapixels;
    double match_ms;
    double refine_ms;
    double scratch_bytes; /* of matching and refinement, outputs included */
    double library_bytes;
};

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
        .range = work->range,
        .settings = work->settings,
    };
    struct row_offset offset;
    struct count_list counts = {0};
    double start_s = clock_monotonic_s();
    enum po_status status = match_stage_run(&work->plan, &input, scratch, &work->match,
                                            &offset, &counts, error);
    double matched_s = clock_monotonic_s();
    if (status == PO_OK)
        status =
            refine_run(&refine, &work->match, scratch, &work->refined, &counts, error);
    double refined_s = clock_monotonic_s();
    double match_ms = (matched_s - start_s) * 1e3;
    double refine_ms = (refined_s - matched_s) * 1e3;
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
    return match_stage_make_plan(work->settings, width_px, height_px,
                                 work->pair.colour.channels, work->range, 0, &work->plan,
                                 error);
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

static enum po_status run_scene(struct work *work, int repeat, struct scratch *scratch,
                                struct scene_result *result, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < repeat && status == PO_OK; i++) {
        /* Loaded anew each time: the match stage may warp the right image in place. */
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
    return score_frame(&work->refined.map, &work->refined.classes, work->scene->truth,
                       work->scene->mask[0] != '\0' ? work->scene->mask : NULL,
                       work->scene->truth_scale, &result->scores, error);
}

/* The arena of a scene: images, outputs, and what the stages ask for. */
static size_t arena_bytes(const struct scene *scene, const struct po_settings *settings)
{
    struct match_stage_plan plan;
    struct disparity_range range = scene_range(scene);
    size_t bytes = ARENA_MINIMUM_BYTES + (size_t)scene->width_px *
                                             (size_t)scene->height_px *
                                             ARENA_BYTES_A_PIXEL;
    if (match_stage_make_plan(settings, scene->width_px, scene->height_px, 3, range, 0,
                              &plan, NULL) == PO_OK)
        bytes += plan.scratch_bytes + plan.output_bytes;
    return bytes +
           refine_scratch_bytes(settings, scene->width_px, scene->height_px, 3, range);
}

static enum po_status measure(const struct scene *scene, const struct options *options,
                              struct scene_result *result, struct po_error *error)
{
    struct scratch scratch;
    const struct po_settings *settings = &options->set.values;
    struct work work = {.scene = scene, .settings = settings};
    enum po_status status = scratch_init(&scratch, arena_bytes(scene, settings), error);
    if (status == PO_OK)
        status = run_scene(&work, options->repeat, &scratch, result, error);
    scratch_release(&scratch);
    return status;
}

/* ---- groups and what is printed ------------------------------------------------- */

struct group {
    const char *name;
    const char *prefix;
    bool nonocc;
};

static const struct group groups[] = {
    {"all", "", false},
    {"middlebury2001-2006", "middlebury200", false},
    {"middlebury2014", "middlebury2014", false},
    {"middlebury2014 nonocc", "middlebury2014", true},
    {"kitti2012", "kitti2012", false},
};
enum { GROUPS = sizeof(groups) / sizeof(*groups) };

struct group_result {
    int scenes;
    struct score dense;
    struct score measured;
    double match_ms_mpx;
    double refine_ms_mpx;
    double scratch_peak_bytes;
    double library_peak_bytes;
};

static struct group_result summarise(const struct group *group,
                                     const struct scene_list *list,
                                     const struct scene_result *results,
                                     struct frame_scores *buffer)
{
    struct group_result sum = {0};
    double megapixels = 0.0;
    for (int i = 0; i < list->count; i++) {
        const struct scene_result *result = &results[i];
        if (strncmp(list->scenes[i].name, group->prefix, strlen(group->prefix)) != 0)
            continue;
        if (group->nonocc && !result->scores.dense_nonocc.present)
            continue;
        buffer[sum.scenes++] = result->scores;
        megapixels += result->megapixels;
        sum.match_ms_mpx += result->match_ms;
        sum.refine_ms_mpx += result->refine_ms;
        if (result->scratch_bytes > sum.scratch_peak_bytes)
            sum.scratch_peak_bytes = result->scratch_bytes;
        if (result->library_bytes > sum.library_peak_bytes)
            sum.library_peak_bytes = result->library_bytes;
    }
    struct frame_scores mean = score_mean(buffer, sum.scenes);
    sum.dense = group->nonocc ? mean.dense_nonocc : mean.dense_all;
    sum.measured = group->nonocc ? mean.measured_nonocc : mean.measured_all;
    if (megapixels > 0.0) {
        sum.match_ms_mpx /= megapixels;
        sum.refine_ms_mpx /= megapixels;
    }
    return sum;
}

static void print_heading(void)
{
    (void)printf("%-30s %6s %6s %6s %6s %6s %7s | %7s %6s | %8s %8s %8s\n", "dense",
                 "bad05", "bad1", "bad2", "bad4", "mae", "density", "meas. %", "bad2v",
                 "match", "refine", "scratch");
    (void)printf("%-30s %6s %6s %6s %6s %6s %7s | %7s %6s | %8s %8s %8s\n", "", "%", "%",
                 "%", "%", "px", "%", "density", "%", "ms/Mpx", "ms/Mpx", "MB");
}

static void print_row(const char *name, const struct group_result *row)
{
    (void)printf(
        "%-30s %6.2f %6.2f %6.2f %6.2f %6.3f %7.2f | %7.2f %6.2f | %8.1f %8.1f %8.1f\n",
        name, row->dense.bad05, row->dense.bad1, row->dense.bad2, row->dense.bad4,
        row->dense.mae, row->dense.density, row->measured.density,
        row->measured.bad2_valid, row->match_ms_mpx, row->refine_ms_mpx,
        row->scratch_peak_bytes / 1e6);
}

static void add_score(struct json *parent, const char *key, const struct score *score)
{
    struct json *object = json_add_object(parent, key);
    json_add_number(object, "bad05", score->bad05);
    json_add_number(object, "bad1", score->bad1);
    json_add_number(object, "bad2", score->bad2);
    json_add_number(object, "bad4", score->bad4);
    json_add_number(object, "mae", score->mae);
    json_add_number(object, "density", score->density);
    json_add_number(object, "bad2_valid", score->bad2_valid);
}

static void add_group(struct json *parent, const char *name,
                      const struct group_result *row)
{
    struct json *object = json_add_object(parent, name);
    json_add_number(object, "scenes", row->scenes);
    add_score(object, "dense", &row->dense);
    add_score(object, "measured", &row->measured);
    json_add_number(object, "match_ms_per_mpx", row->match_ms_mpx);
    json_add_number(object, "refine_ms_per_mpx", row->refine_ms_mpx);
    json_add_number(object, "scratch_peak_bytes", row->scratch_peak_bytes);
    json_add_number(object, "library_bytes", row->library_peak_bytes);
}

static void add_settings(struct json *root, const struct settings_set *set)
{
    struct json *object = json_add_object(root, "settings");
    char text[256];
    for (int i = 0; i < settings_row_count(); i++) {
        if (settings_row(i)->effect == SETTING_RUN)
            continue;
        settings_format(&set->values, i, text, sizeof(text));
        json_add_string(object, settings_row(i)->name, text);
    }
}

static void print_scenes(const struct scene_list *list,
                         const struct scene_result *results, struct frame_scores *buffer)
{
    for (int i = 0; i < list->count; i++) {
        struct scene_list one = {&list->scenes[i], 1};
        struct group_result row = summarise(&groups[0], &one, &results[i], buffer);
        print_row(list->scenes[i].name, &row);
    }
}

static enum po_status report(const struct options *options, const struct scene_list *list,
                             const struct scene_result *results,
                             struct frame_scores *buffer, struct po_error *error)
{
    struct json *root = json_new_object();
    add_settings(root, &options->set);
    struct json *object = json_add_object(root, "groups");
    print_heading();
    if (options->per_scene)
        print_scenes(list, results, buffer);
    for (int g = 0; g < GROUPS; g++) {
        struct group_result row = summarise(&groups[g], list, results, buffer);
        if (row.scenes == 0)
            continue;
        print_row(groups[g].name, &row);
        add_group(object, groups[g].name, &row);
    }
    object = json_add_object(root, "scenes");
    for (int i = 0; i < list->count; i++) {
        struct scene_list one = {&list->scenes[i], 1};
        struct group_result row = summarise(&groups[0], &one, &results[i], buffer);
        add_group(object, list->scenes[i].name, &row);
    }
    enum po_status status = PO_OK;
    if (options->json != NULL)
        status = json_write_file(root, options->json, error);
    json_free(root);
    return status;
}

/* ---- command line --------------------------------------------------------------- */

/* The bench's own options; false when `name` is none of them. */
static bool own_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "scene") == 0)
        options->scene = value;
    else if (strcmp(name, "json") == 0)
        options->json = value;
    else if (strcmp(name, "repeat") == 0)
        options->repeat = atoi(value) > 0 ? atoi(value) : 1;
    else
        return false;
    return true;
}

static enum po_status set_option(struct options *options, const char *name,
                                 const char *value, struct po_error *error)
{
    int index;
    if (settings_find(name, &index) == NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "unknown option --%s", name);
    enum po_status status =
        settings_assign(&options->set, index, value, ORIGIN_COMMAND_LINE, error);
    if (status == PO_OK && strcmp(name, "profile") == 0)
        settings_apply_profile(&options->set, options->set.values.profile);
    return status;
}

static enum po_status parse(int argc, char **argv, struct options *options,
                            struct po_error *error)
{
    settings_set_init(&options->set);
    options->repeat = 1;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i] + 2;
        if (strncmp(argv[i], "--", 2) != 0) {
            options->directory = argv[i];
            continue;
        }
        if (strcmp(name, "per-scene") == 0) {
            options->per_scene = true;
            continue;
        }
        if (i + 1 >= argc)
            return po_fail(error, PO_BAD_ARGUMENT, "--%s wants a value", name);
        const char *value = argv[++i];
        if (own_option(options, name, value))
            continue;
        enum po_status status = set_option(options, name, value, error);
        if (status != PO_OK)
            return status;
    }
    if (options->directory == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "usage: bench_accuracy DATA_DIR [--scene SUBSTRING] [--per-scene] "
                       "[--json FILE] [--repeat N] [--NAME VALUE ...]");
    return PO_OK;
}

static enum po_status run(const struct options *options, struct po_error *error)
{
    struct scene_list list;
    enum po_status status =
        scene_list_read(options->directory, options->scene, &list, error);
    if (status != PO_OK)
        return status;
    size_t count = (size_t)list.count + 1; /* never an empty allocation */
    struct scene_result *results = calloc(count, sizeof(*results));
    struct frame_scores *buffer = calloc(count, sizeof(*buffer));
    if (results == NULL || buffer == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for the results");
    for (int i = 0; i < list.count && status == PO_OK; i++)
        status = measure(&list.scenes[i], options, &results[i], error);
    if (status == PO_OK)
        status = report(options, &list, results, buffer, error);
    free(results);
    free(buffer);
    scene_list_release(&list);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct po_error error = {0};
    cv_shim_init();
    enum po_status status = parse(argc, argv, &options, &error);
    if (status == PO_OK)
        status = run(&options, &error);
    settings_set_release(&options.set);
    if (status == PO_OK)
        return 0;
    (void)fprintf(stderr, "bench_accuracy: %s\n", error.message);
    return status == PO_BAD_ARGUMENT ? 2 : 1;
}
