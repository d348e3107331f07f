/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/cloud_fixture.h"

enum { WIDTH = 61, HEIGHT = 47, PIXELS = WIDTH * HEIGHT, NEAR = 50 * 16, FAR = 20 * 16 };

static void everything_measured_is_kept_by_default(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS);
    assert_int_equal(count_list_get(&f.counts, "cloud_candidates"), PIXELS);
    assert_int_equal(count_list_get(&f.counts, "cloud_points"), PIXELS);
    assert_int_equal(f.warnings.length, 0);
    /* Z = 500 * 100 / 50 mm; the outermost pixels are 30 and 23 px off the axis. */
    assert_true(fabs(f.selection.extent.min_mm[0] + 60.0) < 1e-9);
    assert_true(fabs(f.selection.extent.max_mm[0] - 60.0) < 1e-9);
    assert_true(fabs(f.selection.extent.min_mm[1] + 46.0) < 1e-9);
    assert_true(fabs(f.selection.extent.max_mm[2] - 1000.0) < 1e-9);
    assert_true(fabs(f.selection.extent.centroid_mm[0]) < 1e-9);
    assert_true(fabs(f.selection.extent.median_depth_mm - 1000.0) < 1e-9);
    cloud_fixture_release(&f);
}

static void filled_pixels_stay_out_unless_asked_for(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    image_row(&f.input.classes, 3)[4] = PIXEL_FILLED_OCCLUSION;
    image_row(&f.input.classes, 3)[5] = PIXEL_FILLED_MISMATCH;
    image_row(&f.input.classes, 3)[6] = PIXEL_NONE;
    cloud_fixture_set(&f, 7, 3, DISPARITY_INVALID);
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS - 4);
    assert_true(cloud_fixture_kept(&f, 3, 3));
    for (int x = 4; x <= 7; x++)
        assert_false(cloud_fixture_kept(&f, x, 3));
    f.settings.include_filled = true;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS - 2);
    assert_true(cloud_fixture_kept(&f, 4, 3) && cloud_fixture_kept(&f, 5, 3));
    cloud_fixture_release(&f);
}

/* One sigma of 0.5 px of the match and 0.3 px of the rig: 0.583 px. */
static void unsure_depths_stay_out(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int x = 0; x < WIDTH; x++)
        cloud_fixture_set(&f, x, 0, 16 * (x + 1));
    f.settings.max_depth_error_percent = 10;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_depth_error"), 5);
    assert_false(cloud_fixture_kept(&f, 4, 0)); /* 0.583 of 5 px: 11.7 % */
    assert_true(cloud_fixture_kept(&f, 5, 0));  /* of 6 px: 9.7 % */
    f.input.rig.doffs_px = -2;                  /* parallax counts, not disparity */
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_depth_error"), 7 - 2);
    assert_false(cloud_fixture_kept(&f, 6, 0));
    assert_true(cloud_fixture_kept(&f, 7, 0));
    f.input.rig.doffs_px = 0;
    image_row(&f.input.sigma, 0)[4] = 0; /* the rig's alone: 0.3 of 5 px */
    image_row(&f.input.classes, 0)[9] = PIXEL_FILLED_OCCLUSION;
    f.settings.include_filled = true;
    cloud_fixture_select(&f);
    assert_true(cloud_fixture_kept(&f, 4, 0));
    assert_false(cloud_fixture_kept(&f, 9, 0)); /* a guess, 1.2 of 10 px */
    f.settings.max_depth_error_percent = 0;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS);
    f.settings.max_depth_error_percent = 0.5;
    cloud_fixture_select(&f);
    assert_true(cloud_fixture_warned(&f, "raise --max-depth-error"));
    cloud_fixture_release(&f);
}

/* Two corners lie fifty times farther away than all else. */
static void extents_leave_stray_points_out(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_set(&f, 0, 0, 16);
    cloud_fixture_set(&f, WIDTH - 1, HEIGHT - 1, 16);
    cloud_fixture_select(&f);
    const struct cloud_extent *extent = &f.selection.extent;
    assert_true(fabs(extent->max_mm[2] - 50000.0) < 1e-6);
    assert_true(fabs(extent->min_mm[0] + 3000.0) < 1e-6);
    assert_true(fabs(extent->p1_mm[2] - 1000.0) < 1e-9);
    assert_true(fabs(extent->p99_mm[2] - 1000.0) < 1e-9);
    /* 61 columns of 2 mm, 1.6 % each; bins are 1 % of a length wide. */
    assert_true(fabs(extent->p1_mm[0] + 60.0) < 0.6);
    assert_true(fabs(extent->p99_mm[0] - 60.0) < 0.6);
    assert_true(fabs(extent->p1_mm[1] + 46.0) < 0.5);
    assert_true(fabs(extent->p99_mm[1] - 46.0) < 0.5);
    cloud_fixture_release(&f);
}

