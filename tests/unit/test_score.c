/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "evaluate/score.h"

enum { WIDTH_PX = 5, HEIGHT_PX = 2, PIXELS = WIDTH_PX * HEIGHT_PX };

/* A map of five columns and two rows with its classes, in plain arrays. */
struct fixture {
    int16_t values[PIXELS];
    uint8_t class_pixels[PIXELS];
    struct disparity_map map;
    struct image_view classes;
    struct score_views views;
    char directory[64];
    char truth_path[96];
    char mask_path[96];
};

static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    fixture->map = (struct disparity_map){WIDTH_PX, HEIGHT_PX, WIDTH_PX, fixture->values};
    fixture->classes =
        (struct image_view){WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, fixture->class_pixels};
    memset(fixture->class_pixels, PIXEL_MEASURED, PIXELS);
    fixture->views = (struct score_views){&fixture->map, &fixture->classes, NULL};
    (void)snprintf(fixture->directory, sizeof(fixture->directory),
                   "/tmp/po_score_XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    (void)snprintf(fixture->truth_path, sizeof(fixture->truth_path), "%s/truth.pfm",
                   fixture->directory);
    (void)snprintf(fixture->mask_path, sizeof(fixture->mask_path), "%s/mask.pgm",
                   fixture->directory);
}

static void fixture_release(struct fixture *fixture)
{
    (void)unlink(fixture->truth_path);
    (void)unlink(fixture->mask_path);
    (void)rmdir(fixture->directory);
}

/* Rows of a PFM lie bottom-up. */
static void write_pfm(const char *path, int width_px, int height_px, const float *values)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fprintf(file, "Pf\n%d %d\n-1.0\n", width_px, height_px);
    for (int y = height_px - 1; y >= 0; y--)
        (void)fwrite(values + (size_t)y * (size_t)width_px, sizeof(float),
                     (size_t)width_px, file);
    assert_int_equal(fclose(file), 0);
}

static void write_pgm(const char *path, const uint8_t *values)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fprintf(file, "P5\n%d %d\n255\n", WIDTH_PX, HEIGHT_PX);
    (void)fwrite(values, 1, PIXELS, file);
    assert_int_equal(fclose(file), 0);
}

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* Errors 0, 0.5, 0.75, 1.5, 3, 5; one invalid; one without truth; two filled. */
static void every_bound_counts_what_exceeds_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    const float truth[PIXELS] = {10, 10, 10, 10, 10, 10, 10, INFINITY, 10, 10};
    const int16_t values[PIXELS] = {160, 168, 172, 184, 208, 240, DISPARITY_INVALID,
                                    160, 160, 240};
    memcpy(f.values, values, sizeof(values));
    f.class_pixels[6] = PIXEL_NONE;
    f.class_pixels[8] = PIXEL_FILLED_OCCLUSION;
    f.class_pixels[9] = PIXEL_FILLED_MISMATCH;
    write_pfm(f.truth_path, WIDTH_PX, HEIGHT_PX, truth);
    struct frame_scores scores;
    assert_int_equal(score_frame(&f.views, &(struct truth_files){f.truth_path, NULL, 1.0},
                                 &scores, NULL),
                     PO_OK);
    const struct score *dense = &scores.dense_all;
    assert_true(dense->present);
    assert_int_equal(dense->pixels, 9);
    assert_near(dense->bad05, 600.0 / 9); /* 0.75 1.5 3 5 invalid 5; 0.5 is not above */
    assert_near(dense->bad1, 500.0 / 9);
    assert_near(dense->bad2, 400.0 / 9);
    assert_near(dense->bad3, 300.0 / 9); /* 3 is not above */
    assert_near(dense->bad4, 300.0 / 9);
    assert_near(dense->mae, (0.5 + 0.75 + 1.5 + 3 + 5 + 5) / 8);
    assert_near(dense->density, 800.0 / 9);
    assert_near(dense->bad2_valid, 300.0 / 8);
    const struct score *measured = &scores.measured_all;
    assert_int_equal(measured->pixels, 9);
    assert_near(measured->bad1, 600.0 / 9); /* both filled pixels are missing here */
    assert_near(measured->density, 600.0 / 9);
    assert_near(measured->mae, (0.5 + 0.75 + 1.5 + 3 + 5) / 6);
    assert_false(scores.dense_nonocc.present);
    fixture_release(&f);
}

