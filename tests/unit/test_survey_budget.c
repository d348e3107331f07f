/* SPDX-License-Identifier: Apache-2.0 */
/* What is reckoned before the first frame: ranges from settings, bytes on the disk, and
 * which surveyed frames may keep their pair. Tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "budget/disk_forecast.h"
#include "survey/range_choice.h"
#include "survey/survey_pairs.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

enum { FRAMES = 10, WIDTH_PX = 640, HEIGHT_PX = 480 };

static const uint64_t frame_pixels = (uint64_t)WIDTH_PX * HEIGHT_PX;

static void ranges_follow_the_settings(void **state)
{
    (void)state;
    static const struct {
        int min_px, count; /* asked for */
        int hint;          /* of the calibration; -1: there is none */
        double min_depth_mm;
        int first_px, searched;
        bool known;
    } rows[] = {
        {PO_AUTO, PO_AUTO, -1, 0, 0, 128, false},
        {200, PO_AUTO, -1, 0, 200, 128, false}, /* behind the default's end */
        {-50, PO_AUTO, -1, 0, -50, 192, false}, /* 178 of them, in sixteens */
        {PO_AUTO, 64, -1, 0, 0, 64, true},
        {PO_AUTO, 50, -1, 0, 0, 64, true},
        {PO_AUTO, 1, -1, 0, 0, 16, true},
        {PO_AUTO, 100000, -1, 0, 0, DISPARITY_MAX_COUNT, true},
        {-100000, 64, -1, 0, DISPARITY_MIN_PX, 64, true},
        {100000, 64, -1, 0, DISPARITY_LIMIT_PX - 16, 64, true},
        {PO_AUTO, PO_AUTO, 70, 0, 0, 80, true},
        {300, PO_AUTO, 70, 0, 300, 80, true},
        {PO_AUTO, PO_AUTO, 70, 250, 0, 224, true}, /* 200 px and a margin */
    };
    for (int i = 0; i < COUNT(rows); i++) {
        struct po_settings settings;
        struct disparity_range range;
        const struct rectified_rig rig = {.width_px = WIDTH_PX,
                                          .focal_px = 500,
                                          .baseline_mm = 100,
                                          .unit = RIG_MM,
                                          .disparity_count_hint = rows[i].hint};
        po_settings_defaults(&settings);
        settings.match.min_disparity_px = rows[i].min_px;
        settings.match.num_disparities = rows[i].count;
        settings.match.min_depth_mm = rows[i].min_depth_mm;
        bool known =
            range_choose(&settings.match, rows[i].hint < 0 ? NULL : &rig, &range);
        if (known != rows[i].known || range.min_px != rows[i].first_px ||
            range.count != rows[i].searched)
            fail_msg("row %d: %d, %d", i, range.min_px, range.count);
    }
}

/* A session of ten frames, one calibration, all pending. */
static struct {
    struct frame_entry frames[FRAMES];
    struct calibration calibration;
    struct manifest manifest;
    struct frame_probe probes[FRAMES];
    struct probed_session session;
    struct frame_setup setup;
    struct disparity_range ranges[2];
    struct run_state state;
    struct frame_survey rows[FRAMES];
    struct frame_surveys surveys;
    struct kept_pairs pairs;
    struct memory_plan plan;
    struct engine_settings engine;
    struct survey_run run;
} s;

static void set_size(int frame, int width_px, int height_px)
{
    const struct image_header header = {
        .width_px = width_px, .height_px = height_px, .channels = 1, .bits = 8};
    s.probes[frame] =
        (struct frame_probe){.known = PROBE_HEADERS, .left = header, .right = header};
}

