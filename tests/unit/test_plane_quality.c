/* SPDX-License-Identifier: Apache-2.0 */
/* Depth quality on planes of known truth: distance, tilt, noise and outliers come back.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluate/plane_fit.h"
#include "evaluate/plane_quality.h"
#include "record/plane_record.h"

enum { WIDTH_PX = 640, HEIGHT_PX = 480, PIXELS = WIDTH_PX * HEIGHT_PX };

struct fixture {
    int16_t values[PIXELS];
    uint8_t class_pixels[PIXELS];
    struct disparity_map map;
    struct image_view classes;
    struct score_views views;
    struct rectified_rig rig;
    struct plane_totals totals;
    uint64_t random;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->map = (struct disparity_map){WIDTH_PX, HEIGHT_PX, WIDTH_PX, fixture->values};
    fixture->classes =
        (struct image_view){WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, fixture->class_pixels};
    memset(fixture->class_pixels, PIXEL_MEASURED, PIXELS);
    fixture->views = (struct score_views){&fixture->map, &fixture->classes, NULL};
    fixture->rig = (struct rectified_rig){.width_px = WIDTH_PX,
                                          .height_px = HEIGHT_PX,
                                          .focal_px = 500.0,
                                          .focal_y_px = 510.0,
                                          .cx_px = 310.0,
                                          .cy_px = 250.0,
                                          .doffs_px = 12.0,
                                          .baseline_mm = 120.0,
                                          .unit = RIG_MM};
    fixture->random = 7;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static double uniform(struct fixture *fixture)
{
    fixture->random = fixture->random * 6364136223846793005U + 1442695040888963407U;
    return (double)(fixture->random >> 40) / (1 << 24);
}

/* Sum of twelve: variance 1. */
static double gauss(struct fixture *fixture)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++)
        sum += uniform(fixture);
    return sum;
}

/* The plane normal . P = distance (unit normal), with noise of the disparity. */
static void fill_plane(struct fixture *fixture, const double normal[3],
                       double distance_mm, double sigma_px)
{
    const struct rectified_rig *rig = &fixture->rig;
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++) {
            double along = normal[0] * (x - rig->cx_px) / rig->focal_px +
                           normal[1] * (y - rig->cy_px) / rig->focal_y_px + normal[2];
            double depth = distance_mm / along;
            double disparity = rig->focal_px * rig->baseline_mm / depth - rig->doffs_px +
                               sigma_px * gauss(fixture);
            fixture->values[y * WIDTH_PX + x] = (int16_t)lround(16.0 * disparity);
        }
}

static struct plane_quality measure(struct fixture *fixture, struct pixel_region region,
                                    double true_distance_mm)
{
    const struct score_rows rows = {0, 0, HEIGHT_PX};
    plane_totals_begin(&fixture->totals, &region);
    plane_totals_add(&fixture->totals, &fixture->views, &rows);
    return plane_totals_end(&fixture->totals, &fixture->rig, true_distance_mm);
}

static const struct pixel_region middle = {220, 140, 200, 220};

static void test_true_plane_comes_back(void **state)
{
    struct fixture *fixture = *state;
    double tilt = 0.3;
    const double normal[3] = {sin(tilt) * 0.6, sin(tilt) * 0.8, cos(tilt)};
    fill_plane(fixture, normal, 900.0, 0.0);
    struct plane_quality quality = measure(fixture, middle, 0.0);
    double x = (220 + 99.5 - 310.0) / 500.0;
    double y = (140 + 109.5 - 250.0) / 510.0;
    double depth = 900.0 / (normal[0] * x + normal[1] * y + normal[2]);
    assert_true(quality.present);
    assert_true(fabs(quality.fill_percent - 100.0) < 1e-9);
    assert_true(fabs(quality.distance_mm - depth) < 0.05);
    assert_true(fabs(quality.angle_degrees - tilt * 180 / 3.14159265358979) < 0.02);
    /* What a sixteenth cannot say: 1/16 / sqrt(12) px. */
    assert_true(fabs(quality.plane_rms_px - 0.01804) < 0.0005);
    assert_true(quality.z_accuracy_percent < 0.01 && quality.z_accuracy_percent > -0.01);
    assert_true(quality.outlier_percent == 0.0);
}

