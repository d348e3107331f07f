/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flying pixels of clouds, before and after the cloud's filters.
 *
 *   bench_flying_pixels DATA_DIR [--tables FILE] [--NAME VALUE ...]
 *
 * where NAME is any setting of the program (--profile fast, --edge-jump 1). --tables
 * tries tables that are not built in (confidence_table_file.h). A point flies
 * when its disparity differs by more than 2 px from the ground truth of every pixel in
 * its 3x3 neighbourhood; points without ground truth there are not counted. Scenes:
 * middlebury2014, with their calibrations.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calib/calibration_file.h"
#include "cloud/selection.h"
#include "cv_shim/cv_shim.h"
#include "image/image_file.h"
#include "match/match_stage.h"
#include "refine/confidence.h"
#include "refine/refine.h"
#include "settings/settings_table.h"
#include "support/bench_settings.h"
#include "support/confidence_table_file.h"
#include "support/scene_list.h"

static const double FLYING_PX = 2.0;
enum { ARENA_BYTES_A_PIXEL = 128, ARENA_MINIMUM_BYTES = 64 << 20, PERCENT = 100 };

struct tally {
    double flying_percent; /* of points with ground truth around */
    double kept_percent;   /* points, of all pixels */
    double bad2_percent;   /* points off by more than 2 px from their own pixel's truth */
    double ms;             /* of cloud_select */
};

struct scene_work {
    const struct scene *scene;
    const struct confidence_probe *probe;
    const struct po_settings *settings;
    struct scratch scratch;
    struct scene_pair pair;
    struct refine_output refined;
    struct rectified_rig rig;
    float *truth; /* width * height, NAN where unknown; malloc'ed */
};

static enum po_status read_rig(struct scene_work *work, struct po_error *error)
{
    char path[SCENE_PATH_BYTES];
    struct calibration_request request = {.unit = PO_CALIB_UNIT_AUTO};
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    if (calibration == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a calibration");
    (void)snprintf(path, sizeof(path), "%s", work->scene->left);
    char *slash = strrchr(path, '/');
    size_t room = sizeof(path) - (size_t)(slash + 1 - path);
    (void)snprintf(slash + 1, room, "calib.txt");
    enum po_status status = calibration_read(path, &request, calibration, error);
    work->rig = calibration->rig;
    free(calibration);
    return status;
}

static enum po_status run_match(struct scene_work *work, struct po_error *error)
{
    int width = work->pair.left.width_px;
    int height = work->pair.left.height_px;
    struct match_stage_plan plan;
    struct match_output match;
    struct vertical_disparity offset;
    struct count_list counts = {0};
    struct match_stage_input match_input = {
        .left = work->pair.left,
        .right = work->pair.right,
        .guide = work->pair.colour,
        .range = scene_range(work->scene),
        .settings = work->settings,
    };
    struct refine_input refine_input = {
        .guide = work->pair.colour,
        .left = work->pair.left,
        .right = work->pair.right,
        .range = match_input.range,
        .settings = work->settings,
        .probe = work->probe,
    };
    struct scratch *scratch = &work->scratch;
    enum po_status status = match_stage_make_plan(
        work->settings,
        &(struct match_size){width, height, work->pair.colour.channels,
                             match_input.range},
        0, &plan, error);
    if (status == PO_OK)
        status = match_stage_take_output(&plan, scratch, width, height, &match, error);
    if (status == PO_OK)
        status = refine_take_output(scratch, width, height, &work->refined, error);
    if (status == PO_OK)
        status = match_stage_run(&plan, &match_input, scratch, &match, &offset, error);
    if (status == PO_OK)
        status =
            refine_run(&refine_input, &match, scratch, &work->refined, &counts, error);
    return status;
}

static enum po_status prepare(struct scene_work *work, struct po_error *error)
{
    const struct scene *scene = work->scene;
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    struct match_stage_plan plan;
    int width;
    int height;
    enum po_status status = match_stage_make_plan(
        work->settings,
        &(struct match_size){scene->width_px, scene->height_px, 3, scene_range(scene)}, 0,
        &plan, error);
    if (status == PO_OK)
        status = scratch_init(&work->scratch,
                              ARENA_MINIMUM_BYTES + pixels * ARENA_BYTES_A_PIXEL +
                                  plan.scratch_bytes + plan.output_bytes,
                              error);
    if (status == PO_OK)
        status = scene_load(scene, &work->scratch, &work->pair, error);
    if (status == PO_OK)
        status = run_match(work, error);
    if (status == PO_OK)
        status = read_rig(work, error);
    if (status == PO_OK)
        status = image_file_read_float(scene->truth, scene->truth_scale, &width, &height,
                                       &work->truth, error);
    if (status == PO_OK && (width != scene->width_px || height != scene->height_px))
        status =
            po_fail(error, PO_BAD_IMAGE, "%s: not of its scene's size", scene->truth);
    return status;
}

/* Whether any truth around the pixel is near; *known: whether there is any at all. */
static bool explained(const struct scene_work *work, int x, int y, double disparity,
                      bool *known)
{
    int width = work->scene->width_px;
    int height = work->scene->height_px;
    bool near = false;
    *known = false;
    for (int j = y - 1; j <= y + 1; j++)
        for (int i = x - 1; i <= x + 1; i++) {
            if (i < 0 || j < 0 || i >= width || j >= height)
                continue;
            double truth = (double)work->truth[j * width + i];
            if (!isfinite(truth))
                continue;
            *known = true;
            near = near || fabs(truth - disparity) <= FLYING_PX;
        }
    return near;
}

static struct tally count_flying(const struct scene_work *work,
                                 const struct cloud_selection *selection)
{
    int width = work->scene->width_px;
    int height = work->scene->height_px;
    int known_points = 0;
    int flying = 0;
    int own = 0;
    int bad2 = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            bool known;
            if (!image_row(&selection->keep, y)[x])
                continue;
            double disparity =
                disparity_row(&work->refined.map, y)[x] / (double)DISPARITY_SCALE;
            bool near = explained(work, x, y, disparity, &known);
            known_points += known;
            flying += known && !near;
            double truth = (double)work->truth[y * width + x];
            own += isfinite(truth) != 0;
            bad2 += isfinite(truth) && fabs(truth - disparity) > FLYING_PX;
        }
    return (struct tally){
        .flying_percent =
            (double)PERCENT * flying / (known_points > 0 ? known_points : 1),
        .kept_percent =
            (double)PERCENT * (double)selection->points / ((double)width * height),
        .bad2_percent = (double)PERCENT * bad2 / (own > 0 ? own : 1),
    };
}

