/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far confidence can be believed, over the scenes with ground truth.
 *
 *   bench_confidence DATA_DIR [--scene SUBSTRING] [--dump FILE] [--profile NAME]
 *                    [--matcher NAME]
 *
 * For each band of confidence: the share of measured pixels in it, what it promises, how
 * many are right within 1 px, and how many lie within its sigma (68 % should). --dump
 * writes what fit_confidence.py fits to: a record of FEATURE_COUNT + 3 bytes for every
 * third measured pixel (scene number, error in sixteenths, confidence, features).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cv_shim/cv_shim.h"
#include "image/image_file.h"
#include "match/match_stage.h"
#include "refine/confidence.h"
#include "refine/refine.h"
#include "settings/settings_table.h"
#include "support/bench_settings.h"
#include "support/scene_list.h"

enum { BANDS = 10, DUMP_EVERY = 3, BYTE_MAX = 255, ARENA_BYTES_A_PIXEL = 96 };

struct band {
    uint64_t pixels, right, within_sigma;
    double promised;
};

struct options {
    const char *directory;
    const char *scene;
    const char *dump;
    struct settings_set set;
};

struct work {
    const struct scene *scene;
    int number;
    const struct po_settings *settings;
    struct scene_pair pair;
    struct match_output match;
    struct refine_output refined;
    float *truth;
    FILE *dump;
    struct band *bands;
};

static uint8_t byte_of(double value)
{
    return (uint8_t)(value < 0 ? 0 : value > BYTE_MAX ? BYTE_MAX : value);
}

static enum po_status run_stages(struct work *work, struct scratch *scratch,
                                 struct po_error *error)
{
    int width_px = work->pair.left.width_px, height_px = work->pair.left.height_px;
    struct disparity_range range = scene_range(work->scene);
    struct match_stage_plan plan;
    struct match_stage_input input = {.left = work->pair.left,
                                      .right = work->pair.right,
                                      .guide = work->pair.colour,
                                      .range = range,
                                      .settings = work->settings};
    struct refine_input refine = {
        .guide = work->pair.colour, .range = range, .settings = work->settings};
    struct vertical_disparity offset;
    struct count_list counts = {0};
    enum po_status status =
        match_stage_make_plan(work->settings, width_px, height_px,
                              work->pair.colour.channels, range, 0, &plan, error);
    if (status == PO_OK)
        status = match_stage_take_output(&plan, scratch, width_px, height_px,
                                         &work->match, error);
    if (status == PO_OK)
        status = refine_take_output(scratch, width_px, height_px, &work->refined, error);
    if (status == PO_OK)
        status = match_stage_run(&plan, &input, scratch, &work->match, &offset, error);
    if (status == PO_OK)
        status =
            refine_run(&refine, &work->match, scratch, &work->refined, &counts, error);
    return status;
}

static void dump_pixel(const struct work *work, const struct confidence_rows *rows, int x,
                       double error_px, uint8_t confidence)
{
    uint8_t record[FEATURE_COUNT + 3] = {(uint8_t)work->number,
                                         byte_of(error_px * DISPARITY_SCALE), confidence};
    for (int i = 0; i < FEATURE_COUNT; i++)
        record[3 + i] = byte_of(rows->features[i][x]);
    (void)fwrite(record, 1, sizeof(record), work->dump);
}

static void count_row(struct work *work, const struct confidence_rows *rows, int y)
{
    const int16_t *values = disparity_row(&work->refined.map, y);
    const uint8_t *classes = image_row(&work->refined.classes, y);
    const uint8_t *confidence = image_row(&work->refined.confidence, y);
    const uint8_t *sigma = image_row(&work->refined.sigma, y);
    const float *truth = work->truth + (ptrdiff_t)y * rows->width_px;
    for (int x = 0; x < rows->width_px; x++) {
        if (classes[x] != PIXEL_MEASURED || !isfinite(truth[x]))
            continue;
        double error_px = fabs((double)values[x] / DISPARITY_SCALE - (double)truth[x]);
        struct band *band = &work->bands[confidence[x] * BANDS / (BYTE_MAX + 1)];
        band->pixels++;
        band->right += error_px <= 1;
        band->within_sigma += error_px * 64 <= sigma[x];
        band->promised += confidence[x] / (double)BYTE_MAX;
        if (work->dump != NULL && (x + y) % DUMP_EVERY == 0)
            dump_pixel(work, rows, x, error_px, confidence[x]);
    }
}

