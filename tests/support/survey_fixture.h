/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session to be surveyed, and tables of what the children would see in their place.
 * Defines frame_surveys_*, so a program includes it once, after cmocka.h.
 */
#ifndef SUPPORT_SURVEY_FIXTURE_H
#define SUPPORT_SURVEY_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "support/told_frames.h"
#include "survey/session_survey.h"

enum { FRAMES = 8, FRAMES_MAX = 64, CALIBRATIONS = 2, WIDTH_PX = 640, HEIGHT_PX = 480 };

/* One session with all that a survey of it takes. */
static struct {
    struct frame_entry frames[FRAMES_MAX];
    struct calibration calibrations[CALIBRATIONS];
    struct manifest manifest;
    struct frame_probe probes[FRAMES_MAX];
    struct probed_session session;
    struct run_state state;
    struct run_control control;
    struct engine_settings engine;
    struct survey_run run;
    struct po_settings settings;
    struct frame_groups groups;
    struct session_values values;
    struct disparity_range frame_ranges[FRAMES_MAX];
    struct frame_surveys surveys;
    struct frame_survey rows[FRAMES_MAX];
    struct session_check check;
    struct warning_list warnings;
    struct run_journal journal;
} s;

/* What the children see, and what they were asked for. */
static struct {
    struct frame_survey frames[FRAMES_MAX];
    bool broken[FRAMES_MAX];
    int asked[FRAMES_MAX]; /* times */
    unsigned wanted[FRAMES_MAX];
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

static inline void look_at(int frame, struct frame_survey *row)
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

static inline void make_rig(struct calibration *calibration, const char *path)
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

/* The first two frames without a calibration, then three of the first, all others of the
 * second. */
static inline void make_session(int frame_count)
{
    memset(&s, 0, sizeof(s));
    memset(told, 0, sizeof(told));
    memset(&children, 0, sizeof(children));
    po_settings_defaults(&s.settings);
    make_rig(&s.calibrations[0], "a.yml");
    make_rig(&s.calibrations[1], "b.yml");
    s.manifest = (struct manifest){.frame_count = frame_count,
                                   .frames = s.frames,
                                   .calibration_count = CALIBRATIONS,
                                   .calibrations = s.calibrations};
    for (int i = 0; i < frame_count; i++) {
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
    assert_int_equal(run_state_init(&s.state, frame_count, NULL), PO_OK);
    assert_int_equal(session_values_init(&s.values, &s.manifest, NULL), PO_OK);
    for (int i = 0; i <= CALIBRATIONS; i++)
        s.values.rows_known[i] = true; /* no --rectify-refine */
}

static inline int set_up(void **state)
{
    (void)state;
    make_session(FRAMES);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    session_values_release(&s.values);
    run_state_release(&s.state);
    frame_groups_release(&s.groups);
    return 0;
}

static inline struct session_survey the_survey(void)
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

static inline enum po_status survey(enum survey_kind kind)
{
    const struct session_survey survey = the_survey();
    struct po_error error = {0};
    return session_survey_run(&survey, kind, &error);
}

static inline bool holds(struct disparity_range range, double low_px, double high_px)
{
    return range.min_px <= low_px && range.min_px + range.count > high_px;
}

static inline int count_findings(enum check_severity severity, const char *topic,
                                 const char *text)
{
    int count = 0;
    for (int i = 0; i < s.check.finding_count; i++)
        count += s.check.findings[i].severity == severity &&
                 strcmp(s.check.findings[i].topic, topic) == 0 &&
                 strstr(s.check.findings[i].text, text) != NULL;
    return count;
}

static inline bool warned(const char *text)
{
    for (int i = 0; i < s.warnings.length; i++)
        if (strstr(s.warnings.texts[i], text) != NULL)
            return true;
    return false;
}

static inline bool noted(const char *text)
{
    for (int i = 0; i < s.journal.length; i++)
        if (strstr(s.journal.events[i].text, text) != NULL)
            return true;
    return false;
}

static inline int count_ended(enum po_status cause)
{
    int count = 0;
    for (int i = 0; i < s.manifest.frame_count; i++)
        count += s.state.frames[i].status == PO_FRAME_FAILED &&
                 s.state.frames[i].cause == cause;
    return count;
}

/* One test of a fresh session. */
#define SURVEY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
