/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole frame, PNG in and PLY out, against the usual recipe in plain OpenCV calls.
 *
 *   bench_frame DATA_DIR [--json FILE] [--repeat N] [--width PX] [--height PX]
 *               [--min-disparity N] [--num-disparities N] [--profile NAME ...]
 *
 * Both roads run in this program, turn by turn, on one core and on the same two files:
 * the Aloe pair scaled to 1456x1088. They share the readers, the remap tables, the PLY
 * layout and the writer without sync; both write every pixel they gave a value. The
 * recipe: StereoSGBM MODE_SGBM block 5, bilateral 5/10/10, inpainting NS radius 3,
 * reprojectImageTo3D. A ratio compares medians within this run.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_file.h"
#include "cloud/cloud.h"
#include "cv_shim/cv_classic.h"
#include "cv_shim/cv_shim.h"
#include "frame/match_stage.h"
#include "image/image_file.h"
#include "image/image_writer.h"
#include "rectify/rectifier.h"
#include "refine/refine.h"
#include "settings/settings_table.h"
#include "support/scene_list.h"

enum {
    REPEAT_MAX = 101,
    STAGES_MAX = 8,
    ROADS_MAX = 6,
    SGBM_BLOCK_PX = 5,
    PATH_BYTES = 512,
    PLY_POINT_BYTES = 15, /* three floats and a colour */
    ARENA_BYTES_A_PIXEL = 768,
};

/* Pairs scaled to equal tiles, `columns` a row. */
struct mosaic {
    const char *name;
    int columns;
    int rows;
    const char *tiles[4][2];
};

static const struct mosaic mosaics[] = {
    {"mosaic",
     2,
     2,
     {{"middlebury2014/Motorcycle/im0.png", "middlebury2014/Motorcycle/im1.png"},
      {"middlebury2014/Piano/im0.png", "middlebury2014/Piano/im1.png"},
      {"middlebury2014/PlaytableP/im0.png", "middlebury2014/PlaytableP/im1.png"},
      {"middlebury2001/Venus/im2.png", "middlebury2001/Venus/im6.png"}}},
    {"aloe",
     1,
     1,
     {{"middlebury2006_full/Aloe/view1.jpg", "middlebury2006_full/Aloe/view5.jpg"}}},
};

struct options {
    const char *directory;
    const char *json;
    const struct mosaic *mosaic;
    int repeat;
    int width_px;
    int height_px;
    struct disparity_range range;
    const char *profiles[ROADS_MAX];
    int profile_count;
};

/* What both roads share. */
struct frame_input {
    char directory[PATH_BYTES];
    char left_path[PATH_BYTES];
    char right_path[PATH_BYTES];
    char cloud_path[PATH_BYTES];
    struct rectification rectification;
    struct rectifier *rectifier;
    struct disparity_range range;
};

struct road {
    const char *name;
    bool classic;
    struct settings_set set;
    const char *stages[STAGES_MAX];
    int stage_count;
    double ms[STAGES_MAX][REPEAT_MAX];
    double total_ms[REPEAT_MAX];
    uint64_t points;
    double matched_percent; /* of the raw match */
    double scratch_bytes;
};

/* Time since the last lap goes to the named stage. */
struct stopwatch {
    struct road *road;
    int repeat;
    int stage;
    double last_s;
};

static void lap(struct stopwatch *watch, const char *stage)
{
    double now_s = clock_monotonic_s();
    double ms = (now_s - watch->last_s) * 1e3;
    watch->road->stages[watch->stage] = stage;
    watch->road->ms[watch->stage][watch->repeat] = ms;
    watch->road->total_ms[watch->repeat] += ms;
    watch->road->stage_count = ++watch->stage;
    watch->last_s = clock_monotonic_s();
}

/* ---- the stages both roads share ------------------------------------------------ */

struct views {
    struct image_view colour; /* rectified left */
    struct image_view left;   /* rectified, grey */
    struct image_view right;
};