static void the_mask_selects_pixels_seen_by_both(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    float truth[PIXELS];
    uint8_t mask[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        truth[i] = 10;
        mask[i] = (uint8_t)(i % 2 == 0 ? 255 : 128); /* 128: occluded */
        f.values[i] = (int16_t)(i % 2 == 0 ? 160 : 0);
    }
    write_pfm(f.truth_path, WIDTH_PX, HEIGHT_PX, truth);
    write_pgm(f.mask_path, mask);
    struct frame_scores scores;
    struct po_error error = {0};
    if (score_frame(&f.views, &(struct truth_files){f.truth_path, f.mask_path, 1.0},
                    &scores, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(scores.dense_all.pixels, PIXELS);
    assert_near(scores.dense_all.bad4, 50.0);
    assert_int_equal(scores.dense_nonocc.pixels, PIXELS / 2);
    assert_near(scores.dense_nonocc.bad05, 0.0);
    assert_near(scores.dense_nonocc.density, 100.0);
    fixture_release(&f);
}

static void no_ground_truth_at_all_is_no_score(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    float truth[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        truth[i] = INFINITY;
    write_pfm(f.truth_path, WIDTH_PX, HEIGHT_PX, truth);
    struct frame_scores scores;
    assert_int_equal(score_frame(&(struct score_views){.map = &f.map},
                                 &(struct truth_files){f.truth_path, NULL, 1.0}, &scores,
                                 NULL),
                     PO_OK);
    assert_false(scores.dense_all.present);
    fixture_release(&f);
}

/* In the first two columns a disparity of 2 points out of the right image. */
static void what_the_right_camera_never_sees_is_scored_apart(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    float truth[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        truth[i] = 2;
        f.values[i] = (int16_t)(i % WIDTH_PX < 2 ? 160 : 32);
    }
    write_pfm(f.truth_path, WIDTH_PX, HEIGHT_PX, truth);
    struct frame_scores scores;
    assert_int_equal(score_frame(&f.views, &(struct truth_files){f.truth_path, NULL, 1.0},
                                 &scores, NULL),
                     PO_OK);
    assert_near(scores.dense_all.bad2, 40.0);
    assert_int_equal(scores.dense_in_view.pixels, 6);
    assert_near(scores.dense_in_view.bad2, 0.0);
    fixture_release(&f);
}

/* Ten pixels: the surest five are right, two doubtful ones half wrong, three not
 * measured. */
/* Maps of unlike density compare up to what both measure. */
static void an_area_ends_where_it_is_asked_to(void **state)
{
    (void)state;
    struct curve_sum sparse = {.pixels = 10}, dense = {.pixels = 10};
    sparse.measured[200] = dense.measured[200] = 5;
    dense.measured[100] = dense.wrong[100] = 4;
    assert_near(confidence_curve_area_to(&sparse, 0.5), 0);
    assert_near(confidence_curve_area_to(&dense, 0.5), 0);
    assert_true(confidence_curve_area_to(&dense, 0.9) > 5);
    assert_true(isnan(confidence_curve_area_to(&sparse, 0.6)));
    assert_true(isnan(confidence_curve_area_to(&(struct curve_sum){0}, 0.5)));
}

static void the_curve_ranks_by_confidence_and_ends_at_the_density(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t confidence[PIXELS] = {200, 200, 200, 200, 200, 90, 90, 0, 0, 0};
    struct image_view view = {WIDTH_PX, HEIGHT_PX, 1, WIDTH_PX, confidence};
    fixture_init(&f);
    f.views.confidence = &view;
    const float truth[PIXELS] = {0};
    f.values[5] = 100;
    memset(f.class_pixels + 7, PIXEL_FILLED_MISMATCH, 3);
    write_pfm(f.truth_path, WIDTH_PX, HEIGHT_PX, truth);
    struct frame_scores scores;
    assert_int_equal(score_frame(&f.views, &(struct truth_files){f.truth_path, NULL, 1.0},
                                 &scores, NULL),
                     PO_OK);
    assert_true(scores.curve.present);
    assert_near(scores.curve.bad2[4], 0.0);
    assert_near(scores.curve.bad2[5], 100 * 0.5 / 6);
    assert_near(scores.curve.bad2[6], 100 * 1.0 / 7);
    assert_true(isnan(scores.curve.bad2[7]));
    /* The integral of (x - 5) / 2 / x from 5 to 7, over 7. */
    assert_true(fabs(scores.curve.area - 100 * (2 - 5 * log(7.0 / 5)) / 2 / 7) < 1e-3);
    fixture_release(&f);
}

static void another_size_and_no_file_are_errors(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    const float truth[PIXELS] = {0};
    write_pfm(f.truth_path, HEIGHT_PX, WIDTH_PX, truth);
    struct frame_scores scores;
    struct po_error error;
    assert_int_equal(score_frame(&f.views, &(struct truth_files){f.truth_path, NULL, 1.0},
                                 &scores, &error),
                     PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "2x5"));
    assert_non_null(strstr(error.message, "5x2"));
    assert_non_null(strstr(error.message, "truth.pfm"));
    assert_int_equal(score_frame(&f.views, &(struct truth_files){f.mask_path, NULL, 1.0},
                                 &scores, &error),
                     PO_NOT_FOUND);
    fixture_release(&f);
}

static void a_mean_skips_frames_without_the_score(void **state)
{
    (void)state;
    struct frame_scores scores[3] = {0};
    scores[0].dense_all =
        (struct score){.present = true, .bad2 = 10, .mae = 1, .pixels = 5};
    scores[2].dense_all =
        (struct score){.present = true, .bad2 = 30, .mae = 2, .pixels = 7};
    scores[2].dense_nonocc = (struct score){.present = true, .bad2 = 4, .pixels = 3};
    struct frame_scores_sum sum = {0};
    assert_false(frame_scores_mean(&sum).dense_all.present);
    for (int i = 0; i < 3; i++)
        frame_scores_add(&sum, &scores[i]);
    struct frame_scores mean = frame_scores_mean(&sum);
    assert_near(mean.dense_all.bad2, 20.0);
    assert_near(mean.dense_all.mae, 1.5);
    assert_int_equal(mean.dense_all.pixels, 12);
    assert_near(mean.dense_nonocc.bad2, 4.0);
    assert_false(mean.measured_all.present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bound_counts_what_exceeds_it),
        cmocka_unit_test(the_mask_selects_pixels_seen_by_both),
        cmocka_unit_test(no_ground_truth_at_all_is_no_score),
        cmocka_unit_test(what_the_right_camera_never_sees_is_scored_apart),
        cmocka_unit_test(the_curve_ranks_by_confidence_and_ends_at_the_density),
        cmocka_unit_test(an_area_ends_where_it_is_asked_to),
        cmocka_unit_test(another_size_and_no_file_are_errors),
        cmocka_unit_test(a_mean_skips_frames_without_the_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