static void depth_limits_and_points_behind(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_set(&f, 0, 0, 7); /* below half a pixel */
    cloud_fixture_set(&f, 1, 0, -16);
    cloud_fixture_set(&f, 2, 0, FAR); /* 2.5 m */
    cloud_fixture_set(&f, 3, 0, 200 * 16);
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_depth"), 2);
    f.input.min_depth_mm = 300;
    f.input.max_depth_mm = 2000;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_depth"), 4);
    for (int x = 0; x < 4; x++)
        assert_false(cloud_fixture_kept(&f, x, 0));
    assert_int_equal(f.warnings.length, 0);
    f.input.min_depth_mm = 1500;
    f.input.max_depth_mm = 0;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 1);
    assert_int_equal(f.warnings.length, 0); /* it was asked for */
    f.input.min_depth_mm = 1500;
    f.input.max_depth_mm = 1600;
    cloud_fixture_select(&f);
    assert_true(cloud_fixture_warned(&f, "the cloud is empty"));
    assert_true(cloud_fixture_warned(&f, "check --min-depth"));
    cloud_fixture_release(&f);
}

static void confidence_is_a_gate(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.min_confidence = 200.0 / 255.0;
    image_row(&f.input.confidence, 9)[9] = 199;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_confidence"), 1);
    assert_false(cloud_fixture_kept(&f, 9, 9));
    f.input.confidence.pixels = NULL;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS);
    assert_true(cloud_fixture_warned(&f, "--min-confidence has no effect"));
    cloud_fixture_release(&f);
}

/* A near square in front of a far wall, with a column in between the two. */
static void draw_step(struct cloud_fixture *f)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            cloud_fixture_set(f, x, y, x < 30 ? FAR : x == 30 ? (NEAR + FAR) / 2 : NEAR);
}

static void flying_pixels_go_and_both_sides_stay(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    draw_step(&f);
    cloud_fixture_set(&f, 45, 20, 80 * 16); /* alone */
    f.settings.edge_jump_px = 2;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_edge_jump"), HEIGHT + 1);
    for (int y = 0; y < HEIGHT; y++) {
        assert_false(cloud_fixture_kept(&f, 30, y));
        assert_true(cloud_fixture_kept(&f, 29, y));
        assert_true(cloud_fixture_kept(&f, 31, y));
    }
    assert_false(cloud_fixture_kept(&f, 45, 20));
    assert_true(cloud_fixture_kept(&f, 46, 20));
    cloud_fixture_release(&f);
}

static void slants_are_not_jumps(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            cloud_fixture_set(&f, x, y, FAR + 14 * x + 5 * y);
    f.settings.edge_jump_px = 2;
    f.settings.min_component_points = 100;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS);
    cloud_fixture_release(&f);
}

static void outliers_are_far_from_their_neighbours(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int y = 0; y < HEIGHT; y++) /* noise of a sixteenth is no outlier */
        for (int x = 0; x < WIDTH; x++)
            cloud_fixture_set(&f, x, y, NEAR + (x * 7 + y * 13) % 3);
    cloud_fixture_set(&f, 20, 20, NEAR + 100);
    cloud_fixture_set(&f, 40, 30, NEAR - 200);
    f.settings.outlier_neighbours = 8;
    f.settings.outlier_sigma = 6;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_outlier"), 2);
    assert_false(cloud_fixture_kept(&f, 20, 20));
    assert_false(cloud_fixture_kept(&f, 40, 30));
    f.settings.outlier_neighbours = 1000; /* more than the window has */
    cloud_fixture_select(&f);
    assert_false(cloud_fixture_kept(&f, 20, 20));
    cloud_fixture_release(&f);
}

