/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of semi-global matching on any scene: shifts, planes, sizes, bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings/penalty_limit.h"
#include "stereo/kernel_dispatch.h"
#include "stereo/matchers.h"
#include "stereo/sgm_geometry.h"
#include "support/synthetic_scene.h"

enum { ARENA_BYTES = 96 << 20 };

struct bench {
    struct scratch scratch;
    struct po_settings settings;
    struct match_input input;
    struct match_output output;
    struct match_plan plan;
    size_t budget_bytes;
};

static void bench_init(struct bench *bench, enum po_sgm_level level)
{
    *bench = (struct bench){0};
    assert_int_equal(scratch_init(&bench->scratch, ARENA_BYTES, NULL), PO_OK);
    po_settings_defaults(&bench->settings);
    bench->settings.match.level = level;
}

static void take_images(struct bench *bench, int width_px, int height_px)
{
    struct match_input *input = &bench->input;
    assert_int_equal(
        image_view_take(&bench->scratch, width_px, height_px, 1, &input->left, NULL),
        PO_OK);
    assert_int_equal(
        image_view_take(&bench->scratch, width_px, height_px, 1, &input->right, NULL),
        PO_OK);
    input->guide = input->left;
}

static enum po_status run(struct bench *bench)
{
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    const struct match_input *input = &bench->input;
    struct po_error error;
    int width = input->left.width_px;
    int height = input->left.height_px;
    enum po_status status = matcher->plan(
        &bench->settings.match,
        &(struct match_size){width, height, input->guide.channels, input->range},
        bench->budget_bytes, &bench->plan, &error);
    if (status != PO_OK)
        return status;
    size_t before = bench->scratch.used;
    assert_int_equal(matcher_take_output(matcher, &bench->scratch, width, height,
                                         &bench->output, &error),
                     PO_OK);
    assert_int_equal(bench->scratch.used - before, bench->plan.output_bytes);
    before = bench->scratch.used;
    bench->scratch.peak = before;
    status = matcher->run(&bench->settings.match, &bench->plan, input, &bench->scratch,
                          &bench->output, &error);
    assert_int_equal(bench->scratch.used, before);
    assert_int_equal(bench->scratch.peak - before, bench->plan.scratch_bytes);
    return status;
}

static void render(struct bench *bench, const struct synthetic_scene *scene)
{
    take_images(bench, scene->width_px, scene->height_px);
    synthetic_scene_render(scene, 0, &bench->input.left);
    synthetic_scene_render(scene, 1, &bench->input.right);
}

static const enum po_sgm_level levels[] = {PO_SGM_FAST, PO_SGM_QUALITY};

static void a_constant_shift_is_found_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        struct bench bench;
        bench_init(&bench, levels[i]);
        struct synthetic_scene scene = synthetic_scene_make(SYNTHETIC_SHIFT, 150, 40, 1);
        scene.slope_x = scene.slope_y = 0;
        scene.offset_px = 11;
        render(&bench, &scene);
        bench.input.range = (struct disparity_range){0, 32};
        assert_int_equal(run(&bench), PO_OK);
        for (int y = 0; y < scene.height_px; y++)
            for (int x = 24; x < scene.width_px - 4; x++) {
                assert_in_range(disparity_row(&bench.output.left, y)[x] + 1000,
                                1000 + 11 * 16 - 7, 1000 + 11 * 16 + 7);
                assert_in_range(disparity_row(&bench.output.right, y)[x - 16] + 1000,
                                1000 + 11 * 16 - 7, 1000 + 11 * 16 + 7);
            }
        scratch_release(&bench.scratch);
    }
}

static void the_range_may_start_below_zero_or_above(void **state)
{
    (void)state;
    static const int minima[] = {-40, -11, 3, 11};
    for (size_t i = 0; i < sizeof(minima) / sizeof(minima[0]); i++) {
        struct bench bench;
        bench_init(&bench, PO_SGM_FAST);
        struct synthetic_scene scene = synthetic_scene_make(SYNTHETIC_SHIFT, 130, 24, 2);
        scene.slope_x = scene.slope_y = 0;
        int shift = minima[i] + 7;
        scene.offset_px = shift;
        render(&bench, &scene);
        bench.input.range = (struct disparity_range){minima[i], 16};
        assert_int_equal(run(&bench), PO_OK);
        for (int x = 45; x < 85; x++)
            assert_in_range(disparity_row(&bench.output.left, 12)[x] + 1000,
                            1000 + shift * 16 - 7, 1000 + shift * 16 + 7);
        scratch_release(&bench.scratch);
    }
}

