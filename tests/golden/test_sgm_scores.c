/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our matcher's maps are worth: the residual on slanted planes after the 5x5 median
 * that ends every refinement, beside OpenCV's after the same and beside what it was when
 * this was written; and how evenly the fractions of disparities fall on real scenes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "refine/steps.h"
#include "stereo/matchers.h"
#include "support/scene_list.h"
#include "support/synthetic_scene.h"
#include "support/test_folder.h"

enum { ARENA_BYTES = 256 << 20, EIGHTHS = 8, SCENES = 30, PLANES = 3 };

struct plane_score {
    double mean_px; /* mean absolute error */
    double bad05_percent;
};

static void match(struct scratch *scratch, enum po_sgm_level level,
                  const struct image_view *left, const struct image_view *right,
                  struct disparity_range range, struct match_output *output)
{
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    struct po_settings settings;
    struct match_plan plan;
    struct match_input input = {
        .left = *left, .right = *right, .guide = *left, .range = range};
    po_settings_defaults(&settings);
    settings.match.level = level;
    assert_int_equal(
        matcher->plan(&settings.match,
                      &(struct match_size){left->width_px, left->height_px, 1, range}, 0,
                      &plan, NULL),
        PO_OK);
    assert_int_equal(matcher_take_output(matcher, scratch, left->width_px,
                                         left->height_px, output, NULL),
                     PO_OK);
    assert_int_equal(matcher->run(&settings.match, &plan, &input, scratch, output, NULL),
                     PO_OK);
}

static void match_opencv(const struct image_view *left, const struct image_view *right,
                         enum po_opencv_mode mode, struct disparity_range range,
                         struct disparity_map *map)
{
    struct cv_image views[2] = {
        {left->width_px, left->height_px, 1, left->stride_bytes, left->pixels},
        {right->width_px, right->height_px, 1, right->stride_bytes, right->pixels}};
    struct cv_sgbm_settings settings = {.min_disparity = range.min_px,
                                        .num_disparities = range.count,
                                        .block_size = 5,
                                        .p1 = 8 * 25,
                                        .p2 = 32 * 25,
                                        .disp12_max_diff = 1,
                                        .uniqueness_ratio = 10,
                                        .mode = mode};
    assert_int_equal(
        cv_shim_sgbm(&settings, &views[0], &views[1], map->values, map->stride, NULL),
        PO_OK);
}

/* Pixels that both images show; invalid ones are bad and not in the mean. */
static struct plane_score score(const struct synthetic_scene *scene,
                                const struct disparity_map *map)
{
    double sum = 0;
    int valid = 0;
    int bad = 0;
    int count = 0;
    for (int y = 8; y < scene->height_px - 8; y++)
        for (int x = 72; x < scene->width_px - 8; x++, count++) {
            double error =
                disparity_row(map, y)[x] / 16.0 - synthetic_scene_disparity(scene, x, y);
            error = error < 0 ? -error : error;
            bad += error > 0.5;
            sum += error < 8 ? error : 0;
            valid += error < 8;
        }
    return (struct plane_score){sum / valid, 100.0 * bad / count};
}

static struct synthetic_scene plane_scene(int number)
{
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_PLANE, 400, 200, number);
    scene.slope_x = 0.03 + 0.02 * number;
    scene.slope_y = 0.07 - 0.02 * number;
    scene.offset_px = 9.3;
    return scene;
}

struct plane_bench {
    struct scratch scratch;
    struct synthetic_scene scene;
    struct image_view views[2];
    struct disparity_map raw;
    struct disparity_map smooth;
};

static void plane_bench_init(struct plane_bench *bench, int number)
{
    assert_int_equal(scratch_init(&bench->scratch, ARENA_BYTES, NULL), PO_OK);
    bench->scene = plane_scene(number);
    const int width = bench->scene.width_px;
    const int height = bench->scene.height_px;
    for (int side = 0; side < 2; side++) {
        assert_int_equal(
            image_view_take(&bench->scratch, width, height, 1, &bench->views[side], NULL),
            PO_OK);
        synthetic_scene_render(&bench->scene, side, &bench->views[side]);
    }
    assert_int_equal(
        disparity_map_take(&bench->scratch, width, height, &bench->raw, NULL), PO_OK);
    assert_int_equal(
        disparity_map_take(&bench->scratch, width, height, &bench->smooth, NULL), PO_OK);
}

static struct plane_score score_smooth(struct plane_bench *bench,
                                       const struct disparity_map *raw)
{
    median_5x5(raw, &row_kernels_plain, &bench->smooth);
    return score(&bench->scene, &bench->smooth);
}

static struct plane_score best_of_opencv(struct plane_bench *bench,
                                         struct disparity_range range)
{
    struct plane_score best = {1e9, 100};
    for (int mode = PO_OPENCV_SGBM; mode <= PO_OPENCV_3WAY; mode++) {
        match_opencv(&bench->views[0], &bench->views[1], (enum po_opencv_mode)mode, range,
                     &bench->raw);
        struct plane_score theirs = score_smooth(bench, &bench->raw);
        print_message("OpenCV mode %d: %.4f px, bad0.5 %.2f %%\n", mode, theirs.mean_px,
                      theirs.bad05_percent);
        best = theirs.mean_px < best.mean_px ? theirs : best;
    }
    return best;
}

