/* SPDX-License-Identifier: Apache-2.0 */
/* Refinement as a whole: its modes, its promises about classes and bytes, and frames that
 * hold nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "refine/refine.h"
#include "settings/settings_table.h"
#include "stereo/matchers.h"
#include "support/scratch_fixture.h"

enum { N = DISPARITY_INVALID, WIDTH = 150, HEIGHT = 90, BACKGROUND = 80, FRONT = 240 };

static const struct disparity_range range = {0, 32};

struct frame {
    struct po_settings settings;
    struct image_view guide;
    struct match_output match;
    struct refine_output output;
    struct count_list counts;
};

static int16_t true_value(int x, int y)
{
    return x >= 60 && x < 100 && y >= 20 && y < 70 ? FRONT : BACKGROUND;
}

/* A square in front of a wall, matched from both sides, with some wrong matches. Both
 * have the least texture there is. */
static void make_frame(struct frame *frame, int width_px, int height_px, int channels)
{
    *frame = (struct frame){0};
    po_settings_defaults(&frame->settings);
    frame->settings.match.speckle_size_px = 30;
    assert_int_equal(
        image_view_take(&scratch, width_px, height_px, channels, &frame->guide, NULL), 0);
    assert_int_equal(matcher_take_output(matcher_find(PO_MATCHER_SGM), &scratch, width_px,
                                         height_px, &frame->match, NULL),
                     0);
    assert_int_equal(
        refine_take_output(&scratch, width_px, height_px, &frame->output, NULL), 0);
    for (int y = 0; y < height_px; y++) {
        int16_t *left = disparity_row(&frame->match.left, y);
        int16_t *right = disparity_row(&frame->match.right, y);
        memset(image_row(&frame->match.uniqueness_margin, y), 40, (size_t)width_px);
        memset(image_row(&frame->match.cost, y), 20, (size_t)width_px);
        for (int x = 0; x < width_px; x++) {
            left[x] = true_value(x, y);
            right[x] = BACKGROUND;
            memset(image_row(&frame->guide, y) + x * channels,
                   (left[x] == FRONT ? 200 : 40) + x % 2, (size_t)channels);
        }
        for (int x = 0; x < width_px; x++)
            if (left[x] == FRONT && x >= FRONT / 16)
                right[x - FRONT / 16] = FRONT;
        for (int x = 20; x < 30 && x < width_px; x++)
            left[x] = y >= 30 && y < 40 ? 400 : left[x]; /* a wrong match */
    }
}

static enum po_status refine(struct frame *frame)
{
    struct refine_input input = {
        .guide = frame->guide, .range = range, .settings = &frame->settings};
    struct po_error error = {0};
    int width_px = frame->guide.width_px, height_px = frame->guide.height_px;
    size_t planned = refine_scratch_bytes(&frame->settings, width_px, height_px,
                                          frame->guide.channels, range);
    size_t before = scratch.used;
    scratch.peak = before;
    enum po_status status = refine_run(&input, &frame->match, &scratch, &frame->output,
                                       &frame->counts, &error);
    assert_int_equal(scratch.used, before);
    assert_int_equal(scratch.peak - before, planned);
    return status;
}

/* The median rounds the square's corners. */
static bool near_corner(int x, int y)
{
    return (abs(x - 60) < 3 || abs(x - 99) < 3) && (abs(y - 20) < 3 || abs(y - 69) < 3);
}

static int value_at(const struct frame *frame, int x, int y)
{
    return disparity_row(&frame->output.map, y)[x];
}

static int class_at(const struct frame *frame, int x, int y)
{
    return image_row(&frame->output.classes, y)[x];
}