static int set_up(void **state)
{
    (void)state;
    memset(&s, 0, sizeof(s));
    s.calibration = (struct calibration){.rectified = true,
                                         .unit = RIG_MM,
                                         .rig = {.width_px = WIDTH_PX,
                                                 .height_px = HEIGHT_PX,
                                                 .focal_px = 500,
                                                 .baseline_mm = 100,
                                                 .unit = RIG_MM}};
    s.manifest = (struct manifest){.frame_count = FRAMES,
                                   .frames = s.frames,
                                   .calibration_count = 1,
                                   .calibrations = &s.calibration};
    s.session = (struct probed_session){.manifest = &s.manifest, .probes = s.probes};
    po_settings_defaults(&s.setup.settings);
    s.setup.settings.run.cache_bytes = 0;
    s.ranges[0] = s.ranges[1] = (struct disparity_range){0, 64};
    s.setup.context.settings = &s.setup.settings;
    s.setup.context.manifest = &s.manifest;
    s.setup.context.ranges = s.ranges;
    s.setup.context.downscale = 1;
    for (int i = 0; i < FRAMES; i++) {
        set_size(i, WIDTH_PX, HEIGHT_PX);
        s.rows[i].wanted = MEASURE_IMAGES;
    }
    s.surveys.rows = s.rows;
    s.engine.workers = 2;
    s.run = (struct survey_run){
        .manifest = &s.manifest, .engine = &s.engine, .state = &s.state};
    assert_int_equal(run_state_init(&s.state, FRAMES, NULL), PO_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_state_release(&s.state);
    kept_pairs_release(&s.pairs);
    return 0;
}

static uint64_t forecast(unsigned artefacts)
{
    s.setup.settings.output.artefacts = artefacts;
    return disk_forecast(&s.session, &s.setup, &s.state);
}

/* Each file adds what its pixels take, where it is written at all. */
static void each_file_takes_its_bytes(void **state)
{
    (void)state;
    static const struct {
        unsigned artefact;
        bool needs_mm;
        bool needs_unit;
        bool needs_prior;
    } rows[] = {
        {PO_OUT_CLOUD, false, true, false},  {PO_OUT_DISPARITY, false, false, false},
        {PO_OUT_DEPTH, true, true, false},   {PO_OUT_CONFIDENCE, false, false, false},
        {PO_OUT_CLASS, false, false, false}, {PO_OUT_PREVIEW, false, false, false},
        {PO_OUT_VIEW, false, false, false},  {PO_OUT_PRIOR, false, false, true},
    };
    static const enum rig_unit units[] = {RIG_MM, RIG_SQUARES, RIG_NONE};
    for (int i = 0; i < COUNT(rows); i++)
        for (int unit = 0; unit < COUNT(units); unit++)
            for (int prior = 0; prior < 2; prior++) {
                s.calibration.unit = units[unit];
                s.setup.settings.network.prior = prior != 0 ? "maps" : NULL;
                bool is_written = (!rows[i].needs_mm || units[unit] == RIG_MM) &&
                                  (!rows[i].needs_unit || units[unit] != RIG_NONE) &&
                                  (!rows[i].needs_prior || prior != 0);
                uint64_t without = forecast(0);
                uint64_t with = forecast(rows[i].artefact);
                if ((with > without) != is_written)
                    fail_msg("artefact %u, unit %d", rows[i].artefact, unit);
            }
    s.calibration.unit = RIG_MM;
    const uint64_t pixels = (uint64_t)FRAMES * WIDTH_PX * HEIGHT_PX;
    assert_int_equal(forecast(PO_OUT_DISPARITY) - forecast(0), 4 * pixels);
    for (int i = 0; i < FRAMES; i++)
        s.frames[i].calibration = -1;
    assert_int_equal(forecast(PO_OUT_DEPTH | PO_OUT_CLOUD), forecast(0));
}

/* Frames that were not looked at, or have ended, take no pixels. */
static void frames_without_a_size_take_little(void **state)
{
    (void)state;
    uint64_t all = forecast(PO_OUT_ALL);
    s.probes[0].known = 0;
    uint64_t one_less = forecast(PO_OUT_ALL);
    assert_true(one_less < all - frame_pixels);
    run_state_end(&s.state, 0, PO_FRAME_FAILED, PO_BAD_IMAGE, NULL);
    assert_true(forecast(PO_OUT_ALL) < one_less);
    s.frames[1].side_by_side = true; /* half as wide */
    assert_true(forecast(PO_OUT_ALL) < one_less - frame_pixels / 2);
    s.setup.settings.run.cache_bytes = (uint64_t)1 << 40;
    uint64_t cached = forecast(0);
    s.setup.settings.run.cache_bytes = 1000;
    const uint64_t frames = FRAMES - 1;
    assert_int_equal(forecast(0) - frames * 1000,
                     cached - 8 * (frames * frame_pixels - frame_pixels / 2));
}

/* Sizes that differ in one side alone are planned anew. */
static void each_size_has_its_own_plan(void **state)
{
    (void)state;
    struct frame_planner planner;
    struct frame_plan plan[3];
    set_size(1, WIDTH_PX, HEIGHT_PX / 2);
    set_size(2, WIDTH_PX / 2, HEIGHT_PX / 2);
    s.frames[0].calibration = s.frames[1].calibration = s.frames[2].calibration = -1;
    frame_planner_init(&planner, &s.session, &s.setup);
    for (int i = 0; i < 3; i++)
        assert_int_equal(frame_planner_plan(&planner, i, &plan[i], NULL), PO_OK);
    assert_true(plan[0].total_bytes > plan[1].total_bytes);
    assert_true(plan[1].total_bytes > plan[2].total_bytes);
    assert_int_equal(planner.width_px, WIDTH_PX / 2);
    s.probes[3].known = 0;
    assert_int_equal(frame_planner_plan(&planner, 3, &plan[0], NULL), PO_BAD_IMAGE);
}

/* Of raw cameras alone, once, as large as the largest. */
static void tables_have_room_for_raw_cameras(void **state)
{
    (void)state;
    struct kept_tables tables = {0};
    assert_int_equal(frame_planner_table_bytes(&s.session), 0);
    frame_planner_keep_tables(&s.session, &tables);
    assert_null(kept_tables_room(&tables, 0, 1));
    kept_tables_release(&tables);
    const struct camera_model camera = {.fx = 500, .fy = 500, .cx = 320, .cy = 240};
    s.calibration.rectified = false;
    s.calibration.width_px = WIDTH_PX;
    s.calibration.height_px = HEIGHT_PX;
    s.calibration.cameras[0] = s.calibration.cameras[1] = camera;
    for (int i = 0; i < 9; i++)
        s.calibration.rotation[i] = i % 4 == 0;
    s.calibration.rotation[1] = 0.01; /* turned a little: pixels move */
    s.calibration.rotation[3] = -0.01;
    s.calibration.translation_mm[0] = -100;
    uint64_t bytes = frame_planner_table_bytes(&s.session);
    assert_true(bytes > (uint64_t)WIDTH_PX * HEIGHT_PX);
    frame_planner_keep_tables(&s.session, &tables);
    void *room = kept_tables_room(&tables, 0, (size_t)bytes);
    assert_non_null(room);
    assert_null(kept_tables_room(&tables, 0, 2 * (size_t)bytes));
    frame_planner_keep_tables(&s.session, &tables); /* it is there already */
    assert_ptr_equal(kept_tables_room(&tables, 0, (size_t)bytes), room);
    kept_tables_release(&tables);
    for (int i = 0; i < FRAMES; i++)
        s.probes[i].known = 0; /* of no size: nothing can be reckoned */
    assert_int_equal(frame_planner_table_bytes(&s.session), 0);
    frame_planner_keep_tables(&s.session, &tables);
    assert_null(kept_tables_room(&tables, 0, 1));
    kept_tables_release(&tables);
}

static int kept(uint64_t budget_bytes, int workers)
{
    const struct session_survey survey = {.run = &s.run,
                                          .request = {.setup = &s.setup, .plan = &s.plan},
                                          .session = &s.session,
                                          .surveys = &s.surveys,
                                          .kept_pairs = &s.pairs};
    kept_pairs_release(&s.pairs);
    s.plan.budget_bytes = budget_bytes;
    s.engine.workers = workers;
    survey_pairs_make(&survey);
    return s.pairs.slots != NULL ? s.pairs.count : 0;
}

static void pairs_are_kept_where_nobody_waits_for_it(void **state)
{
    (void)state;
    const uint64_t plenty = (uint64_t)1 << 32;
    assert_int_equal(kept(plenty, 2), KEPT_PAIRS_MAX); /* of ten */
    const struct session_survey again = {.kept_pairs = &s.pairs};
    survey_pairs_make(&again); /* there is room already */
    assert_int_equal(s.pairs.count, KEPT_PAIRS_MAX);
    const struct session_survey none = {.kept_pairs = NULL};
    survey_pairs_make(&none);
    uint64_t room_bytes = (uint64_t)KEPT_PAIRS_MAX * s.pairs.slot_bytes;
    assert_int_equal(kept(8 * room_bytes - 8, 1), 0);   /* above an eighth */
    assert_int_equal(kept(16 * room_bytes, 100000), 0); /* surveys would wait */
    s.rows[0].failed = true;
    s.rows[1].known = MEASURE_IMAGES;
    s.rows[2].wanted = 0;
    run_state_end(&s.state, 3, PO_FRAME_FAILED, PO_BAD_IMAGE, NULL);
    s.probes[4].known = 0;
    set_size(5, 2 * WIDTH_PX, HEIGHT_PX);
    assert_int_equal(kept(plenty, 2), 5);
    assert_int_equal(s.pairs.frames[0], 5);
    assert_true((uint64_t)KEPT_PAIRS_MAX * s.pairs.slot_bytes > room_bytes);
}

#define BUDGET_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_follow_the_settings),
        BUDGET_TEST(each_file_takes_its_bytes),
        BUDGET_TEST(frames_without_a_size_take_little),
        BUDGET_TEST(each_size_has_its_own_plan),
        BUDGET_TEST(tables_have_room_for_raw_cameras),
        BUDGET_TEST(pairs_are_kept_where_nobody_waits_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