static void small_components_go(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, FAR);
    for (int y = 10; y < 13; y++) /* twelve points, apart in depth */
        for (int x = 10; x < 14; x++)
            cloud_fixture_set(&f, x, y, NEAR);
    f.settings.min_component_points = 12;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_component"), 0);
    f.settings.min_component_points = 13;
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_component"), 12);
    assert_false(cloud_fixture_kept(&f, 10, 10));
    assert_true(cloud_fixture_kept(&f, 9, 10));
    cloud_fixture_release(&f);
}

/* The worst case of a union-find: one component that winds through the image. */
static void a_spiral_is_one_component(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    int points = 0;
    for (int y = 0; y < HEIGHT; y += 2) {
        for (int x = 0; x < WIDTH; x++, points++)
            cloud_fixture_set(&f, x, y, NEAR);
        if (y + 1 < HEIGHT)
            cloud_fixture_set(&f, y % 4 == 0 ? WIDTH - 1 : 0, y + 1, NEAR), points++;
    }
    f.settings.min_component_points = points;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, points);
    f.settings.min_component_points = points + 1;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 0);
    cloud_fixture_release(&f);
}

/* Size of the piece around a pixel by flood fill, with the rule written again. */
static int flood(const struct cloud_fixture *f, const uint8_t *kept, int start,
                 int *queue)
{
    uint8_t seen[PIXELS] = {0};
    int length = 0;
    queue[length++] = start;
    seen[start] = 1;
    for (int i = 0; i < length; i++) {
        int x = queue[i] % WIDTH;
        int y = queue[i] / WIDTH;
        static const int steps[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
        for (int s = 0; s < 4; s++) {
            int nx = x + steps[s][0];
            int ny = y + steps[s][1];
            if (nx < 0 || ny < 0 || nx >= WIDTH || ny >= HEIGHT)
                continue;
            int there = ny * WIDTH + nx;
            int a = disparity_row(&f->input.map, y)[x];
            int b = disparity_row(&f->input.map, ny)[nx];
            if (!kept[there] || seen[there] || abs(a - b) > 16)
                continue;
            seen[there] = 1;
            queue[length++] = there;
        }
    }
    return length;
}

static void components_equal_a_flood_fill(void **state)
{
    (void)state;
    static int queue[PIXELS];
    static uint8_t kept[PIXELS];
    struct cloud_fixture f;
    unsigned noise = 7;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int i = 0; i < PIXELS; i++) {
        noise = noise * 1664525U + 1013904223U;
        kept[i] = (noise >> 24) > 90;
        int level = (noise >> 16) % 10 < 8 ? 0 : 20;
        cloud_fixture_set(&f, i % WIDTH, i / WIDTH,
                          kept[i] ? NEAR + level : DISPARITY_INVALID);
    }
    f.settings.min_component_points = 9;
    cloud_fixture_select(&f);
    int dropped = 0;
    for (int i = 0; i < PIXELS; i++) {
        bool expected = kept[i] && flood(&f, kept, i, queue) >= 9;
        assert_int_equal(cloud_fixture_kept(&f, i % WIDTH, i / WIDTH), expected);
        assert_true(image_row(&f.selection.keep, i / WIDTH)[i % WIDTH] % 255 == 0);
        dropped += kept[i] && !expected;
    }
    assert_true(dropped > 100 && f.selection.points > 300);
    cloud_fixture_release(&f);
}

static void region_of_interest(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR); /* 2 mm a pixel at 1000 mm */
    const double roi[6] = {-10.5, 10.5, 0.5, 6.5, 900, 1100};
    f.settings.roi_given = true;
    memcpy(f.settings.roi_mm, roi, sizeof(roi));
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 11 * 3);
    f.settings.unit = PO_UNIT_M; /* the region stays in millimetres */
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 11 * 3);
    f.settings.roi_mm[5] = 950;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 0);
    assert_true(cloud_fixture_warned(&f, "check --roi"));
    assert_true(cloud_fixture_warned(&f, "the cloud is empty"));
    assert_false(cloud_fixture_warned(&f, "say where is searched"));
    /* Limits of depth may be why there is nothing else. */
    f.input.min_depth_mm = 1;
    cloud_fixture_select(&f);
    assert_true(cloud_fixture_warned(&f, "say where is searched"));
    cloud_fixture_release(&f);
}

static void voxels_keep_the_surest_point(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.voxel_mm = 8; /* 4 x 4 pixels */
    image_row(&f.input.confidence, 25)[33] = 250;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 16 * 12);
    assert_true(cloud_fixture_kept(&f, 33, 25));
    assert_int_equal(count_list_get(&f.counts, "dropped_voxel"), PIXELS - 16 * 12);
    assert_int_equal(f.warnings.length, 0);
    cloud_fixture_release(&f);
}

