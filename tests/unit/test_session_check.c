/* SPDX-License-Identifier: Apache-2.0 */
/* The check's pure parts: groups, medians over frames, findings, and images that are
 * dark, saturated, blurred, framed or the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check/session_check.h"
#include "support/synthetic_scene.h"

enum { FRAMES = 6, WIDTH = 160, HEIGHT = 120 };

/* Six frames of two calibrations; the last has none. */
struct session {
    struct manifest manifest;
    struct frame_entry frames[FRAMES];
    struct calibration calibrations[2];
    struct frame_groups groups;
    struct frame_survey surveys[FRAMES];
    struct po_input_settings settings;
    struct session_check check;
};

static struct session_check_input setup(struct session *session)
{
    static const int calibration_of[FRAMES] = {0, 1, 0, 1, 0, -1};
    memset(session, 0, sizeof(*session));
    session->manifest.frame_count = FRAMES;
    session->manifest.frames = session->frames;
    session->manifest.calibration_count = 2;
    session->manifest.calibrations = session->calibrations;
    for (int i = 0; i < FRAMES; i++) {
        session->frames[i].calibration = calibration_of[i];
        session->surveys[i].wanted = session->surveys[i].known =
            MEASURE_IMAGES | MEASURE_ROWS;
        session->surveys[i].rows = (struct row_alignment){
            .found = true, .agreeing = 50, .disparity_high_px = 20};
        session->surveys[i].images.difference = 30;
        struct image_statistics plain = {
            .mean = 100, .contrast = 40, .sharpness = 0.7, .textured = 0.5};
        session->surveys[i].images.left = session->surveys[i].images.right = plain;
    }
    assert_int_equal(frame_groups_init(&session->groups, &session->manifest, NULL),
                     PO_OK);
    return (struct session_check_input){.settings = &session->settings,
                                        .manifest = &session->manifest,
                                        .groups = &session->groups,
                                        .surveys = session->surveys};
}

static int count_findings(const struct session *session, enum check_severity severity,
                          const char *topic, const char *text)
{
    int count = 0;
    for (int i = 0; i < session->check.finding_count; i++) {
        const struct check_finding *finding = &session->check.findings[i];
        count += finding->severity == severity && strcmp(finding->topic, topic) == 0 &&
                 strstr(finding->text, text) != NULL;
    }
    return count;
}

static void groups_hold_each_frame_once_in_order(void **state)
{
    (void)state;
    static struct session session;
    (void)setup(&session);
    const struct frame_groups *groups = &session.groups;
    static const int first[] = {0, 1, 4, 6};
    static const int frames[FRAMES] = {5, 0, 2, 4, 1, 3};
    assert_int_equal(groups->count, 3);
    for (int i = 0; i < 4; i++)
        assert_int_equal(groups->first[i], first[i]);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(groups->frames[i], frames[i]);
    frame_groups_release(&session.groups);
}

static void a_good_session_has_only_notes(void **state)
{
    (void)state;
    static struct session session;
    const struct session_check_input input = setup(&session);
    session_check_make(&input, &session.check);
    assert_int_equal(session.check.frames_surveyed, FRAMES);
    assert_int_equal(session_check_worst(&session.check), CHECK_NOTE);
    assert_int_equal(count_findings(&session, CHECK_NOTE, "rows", "align within"), 3);
    frame_groups_release(&session.groups);
}

static void one_odd_frame_is_a_warning_two_of_three_an_error(void **state)
{
    (void)state;
    static struct session session;
    struct po_error error = {0};
    const struct session_check_input input = setup(&session);
    session.surveys[2].rows.median_px = session.surveys[2].rows.spread_px = -5;
    session_check_make(&input, &session.check);
    assert_int_equal(session_check_worst(&session.check), CHECK_WARNING);
    assert_int_equal(
        count_findings(&session, CHECK_WARNING, "rows", "-5.0 px apart, those of"), 1);
    session.surveys[4].rows.median_px = session.surveys[4].rows.spread_px = -5.5;
    assert_int_equal(session_check_group(&input, 1, &error), PO_MISALIGNED);
    assert_non_null(strstr(error.message, " 5.0 px apart"));
    assert_non_null(strstr(error.message, "--rectify-refine"));
    assert_int_equal(session_check_group(&input, 2, &error), PO_OK);
    session.settings.allow_misaligned = true;
    assert_int_equal(session_check_group(&input, 1, &error), PO_OK);
    frame_groups_release(&session.groups);
}

static void rows_without_a_calibration_blame_none(void **state)
{
    (void)state;
    static struct session session;
    struct po_error error = {0};
    const struct session_check_input input = setup(&session);
    session.surveys[5].rows.median_px = session.surveys[5].rows.spread_px = 11.2;
    assert_int_equal(session_check_group(&input, 0, &error), PO_MISALIGNED);
    assert_non_null(strstr(error.message, "11.2 px apart"));
    assert_non_null(strstr(error.message, "no calibration"));
    assert_null(strstr(error.message, "does not belong"));
    frame_groups_release(&session.groups);
}

