/* SPDX-License-Identifier: Apache-2.0 */
/* What stands beside a depth edge: a near surface that has grown over the far one behind
 * a hole, told apart by colour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "refine/confidence_features.h"
#include "refine/row_kernels.h"
#include "support/refine_fixture.h"

enum {
    WIDTH = 60,
    HEIGHT = 40,
    FAR = 10 * 16,
    NEAR = 30 * 16,
    HOLE_BEGIN = 20,
    HOLE_END = 26,      /* from here on the map is near */
    SURFACE_BEGIN = 29, /* and from here on the colour */
    FAR_GREY = 40,
    NEAR_GREY = 200,
    ROW = 20,
};

struct scene {
    struct disparity_map map;
    struct image_view classes, guide, green;
    struct feature_input input;
    struct feature_rows rows;
};

static void take_scene(struct scene *scene, int width, int height, int channels)
{
    *scene = (struct scene){.map = take_map(width, height),
                            .classes = take_image(width, height, 1),
                            .guide = take_image(width, height, channels),
                            .green = take_image(width, height, 1)};
    scene->input = (struct feature_input){.map = &scene->map,
                                          .classes = &scene->classes,
                                          .guide = &scene->guide,
                                          .green = &scene->green};
    assert_int_equal(feature_rows_take(&scratch, width, &scene->rows, NULL), PO_OK);
}

/* A far wall, a hole, a near surface; `turned`: from above to below. */
static void draw_step(struct scene *scene, int channels, bool turned)
{
    take_scene(scene, WIDTH, HEIGHT, channels);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int at = turned ? y : x;
            bool hole = at >= HOLE_BEGIN && at < HOLE_END;
            disparity_row(&scene->map, y)[x] = at < HOLE_END ? FAR : NEAR;
            image_row(&scene->classes, y)[x] =
                hole ? PIXEL_FILLED_OCCLUSION : PIXEL_MEASURED;
            memset(image_row(&scene->guide, y) + (ptrdiff_t)x * channels,
                   at < SURFACE_BEGIN ? FAR_GREY : NEAR_GREY, (size_t)channels);
        }
}

static void pack_green(struct scene *scene)
{
    const struct image_view *guide = &scene->guide;
    for (int y = 0; y < guide->height_px; y++)
        for (int x = 0; x < guide->width_px; x++)
            image_row(&scene->green, y)[x] =
                image_row(guide, y)[x * guide->channels + (guide->channels == 3 ? 1 : 0)];
}

static int feature(struct scene *scene, enum confidence_feature which, int x, int y)
{
    pack_green(scene);
    for (int row = 0; row <= y; row++) /* what is above holes is carried down */
        row_kernels_plain.measure_features(&scene->input, 1U << which, row, &scene->rows);
    return scene->rows.features[which][x];
}

static void expect_step(struct scene *scene, bool turned)
{
    for (int at = HOLE_END; at < SURFACE_BEGIN; at++) {
        int x = turned ? ROW : at, y = turned ? at : ROW;
        assert_int_equal(feature(scene, FEATURE_EDGE_JUMP, x, y), 40);
        assert_int_equal(feature(scene, FEATURE_EDGE_DISTANCE, x, y), at - HOLE_END + 1);
        assert_true(feature(scene, FEATURE_EDGE_LIKENESS, x, y) < 64);
        assert_int_equal(feature(scene, FEATURE_EDGE_INNER, x, y), NEAR_GREY - FAR_GREY);
        assert_int_equal(feature(scene, FEATURE_EDGE_OUTER, x, y), 0);
        assert_int_equal(feature(scene, FEATURE_BEYOND_UP, x, y),
                         turned ? 128 - 40 : 255);
    }
}

static void grown_surface_looks_like_what_is_behind_it(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        draw_step(&scene, turn < 2 ? 1 : 3, turn % 2 == 1);
        expect_step(&scene, turn % 2 == 1);
        scratch_rewind(&scratch, mark);
    }
}

/* The map drops at the far end of the hole, out of reach: what lies beyond it counts. */
static void a_hole_filled_from_the_near_side_hides_no_edge(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        draw_step(&scene, 1, turn == 1);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                if (image_row(&scene.classes, y)[x] != PIXEL_MEASURED)
                    disparity_row(&scene.map, y)[x] = NEAR;
        expect_step(&scene, turn == 1);
        scratch_rewind(&scratch, mark);
    }
}