static enum po_status read_png(const char *path, struct scratch *scratch,
                               struct image_view *image, struct po_error *error)
{
    struct image_header header;
    enum po_status status = image_file_probe(path, &header, error);
    if (status == PO_OK)
        status = image_file_read(path, &header, (struct image_scale16){65535}, scratch,
                                 image, NULL, error);
    return status;
}

static enum po_status take_like(struct scratch *scratch, const struct image_view *image,
                                int channels, struct image_view *view,
                                struct po_error *error)
{
    return image_view_take(scratch, image->width_px, image->height_px, channels, view,
                           error);
}

/* The left image stays in colour for the cloud; the right one is needed in grey only. */
static enum po_status read_and_rectify(const struct frame_input *input,
                                       struct scratch *scratch, struct views *views,
                                       struct stopwatch *watch, struct po_error *error)
{
    struct image_view left;
    struct image_view right;
    struct image_view right_grey;
    enum po_status status = read_png(input->left_path, scratch, &left, error);
    if (status == PO_OK)
        status = read_png(input->right_path, scratch, &right, error);
    if (status != PO_OK)
        return status;
    lap(watch, "read");
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
    lap(watch, "rectify");
    return status;
}

static double matched_percent(const struct disparity_map *map, int invalid)
{
    uint64_t matched = 0;
    for (int y = 0; y < map->height_px; y++)
        for (int x = 0; x < map->width_px; x++)
            matched += disparity_row(map, y)[x] != invalid;
    return 100.0 * (double)matched / ((double)map->width_px * map->height_px);
}

/* ---- the recipe ----------------------------------------------------------------- */