static void extreme_voxels_neither_overflow_nor_hang(void **state)
{
    (void)state;
    static const double tiny[] = {1e-12, 5e-324, 1e-3};
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    cloud_fixture_set(&f, 5, 5, 8); /* 100 m away */
    for (int i = 0; i < 3; i++) {
        f.settings.voxel_mm = tiny[i];
        cloud_fixture_select(&f);
        assert_int_equal(f.selection.points, PIXELS);
    }
    f.settings.voxel_mm = 1e300;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 4); /* the four sides of the axis */
    cloud_fixture_release(&f);
}

static void no_valid_pixel_and_a_single_one(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, DISPARITY_INVALID);
    f.settings = (struct po_cloud_settings){.edge_jump_px = 2,
                                            .outlier_neighbours = 8,
                                            .outlier_sigma = 2,
                                            .min_component_points = 10,
                                            .voxel_mm = 1};
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 0);
    assert_true(isnan(f.selection.extent.min_mm[0]));
    assert_true(isnan(f.selection.extent.median_depth_mm));
    assert_true(cloud_fixture_warned(&f, "no pixel has a measured disparity"));
    f.settings.edge_jump_px = 0;
    f.settings.min_component_points = 0;
    cloud_fixture_set(&f, 30, 23, NEAR);
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 1);
    assert_true(f.selection.extent.centroid_mm[2] == 1000.0);
    cloud_fixture_release(&f);
}

static void a_single_pixel_image(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, 1, 1, NEAR);
    f.settings = (struct po_cloud_settings){.edge_jump_px = 2,
                                            .outlier_neighbours = 8,
                                            .outlier_sigma = 2,
                                            .min_component_points = 2,
                                            .voxel_mm = 1};
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 0);
    cloud_fixture_release(&f);
}

static void a_filter_that_drops_most_is_named(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    for (int y = 0; y < HEIGHT; y++) /* no two neighbours on one surface */
        for (int x = 0; x < WIDTH; x++)
            cloud_fixture_set(&f, x, y, NEAR + 500 * ((x * 5 + y * 7) % 11));
    f.settings.edge_jump_px = 2;
    cloud_fixture_select(&f);
    assert_true(cloud_fixture_warned(&f, "flying pixels dropped"));
    assert_true(cloud_fixture_warned(&f, "--edge-jump"));
    cloud_fixture_release(&f);
}

static void cancelled_and_without_scale(void **state)
{
    (void)state;
    struct cloud_fixture f;
    struct cancel cancel = {1};
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.input.cancel = &cancel;
    assert_int_equal(cloud_select(&f.input, &f.scratch, &f.selection, &f.counts,
                                  &f.warnings, &f.error),
                     PO_CANCELLED);
    f.input.cancel = NULL;
    f.input.rig.unit = RIG_NONE;
    assert_int_equal(cloud_select(&f.input, &f.scratch, &f.selection, &f.counts,
                                  &f.warnings, &f.error),
                     PO_BAD_CALIBRATION);
    cloud_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_measured_is_kept_by_default),
        cmocka_unit_test(filled_pixels_stay_out_unless_asked_for),
        cmocka_unit_test(unsure_depths_stay_out),
        cmocka_unit_test(extents_leave_stray_points_out),
        cmocka_unit_test(depth_limits_and_points_behind),
        cmocka_unit_test(confidence_is_a_gate),
        cmocka_unit_test(flying_pixels_go_and_both_sides_stay),
        cmocka_unit_test(slants_are_not_jumps),
        cmocka_unit_test(outliers_are_far_from_their_neighbours),
        cmocka_unit_test(small_components_go),
        cmocka_unit_test(a_spiral_is_one_component),
        cmocka_unit_test(components_equal_a_flood_fill),
        cmocka_unit_test(region_of_interest),
        cmocka_unit_test(voxels_keep_the_surest_point),
        cmocka_unit_test(extreme_voxels_neither_overflow_nor_hang),
        cmocka_unit_test(no_valid_pixel_and_a_single_one),
        cmocka_unit_test(a_single_pixel_image),
        cmocka_unit_test(a_filter_that_drops_most_is_named),
        cmocka_unit_test(cancelled_and_without_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
