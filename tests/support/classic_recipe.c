/* SPDX-License-Identifier: Apache-2.0 */
#include "support/classic_recipe.h"

#include <math.h>
#include <string.h>

#include "base/atomic_file.h"

enum {
    SGBM_BLOCK_PX = 5,
    PLY_POINT_BYTES = 15, /* three floats and a colour */
};

static struct cv_image cv_image_of(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

enum po_status classic_recipe_match(const struct bench_views *views,
                                    struct disparity_range range, struct scratch *scratch,
                                    struct disparity_map *map, struct po_error *error)
{
    struct cv_sgbm_settings settings = {
        .min_disparity = range.min_px,
        .num_disparities = range.count,
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

enum po_status classic_recipe_fill(const struct disparity_map *map,
                                   struct disparity_range range, struct scratch *scratch,
                                   struct stopwatch *watch, struct cv_plane *dense,
                                   struct po_error *error)
{
    size_t pixels = (size_t)map->width_px * (size_t)map->height_px;
    struct cv_plane raw = {map->width_px, map->height_px,
                           scratch_take_array(scratch, pixels, sizeof(float))};
    *dense = (struct cv_plane){map->width_px, map->height_px,
                               scratch_take_array(scratch, pixels, sizeof(float))};
    if (raw.values == NULL || dense->values == NULL)
        return scratch_exhausted(scratch, "the recipe", error);
    stopwatch_skip(watch);
    enum po_status status = cv_classic_to_float(map->values, map->stride, &raw, error);
    if (status == PO_OK)
        status = cv_classic_bilateral(&raw, 5, 10.0, 10.0, dense, error);
    stopwatch_lap(watch, "bilateral");
    if (status == PO_OK)
        status = cv_classic_inpaint(dense, range.min_px, range.min_px + range.count, 3.0,
                                    error);
    stopwatch_lap(watch, "inpaint");
    return status;
}

/* Points with finite coordinates and a disparity in range, in the order of pixels. */
static enum po_status
classic_write(const struct bench_input *input, const struct bench_views *views,
              const struct cv_plane *disparity, const float *xyz, struct scratch *scratch,
              struct bench_pipeline *pipeline, struct po_error *error)
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
    pipeline->points = points;
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

enum po_status classic_recipe_run(const struct bench_input *input,
                                  struct bench_pipeline *pipeline,
                                  struct stopwatch *watch, struct scratch *scratch,
                                  struct po_error *error)
{
    struct bench_views views;
    struct disparity_map map;
    enum po_status status = bench_read_and_rectify(input, scratch, &views, watch, error);
    if (status == PO_OK)
        status = classic_recipe_match(&views, input->range, scratch, &map, error);
    if (status != PO_OK)
        return status;
    stopwatch_lap(watch, "match");
    pipeline->matched_percent =
        bench_matched_percent(&map, (input->range.min_px - 1) * 16);
    size_t pixels = (size_t)map.width_px * (size_t)map.height_px;
    float *xyz = scratch_take_array(scratch, pixels, 3 * sizeof(float));
    struct cv_plane dense;
    if (xyz == NULL)
        return scratch_exhausted(scratch, "the recipe", error);
    status = classic_recipe_fill(&map, input->range, scratch, watch, &dense, error);
    double q[16];
    fill_q(&input->rectification.rig, q);
    if (status == PO_OK)
        status = cv_classic_reproject(&dense, q, xyz, error);
    stopwatch_lap(watch, "reproject");
    if (status == PO_OK)
        status = classic_write(input, &views, &dense, xyz, scratch, pipeline, error);
    stopwatch_lap(watch, "write");
    return status;
}