static void full_fills_every_hole(void **state)
{
    (void)state;
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level++) {
        size_t mark = scratch_mark(&scratch);
        struct frame frame;
        make_frame(&frame, WIDTH, HEIGHT, level == PO_SGM_BALANCED ? 1 : 3);
        frame.settings.match.level = (enum po_sgm_level)level;
        assert_int_equal(refine(&frame), PO_OK);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                if (value_at(&frame, x, y) != true_value(x, y) && !near_corner(x, y))
                    fail_msg("level %d: (%d, %d) is %d, not %d", level, x, y,
                             value_at(&frame, x, y), true_value(x, y));
        assert_int_equal(class_at(&frame, 25, 35), PIXEL_FILLED_MISMATCH);
        /* Left of the square the right camera sees the square: ten pixels. */
        assert_int_equal(class_at(&frame, 49, 40), PIXEL_MEASURED);
        assert_int_equal(class_at(&frame, 52, 40), PIXEL_FILLED_OCCLUSION);
        assert_int_equal(class_at(&frame, 58, 40), PIXEL_FILLED_OCCLUSION);
        assert_int_equal(class_at(&frame, 60, 40), PIXEL_MEASURED);
        assert_int_equal(class_at(&frame, 0, 0), PIXEL_FILLED_OCCLUSION);
        scratch_rewind(&scratch, mark);
    }
}

static void counts_add_up(void **state)
{
    (void)state;
    struct frame frame;
    make_frame(&frame, WIDTH, HEIGHT, 1);
    assert_int_equal(refine(&frame), PO_OK);
    uint64_t measured = count_list_get(&frame.counts, "measured");
    uint64_t occlusions = count_list_get(&frame.counts, "occlusion_holes");
    uint64_t mismatches = count_list_get(&frame.counts, "mismatch_holes");
    assert_int_equal(measured + occlusions + mismatches, WIDTH * HEIGHT);
    assert_int_equal(count_list_get(&frame.counts, "left_right_dropped"),
                     occlusions + mismatches);
    /* The wrong matches, and a column of the wall and two of the square's shadow that a
     * right match claims within its tolerance. */
    assert_int_equal(mismatches, 100 + 90 + 2 * 50);
}

/* Beside the square the wall has its colour, so that the square's plane reaches over what
 * is hidden from the right camera: there, that camera sees the wall past it. */
static void a_plane_before_what_the_right_camera_sees_gives_way(void **state)
{
    (void)state;
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level++) {
        size_t mark = scratch_mark(&scratch);
        struct frame frame;
        make_frame(&frame, WIDTH, HEIGHT, 3);
        frame.settings.match.level = (enum po_sgm_level)level;
        for (int y = 20; y < 70; y++)
            for (int x = 50; x < 60; x++)
                memset(image_row(&frame.guide, y) + 3 * x, 200 + x % 2, 3);
        assert_int_equal(refine(&frame), PO_OK);
        assert_in_range(count_list_get(&frame.counts, "seen_through"), 7 * 50, 10 * 50);
        for (int y = 24; y < 66; y++)
            assert_int_equal(value_at(&frame, 55, y), BACKGROUND);
        scratch_rewind(&scratch, mark);
    }
}

static void fill_none_keeps_the_measured_as_they_are(void **state)
{
    (void)state;
    struct frame filled, measured;
    make_frame(&filled, WIDTH, HEIGHT, 3);
    make_frame(&measured, WIDTH, HEIGHT, 3);
    measured.settings.refine.fill = PO_FILL_NONE;
    assert_int_equal(refine(&filled), PO_OK);
    assert_int_equal(refine(&measured), PO_OK);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool kept = class_at(&filled, x, y) == PIXEL_MEASURED;
            assert_int_equal(value_at(&measured, x, y),
                             kept ? value_at(&filled, x, y) : N);
            assert_int_equal(class_at(&measured, x, y),
                             kept ? PIXEL_MEASURED : PIXEL_NONE);
            assert_int_equal(image_row(&measured.output.confidence, y)[x] > 0, kept);
            if (!kept)
                assert_int_equal(image_row(&measured.output.sigma, y)[x], 255);
        }
}

