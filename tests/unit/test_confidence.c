/* SPDX-License-Identifier: Apache-2.0 */
/* Confidence: its tables hold what they promise, its features stay within the image, and
 * surfaces support those who lie on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/confidence.h"
#include "refine/row_kernels.h"
#include "refine/steps.h"
#include "support/refine_fixture.h"

enum { WIDTH = 96, HEIGHT = 64, EDGE_X = 48, NEAR = 480, FAR = 160 };

static const struct confidence_tables *const sets[] = {
    &confidence_tables_fast,
    &confidence_tables_balanced,
    &confidence_tables_quality,
    &confidence_tables_plain,
};

static uint32_t asked_of(const struct byte_forest *forest)
{
    uint32_t asked = 0;
    for (int i = 0; i < forest->count; i++)
        for (int k = 0; k < FOREST_DEPTH; k++)
            asked |= 1U << forest->trees[i].features[k];
    return asked;
}

static void tables_ask_what_their_stage_knows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
        const struct byte_forest *forests[] = {&sets[i]->local, &sets[i]->raw,
                                               &sets[i]->final};
        for (int k = 0; k < 3; k++) {
            assert_in_range(forests[k]->count, 1, FOREST_TREES_MAX);
            assert_int_equal(forests[k]->asked, asked_of(forests[k]));
            assert_int_equal(
                forests[k]->asked & ~confidence_features((enum confidence_stage)k), 0);
        }
        for (int score = 1; score < 256; score++)
            assert_true(sets[i]->curve[score] >= sets[i]->curve[score - 1]);
        assert_true(sets[i]->curve[255] > 250);
    }
}

struct scene {
    struct disparity_map map;
    struct image_view guide, classes, scores, confidence, sigma;
    struct match_output match;
    struct po_match_settings settings;
};

/* Two walls that meet where the colour changes. */
static void make_scene(struct scene *scene, int width_px, int height_px)
{
    *scene = (struct scene){.settings = {.level = PO_SGM_BALANCED}};
    scene->map = take_map(width_px, height_px);
    scene->guide = take_image(width_px, height_px, 1);
    scene->classes = take_image(width_px, height_px, 1);
    scene->scores = take_image(width_px, height_px, 1);
    scene->sigma = take_image(width_px, height_px, 1);
    scene->match.uniqueness_margin = take_image(width_px, height_px, 1);
    scene->match.cost = take_image(width_px, height_px, 1);
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++) {
            bool near = x < EDGE_X;
            disparity_row(&scene->map, y)[x] = near ? NEAR : FAR;
            image_row(&scene->guide, y)[x] = (uint8_t)((near ? 60 : 180) + x % 3);
            image_row(&scene->classes, y)[x] = PIXEL_MEASURED;
            image_row(&scene->scores, y)[x] = 255;
            image_row(&scene->match.uniqueness_margin, y)[x] = 60;
            image_row(&scene->match.cost, y)[x] = 15;
        }
}

static void drop(struct scene *scene, int x, int y)
{
    disparity_row(&scene->map, y)[x] = DISPARITY_INVALID;
    image_row(&scene->classes, y)[x] = PIXEL_FILLED_MISMATCH;
}

static int place_of(const struct surface_support *support, int x, int y)
{
    return y / 2 * support->width_px + x / 2;
}

static int mean_at(const struct surface_support *support, int x, int y)
{
    return support->below[place_of(support, x, y)];
}

static int weight_at(const struct surface_support *support, int x, int y)
{
    return support->weights[place_of(support, x, y)];
}

