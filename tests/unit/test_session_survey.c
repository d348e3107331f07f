/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a survey makes of what children saw: ranges, rows, lenses, and which frames end
 * there. Tables of what the children see stand in their place.
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

#include "base/log.h"
#include "survey/lens_choice.h"
#include "survey/session_survey.h"

enum { FRAMES = 8, CALIBRATIONS = 2, WIDTH_PX = 640, HEIGHT_PX = 480 };

/* One session with all that a survey of it takes. */
static struct {
    struct frame_entry frames[FRAMES];
    struct calibration calibrations[CALIBRATIONS];
    struct manifest manifest;
    struct frame_probe probes[FRAMES];
    struct probed_session session;
    struct run_state state;
    struct run_control control;
    struct engine_settings engine;
    struct survey_run run;
    struct po_settings settings;
    struct frame_groups groups;
    struct session_values values;
    struct disparity_range frame_ranges[FRAMES];
    struct frame_surveys surveys;
    struct frame_survey rows[FRAMES];
    struct session_check check;
    struct warning_list warnings;
    struct run_journal journal;
    int told[FRAMES]; /* how often the observer heard that a frame ended */
} s;

/* What the children see, and what they were asked for. */
static struct {
    struct frame_survey frames[FRAMES];
    bool broken[FRAMES];
    int asked[FRAMES]; /* times */
    unsigned wanted[FRAMES];
    int passes;
    int stop_at; /* pass in which a signal comes; 0: none */
    enum po_status status;
    void (*look)(int frame, struct frame_survey *row); /* of its own mind; or NULL */
} children;

/* Stand for those of the library, which are linked behind this program. */
enum po_status frame_surveys_init(struct frame_surveys *surveys, int frame_count,
                                  struct po_error *error)
{
    (void)error;
    surveys->bytes = (size_t)frame_count * sizeof(*surveys->rows);
    surveys->rows = s.rows;
    return PO_OK;
}

void frame_surveys_release(struct frame_surveys *surveys)
{
    *surveys = (struct frame_surveys){0};
}

static void look_at(int frame, struct frame_survey *row)
{
    unsigned wanted = row->wanted;
    bool sampled = row->sampled;
    children.asked[frame]++;
    children.wanted[frame] |= wanted;
    if (children.broken[frame]) {
        row->failed = true;
        return;
    }
    unsigned known = row->known;
    *row = children.frames[frame];
    row->wanted = wanted;
    row->sampled = sampled;
    row->known = known | wanted;
    if (children.look != NULL)
        children.look(frame, row);
}

enum po_status frame_surveys_run(struct survey_run *run,
                                 const struct survey_request *request,
                                 struct frame_surveys *surveys, struct po_error *error)
{
    (void)request;
    if (++children.passes == children.stop_at) {
        run->control->reason = STOP_SIGNAL;
        return PO_OK;
    }
    if (children.status != PO_OK)
        return po_fail(error, children.status, "children fail");
    for (int i = 0; i < run->manifest->frame_count; i++) {
        struct frame_survey *row = &surveys->rows[i];
        if (run->state->frames[i].status == PO_FRAME_PENDING && !row->failed &&
            (row->wanted & ~row->known) != 0)
            look_at(i, row);
    }
    return PO_OK;
}

static void make_rig(struct calibration *calibration, const char *path)
{
    *calibration = (struct calibration){.rectified = true,
                                        .width_px = WIDTH_PX,
                                        .height_px = HEIGHT_PX,
                                        .unit = RIG_MM,
                                        .rig = {.width_px = WIDTH_PX,
                                                .height_px = HEIGHT_PX,
                                                .focal_px = 500,
                                                .focal_y_px = 500,
                                                .cx_px = 320,
                                                .cy_px = 240,
                                                .baseline_mm = 100,
                                                .unit = RIG_MM}};
    (void)snprintf(calibration->path, sizeof(calibration->path), "%s", path);
}

static void hear(void *context, int frame)
{
    (void)context;
    s.told[frame]++;
}