static void each_mode_keeps_its_plan_and_its_mask(void **state)
{
    (void)state;
    for (int refine_mode = PO_REFINE_NONE; refine_mode <= PO_REFINE_FULL; refine_mode++) {
        for (int fill = PO_FILL_AUTO; fill <= PO_FILL_INPAINT; fill++) {
            size_t mark = scratch_mark(&scratch);
            struct frame frame;
            make_frame(&frame, WIDTH, HEIGHT, 1);
            frame.settings.refine.refine = (enum po_refine)refine_mode;
            frame.settings.refine.fill = (enum po_fill)fill;
            assert_int_equal(refine(&frame), PO_OK);
            bool holes = fill == PO_FILL_NONE ||
                         (fill == PO_FILL_AUTO && refine_mode == PO_REFINE_NONE);
            assert_int_equal(value_at(&frame, 25, 35) == N, holes);
            assert_int_equal(class_at(&frame, 25, 35),
                             holes ? PIXEL_NONE : PIXEL_FILLED_MISMATCH);
            assert_int_equal(value_at(&frame, 80, 45), FRONT);
            assert_int_equal(value_at(&frame, 120, 45), BACKGROUND);
            scratch_rewind(&scratch, mark);
        }
    }
}

static void without_a_right_map_doubt_alone_drops(void **state)
{
    (void)state;
    struct frame frame;
    make_frame(&frame, WIDTH, HEIGHT, 3);
    frame.settings.match.matcher = PO_MATCHER_OPENCV;
    frame.match.right.values = NULL;
    frame.match.uniqueness_margin.pixels = NULL;
    frame.match.cost.pixels = NULL;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 50; x < 60; x++)
            disparity_row(&frame.match.left, y)[x] = N;
    assert_int_equal(refine(&frame), PO_OK);
    assert_int_equal(value_at(&frame, 55, 45), BACKGROUND);
    assert_int_equal(class_at(&frame, 55, 45), PIXEL_FILLED_OCCLUSION);
    assert_int_equal(class_at(&frame, 25, 35), PIXEL_FILLED_MISMATCH);
    assert_int_equal(class_at(&frame, 130, 45), PIXEL_MEASURED);
}

static void what_rectification_did_not_see_stays_out(void **state)
{
    (void)state;
    struct frame frame;
    struct image_view valid;
    make_frame(&frame, WIDTH, HEIGHT, 1);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &valid, NULL), 0);
    for (int y = 0; y < HEIGHT; y++)
        memset(image_row(&valid, y), y < 10 ? 0 : 255, WIDTH);
    struct refine_input input = {.guide = frame.guide,
                                 .valid = valid,
                                 .range = range,
                                 .settings = &frame.settings};
    assert_int_equal(
        refine_run(&input, &frame.match, &scratch, &frame.output, &frame.counts, NULL),
        0);
    for (int x = 0; x < WIDTH; x++) {
        assert_int_equal(value_at(&frame, x, 9), N);
        assert_int_equal(class_at(&frame, x, 9), PIXEL_NONE);
        assert_int_equal(image_row(&frame.output.confidence, 9)[x], 0);
        assert_int_not_equal(value_at(&frame, x, 10), N);
    }
}

static void nothing_matched_gives_nothing(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 3}, {WIDTH, HEIGHT}};
    for (int i = 0; i < 3; i++) {
        for (int mode = PO_REFINE_NONE; mode <= PO_REFINE_FULL; mode++) {
            size_t mark = scratch_mark(&scratch);
            struct frame frame;
            make_frame(&frame, sizes[i][0], sizes[i][1], 3);
            frame.settings.refine.refine = (enum po_refine)mode;
            for (int y = 0; y < sizes[i][1]; y++)
                for (int x = 0; x < sizes[i][0]; x++) {
                    disparity_row(&frame.match.left, y)[x] = N;
                    disparity_row(&frame.match.right, y)[x] = N;
                }
            assert_int_equal(refine(&frame), PO_OK);
            for (int y = 0; y < sizes[i][1]; y++)
                for (int x = 0; x < sizes[i][0]; x++) {
                    assert_int_equal(value_at(&frame, x, y), N);
                    assert_int_equal(class_at(&frame, x, y), PIXEL_NONE);
                }
            scratch_rewind(&scratch, mark);
        }
    }
}

static void one_valid_pixel_fills_the_frame(void **state)
{
    (void)state;
    struct frame frame;
    make_frame(&frame, WIDTH, HEIGHT, 1);
    frame.settings.match.speckle_size_px = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (x != 120 || y != 45)
                disparity_row(&frame.match.left, y)[x] = N;
    assert_int_equal(refine(&frame), PO_OK);
    /* It is all there is, but nothing speaks for it. */
    assert_int_equal(count_list_get(&frame.counts, "measured") +
                         count_list_get(&frame.counts, "doubted"),
                     1);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(value_at(&frame, x, y), BACKGROUND);
}

