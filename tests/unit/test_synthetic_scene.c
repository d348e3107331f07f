/* SPDX-License-Identifier: Apache-2.0 */
/* The ground truth of other tests, checked against its own geometry. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/synthetic_scene.h"

enum { WIDTH = 160, HEIGHT = 120 };

static struct image_view render(struct scratch *scratch,
                                const struct synthetic_scene *scene, int side)
{
    struct image_view image;
    assert_int_equal(image_view_take(scratch, WIDTH, HEIGHT, 1, &image, NULL), PO_OK);
    synthetic_scene_render(scene, side, &image);
    return image;
}

/* Linear interpolation of the row; the texture's grain makes it good to a few levels. */
static double sample(const struct image_view *image, double x, int y)
{
    int x0 = (int)floor(x);
    double t = x - x0;
    const uint8_t *row = image_row(image, y);
    return row[x0] * (1 - t) + row[x0 + 1] * t;
}

static double mean_difference(const struct synthetic_scene *scene, double extra_px)
{
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, 2 * image_view_bytes(WIDTH, HEIGHT, 1), NULL),
                     PO_OK);
    struct image_view left = render(&scratch, scene, 0);
    struct image_view right = render(&scratch, scene, 1);
    double sum = 0;
    int count = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 40; x < WIDTH; x++) {
            double there = x - synthetic_scene_disparity(scene, x, y) - extra_px;
            if (there < 0)
                continue;
            sum += fabs(image_row(&left, y)[x] - sample(&right, there, y));
            count++;
        }
    scratch_release(&scratch);
    assert_true(count > WIDTH * HEIGHT / 2);
    return sum / count;
}

static void shifted_pixels_are_equal(void **state)
{
    (void)state;
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_SHIFT, WIDTH, HEIGHT, 3);
    assert_true(mean_difference(&scene, 0.0) == 0.0);
    assert_true(mean_difference(&scene, 1.0) > 5.0);
}

static void plane_matches_at_its_fraction(void **state)
{
    (void)state;
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_PLANE, WIDTH, HEIGHT, 0);
    double exact = mean_difference(&scene, 0.0);
    assert_true(exact < 4.0);
    assert_true(mean_difference(&scene, 0.5) > 1.5 * exact);
    assert_true(mean_difference(&scene, -0.5) > 1.5 * exact);
}

static void plane_is_a_plane_in_millimetres(void **state)
{
    (void)state;
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_PLANE, WIDTH, HEIGHT, 1);
    struct rectified_rig rig = synthetic_scene_rig(&scene);
    double normal[3];
    double distance;
    synthetic_scene_plane(&scene, normal, &distance);
    for (int y = 0; y < HEIGHT; y += 17)
        for (int x = 0; x < WIDTH; x += 13) {
            double z =
                rig.focal_px * rig.baseline_mm / synthetic_scene_disparity(&scene, x, y);
            double px = (x - rig.cx_px) * z / rig.focal_px;
            double py = (y - rig.cy_px) * z / rig.focal_y_px;
            double offset = normal[0] * px + normal[1] * py + normal[2] * z - distance;
            assert_true(fabs(offset) < 1e-9 * distance);
        }
}

/* A point seen by both raw cameras has the same colour in both. */
static void sphere_is_seen_alike_by_both(void **state)
{
    (void)state;
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_SPHERE, WIDTH, HEIGHT, 0);
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, 2 * image_view_bytes(WIDTH, HEIGHT, 1), NULL),
                     PO_OK);
    struct image_view left = render(&scratch, &scene, 0);
    struct image_view right = render(&scratch, &scene, 1);
    int surfaces[3] = {0};
    double sum = 0;
    int count = 0;
    for (double ax = -0.3; ax < 0.31; ax += 0.02)
        for (double ay = -0.25; ay < 0.26; ay += 0.02) {
            double origin[3] = {0};
            double direction[3] = {ax, ay, 1.0};
            double point[3];
            double at[2][2];
            surfaces[synthetic_scene_hit(&scene, origin, direction, point)]++;
            for (int side = 0; side < 2; side++)
                synthetic_scene_project(&scene, side, point, &at[side][0], &at[side][1]);
            if (at[1][0] < 0 || at[0][0] > WIDTH - 2)
                continue;
            sum += fabs(sample(&left, at[0][0], (int)lround(at[0][1])) -
                        sample(&right, at[1][0], (int)lround(at[1][1])));
            count++;
        }
    assert_int_equal(surfaces[SURFACE_NOTHING], 0);
    assert_true(surfaces[SURFACE_SPHERE] > 20);
    assert_true(surfaces[SURFACE_PLANE] > 20);
    assert_true(count > 200);
    assert_true(sum / count < 25.0); /* rows are rounded: unrelated pixels differ by 60 */
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifted_pixels_are_equal),
        cmocka_unit_test(plane_matches_at_its_fraction),
        cmocka_unit_test(plane_is_a_plane_in_millimetres),
        cmocka_unit_test(sphere_is_seen_alike_by_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