static struct cv_image cv_image_of(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

static enum po_status classic_match(const struct frame_input *input,
                                    const struct views *views, struct scratch *scratch,
                                    struct disparity_map *map, struct po_error *error)
{
    struct cv_sgbm_settings settings = {
        .min_disparity = input->range.min_px,
        .num_disparities = input->range.count,
        .block_size = SGBM_BLOCK_PX,
        .p1 = 8 * SGBM_BLOCK_PX * SGBM_BLOCK_PX,
        .p2 = 32 * SGBM_BLOCK_PX * SGBM_BLOCK_PX,
        .disp12_max_diff = 1,
        .pre_filter_cap = 63,
        .uniqueness_ratio = 10,
        .speckle_window = 100,
        .speckle_range = 2,
        .mode = PO_OPENCV_SGBM,
    };
    struct cv_image left = cv_image_of(&views->left);
    struct cv_image right = cv_image_of(&views->right);
    enum po_status status =
        disparity_map_take(scratch, left.width_px, left.height_px, map, error);
    if (status == PO_OK)
        status = cv_shim_sgbm(&settings, &left, &right, map->values, map->stride, error);
    return status;
}

/* Points with finite coordinates and a disparity in range, in the order of pixels. */
static enum po_status classic_write(const struct frame_input *input,
                                    const struct views *views,
                                    const struct cv_plane *disparity, const float *xyz,
                                    struct scratch *scratch, struct road *road,
                                    struct po_error *error)
{
    size_t width = (size_t)disparity->width_px;
    size_t height = (size_t)disparity->height_px;
    float min_px = (float)input->range.min_px;
    struct atomic_file *file = scratch_take(scratch, sizeof(*file));
    unsigned char *row = scratch_take_array(scratch, width, PLY_POINT_BYTES);
    if (file == NULL || row == NULL)
        return scratch_exhausted(scratch, "the recipe's writer", error);
    uint64_t points = 0;
    for (size_t i = 0; i < width * height; i++)
        points += disparity->values[i] >= min_px && isfinite(xyz[3 * i + 2]);
    road->points = points;
    enum po_status status = atomic_file_open_plain(file, input->cloud_path, false, error);
    if (status != PO_OK)
        return status;
    status = atomic_file_print(
        file, error,
        "ply\nformat binary_little_endian 1.0\nelement vertex %llu\n"
        "property float x\nproperty float y\nproperty float z\nproperty uchar red\n"
        "property uchar green\nproperty uchar blue\nend_header\n",
        (unsigned long long)points);
    for (size_t y = 0; y < height && status == PO_OK; y++) {
        const uint8_t *colours = image_row(&views->colour, (int)y);
        size_t channels = (size_t)views->colour.channels;
        unsigned char *to = row;
        for (size_t x = 0; x < width; x++) {
            size_t i = y * width + x;
            if (!(disparity->values[i] >= min_px && isfinite(xyz[3 * i + 2])))
                continue;
            const uint8_t *colour = colours + x * channels;
            memcpy(to, xyz + 3 * i, 3 * sizeof(float));
            to[12] = colour[0];
            to[13] = colour[channels / 2];
            to[14] = colour[channels - 1];
            to += PLY_POINT_BYTES;
        }
        status = atomic_file_write(file, row, (size_t)(to - row), error);
    }
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    return status;
}

/* Q of Bradski and Kaehler 2008, (12-26): (x, y, d, 1) to (X, Y, Z, W). */
static void fill_q(const struct rectified_rig *rig, double q[16])
{
    memset(q, 0, 16 * sizeof(double));
    q[0] = 1.0;
    q[3] = -rig->cx_px;
    q[5] = 1.0;
    q[7] = -rig->cy_px;
    q[11] = rig->focal_px;
    q[14] = 1.0 / rig->baseline_mm;
    q[15] = rig->doffs_px / rig->baseline_mm;
}

static enum po_status run_classic(const struct frame_input *input, struct road *road,
                                  struct stopwatch *watch, struct scratch *scratch,
                                  struct po_error *error)
{
    struct views views;
    struct disparity_map map;
    enum po_status status = read_and_rectify(input, scratch, &views, watch, error);
    if (status == PO_OK)
        status = classic_match(input, &views, scratch, &map, error);
    if (status != PO_OK)
        return status;
    lap(watch, "match");
    road->matched_percent = matched_percent(&map, (input->range.min_px - 1) * 16);
    size_t pixels = (size_t)map.width_px * (size_t)map.height_px;
    struct cv_plane raw = {map.width_px, map.height_px,
                           scratch_take_array(scratch, pixels, sizeof(float))};
    struct cv_plane smooth = {map.width_px, map.height_px,
                              scratch_take_array(scratch, pixels, sizeof(float))};
    float *xyz = scratch_take_array(scratch, pixels, 3 * sizeof(float));
    if (raw.values == NULL || smooth.values == NULL || xyz == NULL)
        return scratch_exhausted(scratch, "the recipe", error);
    double min_px = input->range.min_px;
    watch->last_s = clock_monotonic_s();
    status = cv_classic_to_float(map.values, map.stride, &raw, error);
    if (status == PO_OK)
        status = cv_classic_bilateral(&raw, 5, 10.0, 10.0, &smooth, error);
    lap(watch, "bilateral");
    if (status == PO_OK)
        status =
            cv_classic_inpaint(&smooth, min_px, min_px + input->range.count, 3.0, error);
    lap(watch, "inpaint");
    double q[16];
    fill_q(&input->rectification.rig, q);
    if (status == PO_OK)
        status = cv_classic_reproject(&smooth, q, xyz, error);
    lap(watch, "reproject");
    if (status == PO_OK)
        status = classic_write(input, &views, &smooth, xyz, scratch, road, error);
    lap(watch, "write");
    return status;
}

/* ---- ours ----------------------------------------------------------------------- */

static enum po_status match_and_refine(const struct frame_input *input, struct road *road,
                                       const struct views *views,
                                       struct refine_output *refined,
                                       struct stopwatch *watch, struct scratch *scratch,
                                       struct po_error *error)
{
    const struct po_settings *settings = &road->set.values;
    int width_px = views->left.width_px;
    int height_px = views->left.height_px;
    struct match_stage_input match_input = {
        .left = views->left,
        .right = views->right,
        .guide = views->colour,
        .range = input->range,
        .settings = settings,
    };
    struct refine_input refine = {
        .guide = views->colour, .range = input->range, .settings = settings};
    struct match_stage_plan plan;
    struct match_output match;
    struct row_offset offset;
    struct count_list counts = {0};
    enum po_status status =
        match_stage_make_plan(settings, width_px, height_px, views->colour.channels,
                              input->range, 0, &plan, error);
    if (status == PO_OK)
        status =
            match_stage_take_output(&plan, scratch, width_px, height_px, &match, error);
    if (status == PO_OK)
        status = refine_take_output(scratch, width_px, height_px, refined, error);
    if (status == PO_OK)
        status = match_stage_run(&plan, &match_input, scratch, &match, &offset, &counts,
                                 error);
    if (status != PO_OK)
        return status;
    lap(watch, "match");
    road->matched_percent = matched_percent(&match.left, DISPARITY_INVALID);
    watch->last_s = clock_monotonic_s();
    status = refine_run(&refine, &match, scratch, refined, &counts, error);
    lap(watch, "refine");
    return status;
}

static enum po_status write_cloud(const struct frame_input *input, struct road *road,
                                  const struct views *views,
                                  const struct refine_output *refined,
                                  struct stopwatch *watch, struct scratch *scratch,
                                  struct po_error *error)
{
    struct cloud_input cloud = {
        .map = refined->map,
        .classes = refined->classes,
        .confidence = refined->confidence,
        .sigma = refined->sigma,
        .colour = views->colour,
        .rig = input->rectification.rig,
        .settings = &road->set.values.cloud,
    };
    struct cloud_selection selection;
    struct count_list counts = {0};
    struct warning_list *warnings = scratch_take_zeroed(scratch, sizeof(*warnings));
    struct atomic_file *file = scratch_take(scratch, sizeof(*file));
    if (warnings == NULL || file == NULL)
        return scratch_exhausted(scratch, "the writer", error);
    enum po_status status =
        cloud_select(&cloud, scratch, &selection, &counts, warnings, error);
    lap(watch, "cloud");
    if (status == PO_OK)
        status = atomic_file_open_plain(file, input->cloud_path, false, error);
    if (status != PO_OK)
        return status;
    status = cloud_write(&cloud, &selection, scratch, file, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    lap(watch, "write");
    road->points = selection.points;
    return status;
}

static enum po_status run_ours(const struct frame_input *input, struct road *road,
                               struct stopwatch *watch, struct scratch *scratch,
                               struct po_error *error)
{
    struct views views;
    struct refine_output refined;
    enum po_status status = read_and_rectify(input, scratch, &views, watch, error);
    if (status == PO_OK)
        status = match_and_refine(input, road, &views, &refined, watch, scratch, error);
    if (status == PO_OK)
        status = write_cloud(input, road, &views, &refined, watch, scratch, error);
    return status;
}

/* ---- input ---------------------------------------------------------------------- */

/* The tile of column and row of an image: a view into the same pixels. */
static struct image_view tile_view(const struct image_view *whole,
                                   const struct mosaic *mosaic, int column, int row)
{
    struct image_view tile = *whole;
    tile.width_px = whole->width_px / mosaic->columns;
    tile.height_px = whole->height_px / mosaic->rows;
    tile.pixels += (ptrdiff_t)row * tile.height_px * whole->stride_bytes +
                   (ptrdiff_t)column * tile.width_px * whole->channels;
    return tile;
}

static enum po_status paint_mosaic(const struct options *options, int side,
                                   struct image_view *whole, struct scratch *scratch,
                                   struct po_error *error)
{
    const struct mosaic *mosaic = options->mosaic;
    for (int i = 0; i < mosaic->columns * mosaic->rows; i++) {
        char path[SCENE_PATH_BYTES];
        struct image_view image;
        struct image_view tile =
            tile_view(whole, mosaic, i % mosaic->columns, i / mosaic->columns);
        (void)snprintf(path, sizeof(path), "%s/%s", options->directory,
                       mosaic->tiles[i][side]);
        enum po_status status = read_png(path, scratch, &image, error);
        if (status != PO_OK)
            return status;
        struct cv_image from = cv_image_of(&image);
        struct cv_image to = cv_image_of(&tile);
        status = cv_classic_resize(&from, &to, error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

static enum po_status make_png(const struct options *options, int side, const char *path,
                               struct scratch *scratch, struct po_error *error)
{
    struct image_view whole;
    struct atomic_file *file = scratch_take(scratch, sizeof(*file));
    if (file == NULL)
        return scratch_exhausted(scratch, "the input", error);
    enum po_status status =
        image_view_take(scratch, options->width_px, options->height_px, 3, &whole, error);
    if (status == PO_OK)
        status = paint_mosaic(options, side, &whole, scratch, error);
    if (status == PO_OK)
        status = atomic_file_open_plain(file, path, false, error);
    if (status != PO_OK)
        return status;
    status = png_write(file, &whole, NULL, 0, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    return status;
}

/* A rig that leaves the images where they are: the remap does its work all the same. */
static enum po_status make_rectifier(const struct options *options,
                                     struct frame_input *input, struct po_error *error)
{
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    if (calibration == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a calibration");
    double focal_px = 3.0 * options->width_px;
    double cx_px = options->width_px / 2.0;
    double cy_px = options->height_px / 2.0;
    const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const double projection[9] = {focal_px, 0, cx_px, 0, focal_px, cy_px, 0, 0, 1};
    calibration->width_px = options->width_px;
    calibration->height_px = options->height_px;
    for (int side = 0; side < 2; side++) {
        calibration->cameras[side] =
            (struct camera_model){.fx = focal_px,
                                  .fy = focal_px,
                                  .cx = cx_px,
                                  .cy = cy_px,
                                  .model = DISTORTION_RADTAN,
                                  .coefficient_count = 5,
                                  .coefficients = {1e-4, 0, 0, 0, 0}};
        memcpy(input->rectification.rotation[side], identity, sizeof(identity));
        memcpy(input->rectification.projection[side], projection, sizeof(projection));
    }
    /* doffs keeps d + doffs above zero over the whole range. */
    input->rectification.rig = (struct rectified_rig){
        .width_px = options->width_px,
        .height_px = options->height_px,
        .focal_px = focal_px,
        .focal_y_px = focal_px,
        .cx_px = cx_px,
        .cy_px = cy_px,
        .doffs_px = 200.0,
        .baseline_mm = 160.0,
        .unit = RIG_MM,
    };
    enum po_status status =
        rectifier_create(calibration, &input->rectification, &input->rectifier, error);
    free(calibration);
    return status;
}

static enum po_status make_input(const struct options *options, struct scratch *scratch,
                                 struct frame_input *input, struct po_error *error)
{
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(input->directory, PATH_BYTES, "%s/bench_frame_XXXXXX",
                   temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(input->directory) == NULL)
        return po_fail(error, PO_IO, "cannot make %s", input->directory);
    (void)snprintf(input->left_path, PATH_BYTES, "%.480s/left.png", input->directory);
    (void)snprintf(input->right_path, PATH_BYTES, "%.480s/right.png", input->directory);
    (void)snprintf(input->cloud_path, PATH_BYTES, "%.480s/cloud.ply", input->directory);
    input->range = options->range;
    enum po_status status = make_png(options, 0, input->left_path, scratch, error);
    if (status == PO_OK)
        status = make_png(options, 1, input->right_path, scratch, error);
    if (status == PO_OK)
        status = make_rectifier(options, input, error);
    return status;
}

static void release_input(struct frame_input *input)
{
    rectifier_destroy(input->rectifier);
    (void)unlink(input->left_path);
    (void)unlink(input->right_path);
    (void)unlink(input->cloud_path);
    (void)rmdir(input->directory);
}

/* ---- report --------------------------------------------------------------------- */

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
    double sorted[REPEAT_MAX];
    memcpy(sorted, ms, (size_t)count * sizeof(*ms));
    qsort(sorted, (size_t)count, sizeof(*sorted), compare_ms);
    return (struct summary){sorted[0], sorted[count / 2]};
}

/* What the others are measured against: the recipe, whole and without its costliest step,
 * which a row fill replaces. */
struct reference {
    double total_ms;
    double without_inpaint_ms;
};

static struct reference reference_of(const struct road *classic, int repeat)
{
    struct reference reference = {0};
    reference.total_ms = summarise(classic->total_ms, repeat).median_ms;
    reference.without_inpaint_ms = reference.total_ms;
    for (int i = 0; i < classic->stage_count; i++)
        if (strcmp(classic->stages[i], "inpaint") == 0)
            reference.without_inpaint_ms -= summarise(classic->ms[i], repeat).median_ms;
    return reference;
}

static void report_road(const struct road *road, int repeat, struct reference reference,
                        struct json *parent)
{
    struct json *object = json_add_object(parent, road->name);
    struct json *stages = json_add_object(object, "stages_ms");
    (void)printf("%-16s", road->name);
    for (int i = 0; i < road->stage_count; i++) {
        struct summary summary = summarise(road->ms[i], repeat);
        struct json *stage = json_add_object(stages, road->stages[i]);
        json_add_number(stage, "min", summary.min_ms);
        json_add_number(stage, "median", summary.median_ms);
        (void)printf(" %s %.1f", road->stages[i], summary.median_ms);
    }
    struct summary total = summarise(road->total_ms, repeat);
    json_add_number(object, "total_min_ms", total.min_ms);
    json_add_number(object, "total_median_ms", total.median_ms);
    json_add_number(object, "times_faster", reference.total_ms / total.median_ms);
    json_add_number(object, "times_faster_without_inpaint",
                    reference.without_inpaint_ms / total.median_ms);
    json_add_number(object, "points", (double)road->points);
    json_add_number(object, "matched_percent", road->matched_percent);
    json_add_number(object, "scratch_bytes", road->scratch_bytes);
    (void)printf(" | total %.1f (min %.1f) ms, %.2fx (%.2fx without inpainting), %llu "
                 "points, matched %.1f %%, scratch %.1f MB\n",
                 total.median_ms, total.min_ms, reference.total_ms / total.median_ms,
                 reference.without_inpaint_ms / total.median_ms,
                 (unsigned long long)road->points, road->matched_percent,
                 road->scratch_bytes / 1e6);
}

static enum po_status report(const struct options *options, const struct road *roads,
                             int count, struct po_error *error)
{
    struct json *root = json_new_object();
    json_add_string(root, "scene", options->mosaic->name);
    json_add_number(root, "width_px", options->width_px);
    json_add_number(root, "height_px", options->height_px);
    json_add_number(root, "min_disparity", options->range.min_px);
    json_add_number(root, "num_disparities", options->range.count);
    json_add_number(root, "repeat", options->repeat);
    json_add_string(root, "opencv", cv_shim_version());
    struct json *object = json_add_object(root, "roads");
    struct reference reference = reference_of(&roads[0], options->repeat);
    (void)printf("%s %dx%d, disparities %d..%d, median of %d, ms\n",
                 options->mosaic->name, options->width_px, options->height_px,
                 options->range.min_px, options->range.min_px + options->range.count - 1,
                 options->repeat);
    for (int i = 0; i < count; i++)
        report_road(&roads[i], options->repeat, reference, object);
    enum po_status status = PO_OK;
    if (options->json != NULL)
        status = json_write_file(root, options->json, error);
    json_free(root);
    return status;
}

/* ---- the run -------------------------------------------------------------------- */

/* A road's name is a profile, or "opencv": profile fast with OpenCV's matcher. */
static enum po_status road_init(struct road *road, const char *name,
                                struct po_error *error)
{
    int index = 0;
    bool opencv = strcmp(name, "opencv") == 0;
    *road = (struct road){.name = name};
    settings_set_init(&road->set);
    if (settings_find("profile", &index) == NULL)
        return po_fail(error, PO_INTERNAL, "no setting named profile");
    enum po_status status = settings_assign(&road->set, index, opencv ? "fast" : name,
                                            ORIGIN_COMMAND_LINE, error);
    if (status != PO_OK)
        return status;
    settings_apply_profile(&road->set, road->set.values.profile);
    if (opencv)
        road->set.values.match.matcher = PO_MATCHER_OPENCV;
    /* The recipe's cloud is dense and unfiltered: so is ours, to write as much. */
    road->set.values.cloud.include_filled = true;
    road->set.values.cloud.edge_jump_px = 0.0;
    return PO_OK;
}

static enum po_status run_roads(const struct options *options,
                                const struct frame_input *input, struct road *roads,
                                int count, struct scratch *scratch,
                                struct po_error *error)
{
    /* One turn more than asked: the first warms caches and pages and is overwritten. */
    for (int turn = -1; turn < options->repeat; turn++) {
        for (int i = 0; i < count; i++) {
            int repeat = turn < 0 ? 0 : turn;
            scratch_rewind(scratch, 0);
            scratch->peak = 0;
            roads[i].total_ms[repeat] = 0.0;
            struct stopwatch watch = {&roads[i], repeat, 0, clock_monotonic_s()};
            enum po_status status =
                roads[i].classic ? run_classic(input, &roads[i], &watch, scratch, error)
                                 : run_ours(input, &roads[i], &watch, scratch, error);
            if (status != PO_OK)
                return status;
            roads[i].scratch_bytes = (double)scratch->peak;
        }
    }
    return PO_OK;
}

static enum po_status run(const struct options *options, struct po_error *error)
{
    static struct road roads[ROADS_MAX + 1];
    int count = 1;
    roads[0] = (struct road){.name = "classic recipe", .classic = true};
    struct scratch scratch = {0};
    struct frame_input input = {0};
    size_t pixels = (size_t)options->width_px * (size_t)options->height_px;
    enum po_status status =
        scratch_init(&scratch, (pixels + (1U << 20)) * ARENA_BYTES_A_PIXEL, error);
    if (status == PO_OK)
        status = make_input(options, &scratch, &input, error);
    for (int i = 0; i < options->profile_count && status == PO_OK; i++)
        status = road_init(&roads[count++], options->profiles[i], error);
    if (status == PO_OK)
        status = run_roads(options, &input, roads, count, &scratch, error);
    if (status == PO_OK)
        status = report(options, roads, count, error);
    release_input(&input);
    scratch_release(&scratch);
    for (int i = 1; i < count; i++)
        settings_set_release(&roads[i].set);
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
    for (size_t i = 0; i < sizeof(mosaics) / sizeof(*mosaics); i++) {
        if (strcmp(value, mosaics[i].name) != 0)
            continue;
        options->mosaic = &mosaics[i];
        if (i > 0)
            options->range = (struct disparity_range){0, 256};
        return true;
    }
    return false;
}

static enum po_status parse_option(struct options *options, const char *name,
                                   const char *value, struct po_error *error)
{
    if (take_number(name, "--repeat", value, &options->repeat) ||
        take_number(name, "--width", value, &options->width_px) ||
        take_number(name, "--height", value, &options->height_px) ||
        take_number(name, "--min-disparity", value, &options->range.min_px) ||
        take_number(name, "--num-disparities", value, &options->range.count))
        return PO_OK;
    if (strcmp(name, "--json") == 0)
        options->json = value;
    else if (strcmp(name, "--profile") == 0 && options->profile_count < ROADS_MAX)
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
            options->directory = argv[i];
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
    if (options->directory == NULL || options->repeat < 1 ||
        options->repeat > REPEAT_MAX || options->width_px < 64 ||
        options->height_px < 64 || options->width_px > 8192 || options->height_px > 8192)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "usage: bench_frame DATA_DIR [--json FILE] [--repeat 1..%d] "
                       "[--scene mosaic|aloe] [--width PX] [--height PX] "
                       "[--min-disparity N] [--num-disparities N] [--profile NAME ...]",
                       REPEAT_MAX);
    return PO_OK;
}

int main(int argc, char **argv)
{
    struct options options = {.mosaic = &mosaics[0],
                              .repeat = 7,
                              .width_px = 1456,
                              .height_px = 1088,
                              .range = {-16, 96}};
    struct po_error error = {0};
    cv_shim_init();
    enum po_status status = parse(argc, argv, &options, &error);
    if (status == PO_OK)
        status = run(&options, &error);
    if (status == PO_OK)
        return 0;
    (void)fprintf(stderr, "bench_frame: %s\n", error.message);
    return status == PO_BAD_ARGUMENT ? 2 : 1;
}
