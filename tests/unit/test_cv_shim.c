/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"

enum { WIDTH_PX = 96, HEIGHT_PX = 48, FRACTION_STEPS = 32 };

static const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

static void fill_noise(uint8_t *pixels, size_t count)
{
    uint32_t random = 12345;
    for (size_t i = 0; i < count; i++) {
        random = random * 1664525U + 1013904223U;
        pixels[i] = (uint8_t)(random >> 24);
    }
}

static struct cv_image image_of(uint8_t *pixels)
{
    return (struct cv_image){WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, pixels};
}

static void settings_opencv_refuses_come_back_as_an_error(void **state)
{
    (void)state;
    static uint8_t pixels[WIDTH_PX * HEIGHT_PX];
    static int16_t disparity[WIDTH_PX * HEIGHT_PX];
    struct cv_image image = image_of(pixels);
    struct cv_sgbm_settings settings = {
        .num_disparities = 15, .block_size = 3, .p1 = 1, .p2 = 2};
    struct cv_image other = image;
    other.width_px--;
    struct po_error error = {0};
    assert_int_equal(cv_shim_sgbm(&settings, &image, &other, disparity, WIDTH_PX, &error),
                     PO_INTERNAL);
    assert_non_null(strstr(error.message, "StereoSGBM"));
}

/* A pixel moved by whole numbers and halves lands where the table says. */
static void remap_shifts_by_the_table(void **state)
{
    (void)state;
    static uint8_t pixels[WIDTH_PX * HEIGHT_PX];
    static uint8_t moved[WIDTH_PX * HEIGHT_PX];
    static int16_t map_xy[2 * WIDTH_PX * HEIGHT_PX];
    static uint16_t map_fraction[WIDTH_PX * HEIGHT_PX];
    fill_noise(pixels, sizeof(pixels));
    struct cv_image source = image_of(pixels);
    struct cv_image target = image_of(moved);
    const double camera[9] = {50, 0, 40, 0, 50, 20, 0, 0, 1};
    const double moved_camera[9] = {50, 0, 37.5, 0, 50, 18, 0, 0, 1};
    assert_int_equal(cv_shim_rectify_maps(camera, NULL, 0, 0, identity, moved_camera,
                                          WIDTH_PX, HEIGHT_PX, map_xy, map_fraction,
                                          NULL),
                     PO_OK);
    /* Source = target + (2.5, 2). */
    size_t at = (size_t)10 * WIDTH_PX + 30;
    assert_int_equal(map_xy[2 * at], 32);
    assert_int_equal(map_xy[2 * at + 1], 12);
    assert_int_equal(map_fraction[at], FRACTION_STEPS / 2);
    assert_int_equal(cv_shim_remap(&source, map_xy, map_fraction, &target, NULL), PO_OK);
    int mean = (pixels[12 * WIDTH_PX + 32] + pixels[12 * WIDTH_PX + 33] + 1) / 2;
    assert_in_range(moved[at], (uintmax_t)(mean > 0 ? mean - 1 : 0), (uintmax_t)mean);
    assert_int_equal(moved[(size_t)47 * WIDTH_PX + 30], 0); /* below the source: black */
}

static double map_value(const int16_t *map_xy, const uint16_t *map_fraction, size_t at,
                        int axis)
{
    int fraction =
        axis == 0 ? map_fraction[at] % FRACTION_STEPS : map_fraction[at] / FRACTION_STEPS;
    return map_xy[2 * at + (size_t)axis] + fraction / (double)FRACTION_STEPS;
}