/* Eight frames, the first two without a calibration, then three of each. */
static int set_up(void **state)
{
    (void)state;
    memset(&s, 0, sizeof(s));
    memset(&children, 0, sizeof(children));
    po_settings_defaults(&s.settings);
    make_rig(&s.calibrations[0], "a.yml");
    make_rig(&s.calibrations[1], "b.yml");
    s.manifest = (struct manifest){.frame_count = FRAMES,
                                   .frames = s.frames,
                                   .calibration_count = CALIBRATIONS,
                                   .calibrations = s.calibrations};
    for (int i = 0; i < FRAMES; i++) {
        const struct image_header header = {
            .width_px = WIDTH_PX, .height_px = HEIGHT_PX, .channels = 1, .bits = 8};
        (void)snprintf(s.frames[i].id, sizeof(s.frames[i].id), "f%d", i);
        s.frames[i].calibration = i < 2 ? -1 : i < 5 ? 0 : 1;
        s.probes[i] =
            (struct frame_probe){.known = PROBE_HEADERS, .left = header, .right = header};
        children.frames[i].range =
            (struct range_estimate){.low_px = 10 + i, .high_px = 40 + i};
        children.frames[i].rows = (struct row_alignment){.found = true,
                                                         .corners = 60,
                                                         .matches = 55,
                                                         .agreeing = 50,
                                                         .disparity_low_px = 12,
                                                         .disparity_high_px = 38};
        const struct image_statistics plain = {
            .mean = 100, .contrast = 40, .sharpness = 0.7, .textured = 0.5};
        children.frames[i].images.left = children.frames[i].images.right = plain;
        children.frames[i].images.difference = 30;
    }
    s.session = (struct probed_session){.manifest = &s.manifest, .probes = s.probes};
    s.engine.observer.frame_ended = hear;
    s.run = (struct survey_run){.manifest = &s.manifest,
                                .engine = &s.engine,
                                .control = &s.control,
                                .state = &s.state};
    assert_int_equal(run_state_init(&s.state, FRAMES, NULL), PO_OK);
    assert_int_equal(session_values_init(&s.values, &s.manifest, NULL), PO_OK);
    for (int i = 0; i <= CALIBRATIONS; i++)
        s.values.rows_known[i] = true; /* no --rectify-refine */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    session_values_release(&s.values);
    run_state_release(&s.state);
    frame_groups_release(&s.groups);
    return 0;
}

static struct session_survey the_survey(void)
{
    return (struct session_survey){
        .run = &s.run,
        .settings = &s.settings,
        .session = &s.session,
        .groups = &s.groups,
        .values = &s.values,
        .frame_ranges = s.settings.match.range_per_frame ? s.frame_ranges : NULL,
        .surveys = &s.surveys,
        .check = &s.check,
        .warnings = &s.warnings,
        .journal = &s.journal,
    };
}

static enum po_status survey(enum survey_kind kind)
{
    const struct session_survey survey = the_survey();
    struct po_error error = {0};
    return session_survey_run(&survey, kind, &error);
}

static bool holds(struct disparity_range range, double low_px, double high_px)
{
    return range.min_px <= low_px && range.min_px + range.count > high_px;
}

static int count_findings(enum check_severity severity, const char *topic,
                          const char *text)
{
    int count = 0;
    for (int i = 0; i < s.check.finding_count; i++)
        count += s.check.findings[i].severity == severity &&
                 strcmp(s.check.findings[i].topic, topic) == 0 &&
                 strstr(s.check.findings[i].text, text) != NULL;
    return count;
}

static bool warned(const char *text)
{
    for (int i = 0; i < s.warnings.length; i++)
        if (strstr(s.warnings.texts[i], text) != NULL)
            return true;
    return false;
}

static bool noted(const char *text)
{
    for (int i = 0; i < s.journal.length; i++)
        if (strstr(s.journal.events[i].text, text) != NULL)
            return true;
    return false;
}

static int count_ended(enum po_status cause)
{
    int count = 0;
    for (int i = 0; i < FRAMES; i++)
        count += s.state.frames[i].status == PO_FRAME_FAILED &&
                 s.state.frames[i].cause == cause;
    return count;
}

static void a_range_holds_all_that_was_seen_of_its_group(void **state)
{
    (void)state;
    s.values.range_known[1] = true;
    s.values.ranges[1] = (struct disparity_range){0, 64};
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(s.state.ended, 0);
    assert_true(s.values.range_known[0] && s.values.range_known[2]);
    assert_true(holds(s.values.ranges[0], 10, 41));
    assert_true(holds(s.values.ranges[2], 15, 47));
    assert_int_equal(s.values.ranges[1].count, 64); /* it was known */
    assert_true(noted("estimated on 2 frames"));
    assert_true(noted("estimated on 3 frames of b.yml"));
    assert_true(noted("rows align within"));
    for (int i = 2; i < 5; i++)
        assert_int_equal(children.wanted[i] & MEASURE_RANGE, 0);
}

