/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far confidence can be believed, over the scenes with ground truth.
 *
 *   bench_confidence DATA_DIR [--scene SUBSTRING] [--dump FILE] [--tables FILE]
 *                    [--first-tables FILE] [--samples N] [--NAME VALUE ...]
 *
 * For each band of confidence: the share of measured pixels in it, what it promises, how
 * many are right within 1 px, and how many lie within its sigma as clouds have it
 * (depth_sigma.h; 68 % should). NAME is
 * any setting of the program. --tables tries tables that are not built in
 * (confidence_table_file.h), --first-tables those of quality's first pass. --dump writes
 * what scripts/train_confidence.py reads: of about N pixels with ground truth a scene
 * (SAMPLES_A_SCENE), spread evenly, a dump_record.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/depth_sigma.h"
#include "cv_shim/cv_shim.h"
#include "image/image_file.h"
#include "match/match_stage.h"
#include "refine/confidence.h"
#include "refine/refine.h"
#include "settings/settings_table.h"
#include "support/bench_settings.h"
#include "support/confidence_table_file.h"
#include "support/scene_list.h"

enum {
    BANDS = 10,
    SAMPLES_A_SCENE = 4000,
    ARENA_BYTES_A_PIXEL = 128,
};

/* Little-endian, packed as it stands. Errors are in sixteenths. */
struct dump_record {
    uint8_t scene;
    uint8_t measured;     /* of the raw match, after its checks */
    uint8_t kept;         /* measured in the end */
    uint8_t in_band;      /* left of the largest disparity: out of the right view */
    uint16_t raw_error;   /* 65535: no value */
    uint16_t final_error; /* of what is written, after the sub-pixel step */
    uint8_t confidence;
    uint8_t features[FEATURE_COUNT];       /* of the raw match, where it has them */
    uint8_t final_features[FEATURE_COUNT]; /* of the finished map */
};

struct band {
    uint64_t pixels, right, within_sigma;
    double promised;
};

struct options {
    const char *directory;
    const char *scene;
    const char *dump;
    const char *tables;
    const char *first_tables;
    const char *samples;
    struct settings_set set;
};

struct work {
    const struct scene *scene;
    int number;
    const struct po_settings *settings;
    const struct confidence_tables *tables, *first_tables;
    struct scene_pair pair;
    struct match_output match;
    struct refine_output refined;
    float *truth;
    uint32_t samples;     /* wanted of the scene */
    uint32_t keep_one_in; /* of the pixels with ground truth */
    struct dump_record *records;
    int record_count;
    FILE *dump;
    struct band *bands;
};

/* The same pixels in every run. */
static bool is_sampled(const struct work *work, int x, int y)
{
    uint32_t hash = (uint32_t)x * 2654435761U ^ (uint32_t)y * 2246822519U;
    hash = (hash ^ hash >> 15) * 2246822519U;
    hash = (hash ^ hash >> 13) * 3266489917U;
    return (hash >> 8) % work->keep_one_in == 0 &&
           isfinite(work->truth[(ptrdiff_t)y * work->pair.left.width_px + x]);
}

static uint16_t error_of(const struct work *work, const int16_t *values, int x, int y)
{
    double truth = (double)work->truth[(ptrdiff_t)y * work->pair.left.width_px + x];
    double error = fabs((double)values[x] - truth * DISPARITY_SCALE);
    return (uint16_t)(values[x] == DISPARITY_INVALID || error > UINT16_MAX ? UINT16_MAX
                                                                           : error);
}

static struct dump_record *next_record(struct work *work)
{
    return &work->records[work->record_count++];
}

static void take_features(const struct feature_rows *rows, enum confidence_stage stage,
                          int x, uint8_t features[FEATURE_COUNT])
{
    uint32_t known = confidence_features(stage);
    for (int i = 0; i < FEATURE_COUNT; i++)
        if ((known >> i & 1U) != 0)
            features[i] = rows->features[i][x];
}