/* u = fx x + skew y + cx: OpenCV's own tables leave the skew out. */
static void skew_is_honoured(void **state)
{
    (void)state;
    static int16_t map_xy[2 * WIDTH_PX * HEIGHT_PX];
    static uint16_t map_fraction[WIDTH_PX * HEIGHT_PX];
    const double skewed[9] = {50, 5, 40, 0, 60, 20, 0, 0, 1};
    const double plain[9] = {50, 0, 40, 0, 60, 20, 0, 0, 1};
    const double lens[4] = {-0.1, 0.02, 0.001, -0.001};
    assert_int_equal(cv_shim_rectify_maps(skewed, lens, 4, 0, identity, plain, WIDTH_PX,
                                          HEIGHT_PX, map_xy, map_fraction, NULL),
                     PO_OK);
    double x = (70 - 40) / 50.0;
    double y = (44 - 20) / 60.0;
    double r2 = x * x + y * y;
    double radial = 1 + lens[0] * r2 + lens[1] * r2 * r2;
    double xd = x * radial + 2 * lens[2] * x * y + lens[3] * (r2 + 2 * x * x);
    double yd = y * radial + lens[2] * (r2 + 2 * y * y) + 2 * lens[3] * x * y;
    size_t at = (size_t)44 * WIDTH_PX + 70;
    assert_true(fabs(map_value(map_xy, map_fraction, at, 0) - (50 * xd + 5 * yd + 40)) <
                0.05);
    assert_true(fabs(map_value(map_xy, map_fraction, at, 1) - (60 * yd + 20)) < 0.05);
}

/* Kannala and Brandt 2006: the angle theta becomes theta (1 + k1 theta^2 + ...). */
static void fisheye_follows_its_model(void **state)
{
    (void)state;
    static int16_t map_xy[2 * WIDTH_PX * HEIGHT_PX];
    static uint16_t map_fraction[WIDTH_PX * HEIGHT_PX];
    const double camera[9] = {50, 0, 40, 0, 50, 20, 0, 0, 1};
    const double lens[4] = {0.05, -0.01, 0.002, 0.001};
    assert_int_equal(cv_shim_rectify_maps(camera, lens, 4, 1, identity, camera, WIDTH_PX,
                                          HEIGHT_PX, map_xy, map_fraction, NULL),
                     PO_OK);
    double x = (90 - 40) / 50.0;
    double y = (40 - 20) / 50.0;
    double r = sqrt(x * x + y * y);
    double theta = atan(r);
    double t2 = theta * theta;
    double scale =
        theta * (1 + t2 * (lens[0] + t2 * (lens[1] + t2 * (lens[2] + t2 * lens[3])))) / r;
    size_t at = (size_t)40 * WIDTH_PX + 90;
    assert_true(fabs(map_value(map_xy, map_fraction, at, 0) - (50 * x * scale + 40)) <
                0.05);
    assert_true(fabs(map_value(map_xy, map_fraction, at, 1) - (50 * y * scale + 20)) <
                0.05);
}

static void a_target_of_another_size_is_an_error(void **state)
{
    (void)state;
    static uint8_t pixels[WIDTH_PX * HEIGHT_PX];
    static uint8_t mask[WIDTH_PX * HEIGHT_PX];
    static uint8_t result[WIDTH_PX * HEIGHT_PX];
    struct cv_image values = image_of(pixels);
    struct cv_image holes = image_of(mask);
    struct cv_image target = image_of(result);
    target.height_px--;
    assert_int_equal(cv_shim_inpaint(&values, &holes, 3.0, &target, NULL), PO_INTERNAL);
}

/* Only what the mask names changes, and a hole in a flat surface becomes flat. */
static void inpainting_fills_the_mask_alone(void **state)
{
    (void)state;
    static uint8_t pixels[WIDTH_PX * HEIGHT_PX];
    static uint8_t mask[WIDTH_PX * HEIGHT_PX];
    static uint8_t result[WIDTH_PX * HEIGHT_PX];
    memset(pixels, 90, sizeof(pixels));
    pixels[0] = 7;
    for (int x = 40; x < 44; x++) {
        pixels[20 * WIDTH_PX + x] = 255;
        mask[20 * WIDTH_PX + x] = 255;
    }
    struct cv_image values = image_of(pixels);
    struct cv_image holes = image_of(mask);
    struct cv_image target = image_of(result);
    assert_int_equal(cv_shim_inpaint(&values, &holes, 3.0, &target, NULL), PO_OK);
    assert_int_equal(result[0], 7);
    for (int x = 40; x < 44; x++)
        assert_int_equal(result[20 * WIDTH_PX + x], 90);
}

int main(void)
{
    (void)!cv_shim_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_opencv_refuses_come_back_as_an_error),
        cmocka_unit_test(remap_shifts_by_the_table),
        cmocka_unit_test(skew_is_honoured),
        cmocka_unit_test(fisheye_follows_its_model),
        cmocka_unit_test(a_target_of_another_size_is_an_error),
        cmocka_unit_test(inpainting_fills_the_mask_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