static enum po_status tally_with(struct scene_work *work,
                                 const struct po_cloud_settings *settings,
                                 struct tally *tally, struct po_error *error)
{
    struct cloud_input input = {
        .map = work->refined.map,
        .classes = work->refined.classes,
        .confidence = work->refined.confidence,
        .sigma = work->refined.sigma,
        .colour = work->pair.colour,
        .rig = work->rig,
        .settings = settings,
    };
    struct cloud_selection selection;
    struct count_list counts = {0};
    static struct warning_list warnings;
    size_t mark = scratch_mark(&work->scratch);
    double start_s = clock_monotonic_s();
    enum po_status status =
        cloud_select(&input, &work->scratch, &selection, &counts, &warnings, error);
    double ms = (clock_monotonic_s() - start_s) * 1e3;
    if (status == PO_OK) {
        *tally = count_flying(work, &selection);
        tally->ms = ms;
    }
    scratch_rewind(&work->scratch, mark);
    return status;
}

static void add(struct tally *sum, const struct tally *tally)
{
    sum->flying_percent += tally->flying_percent;
    sum->kept_percent += tally->kept_percent;
    sum->bad2_percent += tally->bad2_percent;
    sum->ms += tally->ms;
}

static void print(const char *name, const struct tally *before, const struct tally *after,
                  int scenes)
{
    (void)printf("%-28s %8.2f %8.2f %8.2f | %8.2f %8.2f %8.2f | %6.1f\n", name,
                 before->flying_percent / scenes, before->kept_percent / scenes,
                 before->bad2_percent / scenes, after->flying_percent / scenes,
                 after->kept_percent / scenes, after->bad2_percent / scenes,
                 after->ms / scenes);
}

static enum po_status run_scene(const struct scene *scene,
                                const struct confidence_probe *probe,
                                const struct po_settings *settings, struct tally sums[2],
                                struct po_error *error)
{
    struct scene_work work = {.scene = scene, .probe = probe, .settings = settings};
    struct po_cloud_settings off = {.format = PO_CLOUD_PLY};
    struct tally tallies[2];
    enum po_status status = prepare(&work, error);
    if (status == PO_OK)
        status = tally_with(&work, &off, &tallies[0], error);
    if (status == PO_OK)
        status = tally_with(&work, &settings->cloud, &tallies[1], error);
    if (status == PO_OK) {
        print(scene->name, &tallies[0], &tallies[1], 1);
        add(&sums[0], &tallies[0]);
        add(&sums[1], &tallies[1]);
    }
    free(work.truth);
    scratch_release(&work.scratch);
    return status;
}

static enum po_status parse(int argc, char **argv, struct settings_set *set,
                            const char **tables, struct po_error *error)
{
    settings_set_init(set);
    if (argc < 2 || argc % 2 != 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "usage: bench_flying_pixels DATA_DIR [--NAME VALUE ...]");
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strncmp(argv[i], "--", 2) != 0)
            return po_fail(error, PO_BAD_ARGUMENT, "unknown option %s", argv[i]);
        if (strcmp(argv[i], "--tables") == 0) {
            *tables = argv[i + 1];
            continue;
        }
        enum po_status status = bench_set_setting(set, argv[i] + 2, argv[i + 1], error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

static enum po_status run(const char *directory, const char *tables,
                          const struct po_settings *settings, struct po_error *error)
{
    static struct confidence_table_file file;
    const struct confidence_probe probe = {.tables =
                                               tables != NULL ? &file.tables : NULL};
    struct scene_list list;
    struct tally sums[2];
    memset(sums, 0, sizeof(sums));
    enum po_status status = scene_list_read(directory, "middlebury2014", &list, error);
    if (status == PO_OK && tables != NULL)
        status = confidence_table_file_read(tables, &file, error);
    if (status != PO_OK)
        return status;
    (void)printf("%-28s %26s | %26s |\n%-28s %8s %8s %8s | %8s %8s %8s | %6s\n", "",
                 "without filters", "with filters", "", "flying %", "kept %", "bad2 %",
                 "flying %", "kept %", "bad2 %", "ms");
    for (int i = 0; i < list.count && status == PO_OK; i++)
        status = run_scene(&list.scenes[i], &probe, settings, sums, error);
    if (status == PO_OK && list.count > 0)
        print("mean", &sums[0], &sums[1], list.count);
    scene_list_release(&list);
    return status;
}

int main(int argc, char **argv)
{
    struct settings_set set;
    struct po_error error = {0};
    (void)!cv_shim_init(NULL);
    const char *tables = NULL;
    enum po_status status = parse(argc, argv, &set, &tables, &error);
    if (status == PO_OK)
        status = run(argv[1], tables, &set.values, &error);
    settings_set_release(&set);
    if (status == PO_OK)
        return 0;
    (void)fprintf(stderr, "bench_flying_pixels: %s\n", error.message);
    return status == PO_BAD_ARGUMENT ? 2 : 1;
}