/* Noise of sigma px is plane RMS sigma px, and Z^2 / (f B) of it in mm, less what the
 * tails that are left out would add. */
static void test_noise_comes_back(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0, 1};
    static const double inner = 0.938; /* RMS of a Gaussian without 1 % at either end */
    fill_plane(fixture, normal, 1000.0, 0.25);
    struct plane_quality quality = measure(fixture, middle, 0.0);
    double mm_per_px = 1000.0 * 1000.0 / (500.0 * 120.0);
    assert_true(fabs(quality.plane_rms_px / 0.25 - 1.0) < 0.02);
    assert_true(fabs(quality.subpixel_rms_px / (inner * 0.25) - 1.0) < 0.02);
    assert_true(fabs(quality.plane_rms_mm / (inner * 0.25 * mm_per_px) - 1.0) < 0.02);
    assert_true(fabs(quality.plane_rms_percent - quality.plane_rms_mm / 10.0) < 0.001);
    assert_true(fabs(quality.distance_mm - 1000.0) < 0.1);
}

/* A third of the region lies on another wall: the plane stays on the larger one. */
static void test_outliers_do_not_pull(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0, 1};
    fill_plane(fixture, normal, 1000.0, 0.1);
    for (int i = 0; i < PIXELS; i++)
        if (uniform(fixture) < 0.33)
            fixture->values[i] =
                (int16_t)(fixture->values[i] + 16 * (5 + 20 * uniform(fixture)));
    struct plane_quality quality = measure(fixture, middle, 0.0);
    assert_true(fabs(quality.distance_mm - 1000.0) < 0.3);
    assert_true(quality.angle_degrees < 0.1);
    assert_true(fabs(quality.outlier_percent - 33.0) < 1.5);
    assert_true(quality.plane_rms_px > 5.0);
}

/* Positive: measured too far. The plane as fitted, moved to where it truly is. A median
 * of sixteenths is sure to a thirty-second: 0.07 % of this disparity. */
static void test_z_accuracy_has_a_sign(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0, 1};
    fill_plane(fixture, normal, 1020.0, 0.05);
    assert_true(fabs(measure(fixture, middle, 1000.0).z_accuracy_percent - 2.0) < 0.07);
    assert_true(fabs(measure(fixture, middle, 1040.0).z_accuracy_percent + 1.923) < 0.07);
    assert_true(fabs(measure(fixture, middle, 0.0).z_accuracy_percent) < 0.07);
}

static void test_fill_counts_measured_pixels(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0, 1};
    fill_plane(fixture, normal, 1000.0, 0.0);
    for (int i = 0; i < PIXELS; i++) {
        if (i % 4 == 0)
            fixture->values[i] = DISPARITY_INVALID;
        else if (i % 4 == 1)
            fixture->class_pixels[i] = PIXEL_FILLED_MISMATCH;
    }
    struct plane_quality quality = measure(fixture, middle, 0.0);
    assert_int_equal(quality.pixels, 200 * 220);
    assert_int_equal(quality.measured, 200 * 220 / 2);
    assert_true(fabs(quality.fill_percent - 50.0) < 1e-9);
}

/* The whole image is looked at through every third pixel; the measures hardly change. */
static void test_large_regions_are_sampled(void **state)
{
    struct fixture *fixture = *state;
    static const struct pixel_region all = {0, 0, WIDTH_PX, HEIGHT_PX};
    static const double normal[3] = {0.1, 0, 0.99498743710662};
    fill_plane(fixture, normal, 1500.0, 0.2);
    struct plane_quality quality = measure(fixture, all, 0.0);
    assert_int_equal(fixture->totals.step, 3);
    assert_int_equal(quality.measured, PIXELS);
    assert_true(fabs(quality.plane_rms_px / 0.2 - 1.0) < 0.02);
    assert_true(fabs(quality.angle_degrees - 5.739) < 0.02);
}