static void a_plane_is_followed_between_pixels(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, PO_SGM_QUALITY);
    struct synthetic_scene scene = synthetic_scene_make(SYNTHETIC_PLANE, 200, 100, 3);
    scene.slope_x = 0.05;
    scene.slope_y = 0.03;
    scene.offset_px = 6;
    render(&bench, &scene);
    bench.input.range = (struct disparity_range){0, 32};
    assert_int_equal(run(&bench), PO_OK);
    double sum = 0;
    int count = 0;
    for (int y = 8; y < 92; y++)
        for (int x = 40; x < 180; x++, count++) {
            double found = disparity_row(&bench.output.left, y)[x] / 16.0;
            double error = found - synthetic_scene_disparity(&scene, x, y);
            sum += error < 0 ? -error : error;
        }
    assert_true(sum / count < 0.15);
    scratch_release(&bench.scratch);
}

static void fill_noise(struct image_view *image, unsigned seed)
{
    for (int y = 0; y < image->height_px; y++)
        for (int x = 0; x < image->width_px; x++) {
            seed = seed * 1664525U + 1013904223U;
            image_row(image, y)[x] = (uint8_t)(seed >> 24);
        }
}

/* All bytes of all maps: rows of different runs compare equal or not. */
static bool maps_equal(const struct match_output *a, const struct match_output *b)
{
    size_t width = (size_t)a->left.width_px;
    for (int y = 0; y < a->left.height_px; y++)
        if (memcmp(disparity_row(&a->left, y), disparity_row(&b->left, y), 2 * width) !=
                0 ||
            memcmp(disparity_row(&a->right, y), disparity_row(&b->right, y), 2 * width) !=
                0 ||
            memcmp(image_row(&a->uniqueness_margin, y),
                   image_row(&b->uniqueness_margin, y), width) != 0 ||
            memcmp(image_row(&a->cost, y), image_row(&b->cost, y), width) != 0)
            return false;
    return true;
}

static void every_cpu_level_gives_the_same_bytes(void **state)
{
    (void)state;
    static const enum po_cpu_level cpus[] = {PO_CPU_SSE4, PO_CPU_AVX2, PO_CPU_AVX512,
                                             PO_CPU_NEON};
    static const int shapes[][4] = {
        {1, 1, 0, 16},    {3, 2, -5, 16},   {40, 9, 0, 64},      {97, 12, -20, 96},
        {64, 5, 30, 112}, {75, 6, 0, 336},  {33, 4, -700, 1024}, {129, 3, 8, 32},
        {700, 3, 0, 192}, {300, 5, -9, 256}};
    for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
        for (size_t level = 0; level < 2; level++) {
            struct bench bench;
            bench_init(&bench, levels[level]);
            take_images(&bench, shapes[s][0], shapes[s][1]);
            fill_noise(&bench.input.left, 1);
            fill_noise(&bench.input.right, 2);
            bench.input.range = (struct disparity_range){shapes[s][2], shapes[s][3]};
            bench.settings.match.cpu = PO_CPU_SCALAR;
            assert_int_equal(run(&bench), PO_OK);
            struct match_output reference = bench.output;
            struct match_plan plan = bench.plan;
            for (size_t c = 0; c < sizeof(cpus) / sizeof(cpus[0]); c++) {
                if (sgm_kernels_find(cpus[c]) == NULL)
                    continue;
                bench.settings.match.cpu = cpus[c];
                assert_int_equal(run(&bench), PO_OK);
                assert_true(maps_equal(&reference, &bench.output));
                assert_int_equal(plan.scratch_bytes, bench.plan.scratch_bytes);
            }
            scratch_release(&bench.scratch);
        }
}

static void wide_sweeps_are_taken_where_they_pay(void **state)
{
    (void)state;
    static const int cases[][2] = {{64, 32},  {128, 32}, {192, 64},
                                   {224, 32}, {256, 64}, {1024, 64}};
    struct po_settings settings;
    po_settings_defaults(&settings);
    settings.match.cpu = PO_CPU_AVX512;
    if (sgm_kernels_find(PO_CPU_AVX512) == NULL) {
        print_message("    skipped: this CPU has no AVX-512\n");
        skip();
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sgm_geometry geometry;
        const struct match_size size = {40, 10, 1, {0, cases[i][0]}};
        assert_int_equal(sgm_geometry_make(&settings.match, &size, &geometry, NULL),
                         PO_OK);
        assert_int_equal(geometry.layout.lanes, cases[i][1]);
        assert_int_equal(layout_slots(&geometry.layout), cases[i][0]);
    }
}

