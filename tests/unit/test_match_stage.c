/* SPDX-License-Identifier: Apache-2.0 */
/* The match stage on a rendered plane: what it plans is what it takes, rows that are off
 * are corrected, the second pass of quality stays on the plane, and its prior is checked
 * closely. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "match/first_pass.h"
#include "match/match_stage.h"
#include "rectify/row_warp.h"
#include "support/scratch_fixture.h"
#include "support/synthetic_scene.h"

enum { WIDTH = 320, HEIGHT = 200 };

static const struct disparity_range range = {0, 64};

struct fixture {
    struct synthetic_scene scene;
    struct po_settings settings;
    struct image_view left, right;
    struct match_stage_plan plan;
    struct match_output output;
    struct vertical_disparity offset;
};

static void make_fixture(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    fixture->scene = synthetic_scene_make(SYNTHETIC_SHIFT, WIDTH, HEIGHT, 0);
    fixture->scene.offset_px = 20.25;
    fixture->scene.slope_x = fixture->scene.slope_y = 0;
    po_settings_defaults(&fixture->settings);
    struct image_view *views[] = {&fixture->left, &fixture->right};
    for (int side = 0; side < 2; side++) {
        assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, views[side], NULL),
                         0);
        synthetic_scene_render(&fixture->scene, side, views[side]);
    }
}

static void run(struct fixture *fixture)
{
    struct match_stage_input input = {.left = fixture->left,
                                      .right = fixture->right,
                                      .guide = fixture->left,
                                      .range = range,
                                      .settings = &fixture->settings};
    struct po_error error = {0};
    assert_int_equal(match_stage_make_plan(&fixture->settings,
                                           &(struct match_size){WIDTH, HEIGHT, 1, range},
                                           0, &fixture->plan, &error),
                     0);
    size_t before = scratch.used;
    assert_int_equal(match_stage_take_output(&fixture->plan, &scratch, WIDTH, HEIGHT,
                                             &fixture->output, &error),
                     0);
    assert_int_equal(scratch.used - before, fixture->plan.output_bytes);
    before = scratch.used;
    scratch.peak = before;
    assert_int_equal(match_stage_run(&fixture->plan, &input, &scratch, &fixture->output,
                                     &fixture->offset, &error),
                     0);
    assert_int_equal(scratch.used, before);
    assert_true(scratch.peak - before <= fixture->plan.scratch_bytes);
    assert_true((double)(scratch.peak - before) >=
                0.9 * (double)fixture->plan.scratch_bytes);
}

/* Share of inner pixels within half a pixel of the truth. */
static double share_right(const struct fixture *fixture)
{
    int right = 0, all = 0;
    for (int y = 10; y < HEIGHT - 10; y++)
        for (int x = 40; x < WIDTH - 10; x++) {
            double error = disparity_row(&fixture->output.left, y)[x] / 16.0 - 20.25;
            right += fabs(error) <= 0.5;
            all++;
        }
    return (double)right / all;
}

/* Share of inner pixels of which the first pass knew the second's value. */
static double share_known(const struct fixture *fixture)
{
    int known = 0, all = 0;
    for (int y = 10; y < HEIGHT - 10; y++)
        for (int x = 40; x < WIDTH - 10; x++, all++)
            known +=
                image_row(&fixture->output.first_pass, y)[x] > FIRST_PASS_FILLED + 100;
    return (double)known / all;
}

static void every_level_takes_what_it_planned(void **state)
{
    (void)state;
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level++) {
        for (int correct = 0; correct < 2; correct++) {
            size_t mark = scratch_mark(&scratch);
            struct fixture fixture;
            make_fixture(&fixture);
            fixture.settings.match.level = (enum po_sgm_level)level;
            fixture.settings.refine.vertical_correction = correct != 0;
            run(&fixture);
            assert_int_equal(fixture.plan.second_pass, level == PO_SGM_QUALITY);
            assert_int_equal(fixture.plan.vertical_correction, correct);
            assert_false(fixture.offset.corrected);
            assert_true(share_right(&fixture) > 0.97);
            assert_int_equal(fixture.output.first_pass.pixels != NULL,
                             level == PO_SGM_QUALITY);
            assert_true(level != PO_SGM_QUALITY || share_known(&fixture) > 0.97);
            scratch_rewind(&scratch, mark);
        }
    }
}

/* What the first pass says when both views must agree to this. */
static void say_first_pass(double max_diff_px, uint8_t says[HEIGHT][WIDTH])
{
    size_t mark = scratch_mark(&scratch);
    struct fixture fixture;
    make_fixture(&fixture);
    fixture.settings.match.level = PO_SGM_QUALITY;
    fixture.settings.match.left_right_max_diff_px = max_diff_px;
    run(&fixture);
    for (int y = 0; y < HEIGHT; y++)
        memcpy(says[y], image_row(&fixture.output.first_pass, y), WIDTH);
    scratch_rewind(&scratch, mark);
}

static void a_looser_check_leaves_the_prior_as_it_is(void **state)
{
    (void)state;
    static uint8_t close[HEIGHT][WIDTH], loose[HEIGHT][WIDTH], none[HEIGHT][WIDTH];
    say_first_pass(1.25, close);
    say_first_pass(1000, loose);
    say_first_pass(-1, none);
    assert_memory_equal(close, loose, sizeof(close));
    assert_memory_not_equal(close, none, sizeof(close));
}

static void rows_that_are_off_are_corrected(void **state)
{
    (void)state;
    struct fixture fixture;
    struct image_view shifted;
    make_fixture(&fixture);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &shifted, NULL), 0);
    const struct vertical_field field = {-0.8, 0.1, 0};
    row_warp(&fixture.right, &field, &shifted);
    image_copy(&shifted, &fixture.right);
    run(&fixture);
    assert_true(fixture.offset.corrected);
    assert_true(fixture.offset.points >= 60);
    assert_true(fabs(fixture.offset.a_px - 0.8) < 0.05);
    assert_true(fabs(fixture.offset.b_px + 0.1) < 0.05);
    assert_true(share_right(&fixture) > 0.97);
}

static void a_budget_below_the_plan_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct po_error error = {0};
    make_fixture(&fixture);
    assert_int_equal(match_stage_make_plan(&fixture.settings,
                                           &(struct match_size){WIDTH, HEIGHT, 1, range},
                                           1000, &fixture.plan, &error),
                     PO_MEMORY_LIMIT);
    assert_true(error.message[0] != '\0');
}

static int set_up(void **state)
{
    (void)!cv_shim_init(NULL);
    return scratch_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_level_takes_what_it_planned, scratch_rewind_all),
        cmocka_unit_test_teardown(a_looser_check_leaves_the_prior_as_it_is,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(rows_that_are_off_are_corrected, scratch_rewind_all),
        cmocka_unit_test_teardown(a_budget_below_the_plan_is_refused, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, set_up, scratch_tear_down);
}