static void test_strips_agree_with_one_piece(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0.2, 0.97979589711327};
    fill_plane(fixture, normal, 800.0, 0.3);
    struct plane_quality whole = measure(fixture, middle, 790.0);
    plane_totals_begin(&fixture->totals, &middle);
    for (int top = 0; top < HEIGHT_PX; top += 96) {
        int above = top > 16 ? 16 : top;
        struct disparity_map map = {WIDTH_PX, 96 + above, WIDTH_PX,
                                    fixture->values + (top - above) * WIDTH_PX};
        struct image_view classes = fixture->classes;
        classes.pixels += (ptrdiff_t)(top - above) * WIDTH_PX;
        const struct score_views views = {&map, &classes, NULL};
        const struct score_rows rows = {top - above, above, above + 96};
        plane_totals_add(&fixture->totals, &views, &rows);
    }
    struct plane_quality strips =
        plane_totals_end(&fixture->totals, &fixture->rig, 790.0);
    assert_int_equal(whole.measured, strips.measured);
    for (int i = 0; i < PLANE_MEASURES; i++)
        assert_true(plane_measure_get(&whole, i) == plane_measure_get(&strips, i));
}

static void test_no_plane_has_no_numbers(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0, 1};
    static const struct pixel_region line = {10, 10, 100, 1};
    fill_plane(fixture, normal, 1000.0, 0.0);
    assert_true(isnan(measure(fixture, line, 0.0).subpixel_rms_px));
    for (int i = 0; i < PIXELS; i++)
        fixture->values[i] = DISPARITY_INVALID;
    struct plane_quality quality = measure(fixture, middle, 1000.0);
    assert_true(quality.present && quality.fill_percent == 0.0);
    for (int i = 1; i < PLANE_MEASURES; i++)
        assert_true(isnan(plane_measure_get(&quality, i)));
}

static void test_without_a_rig_pixels_are_known(void **state)
{
    struct fixture *fixture = *state;
    static const double normal[3] = {0, 0, 1};
    fill_plane(fixture, normal, 1000.0, 0.1);
    fixture->rig.unit = RIG_NONE;
    struct plane_quality quality = measure(fixture, middle, 1000.0);
    assert_true(fabs(quality.plane_rms_px - 0.1) < 0.005);
    assert_true(isnan(quality.distance_mm) && isnan(quality.z_accuracy_percent) &&
                isnan(quality.plane_rms_mm));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The worst frame is the one with the largest error, wherever it stands. */
static void the_worst_plane_is_found(void **state)
{
    (void)state;
    static const double rms_px[] = {0.2, NAN, 0.5, 0.3};
    static struct frame_record record;
    struct plane_summary summary = {0};
    for (int i = 0; i < (int)(sizeof(rms_px) / sizeof(*rms_px)); i++) {
        frame_record_init(&record);
        (void)snprintf(record.id, sizeof(record.id), "f%d", i);
        record.plane = (struct plane_quality){.present = true,
                                              .subpixel_rms_px = rms_px[i],
                                              .fill_percent = 50 + 10 * i,
                                              .z_accuracy_percent = i - 2};
        plane_summary_add(&summary, &record);
    }
    record.plane.present = false;
    plane_summary_add(&summary, &record);
    plane_summary_finish(&summary);
    assert_int_equal(summary.frames, 4);
    assert_string_equal(summary.worst_frame, "f2");
    assert_true(summary.worst.subpixel_rms_px == 0.5);
    assert_true(fabs(summary.mean.subpixel_rms_px - 1.0 / 3) < 1e-12);
    assert_true(summary.worst.fill_percent == 50);       /* less is worse */
    assert_true(summary.worst.z_accuracy_percent == -2); /* further off is worse */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_true_plane_comes_back),
        TEST(test_noise_comes_back),
        TEST(test_outliers_do_not_pull),
        TEST(test_z_accuracy_has_a_sign),
        TEST(test_fill_counts_measured_pixels),
        TEST(test_large_regions_are_sampled),
        TEST(test_strips_agree_with_one_piece),
        TEST(test_no_plane_has_no_numbers),
        TEST(test_without_a_rig_pixels_are_known),
        cmocka_unit_test(the_worst_plane_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