static void slanted_planes_are_met_as_ever_and_better_than_by_opencv(void **state)
{
    (void)state;
    static const double recorded_px[PLANES][PO_SGM_QUALITY + 1] = {
        {0.0720, 0.0720, 0.0533}, {0.0629, 0.0629, 0.0534}, {0.0598, 0.0598, 0.0555}};
    const struct disparity_range range = {0, 64};
    for (int number = 0; number < PLANES; number++) {
        struct plane_bench bench;
        struct match_output output;
        plane_bench_init(&bench, number);
        struct plane_score theirs = best_of_opencv(&bench, range);
        for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level++) {
            match(&bench.scratch, (enum po_sgm_level)level, &bench.views[0],
                  &bench.views[1], range, &output);
            struct plane_score ours = score_smooth(&bench, &output.left);
            print_message("plane %d, level %d: %.4f px, bad0.5 %.2f %%\n", number, level,
                          ours.mean_px, ours.bad05_percent);
            assert_true(ours.mean_px <= theirs.mean_px);
            assert_true(ours.bad05_percent <= theirs.bad05_percent);
            assert_true(fabs(ours.mean_px - recorded_px[number][level]) < 0.001);
        }
        scratch_release(&bench.scratch);
    }
}

/* Mean error of pixels near the truth, of a scene shifted by `shift_px`. */
static double bias_of_shift(enum po_sgm_level level, double shift_px)
{
    struct plane_bench bench;
    struct match_output output;
    plane_bench_init(&bench, 0);
    bench.scene.slope_x = 0;
    bench.scene.slope_y = 0;
    bench.scene.offset_px = shift_px;
    for (int side = 0; side < 2; side++)
        synthetic_scene_render(&bench.scene, side, &bench.views[side]);
    match(&bench.scratch, level, &bench.views[0], &bench.views[1],
          (struct disparity_range){0, 64}, &output);
    double sum = 0;
    int count = 0;
    for (int y = 8; y < bench.scene.height_px - 8; y++)
        for (int x = 72; x < bench.scene.width_px - 8; x++) {
            double error = disparity_row(&output.left, y)[x] / 16.0 - shift_px;
            count += fabs(error) < 1;
            sum += fabs(error) < 1 ? error : 0;
        }
    scratch_release(&bench.scratch);
    return sum / count;
}

/* Beside each what the plain equiangular fit gives: P1 of the paths draws it to the whole
 * number. */
static void fractions_are_drawn_less_to_whole_pixels(void **state)
{
    (void)state;
    static const struct {
        double shift_px;
        double plain_px[PO_SGM_QUALITY + 1];
    } rows[] = {{10.25, {0.1578, 0.1578, 0.1617}},
                {10.5, {0.0968, 0.0968, 0.0686}},
                {10.75, {0.1259, 0.1259, 0.1224}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level += 2) {
            double bias = bias_of_shift((enum po_sgm_level)level, rows[i].shift_px);
            print_message("shift %.2f, level %d: %+.4f px\n", rows[i].shift_px, level,
                          bias);
            assert_true(fabs(bias) < 0.9 * rows[i].plain_px[level]);
        }
}

/* Counts the fractions of pixels that the right view confirms. */
static void count_fractions(const struct match_output *output, double eighths[EIGHTHS])
{
    for (int y = 0; y < output->left.height_px; y++)
        for (int x = 0; x < output->left.width_px; x++) {
            int value = disparity_row(&output->left, y)[x];
            int at = x - ((value + 8) >> 4);
            if (value == DISPARITY_INVALID || at < 0 || at >= output->left.width_px ||
                abs(disparity_row(&output->right, y)[at] - value) > 24)
                continue;
            eighths[(value & 15) / 2] += 1;
        }
}

static void real_scenes_fill_each_eighth_of_a_pixel(void **state)
{
    (void)state;
    char path[TEST_PATH_BYTES];
    struct scene_list list;
    if (!test_data_path(PO_SOURCE_DIR, "scenes.tsv", path))
        skip();
    *strrchr(path, '/') = '\0';
    assert_int_equal(scene_list_read(path, NULL, &list, NULL), PO_OK);
    assert_int_equal(list.count, SCENES);
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level += 2) {
        double eighths[EIGHTHS] = {0};
        double sum = 0;
        for (int i = 0; i < list.count; i++) {
            struct scratch scratch;
            struct scene_pair pair;
            struct match_output output;
            assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
            assert_int_equal(scene_load(&list.scenes[i], &scratch, &pair, NULL), PO_OK);
            match(&scratch, (enum po_sgm_level)level, &pair.left, &pair.right,
                  scene_range(&list.scenes[i]), &output);
            count_fractions(&output, eighths);
            scratch_release(&scratch);
        }
        for (int k = 0; k < EIGHTHS; k++)
            sum += eighths[k];
        for (int k = 0; k < EIGHTHS; k++) {
            double percent = 100 * eighths[k] / sum;
            print_message("level %d, eighth %d: %.2f %%\n", level, k, percent);
            assert_true(percent >= 10 && percent <= 15);
        }
    }
    scene_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slanted_planes_are_met_as_ever_and_better_than_by_opencv),
        cmocka_unit_test(fractions_are_drawn_less_to_whole_pixels),
        cmocka_unit_test(real_scenes_fill_each_eighth_of_a_pixel),
    };
    (void)!cv_shim_init(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