static void small_offsets_warn_from_half_a_pixel(void **state)
{
    (void)state;
    static struct session session;
    const struct session_check_input input = setup(&session);
    for (int i = 0; i < FRAMES; i++)
        session.surveys[i].rows.spread_px = i % 2 == 0 ? 0.49 : 0.51;
    session_check_make(&input, &session.check);
    assert_int_equal(count_findings(&session, CHECK_WARNING, "rows", "0.51 px"), 2);
    assert_int_equal(count_findings(&session, CHECK_NOTE, "rows", "0.49 px"), 1);
    frame_groups_release(&session.groups);
}

static void exchanged_cameras_are_named(void **state)
{
    (void)state;
    static struct session session;
    struct po_error error = {0};
    const struct session_check_input input = setup(&session);
    for (int i = 0; i < FRAMES; i++) {
        session.surveys[i].exchanged = true;
        session.surveys[i].rows.found = false;
    }
    assert_int_equal(session_check_group(&input, 1, &error), PO_MISALIGNED);
    assert_non_null(strstr(error.message, "use --swap"));
    session.settings.swap = true;
    assert_int_equal(session_check_group(&input, 1, &error), PO_MISALIGNED);
    assert_non_null(strstr(error.message, "leave out --swap"));
    frame_groups_release(&session.groups);
}

static void what_cannot_be_measured_is_no_fault(void **state)
{
    (void)state;
    static struct session session;
    const struct session_check_input input = setup(&session);
    for (int i = 0; i < FRAMES; i++)
        session.surveys[i].rows = (struct row_alignment){.found = false};
    session_check_make(&input, &session.check);
    assert_int_equal(session_check_worst(&session.check), CHECK_NOTE);
    assert_int_equal(count_findings(&session, CHECK_NOTE, "rows", "cannot be judged"), 3);
    frame_groups_release(&session.groups);
}

static void findings_are_bounded_and_counted(void **state)
{
    (void)state;
    static struct session session;
    for (int i = 0; i < CHECK_FINDINGS_MAX + 5; i++)
        session_check_add(&session.check, CHECK_NOTE, i, "rows", "%d", i);
    assert_int_equal(session.check.finding_count, CHECK_FINDINGS_MAX);
    assert_int_equal(session.check.findings_dropped, 5);
}

static void medians_over_frames_make_the_field(void **state)
{
    (void)state;
    static struct session session;
    (void)setup(&session);
    static const double offsets[] = {1.0, 9.0, 3.0, 0.0, 2.0, 0.0};
    for (int i = 0; i < FRAMES; i++) {
        session.surveys[i].rows.a_px = session.surveys[i].rows.median_px = offsets[i];
        session.surveys[i].rows.b_px = -0.5 * offsets[i];
    }
    struct rows_summary rows = rows_summarize(&session.groups, 1, session.surveys);
    assert_int_equal(rows.measured, 3);
    assert_float_equal(rows.offset_px, 2.0, 1e-12);
    assert_float_equal(rows.field.a_px, 2.0, 1e-12);
    assert_float_equal(rows.field.b_px, -1.0, 1e-12);
    rows = rows_summarize(&session.groups, 2, session.surveys);
    assert_float_equal(rows.field.a_px, 4.5, 1e-12);
    struct vertical_field sum = vertical_field_sum(&rows.field, &rows.field);
    assert_float_equal(vertical_field_worst_px(&sum), 13.5, 1e-12);
    frame_groups_release(&session.groups);
}

/* Images. */

static uint8_t pixels[2][WIDTH * HEIGHT];

static struct image_view view(int side)
{
    return (struct image_view){WIDTH, HEIGHT, 1, WIDTH, pixels[side]};
}

static void render(void)
{
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_SHIFT, WIDTH, HEIGHT, 0);
    for (int side = 0; side < 2; side++) {
        struct image_view image = view(side);
        synthetic_scene_render(&scene, side, &image);
    }
}

static bool is_found(const char *text)
{
    const struct image_view everywhere = {0};
    struct image_view left = view(0);
    struct image_view right = view(1);
    struct image_findings findings;
    struct pair_statistics statistics =
        pair_statistics_of(&left, &right, &everywhere, &everywhere);
    image_check(&statistics, &findings);
    if (text == NULL)
        return findings.count > 0;
    for (int i = 0; i < findings.count; i++)
        if (strstr(findings.texts[i], text) != NULL)
            return true;
    return false;
}

static void scale(int side, double factor, int offset)
{
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        double value = pixels[side][i] * factor + offset;
        pixels[side][i] = (uint8_t)fmin(255, fmax(0, value));
    }
}