/* Later rounds ask the frames that the first ones passed over. */
static void broken_frames_are_stood_in_for(void **state)
{
    (void)state;
    s.manifest.calibration_count = 0;
    for (int i = 0; i < FRAMES; i++) {
        s.frames[i].calibration = -1;
        children.broken[i] = i != 3;
    }
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.range_known[0]);
    assert_true(holds(s.values.ranges[0], 13, 43));
    assert_int_equal(children.asked[3], 1);
    assert_true(noted("estimated on 1 frame"));
}

/* A guess would give plausible nonsense: such frames end, and only they. */
static void frames_without_a_range_end(void **state)
{
    (void)state;
    for (int i = 2; i < 5; i++) {
        children.frames[i].range_status = PO_NO_RANGE;
        (void)snprintf(children.frames[i].range_reason, SURVEY_REASON_BYTES, "fog in %d",
                       i);
    }
    run_state_end(&s.state, 2, PO_FRAME_FAILED, PO_BAD_IMAGE, "cut off");
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 2);
    assert_int_equal(count_ended(PO_BAD_IMAGE), 1);
    assert_string_equal(s.state.frames[2].message, "cut off");
    assert_non_null(strstr(s.state.frames[3].message, "fog in"));
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(s.told[i], i == 3 || i == 4);
    assert_false(s.values.range_known[1]);
    assert_int_equal(count_findings(CHECK_ERROR, "range", "fog in"), 1);
}

/* One says nothing, the others do. */
static void one_frame_does_not_decide(void **state)
{
    (void)state;
    children.frames[6].range_status = PO_NO_RANGE;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_int_equal(s.state.ended, 0);
    assert_true(noted("estimated on 2 frames of b.yml"));
}

/* Nothing that was seen lies as near as --max-depth. */
static void limits_that_nothing_meets_are_an_error(void **state)
{
    (void)state;
    s.settings.match.max_depth_mm = 500; /* 100 px */
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 6); /* those with millimetres */
    assert_int_equal(count_findings(CHECK_ERROR, "range", "--max-depth"), 2);
    assert_true(s.values.range_known[0]);
}

static void limits_say_what_images_do_not(void **state)
{
    (void)state;
    s.settings.match.min_depth_mm = 1000; /* 50 px */
    for (int i = 0; i < FRAMES; i++)
        children.frames[i].range_status = PO_NO_RANGE;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.range_known[1] && s.values.range_known[2]);
    assert_true(holds(s.values.ranges[1], 0, 50));
    assert_int_equal(count_ended(PO_NO_RANGE), 2); /* without a calibration */
    assert_false(s.values.range_known[0]);
}

/* The size of the images is not known, so the rig is not: no limit can be reckoned. */
static void limits_need_a_rig(void **state)
{
    (void)state;
    s.settings.match.min_depth_mm = 1000;
    for (int i = 0; i < FRAMES; i++) {
        s.probes[i].known = 0;
        children.frames[i].range_status = PO_NO_RANGE;
    }
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), FRAMES);
}

static void each_frame_has_its_own_range(void **state)
{
    (void)state;
    s.settings.match.range_per_frame = true;
    for (int i = 0; i <= CALIBRATIONS; i++) {
        s.values.range_known[i] = i > 0;
        s.values.range_by_frame[i] = i > 0;
    }
    children.frames[3].range_status = PO_NO_RANGE;
    (void)snprintf(children.frames[3].range_reason, SURVEY_REASON_BYTES, "fog");
    children.broken[4] = true;
    run_state_end(&s.state, 5, PO_FRAME_FAILED, PO_BAD_IMAGE, "cut off");
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_true(holds(s.frame_ranges[2], 12, 42));
    assert_true(holds(s.frame_ranges[7], 17, 47));
    assert_int_equal(s.state.frames[3].cause, PO_NO_RANGE);
    assert_string_equal(s.state.frames[3].message, "fog");
    assert_int_equal(s.state.frames[4].status, PO_FRAME_PENDING); /* its load failed */
    assert_string_equal(s.state.frames[5].message, "cut off");
    s.settings.match.min_depth_mm = 1000;
    children.frames[6].range_status = PO_NO_RANGE;
    memset(s.rows, 0, sizeof(s.rows));
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_true(holds(s.frame_ranges[6], 0, 50));
    assert_int_equal(s.state.frames[6].status, PO_FRAME_PENDING);
}