static void support_ends_at_edges(void **state)
{
    (void)state;
    struct scene scene;
    struct surface_support support;
    make_scene(&scene, WIDTH, HEIGHT);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = EDGE_X; x < WIDTH; x++)
            if ((x + y) % 8 != 0)
                drop(&scene, x, y);
    const struct support_input input = {&scene.map, &scene.classes, &scene.scores,
                                        &scene.guide, row_kernels_find(PO_CPU_AUTO)};
    assert_int_equal(surface_support_take(&scratch, WIDTH, HEIGHT, &support, NULL),
                     PO_OK);
    assert_int_equal(surface_support_make(&input, &scratch, &support, NULL), PO_OK);
    /* Beside the edge each wall has its own disparity, and the sparse one less weight. */
    assert_true(abs(mean_at(&support, EDGE_X - 3, 30) - NEAR) <= 8);
    assert_true(abs(mean_at(&support, EDGE_X + 3, 30) - FAR) <= 8);
    assert_true(weight_at(&support, EDGE_X - 3, 30) > 240);
    assert_true(weight_at(&support, EDGE_X + 3, 30) < 60);
}

static void nothing_measured_supports_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct surface_support support;
    make_scene(&scene, WIDTH, HEIGHT);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            drop(&scene, x, y);
    const struct support_input input = {&scene.map, &scene.classes, &scene.scores,
                                        &scene.guide, row_kernels_find(PO_CPU_AUTO)};
    assert_int_equal(surface_support_take(&scratch, WIDTH, HEIGHT, &support, NULL),
                     PO_OK);
    assert_int_equal(surface_support_make(&input, &scratch, &support, NULL), PO_OK);
    assert_true(weight_at(&support, 9, 9) < 1);
    assert_int_equal(mean_at(&support, 9, 9), DISPARITY_INVALID);
}

static void judge(struct scene *scene, enum po_cpu_level cpu)
{
    scene->settings.cpu = cpu;
    struct surface_support support;
    struct confidence_job job = {
        .input = {.map = &scene->map,
                  .work = &scene->map,
                  .classes = &scene->classes,
                  .match = &scene->match,
                  .guide = &scene->guide},
        .settings = &scene->settings,
        .scratch = &scratch,
    };
    size_t before = scratch.used;
    scratch.peak = before;
    assert_int_equal(confidence_judge(&job, &scene->scores, &support, NULL), PO_OK);
    int width_px = scene->map.width_px, height_px = scene->map.height_px;
    size_t held = surface_support_bytes(width_px, height_px);
    assert_int_equal(scratch.used - before, held);
    assert_int_equal(scratch.peak - before, held + confidence_bytes(width_px, height_px));
    job.input.support = &support;
    assert_int_equal(confidence_rate(&job, &scene->scores, &scene->sigma, NULL), PO_OK);
}

/* Strips of one row, images narrower than the features' reach: nothing beyond them
 * counts, and every CPU level says the same. */
static void any_size_is_judged_alike_on_every_cpu(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 40}, {130, 1}, {9, 7}, {65, 33}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct scene plain, fast;
        make_scene(&plain, sizes[i][0], sizes[i][1]);
        make_scene(&fast, sizes[i][0], sizes[i][1]);
        judge(&plain, PO_CPU_SCALAR);
        judge(&fast, PO_CPU_AUTO);
        for (int y = 0; y < sizes[i][1]; y++) {
            assert_memory_equal(image_row(&plain.scores, y), image_row(&fast.scores, y),
                                (size_t)sizes[i][0]);
            assert_memory_equal(image_row(&plain.sigma, y), image_row(&fast.sigma, y),
                                (size_t)sizes[i][0]);
        }
    }
}