static void take_raw(struct work *work, const struct feature_input *input, int y,
                     const struct feature_rows *rows)
{
    for (int x = 0; x < rows->width_px; x++) {
        if (!is_sampled(work, x, y))
            continue;
        struct dump_record *record = next_record(work);
        *record = (struct dump_record){
            .scene = (uint8_t)work->number,
            .measured = image_row(input->classes, y)[x] == PIXEL_MEASURED,
            .in_band = x < (int)work->scene->max_disparity_px,
            .raw_error = error_of(work, disparity_row(input->map, y), x, y),
        };
        take_features(rows, CONFIDENCE_RAW, x, record->features);
    }
}

static void take_final(struct work *work, const struct feature_input *input, int y,
                       const struct feature_rows *rows)
{
    for (int x = 0; x < rows->width_px; x++) {
        if (!is_sampled(work, x, y))
            continue;
        struct dump_record *record = next_record(work);
        record->kept = image_row(input->classes, y)[x] == PIXEL_MEASURED;
        take_features(rows, CONFIDENCE_FINAL, x, record->final_features);
    }
}

static void see_row(void *context, enum confidence_stage stage, int y,
                    const struct feature_input *input, const struct feature_rows *rows)
{
    struct work *work = context;
    if (stage == CONFIDENCE_LOCAL)
        return;
    if (y == 0)
        work->record_count = 0;
    if (stage == CONFIDENCE_RAW)
        take_raw(work, input, y, rows);
    else
        take_final(work, input, y, rows);
}

static enum po_status run_match(struct work *work, struct scratch *scratch,
                                struct po_error *error)
{
    int width_px = work->pair.left.width_px, height_px = work->pair.left.height_px;
    struct match_stage_plan plan;
    const struct confidence_probe first = {.tables = work->first_tables};
    struct match_stage_input input = {.left = work->pair.left,
                                      .right = work->pair.right,
                                      .guide = work->pair.colour,
                                      .range = scene_range(work->scene),
                                      .settings = work->settings,
                                      .first_probe = &first};
    struct vertical_disparity offset;
    enum po_status status = match_stage_make_plan(
        work->settings,
        &(struct match_size){width_px, height_px, work->pair.colour.channels,
                             input.range},
        0, &plan, error);
    if (status == PO_OK)
        status = match_stage_take_output(&plan, scratch, width_px, height_px,
                                         &work->match, error);
    if (status == PO_OK)
        status = match_stage_run(&plan, &input, scratch, &work->match, &offset, error);
    return status;
}

static enum po_status run_stages(struct work *work, struct scratch *scratch,
                                 struct po_error *error)
{
    struct count_list counts = {0};
    const struct confidence_probe probe = {work->tables, see_row, work};
    struct refine_input refine = {.guide = work->pair.colour,
                                  .left = work->pair.left,
                                  .right = work->pair.right,
                                  .range = scene_range(work->scene),
                                  .settings = work->settings,
                                  .probe = &probe};
    enum po_status status = run_match(work, scratch, error);
    if (status == PO_OK)
        status = refine_take_output(scratch, work->pair.left.width_px,
                                    work->pair.left.height_px, &work->refined, error);
    if (status == PO_OK)
        status =
            refine_run(&refine, &work->match, scratch, &work->refined, &counts, error);
    return status;
}

static void count_row(struct work *work, int y)
{
    const int16_t *values = disparity_row(&work->refined.map, y);
    const uint8_t *classes = image_row(&work->refined.classes, y);
    const uint8_t *confidence = image_row(&work->refined.confidence, y);
    const uint8_t *sigma = image_row(&work->refined.sigma, y);
    int width_px = work->pair.left.width_px;
    const float *truth = work->truth + (ptrdiff_t)y * width_px;
    for (int x = 0; x < width_px; x++) {
        if (is_sampled(work, x, y)) {
            struct dump_record *record = next_record(work);
            record->confidence = confidence[x];
            record->final_error = error_of(work, values, x, y);
        }
        if (classes[x] != PIXEL_MEASURED || !isfinite(truth[x]))
            continue;
        double error_px = fabs((double)values[x] / DISPARITY_SCALE - (double)truth[x]);
        struct band *band = &work->bands[confidence[x] * BANDS / (UINT8_MAX + 1)];
        band->pixels++;
        band->right += error_px <= 1;
        band->within_sigma += error_px <= depth_sigma_px(sigma[x], true);
        band->promised += confidence[x] / (double)UINT8_MAX;
    }
}