static enum po_status count_scene(struct work *work, struct scratch *scratch,
                                  struct po_error *error)
{
    struct confidence_rows rows;
    struct confidence_input input = {.map = &work->refined.map,
                                     .work = &work->match.left,
                                     .classes = &work->refined.classes,
                                     .match = &work->match,
                                     .guide = &work->pair.colour};
    enum po_status status =
        confidence_rows_take(scratch, work->pair.left.width_px, &rows, error);
    for (int y = 0; status == PO_OK && y < work->pair.left.height_px; y++) {
        confidence_measure(&input, y, &rows);
        count_row(work, &rows, y);
    }
    return status;
}

static enum po_status measure(struct work *work, struct po_error *error)
{
    struct scratch scratch;
    const struct scene *scene = work->scene;
    struct disparity_range range = scene_range(scene);
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    size_t volume = 4 * pixels * (size_t)range.count;
    int width_px, height_px;
    enum po_status status = scratch_init(
        &scratch, pixels * ARENA_BYTES_A_PIXEL + volume + (64U << 20), error);
    if (status == PO_OK)
        status = scene_load(scene, &scratch, &work->pair, error);
    if (status == PO_OK)
        status = image_file_read_float(scene->truth, scene->truth_scale, &width_px,
                                       &height_px, &work->truth, error);
    if (status == PO_OK &&
        (width_px != work->pair.left.width_px || height_px != work->pair.left.height_px))
        status =
            po_fail(error, PO_BAD_IMAGE, "%s: not of its scene's size", scene->truth);
    if (status == PO_OK)
        status = run_stages(work, &scratch, error);
    if (status == PO_OK)
        status = count_scene(work, &scratch, error);
    free(work->truth);
    scratch_release(&scratch);
    return status;
}

static void print_bands(const struct band *bands)
{
    uint64_t all = 0;
    for (int i = 0; i < BANDS; i++)
        all += bands[i].pixels;
    printf("band         pixels %%  promised %%  right %%  within sigma %%\n");
    for (int i = 0; i < BANDS; i++) {
        double n = bands[i].pixels > 0 ? (double)bands[i].pixels : 1;
        printf("%3d-%3d %%     %6.2f      %6.2f   %6.2f          %6.2f\n", i * 10,
               i * 10 + 10, 100 * n / (double)(all > 0 ? all : 1),
               100 * bands[i].promised / n, 100 * (double)bands[i].right / n,
               100 * (double)bands[i].within_sigma / n);
    }
}

static enum po_status run(const struct options *options, struct po_error *error)
{
    struct scene_list list;
    struct band bands[BANDS] = {{0}};
    enum po_status status =
        scene_list_read(options->directory, options->scene, &list, error);
    if (status != PO_OK)
        return status;
    FILE *dump = options->dump != NULL ? fopen(options->dump, "wb") : NULL;
    for (int i = 0; i < list.count && status == PO_OK; i++) {
        struct work work = {.scene = &list.scenes[i],
                            .number = i,
                            .settings = &options->set.values,
                            .dump = dump,
                            .bands = bands};
        status = measure(&work, error);
        printf("%d %s\n", i, list.scenes[i].name);
    }
    if (dump != NULL && fclose(dump) != 0 && status == PO_OK)
        status = po_fail(error, PO_IO, "%s: cannot be written", options->dump);
    if (status == PO_OK)
        print_bands(bands);
    scene_list_release(&list);
    return status;
}

static enum po_status set_option(struct options *options, const char *name,
                                 const char *value, struct po_error *error)
{
    if (strcmp(name, "scene") == 0) {
        options->scene = value;
        return PO_OK;
    }
    if (strcmp(name, "dump") == 0) {
        options->dump = value;
        return PO_OK;
    }
    return bench_set_setting(&options->set, name, value, error);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct po_error error = {0};
    enum po_status status = PO_OK;
    (void)!cv_shim_init(NULL);
    settings_set_init(&options.set);
    for (int i = 1; i < argc && status == PO_OK; i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            options.directory = argv[i];
        else if (i + 1 < argc) {
            status = set_option(&options, argv[i] + 2, argv[i + 1], &error);
            i++;
        } else
            status = po_fail(&error, PO_BAD_ARGUMENT, "%s wants a value", argv[i]);
    }
    if (status == PO_OK && options.directory == NULL)
        status = po_fail(&error, PO_BAD_ARGUMENT, "usage: bench_confidence DATA_DIR ...");
    if (status == PO_OK)
        status = run(&options, &error);
    settings_set_release(&options.set);
    if (status != PO_OK)
        (void)fprintf(stderr, "bench_confidence: %s\n", error.message);
    return status == PO_OK ? 0 : 1;
}