/* A patch without texture holds what came from around it: that is no measurement. */
static void a_flat_patch_is_filled_not_measured(void **state)
{
    (void)state;
    struct frame frame;
    make_frame(&frame, WIDTH, HEIGHT, 1);
    for (int y = 10; y < 40; y++)
        memset(image_row(&frame.guide, y) + 110, 40, 40);
    assert_int_equal(refine(&frame), PO_OK);
    assert_int_equal(count_list_get(&frame.counts, "textureless_dropped"),
                     (30 - 8) * (40 - 4)); /* it reaches the right border */
    assert_int_equal(class_at(&frame, 130, 25), PIXEL_FILLED_MISMATCH);
    assert_int_equal(value_at(&frame, 130, 25), BACKGROUND);
    assert_int_equal(class_at(&frame, 108, 25), PIXEL_MEASURED);
    make_frame(&frame, WIDTH, HEIGHT, 1);
    frame.settings.refine.refine = PO_REFINE_CLASSIC; /* as OpenCV's users know it */
    for (int y = 10; y < 40; y++)
        memset(image_row(&frame.guide, y) + 110, 40, 40);
    assert_int_equal(refine(&frame), PO_OK);
    assert_int_equal(class_at(&frame, 130, 25), PIXEL_MEASURED);
}

static void a_cancel_ends_it(void **state)
{
    (void)state;
    struct frame frame;
    struct cancel cancel;
    atomic_init(&cancel.requested, 1);
    make_frame(&frame, WIDTH, HEIGHT, 1);
    struct refine_input input = {.guide = frame.guide,
                                 .range = range,
                                 .settings = &frame.settings,
                                 .cancel = &cancel};
    assert_int_equal(
        refine_run(&input, &frame.match, &scratch, &frame.output, &frame.counts, NULL),
        PO_CANCELLED);
}

static void doubt_lowers_confidence(void **state)
{
    (void)state;
    struct frame frame;
    make_frame(&frame, WIDTH, HEIGHT, 1);
    /* An island two pixels before the wall, matched from both sides, of the same colour.
     */
    enum { ISLAND = BACKGROUND + 40 };
    for (int y = 40; y < 48; y++)
        for (int x = 120; x < 128; x++) {
            disparity_row(&frame.match.left, y)[x] = ISLAND;
            disparity_row(&frame.match.right, y)[x - (ISLAND + 8) / 16] = ISLAND;
            image_row(&frame.match.uniqueness_margin, y)[x] = 1;
            image_row(&frame.match.cost, y)[x] = 60;
        }
    assert_int_equal(refine(&frame), PO_OK);
    const uint8_t *confidence = image_row(&frame.output.confidence, 44);
    const uint8_t *sigma = image_row(&frame.output.sigma, 44);
    assert_true(confidence[140] > 240);                  /* a plain wall */
    assert_true(confidence[124] < confidence[140] - 40); /* the island */
    assert_true(confidence[61] < 250);                   /* at a depth edge */
    assert_true(sigma[61] > sigma[140]);
}

static int set_up(void **state)
{
    (void)!cv_shim_init(NULL);
    return scratch_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(full_fills_every_hole, scratch_rewind_all),
        cmocka_unit_test_teardown(counts_add_up, scratch_rewind_all),
        cmocka_unit_test_teardown(a_plane_before_what_the_right_camera_sees_gives_way,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(fill_none_keeps_the_measured_as_they_are,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(each_mode_keeps_its_plan_and_its_mask,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(without_a_right_map_doubt_alone_drops,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(what_rectification_did_not_see_stays_out,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(nothing_matched_gives_nothing, scratch_rewind_all),
        cmocka_unit_test_teardown(one_valid_pixel_fills_the_frame, scratch_rewind_all),
        cmocka_unit_test_teardown(a_flat_patch_is_filled_not_measured,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_cancel_ends_it, scratch_rewind_all),
        cmocka_unit_test_teardown(doubt_lowers_confidence, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, set_up, scratch_tear_down);
}