/* Nobody but the images says which camera is the left one. */
static void all_below_zero_is_told(void **state)
{
    (void)state;
    static const struct {
        bool swap;
        enum rig_unit unit;
        double high_px;
        const char *advice; /* NULL: nothing is said */
    } rows[] = {
        {false, RIG_NONE, -5, "use --swap"},
        {true, RIG_NONE, -5, "leave out --swap"},
        {false, RIG_MM, -5, NULL},
        {false, RIG_NONE, 5, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tear_down(NULL);
        set_up(NULL);
        s.settings.input.swap = rows[i].swap;
        s.calibrations[1].unit = rows[i].unit;
        for (int k = 5; k < FRAMES; k++)
            children.frames[k].range =
                (struct range_estimate){.low_px = -40, .high_px = rows[i].high_px};
        assert_int_equal(survey(SURVEY_FULL), PO_OK);
        assert_int_equal(count_findings(CHECK_WARNING, "swap", "exchanged"),
                         rows[i].advice != NULL);
        if (rows[i].advice != NULL)
            assert_int_equal(count_findings(CHECK_WARNING, "swap", rows[i].advice), 1);
    }
}

/* What is searched does not hold what matches: the frames of that calibration end. */
static void ranges_beside_the_images_are_an_error(void **state)
{
    (void)state;
    s.values.range_known[2] = true;
    s.values.ranges[2] = (struct disparity_range){200, 64};
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 3);
    assert_int_equal(count_findings(CHECK_ERROR, "range", "are searched"), 1);
    assert_true(warned("200 to 263 are searched"));
    tear_down(NULL);
    set_up(NULL);
    s.values.range_known[2] = true;
    s.values.ranges[2] = (struct disparity_range){200, 64};
    s.settings.match.min_depth_mm = 100; /* the user meant it */
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 0);
}

static void misaligned_rows_end_their_calibration(void **state)
{
    (void)state;
    for (int i = 5; i < FRAMES; i++) {
        children.frames[i].rows.median_px = 9;
        children.frames[i].rows.spread_px = 9;
    }
    children.frames[0].images.left.mean = 2; /* dark: a finding of the frame */
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_MISALIGNED), 3);
    assert_int_equal(s.state.ended, 3);
    assert_true(warned("f0: "));
    for (int i = 0; i < s.check.finding_count; i++)
        if (s.check.findings[i].severity == CHECK_NOTE)
            assert_false(warned(s.check.findings[i].text));
    tear_down(NULL);
    set_up(NULL);
    for (int i = 5; i < FRAMES; i++)
        children.frames[i].rows.median_px = children.frames[i].rows.spread_px = 9;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK); /* rows are no matter of a plan */
    assert_int_equal(s.state.ended, 0);
    assert_int_equal(s.warnings.length, 0);
}

/* What the first pass left, the second takes out too. */
static void halve_rows(int frame, struct frame_survey *row)
{
    (void)frame;
    row->rows.a_px = children.passes == 1 ? 1.5 : 0.25;
    row->rows.median_px = row->rows.a_px;
}

static void rows_are_moved_in_two_passes(void **state)
{
    (void)state;
    s.settings.input.rectify_refine = true;
    s.values.rows_known[1] = s.values.rows_known[2] = false;
    children.look = halve_rows;
    for (int i = 5; i < FRAMES; i++)
        children.frames[i].rows.found = false;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.vertical_fields[1].a_px == 1.75);
    assert_true(s.values.vertical_fields[2].a_px == 0);
    assert_true(s.values.rows_known[1] && s.values.rows_known[2]);
    assert_true(noted("rows were 1.50 px apart"));
    assert_true(noted("rows were 0.25 px apart"));
    assert_true(warned("too few points"));
    for (int i = 0; i < 2; i++)
        assert_int_equal(children.wanted[i] & MEASURE_ROWS, 0);
}

/* The first pass moved them; that the second sees nothing is no news. */
static void see_rows_once(int frame, struct frame_survey *row)
{
    (void)frame;
    row->rows.a_px = 1.5;
    row->rows.found = children.passes == 1;
}

static void rows_that_were_moved_are_not_said_to_stay(void **state)
{
    (void)state;
    s.values.rows_known[1] = false;
    children.look = see_rows_once;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.vertical_fields[1].a_px == 1.5);
    assert_false(warned("too few points"));
}