/* Where the map's edge lies at the image's, the rim looks like its own side. */
static void a_true_rim_looks_like_its_own_side(void **state)
{
    (void)state;
    struct scene scene;
    draw_step(&scene, 1, false);
    for (int y = 0; y < HEIGHT; y++)
        memset(image_row(&scene.guide, y) + HOLE_END, NEAR_GREY, WIDTH - HOLE_END);
    assert_true(feature(&scene, FEATURE_EDGE_LIKENESS, HOLE_END, ROW) > 192);
    assert_int_equal(feature(&scene, FEATURE_EDGE_INNER, HOLE_END, ROW), 0);
    assert_int_equal(feature(&scene, FEATURE_EDGE_OUTER, HOLE_END, ROW),
                     NEAR_GREY - FAR_GREY);
}

/* The far side of the hole has nothing farther behind it. */
static void far_surface_has_a_rise_and_no_edge(void **state)
{
    (void)state;
    struct scene scene;
    int last = HOLE_BEGIN - 1;
    draw_step(&scene, 1, false);
    assert_int_equal(feature(&scene, FEATURE_EDGE_JUMP, last, ROW), 0);
    assert_int_equal(feature(&scene, FEATURE_EDGE_DISTANCE, last, ROW), 255);
    assert_int_equal(feature(&scene, FEATURE_EDGE_LIKENESS, last, ROW), 128);
    image_row(&scene.classes, ROW)[last + 1] = PIXEL_MEASURED;
    assert_int_equal(feature(&scene, FEATURE_EDGE_RISE, last + 1, ROW),
                     HOLE_END - last - 1);
    assert_int_equal(feature(&scene, FEATURE_EDGE_RISE, last + 2, ROW), 255);
}

static void expect_none(struct scene *scene, int x, int y)
{
    assert_int_equal(feature(scene, FEATURE_EDGE_JUMP, x, y), 0);
    assert_int_equal(feature(scene, FEATURE_EDGE_DISTANCE, x, y), 255);
    assert_int_equal(feature(scene, FEATURE_EDGE_LIKENESS, x, y), 128);
    assert_int_equal(feature(scene, FEATURE_EDGE_RISE, x, y), 255);
    assert_int_equal(feature(scene, FEATURE_BEYOND_DOWN, x, y), 255);
}

static void holes_and_pixels_away_from_rims_have_no_edge(void **state)
{
    (void)state;
    struct scene scene;
    draw_step(&scene, 1, false);
    assert_int_equal(feature(&scene, FEATURE_EDGE_DISTANCE, HOLE_BEGIN + 2, ROW), 255);
    expect_none(&scene, HOLE_BEGIN - 1 - EDGE_RIM_PX, ROW);
    expect_none(&scene, HOLE_END + EDGE_RIM_PX, ROW);
}

/* Every way ends at the image. */
static void small_images_have_edges_too(void **state)
{
    (void)state;
    for (int size = 1; size < 6; size++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        for (int kind = 0; kind < 3; kind++) {
            int width = kind == 0 ? 1 : size, height = kind == 1 ? 1 : size;
            take_scene(&scene, width, height, 3);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++) {
                    disparity_row(&scene.map, y)[x] = x + y == 0 ? FAR : NEAR;
                    image_row(&scene.classes, y)[x] = PIXEL_MEASURED;
                }
            bool edge = width > 1 || height > 1;
            assert_int_equal(feature(&scene, FEATURE_EDGE_JUMP, width - 1, 0),
                             edge && width > 1 && width <= 1 + EDGE_RIM_PX ? 40 : 0);
            (void)feature(&scene, FEATURE_EDGE_JUMP, 0, height - 1);
        }
        scratch_rewind(&scratch, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grown_surface_looks_like_what_is_behind_it),
        cmocka_unit_test(a_hole_filled_from_the_near_side_hides_no_edge),
        cmocka_unit_test(a_true_rim_looks_like_its_own_side),
        cmocka_unit_test(far_surface_has_a_rise_and_no_edge),
        cmocka_unit_test(holes_and_pixels_away_from_rims_have_no_edge),
        cmocka_unit_test(small_images_have_edges_too),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