/* A pair that a budget cuts into tiles: a slanted plane spans few disparities in each. */
static void tiles_follow_the_scene_within_the_budget(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, PO_SGM_QUALITY);
    struct synthetic_scene scene = synthetic_scene_make(SYNTHETIC_PLANE, 1100, 540, 5);
    scene.slope_x = 0.08;
    scene.slope_y = 0.02;
    scene.offset_px = 4;
    render(&bench, &scene);
    bench.input.range = (struct disparity_range){0, 320};
    assert_int_equal(run(&bench), PO_OK);
    size_t whole_bytes = bench.plan.scratch_bytes;
    assert_int_equal(bench.output.evaluations, 1100 * 540 * 320);
    assert_false(bench.plan.tiled);
    bench.budget_bytes = whole_bytes - 1;
    assert_int_equal(run(&bench), PO_OK);
    assert_true(bench.plan.tiled);
    assert_true(bench.plan.scratch_bytes < whole_bytes * 3 / 4);
    assert_true(bench.output.evaluations < (uint64_t)1100 * 540 * 320 * 7 / 10);
    double sum = 0;
    int count = 0;
    int agreeing = 0;
    for (int y = 20; y < 520; y++)
        for (int x = 120; x < 1080; x++, count++) {
            int16_t value = disparity_row(&bench.output.left, y)[x];
            double error = value / 16.0 - synthetic_scene_disparity(&scene, x, y);
            sum += error < 0 ? -error : error;
            int at = x - ((value + 8) >> 4);
            int back = disparity_row(&bench.output.right, y)[at >= 0 ? at : 0];
            agreeing += abs(back - value) <= 24;
        }
    assert_true(sum / count < 0.2);
    assert_true(agreeing > count * 9 / 10);
    scratch_release(&bench.scratch);
}

static void a_flat_pair_and_a_prior_are_defined(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, PO_SGM_QUALITY);
    take_images(&bench, 60, 20);
    for (int y = 0; y < 20; y++) {
        memset(image_row(&bench.input.left, y), 77, 60);
        memset(image_row(&bench.input.right, y), 77, 60);
    }
    bench.input.range = (struct disparity_range){0, 48};
    assert_int_equal(run(&bench), PO_OK);
    assert_int_equal(disparity_row(&bench.output.left, 10)[50], 0);
    assert_int_equal(image_row(&bench.output.uniqueness_margin, 10)[50], 0);
    struct disparity_map prior;
    assert_int_equal(disparity_map_take(&bench.scratch, 60, 20, &prior, NULL), PO_OK);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 60; x++)
            disparity_row(&prior, y)[x] = 17 * 16 + 4;
    bench.input.prior = &prior;
    assert_int_equal(run(&bench), PO_OK);
    assert_in_range(disparity_row(&bench.output.left, 10)[50], 16 * 16, 18 * 16);
    scratch_release(&bench.scratch);
}

static void a_cancelled_match_returns_at_once(void **state)
{
    (void)state;
    struct bench bench;
    struct cancel cancel = {1};
    for (size_t i = 0; i < 2; i++) {
        bench_init(&bench, levels[i]);
        take_images(&bench, 60, 20);
        fill_noise(&bench.input.left, 1);
        fill_noise(&bench.input.right, 2);
        bench.input.range = (struct disparity_range){0, 48};
        bench.input.cancel = &cancel;
        assert_int_equal(run(&bench), PO_CANCELLED);
        scratch_release(&bench.scratch);
    }
}

static void what_cannot_be_held_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, PO_SGM_FAST);
    take_images(&bench, 20, 20);
    bench.input.range = (struct disparity_range){0, 40};
    assert_int_equal(run(&bench), PO_BAD_ARGUMENT);
    bench.input.range = (struct disparity_range){0, 48};
    bench.settings.match.p2 = SGM_P2_MAX;
    assert_int_equal(run(&bench), PO_OK);
    bench.settings.match.p2 = SGM_P2_MAX + 1;
    assert_int_equal(run(&bench), PO_BAD_ARGUMENT);
    bench.settings.match.p2 = 30;
    bench.settings.match.p1 = 30;
    assert_int_equal(run(&bench), PO_BAD_ARGUMENT);
    bench.settings.match.p1 = 29;
    assert_int_equal(run(&bench), PO_OK);
    bench.input.range = (struct disparity_range){-1025, 48};
    assert_int_equal(run(&bench), PO_BAD_ARGUMENT);
    struct match_plan plan;
    struct po_error error;
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    assert_int_equal(
        matcher->plan(&bench.settings.match,
                      &(struct match_size){640, 480, 1, (struct disparity_range){0, 64}},
                      1000, &plan, &error),
        PO_MEMORY_LIMIT);
    assert_non_null(strstr(error.message, "1000"));
    bench.input.right.height_px--;
    assert_int_equal(matcher->run(&bench.settings.match, &bench.plan, &bench.input,
                                  &bench.scratch, &bench.output, &error),
                     PO_BAD_IMAGE);
    assert_non_null(strstr(error.message, "20x19"));
    scratch_release(&bench.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_shift_is_found_everywhere),
        cmocka_unit_test(the_range_may_start_below_zero_or_above),
        cmocka_unit_test(a_plane_is_followed_between_pixels),
        cmocka_unit_test(every_cpu_level_gives_the_same_bytes),
        cmocka_unit_test(wide_sweeps_are_taken_where_they_pay),
        cmocka_unit_test(tiles_follow_the_scene_within_the_budget),
        cmocka_unit_test(a_flat_pair_and_a_prior_are_defined),
        cmocka_unit_test(a_cancelled_match_returns_at_once),
        cmocka_unit_test(what_cannot_be_held_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