/* Nothing is made of a survey that did not come to its end. */
static void a_stop_leaves_all_open(void **state)
{
    (void)state;
    for (int pass = 1; pass <= 4; pass++) {
        tear_down(NULL);
        set_up(NULL);
        s.values.rows_known[1] = false;
        children.stop_at = pass;
        assert_int_equal(survey(SURVEY_FULL), PO_OK);
        assert_int_equal(s.state.ended, 0);
        assert_int_equal(s.check.finding_count, 0);
        assert_int_equal(s.warnings.length, 0);
        for (int i = 0; i <= CALIBRATIONS; i++)
            assert_false(s.values.range_known[i]);
    }
}

static void failing_children_end_it(void **state)
{
    (void)state;
    children.status = PO_OUT_OF_MEMORY;
    assert_int_equal(survey(SURVEY_FULL), PO_OUT_OF_MEMORY);
    assert_int_equal(children.passes, 1);
    assert_int_equal(s.check.finding_count, 0);
    s.values.rows_known[1] = false;
    assert_int_equal(survey(SURVEY_FULL), PO_OUT_OF_MEMORY);
    assert_int_equal(children.passes, 2);
}

/* What is known is not asked again. */
static void kept_values_ask_for_nothing(void **state)
{
    (void)state;
    s.values.loaded = true;
    for (int i = 0; i <= CALIBRATIONS; i++) {
        s.values.range_known[i] = true;
        s.values.ranges[i] = (struct disparity_range){0, 64};
    }
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(children.asked[i], 0);
    assert_int_equal(survey(SURVEY_FULL), PO_OK);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(children.asked[i], 1);
}

/* Two raw cameras whose four coefficients may be of two models. */
static void make_doubtful(struct calibration *calibration)
{
    const struct camera_model camera = {.fx = 500,
                                        .fy = 500,
                                        .cx = 320,
                                        .cy = 240,
                                        .model = DISTORTION_RADTAN,
                                        .coefficient_count = 4,
                                        .coefficients = {-0.02, 0.001}};
    calibration->rectified = false;
    calibration->lens_in_doubt = true;
    calibration->cameras[0] = calibration->cameras[1] = camera;
    for (int i = 0; i < 9; i++)
        calibration->rotation[i] = i % 4 == 0;
    calibration->translation_mm[0] = -100;
}

/* How far rows are apart with each lens; NAN: nothing is found. */
static double radtan_px, fisheye_px;

static void see_through_lens(int frame, struct frame_survey *row)
{
    int calibration = s.frames[frame].calibration;
    bool fisheye = calibration >= 0 &&
                   s.calibrations[calibration].cameras[0].model == DISTORTION_FISHEYE;
    double rows_px = fisheye ? fisheye_px : radtan_px;
    row->rows.found = !isnan(rows_px);
    row->rows.median_px = 0;
    row->rows.spread_px = rows_px;
}

static void the_lens_with_the_better_rows_is_taken(void **state)
{
    (void)state;
    static const struct {
        double radtan_px, fisheye_px;
        bool fisheye;
        const char *told; /* NULL: it is plain */
    } rows[] = {
        {0.3, 3, false, NULL},
        {3, 0.3, true, "read as fisheye (rows are 0.30 px apart so and 3.00 px"},
        {0.30, 0.31, false, "read as radial-tangential (rows are 0.30 px"},
        {NAN, 0.3, true, "read as fisheye (the images match only so)"},
        {0.3, NAN, false, "read as radial-tangential (the images match only so)"},
        {NAN, NAN, false, "read as radial-tangential (the images do not say which)"},
    };
    log_set_level(LOG_ERROR);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool changed = true;
        tear_down(NULL);
        set_up(NULL);
        radtan_px = rows[i].radtan_px;
        fisheye_px = rows[i].fisheye_px;
        children.look = see_through_lens;
        assert_false(lens_is_open(&s.manifest));
        make_doubtful(&s.calibrations[1]);
        assert_true(lens_is_open(&s.manifest));
        const struct session_survey survey = the_survey();
        assert_int_equal(lens_choose(&survey, &s.manifest, &changed, NULL), PO_OK);
        const struct lens_kept *kept = &s.values.lenses[1];
        assert_int_equal(changed, rows[i].fisheye);
        assert_int_equal(s.calibrations[1].cameras[0].model,
                         rows[i].fisheye ? DISTORTION_FISHEYE : DISTORTION_RADTAN);
        assert_false(lens_is_open(&s.manifest));
        assert_true(kept->known);
        assert_int_equal(kept->changed, rows[i].fisheye);
        assert_int_equal(kept->told, rows[i].told != NULL);
        assert_int_equal(s.warnings.length, rows[i].told != NULL);
        if (rows[i].told != NULL && !warned(rows[i].told))
            fail_msg("%s", s.warnings.texts[0]);
        assert_false(s.values.lenses[0].known); /* it is not in doubt */
    }
}

