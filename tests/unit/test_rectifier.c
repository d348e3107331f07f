/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "rectify/rectifier.h"

enum { WIDTH_PX = 320, HEIGHT_PX = 240, ARENA_BYTES = 4 << 20 };

/* Rotation by `angle` about axis 0, 1 or 2. */
static void rotation_about(int axis, double angle, double matrix[9])
{
    int a = (axis + 1) % 3;
    int b = (axis + 2) % 3;
    memset(matrix, 0, 9 * sizeof(double));
    matrix[axis * 4] = 1.0;
    matrix[a * 4] = cos(angle);
    matrix[b * 4] = cos(angle);
    matrix[a * 3 + b] = -sin(angle);
    matrix[b * 3 + a] = sin(angle);
}

/* Two distorted cameras, each turned against the rectified frame, which reaches beyond
 * what they see. */
static void make_rig(struct calibration *calibration, struct rectification *rectification)
{
    memset(calibration, 0, sizeof(*calibration));
    memset(rectification, 0, sizeof(*rectification));
    calibration->width_px = WIDTH_PX;
    calibration->height_px = HEIGHT_PX;
    for (int side = 0; side < 2; side++) {
        calibration->cameras[side] = (struct camera_model){
            .fx = 300 + side,
            .fy = 298,
            .cx = 158 + 3 * side,
            .cy = 121,
            .model = DISTORTION_RADTAN,
            .coefficient_count = 5,
            .coefficients = {-0.28, 0.07, 0.0004, -0.0003, 0.01},
        };
        rotation_about(side == 0 ? 0 : 2, side == 0 ? 0.05 : -0.03,
                       rectification->rotation[side]);
        const double projection[9] = {240, 0, 160, 0, 240, 120, 0, 0, 1};
        memcpy(rectification->projection[side], projection, sizeof(projection));
    }
    rectification->rig = (struct rectified_rig){
        .width_px = WIDTH_PX, .height_px = HEIGHT_PX, .focal_px = 240};
}

/* Raw pixel of a rectified one: ray, back-rotation, distortion (Brown 1966), camera. */
static void project(const struct calibration *calibration,
                    const struct rectification *rectification, int side, double u,
                    double v, double raw[2])
{
    const struct camera_model *camera = &calibration->cameras[side];
    const double *r = rectification->rotation[side];
    const double *p = rectification->projection[side];
    const double *k = camera->coefficients;
    double ray[3] = {(u - p[2]) / p[0], (v - p[5]) / p[4], 1.0};
    double turned[3];
    for (int i = 0; i < 3; i++)
        turned[i] = r[i] * ray[0] + r[3 + i] * ray[1] + r[6 + i] * ray[2];
    double x = turned[0] / turned[2];
    double y = turned[1] / turned[2];
    double r2 = x * x + y * y;
    double radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
    raw[0] = camera->fx * (x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x)) +
             camera->cx;
    raw[1] = camera->fy * (y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y) +
             camera->cy;
}

/* A raw image that is a ramp in x (or y) shows, after rectification, where each pixel
 * came from. */
static void every_pixel_comes_from_where_the_lens_put_it(void **state)
{
    (void)state;
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
    static struct calibration calibration;
    struct rectification rectification;
    make_rig(&calibration, &rectification);
    struct rectifier *rectifier;
    assert_int_equal(rectifier_create(&calibration, &rectification, &rectifier, NULL),
                     PO_OK);
    struct image_view raw;
    struct image_view target;
    struct image_view mask;
    assert_int_equal(image_view_take(&scratch, WIDTH_PX, HEIGHT_PX, 3, &raw, NULL),
                     PO_OK);
    assert_int_equal(image_view_take(&scratch, WIDTH_PX, HEIGHT_PX, 3, &target, NULL),
                     PO_OK);
    assert_int_equal(image_view_take(&scratch, WIDTH_PX, HEIGHT_PX, 1, &mask, NULL),
                     PO_OK);
    for (int y = 0; y < HEIGHT_PX; y++) {
        for (int x = 0; x < WIDTH_PX; x++) {
            uint8_t *pixel = image_row(&raw, y) + (ptrdiff_t)3 * x;
            pixel[0] = (uint8_t)(x / 2);
            pixel[1] = (uint8_t)y;
            pixel[2] = 200;
        }
    }
    for (int side = 0; side < 2; side++) {
        assert_int_equal(rectifier_run(rectifier, side, &raw, &target, NULL), PO_OK);
        rectifier_mask(rectifier, side, &mask);
        int seen = 0;
        for (int y = 0; y < HEIGHT_PX; y++) {
            for (int x = 0; x < WIDTH_PX; x++) {
                double from[2];
                project(&calibration, &rectification, side, x, y, from);
                const uint8_t *pixel = image_row(&target, y) + (ptrdiff_t)3 * x;
                bool inside = from[0] > 0.1 && from[0] < WIDTH_PX - 1.1 &&
                              from[1] > 0.1 && from[1] < HEIGHT_PX - 1.1;
                bool outside = from[0] < -0.1 || from[0] > WIDTH_PX - 0.9 ||
                               from[1] < -0.1 || from[1] > HEIGHT_PX - 0.9;
                seen += image_row(&mask, y)[x] == 255;
                if (inside) {
                    assert_int_equal(image_row(&mask, y)[x], 255);
                    assert_true(fabs(pixel[0] - (from[0] - 0.5) / 2) < 1.2);
                    assert_true(fabs(pixel[1] - from[1]) < 0.7);
                    assert_int_equal(pixel[2], 200);
                } else if (outside) {
                    assert_int_equal(image_row(&mask, y)[x], 0);
                }
            }
        }
        assert_in_range(seen, WIDTH_PX * HEIGHT_PX / 2, WIDTH_PX * HEIGHT_PX - 100);
    }
    rectifier_destroy(rectifier);
    scratch_release(&scratch);
}