static void bad_images_are_named(void **state)
{
    (void)state;
    render();
    assert_false(is_found(NULL));
    render();
    scale(0, 3.0, 0);
    assert_true(is_found("left image is saturated"));
    render();
    scale(1, 1.0, -230);
    assert_true(is_found("right image is black"));
    render();
    scale(1, 0.4, 0);
    assert_true(is_found("exposures differ"));
    render();
    memcpy(pixels[1], pixels[0], sizeof(pixels[1]));
    assert_true(is_found("the same picture"));
    memset(pixels, 90, sizeof(pixels));
    assert_true(is_found("nothing to match"));
}

static int clamp(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

/* A 5x5 box. */
static void blur(uint8_t *image)
{
    static uint8_t source[WIDTH * HEIGHT];
    memcpy(source, image, sizeof(source));
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int sum = 0;
        for (int k = 0; k < 25; k++)
            sum += source[clamp(i / WIDTH + k / 5 - 2, HEIGHT - 1) * WIDTH +
                          clamp(i % WIDTH + k % 5 - 2, WIDTH - 1)];
        image[i] = (uint8_t)(sum / 25);
    }
}

static void blur_is_named(void **state)
{
    (void)state;
    render();
    for (int pass = 0; pass < 5; pass++)
        blur(pixels[0]);
    assert_true(is_found("left image is blurred"));
}

static void a_black_border_all_around_is_seen(void **state)
{
    (void)state;
    const struct image_view everywhere = {0};
    struct image_view left = view(0);
    struct image_view right = view(1);
    render();
    struct pair_statistics plain =
        pair_statistics_of(&left, &right, &everywhere, &everywhere);
    assert_false(pair_looks_rectified(&plain));
    for (int side = 0; side < 2; side++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                if (x < 7 || y < 5 || x >= WIDTH - 9 || y >= HEIGHT - 6)
                    pixels[side][y * WIDTH + x] = 0;
    struct pair_statistics framed =
        pair_statistics_of(&left, &right, &everywhere, &everywhere);
    assert_int_equal(framed.left.black_sides, 4);
    assert_int_equal(framed.right.black_sides, 4);
    assert_true(pair_looks_rectified(&framed));
    memset(pixels, 0, sizeof(pixels));
    struct pair_statistics night =
        pair_statistics_of(&left, &right, &everywhere, &everywhere);
    assert_false(pair_looks_rectified(&night));
}

/* Group 1 has three frames. */
static void matches_outside_the_searched_range_are_named(void **state)
{
    (void)state;
    static struct session session;
    struct po_error error = {0};
    static const struct disparity_range ranges[] = {{0, 64}, {0, 64}, {0, 64}};
    static const bool known[] = {true, true, true};
    static const bool unknown[] = {false, false, false};
    struct session_check_input input = setup(&session);
    input.ranges = ranges;
    input.ranges_known = known;
    assert_int_equal(session_check_range(&input, 1, &session.check, NULL), PO_OK);
    assert_int_equal(session.check.finding_count, 0);
    session.surveys[2].rows.disparity_low_px = 40;
    session.surveys[2].rows.disparity_high_px = 70;
    assert_int_equal(session_check_range(&input, 1, &session.check, NULL), PO_OK);
    assert_int_equal(count_findings(&session, CHECK_WARNING, "range",
                                    "40 to 70, partly outside of the 0 to 63"),
                     1);
    session.surveys[2].rows.disparity_low_px = 66;
    assert_int_equal(session_check_range(&input, 1, &session.check, NULL), PO_OK);
    assert_int_equal(
        count_findings(&session, CHECK_WARNING, "range", "66 to 70, outside of"), 1);
    session.surveys[4].rows.disparity_low_px = -41;
    session.surveys[4].rows.disparity_high_px = -15;
    assert_int_equal(session_check_range(&input, 1, &session.check, &error), PO_NO_RANGE);
    assert_non_null(strstr(error.message, "2 of 3 frames"));
    assert_non_null(strstr(error.message, "use --swap"));
    input.ranges_known = unknown;
    assert_int_equal(session_check_range(&input, 1, &session.check, NULL), PO_OK);
    frame_groups_release(&session.groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_hold_each_frame_once_in_order),
        cmocka_unit_test(a_good_session_has_only_notes),
        cmocka_unit_test(one_odd_frame_is_a_warning_two_of_three_an_error),
        cmocka_unit_test(rows_without_a_calibration_blame_none),
        cmocka_unit_test(small_offsets_warn_from_half_a_pixel),
        cmocka_unit_test(exchanged_cameras_are_named),
        cmocka_unit_test(what_cannot_be_measured_is_no_fault),
        cmocka_unit_test(findings_are_bounded_and_counted),
        cmocka_unit_test(medians_over_frames_make_the_field),
        cmocka_unit_test(bad_images_are_named),
        cmocka_unit_test(blur_is_named),
        cmocka_unit_test(matches_outside_the_searched_range_are_named),
        cmocka_unit_test(a_black_border_all_around_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