/* The same lens again in a later run, with the same words. */
static void a_kept_lens_is_taken_again(void **state)
{
    (void)state;
    static const struct {
        bool doubt, known, changed, told;
    } rows[] = {
        {true, true, true, true},   {true, true, false, true},
        {true, true, false, false}, {true, false, false, false},
        {false, true, true, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tear_down(NULL);
        set_up(NULL);
        make_doubtful(&s.calibrations[1]);
        s.calibrations[1].lens_in_doubt = rows[i].doubt;
        s.values.lenses[1] = (struct lens_kept){
            .known = rows[i].known, .changed = rows[i].changed, .told = rows[i].told};
        bool is_taken = rows[i].doubt && rows[i].known;
        bool changes = is_taken && rows[i].changed;
        assert_int_equal(lens_take_kept(&s.values, &s.manifest, &s.warnings), changes);
        assert_int_equal(s.calibrations[1].cameras[0].model,
                         changes ? DISTORTION_FISHEYE : DISTORTION_RADTAN);
        assert_int_equal(lens_is_open(&s.manifest), rows[i].doubt && !is_taken);
        assert_int_equal(s.warnings.length, is_taken && rows[i].told);
        if (is_taken && rows[i].told)
            assert_true(warned(changes ? "read as fisheye, as found before"
                                       : "read as radial-tangential, as found before"));
    }
}

/* A survey that was stopped, or failed, decides nothing: the lens is as it was read. */
static void a_stop_leaves_the_lens_open(void **state)
{
    (void)state;
    for (int pass = 1; pass <= 4; pass++) {
        bool changed = true;
        tear_down(NULL);
        set_up(NULL);
        radtan_px = 3;
        fisheye_px = 0.3;
        children.look = see_through_lens;
        children.stop_at = pass <= 2 ? pass : 0;
        children.status = pass == 3 ? PO_IO : PO_OK;
        make_doubtful(&s.calibrations[0]);
        const struct session_survey survey = the_survey();
        enum po_status status = lens_choose(&survey, &s.manifest, &changed, NULL);
        assert_int_equal(status, children.status);
        bool is_whole = pass == 4;
        assert_int_equal(changed, is_whole);
        assert_int_equal(s.calibrations[0].lens_in_doubt, !is_whole);
        assert_int_equal(s.calibrations[0].cameras[0].model,
                         is_whole ? DISTORTION_FISHEYE : DISTORTION_RADTAN);
        assert_int_equal(s.values.lenses[0].known, is_whole);
        assert_int_equal(s.warnings.length, is_whole);
    }
}

#define SURVEY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SURVEY_TEST(a_range_holds_all_that_was_seen_of_its_group),
        SURVEY_TEST(broken_frames_are_stood_in_for),
        SURVEY_TEST(frames_without_a_range_end),
        SURVEY_TEST(one_frame_does_not_decide),
        SURVEY_TEST(limits_that_nothing_meets_are_an_error),
        SURVEY_TEST(limits_say_what_images_do_not),
        SURVEY_TEST(limits_need_a_rig),
        SURVEY_TEST(each_frame_has_its_own_range),
        SURVEY_TEST(all_below_zero_is_told),
        SURVEY_TEST(ranges_beside_the_images_are_an_error),
        SURVEY_TEST(misaligned_rows_end_their_calibration),
        SURVEY_TEST(rows_are_moved_in_two_passes),
        SURVEY_TEST(rows_that_were_moved_are_not_said_to_stay),
        SURVEY_TEST(a_stop_leaves_all_open),
        SURVEY_TEST(failing_children_end_it),
        SURVEY_TEST(kept_values_ask_for_nothing),
        SURVEY_TEST(the_lens_with_the_better_rows_is_taken),
        SURVEY_TEST(a_kept_lens_is_taken_again),
        SURVEY_TEST(a_stop_leaves_the_lens_open),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