/* Beyond the row there are zeros, and the image's own rows are not written over. */
static void features_of_rows_end_at_the_image(void **state)
{
    (void)state;
    const uint32_t which = 1U << FEATURE_COST_WIDE | 1U << FEATURE_TEXTURE |
                           1U << FEATURE_COLUMN_TEXTURE | 1U << FEATURE_TEXTURE_WIDE;
    static const int widths[] = {1, 9, 96, 128, 129, 300};
    for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
        struct scene scene;
        struct feature_rows rows;
        int width = widths[i];
        make_scene(&scene, width, HEIGHT);
        for (int y = 0; y < HEIGHT;
             y++) /* horizontal lines: four rows dark, four bright */
            memset(image_row(&scene.guide, y), y / 4 % 2 == 0 ? 50 : 90, (size_t)width);
        memset(image_row(&scene.match.cost, 30), 20, (size_t)width);
        const struct feature_input input = {.map = &scene.map,
                                            .classes = &scene.classes,
                                            .match = &scene.match,
                                            .guide = &scene.guide};
        assert_int_equal(feature_rows_take(&scratch, width, &rows, NULL), PO_OK);
        row_kernels_find(PO_CPU_AUTO)->measure_features(&input, which, 30, &rows);
        for (int x = 0; x < width; x++) {
            int summed = (x + 8 < width ? x + 8 : width) - (x > 8 ? x - 8 : 0);
            assert_int_equal(rows.features[FEATURE_COST_WIDE][x], 20 * summed / 8);
            assert_int_equal(rows.features[FEATURE_TEXTURE][x], 0);
            assert_int_equal(rows.features[FEATURE_TEXTURE_WIDE][x], 0);
            assert_int_equal(rows.features[FEATURE_COLUMN_TEXTURE][x], 40);
        }
    }
}

static void a_wall_is_sure_and_a_stray_island_is_not(void **state)
{
    (void)state;
    struct scene scene;
    make_scene(&scene, WIDTH, HEIGHT);
    for (int y = 30; y < 36; y++)
        for (int x = 70; x < 76; x++)
            disparity_row(&scene.map, y)[x] = FAR + 200;
    for (int matcher = 0; matcher < 2; matcher++) {
        judge(&scene, PO_CPU_AUTO);
        assert_true(image_row(&scene.scores, 12)[66] > 230);
        assert_true(image_row(&scene.scores, 33)[73] < image_row(&scene.scores, 12)[66]);
        assert_true(image_row(&scene.sigma, 33)[73] > image_row(&scene.sigma, 12)[66]);
        scene.match = (struct match_output){0}; /* as from OpenCV: a bare map */
    }
}

static void unlikely_pixels_stop_being_measured(void **state)
{
    (void)state;
    struct scene scene;
    struct row_tally doubted = {0, HEIGHT, 0};
    make_scene(&scene, WIDTH, HEIGHT);
    image_row(&scene.scores, 5)[5] = 0;
    image_row(&scene.scores, 5)[6] = FOREST_SCORE_ZERO - 1;
    image_row(&scene.scores, 5)[7] = FOREST_SCORE_ZERO;
    assert_int_equal(drop_unlikely(&scene.scores, &scene.map, &scene.classes), 1);
    assert_int_equal(disparity_row(&scene.map, 5)[5], DISPARITY_INVALID);
    assert_int_equal(image_row(&scene.classes, 5)[5], PIXEL_FILLED_MISMATCH);
    doubt_unlikely(&scene.scores, &scene.classes, &doubted);
    assert_int_equal(doubted.pixels, 1);
    assert_int_equal(image_row(&scene.classes, 5)[6], PIXEL_FILLED_MISMATCH);
    assert_int_equal(disparity_row(&scene.map, 5)[6], NEAR);
    assert_int_equal(image_row(&scene.classes, 5)[7], PIXEL_MEASURED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_ask_what_their_stage_knows),
        cmocka_unit_test_teardown(support_ends_at_edges, scratch_rewind_all),
        cmocka_unit_test_teardown(nothing_measured_supports_nothing, scratch_rewind_all),
        cmocka_unit_test_teardown(any_size_is_judged_alike_on_every_cpu,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(features_of_rows_end_at_the_image, scratch_rewind_all),
        cmocka_unit_test_teardown(a_wall_is_sure_and_a_stray_island_is_not,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(unlikely_pixels_stop_being_measured,
                                  scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