/* The first makes everything in the room, and nothing beside it; the second finds it. */
static void a_room_holds_all_that_was_made(void **state)
{
    (void)state;
    static struct calibration calibration;
    static uint8_t masks[2][WIDTH_PX * HEIGHT_PX];
    struct rectification rectification;
    make_rig(&calibration, &rectification);
    size_t bytes = rectifier_bytes(&rectification);
    uint8_t *room = malloc(bytes + 1);
    assert_non_null(room);
    room[bytes] = 77;
    for (int turn = 0; turn < 2; turn++) {
        struct rectifier *rectifier;
        struct image_view mask = {WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, masks[turn]};
        assert_int_equal(rectifier_create_in(&calibration, &rectification, room,
                                             turn == 1, &rectifier, NULL),
                         PO_OK);
        rectifier_mask(rectifier, 1, &mask);
        rectifier_destroy(rectifier);
    }
    assert_memory_equal(masks[0], masks[1], sizeof(masks[0]));
    assert_non_null(memchr(masks[0], 0, sizeof(masks[0])));
    assert_non_null(memchr(masks[0], 255, sizeof(masks[0])));
    assert_int_equal(room[bytes], 77);
    free(room);
}

static void rectified_images_need_no_rectifier(void **state)
{
    (void)state;
    static struct calibration calibration;
    struct rectification rectification = {.identity = true};
    struct rectifier *rectifier = (struct rectifier *)&calibration;
    assert_int_equal(rectifier_bytes(&rectification), 0);
    assert_int_equal(rectifier_create(&calibration, &rectification, &rectifier, NULL),
                     PO_OK);
    assert_null(rectifier);
    rectifier_destroy(rectifier);
}

static void another_size_is_an_error_with_both(void **state)
{
    (void)state;
    static uint8_t pixels[WIDTH_PX * HEIGHT_PX];
    static struct calibration calibration;
    struct rectification rectification;
    make_rig(&calibration, &rectification);
    struct rectifier *rectifier;
    assert_int_equal(rectifier_create(&calibration, &rectification, &rectifier, NULL),
                     PO_OK);
    assert_true(rectifier_bytes(&rectification) >= (size_t)12 * WIDTH_PX * HEIGHT_PX);
    struct image_view target = {WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, pixels};
    struct image_view source = target;
    source.width_px = WIDTH_PX / 2;
    struct po_error error;
    assert_int_equal(rectifier_run(rectifier, 0, &source, &target, &error),
                     PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "320x240"));
    assert_non_null(strstr(error.message, "160x240"));
    rectifier_destroy(rectifier);
}

static void absurd_sizes_and_lenses_are_errors(void **state)
{
    (void)state;
    static struct calibration calibration;
    struct rectification rectification;
    struct rectifier *rectifier;
    make_rig(&calibration, &rectification);
    rectification.rig.width_px = 40000;
    assert_int_equal(rectifier_create(&calibration, &rectification, &rectifier, NULL),
                     PO_UNSUPPORTED);
    assert_null(rectifier);
    make_rig(&calibration, &rectification);
    calibration.cameras[1].coefficient_count = 7; /* no model has seven */
    struct po_error error;
    assert_int_not_equal(
        rectifier_create(&calibration, &rectification, &rectifier, &error), PO_OK);
    assert_null(rectifier);
}

int main(void)
{
    (void)!cv_shim_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pixel_comes_from_where_the_lens_put_it),
        cmocka_unit_test(a_room_holds_all_that_was_made),
        cmocka_unit_test(rectified_images_need_no_rectifier),
        cmocka_unit_test(another_size_is_an_error_with_both),
        cmocka_unit_test(absurd_sizes_and_lenses_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