static enum po_status take_records(struct work *work, struct po_error *error)
{
    size_t pixels = (size_t)work->scene->width_px * (size_t)work->scene->height_px,
           known = 0;
    for (size_t i = 0; i < pixels; i++)
        known += isfinite(work->truth[i]) != 0;
    work->keep_one_in = (uint32_t)known / work->samples + 1;
    work->records = calloc(pixels, sizeof(*work->records));
    return work->records != NULL ? PO_OK : po_fail(error, PO_OUT_OF_MEMORY, "no memory");
}

static enum po_status load(struct work *work, struct scratch *scratch,
                           struct po_error *error)
{
    const struct scene *scene = work->scene;
    int width_px, height_px;
    enum po_status status = scene_load(scene, scratch, &work->pair, error);
    if (status == PO_OK)
        status = image_file_read_float(scene->truth, scene->truth_scale, &width_px,
                                       &height_px, &work->truth, error);
    if (status == PO_OK &&
        (width_px != work->pair.left.width_px || height_px != work->pair.left.height_px))
        status =
            po_fail(error, PO_BAD_IMAGE, "%s: not of its scene's size", scene->truth);
    return status == PO_OK ? take_records(work, error) : status;
}

static enum po_status measure(struct work *work, struct po_error *error)
{
    struct scratch scratch;
    const struct scene *scene = work->scene;
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    size_t volume = 4 * pixels * (size_t)scene_range(scene).count;
    enum po_status status = scratch_init(
        &scratch, pixels * ARENA_BYTES_A_PIXEL + volume + (64U << 20), error);
    if (status == PO_OK)
        status = load(work, &scratch, error);
    if (status == PO_OK)
        status = run_stages(work, &scratch, error);
    work->record_count = 0;
    for (int y = 0; status == PO_OK && y < work->pair.left.height_px; y++)
        count_row(work, y);
    if (status == PO_OK && work->dump != NULL)
        (void)fwrite(work->records, sizeof(*work->records), (size_t)work->record_count,
                     work->dump);
    free(work->records);
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
    static struct confidence_table_file file, first_file;
    enum po_status status =
        scene_list_read(options->directory, options->scene, &list, error);
    if (status == PO_OK && options->tables != NULL)
        status = confidence_table_file_read(options->tables, &file, error);
    if (status == PO_OK && options->first_tables != NULL)
        status = confidence_table_file_read(options->first_tables, &first_file, error);
    if (status != PO_OK)
        return status;
    int samples = options->samples != NULL ? atoi(options->samples) : 0;
    FILE *dump = options->dump != NULL ? fopen(options->dump, "wb") : NULL;
    for (int i = 0; i < list.count && status == PO_OK; i++) {
        struct work work = {.scene = &list.scenes[i],
                            .number = i,
                            .samples = samples > 0 ? (uint32_t)samples : SAMPLES_A_SCENE,
                            .settings = &options->set.values,
                            .tables = options->tables != NULL ? &file.tables : NULL,
                            .first_tables =
                                options->first_tables != NULL ? &first_file.tables : NULL,
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
    const struct {
        const char *name;
        const char **value;
    } own[] = {{"scene", &options->scene},
               {"dump", &options->dump},
               {"tables", &options->tables},
               {"samples", &options->samples},
               {"first-tables", &options->first_tables}};
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        if (strcmp(name, own[i].name) == 0) {
            *own[i].value = value;
            return PO_OK;
        }
    return bench_set_setting(&options->set, name, value, error);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct po_error error = {0};
    enum po_status status = cv_shim_init(&error);
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
