/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_survey.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/checked.h"
#include "base/log.h"
#include "check/session_check.h"
#include "check/session_range.h"
#include "cv_shim/cv_shim.h"
#include "frame/frame_rectifiers.h"
#include "supervise/range_choice.h"

/* Enough to tell a wrong calibration from one odd frame. */
enum { SURVEY_CHECKED_FRAMES = 3 };

/* One frame to look at; the child fills what it found. In shared memory. */
struct sample {
    int frame;
    int slot; /* index of values.ranges to estimate; -1: only rows are checked */
    bool checks_rows;
    struct range_estimate range;
    struct session_check check;
};

struct survey {
    struct session_run *run;
    struct sample *samples;
    size_t sample_bytes;
    int count;
    int capacity;
    struct frame_rectifiers *rectifiers;
    struct frame_context context;
};

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct survey *survey = context;
    (void)workers;
    cv_shim_init();
    enum po_status status =
        frame_rectifiers_create(survey->run->manifest, &survey->rectifiers, error);
    if (status != PO_OK)
        return status;
    survey->context = survey->run->setups[0].context;
    survey->context.rectifications = survey->rectifiers->rectifications;
    survey->context.rectifiers = survey->rectifiers->rectifiers;
    return PO_OK;
}

/* The check of one frame: it sees a session that holds no other. */
static enum po_status check_rows(const struct survey *survey, struct sample *sample,
                                 const struct cancel *cancel, struct po_error *error)
{
    struct manifest alone = *survey->run->manifest;
    struct frame_context context = survey->context;
    alone.frames += sample->frame;
    alone.frame_count = 1;
    context.manifest = &alone;
    return session_check_run(&context, 1, cancel, &sample->check, error);
}

static enum po_status look(void *context, const struct frame_attempt *attempt,
                           struct run_event *end, struct po_error *error)
{
    struct survey *survey = context;
    struct sample *sample = &survey->samples[attempt->frame];
    enum po_status status = PO_OK;
    frame_attempt_started(attempt);
    end->stage = STAGE_LOAD;
    if (sample->checks_rows)
        status = check_rows(survey, sample, attempt->cancel, error);
    if (status != PO_OK || sample->slot < 0)
        return status;
    frame_attempt_stage(attempt, STAGE_MATCH);
    end->stage = STAGE_MATCH;
    return session_range_of_frame(&survey->context, sample->frame, attempt->cancel,
                                  &sample->range, error);
}

static const char *stage_name(int stage)
{
    return frame_stage_name((enum frame_stage)stage);
}

static void survey_release(struct survey *survey)
{
    frame_rectifiers_destroy(survey->rectifiers); /* there with --in-process */
    if (survey->samples != NULL)
        (void)munmap(survey->samples, survey->sample_bytes);
}

static bool is_pending(const struct session_run *run, int frame, int slot)
{
    return run->state.frames[frame].status == PO_FRAME_PENDING &&
           (slot < 0 || run->manifest->frames[frame].calibration + 1 == slot);
}

/* Adds up to `wanted` pending frames, spread evenly over those of `slot` (-1: all). */
static void add_samples(struct survey *survey, int slot, int wanted, bool checks_rows)
{
    const struct session_run *run = survey->run;
    int64_t total = 0;
    int64_t rank = 0;
    for (int i = 0; i < run->manifest->frame_count; i++)
        total += is_pending(run, i, slot);
    for (int i = 0; i < run->manifest->frame_count; i++) {
        if (!is_pending(run, i, slot))
            continue;
        bool is_first = rank == 0 || rank * wanted / total != (rank - 1) * wanted / total;
        rank++;
        if (is_first && survey->count < survey->capacity)
            survey->samples[survey->count++] =
                (struct sample){.frame = i, .slot = slot, .checks_rows = checks_rows};
    }
}

static bool needs_range(const struct session_run *run, int slot)
{
    if (run->values.range_known[slot])
        return false;
    for (int i = 0; i < run->manifest->frame_count; i++)
        if (is_pending(run, i, slot))
            return true;
    return false;
}

static enum po_status choose_samples(struct survey *survey, bool checks_rows,
                                     struct po_error *error)
{
    const struct session_run *run = survey->run;
    int unknown = 0;
    for (int slot = 0; slot < run->values.range_count; slot++)
        unknown += needs_range(run, slot);
    survey->capacity =
        unknown * SESSION_RANGE_FRAMES + (checks_rows ? SURVEY_CHECKED_FRAMES : 0);
    if (survey->capacity == 0)
        return PO_OK;
    if (!size_multiply((size_t)survey->capacity, sizeof(struct sample),
                       &survey->sample_bytes))
        return po_fail(error, PO_INTERNAL, "too many calibrations");
    void *pages = mmap(NULL, survey->sample_bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the survey");
    survey->samples = pages;
    if (checks_rows)
        add_samples(survey, -1, SURVEY_CHECKED_FRAMES, true);
    for (int slot = 0; slot < run->values.range_count && unknown > 0; slot++)
        if (needs_range(run, slot))
            add_samples(survey, slot, SESSION_RANGE_FRAMES, false);
    return PO_OK;
}

/* What is wrong with the frame itself ends it here; it would end so in the run, and the
 * next round of samples must not meet it again. Hung and crashed ones had their attempt
 * alone already. */
static void end_sampled(struct session_run *run, const struct sample *sample,
                        const struct frame_state *row)
{
    struct frame_state *own = &run->state.frames[sample->frame];
    bool is_broken = row->status == PO_FRAME_TIMED_OUT ||
                     row->status == PO_FRAME_CRASHED ||
                     (row->status == PO_FRAME_FAILED && row->cause != PO_NO_RANGE);
    if (!is_broken || own->status != PO_FRAME_PENDING)
        return;
    own->stage = row->stage;
    own->signal = row->signal;
    own->attempts = row->attempts;
    run_state_end(&run->state, sample->frame, row->status, row->cause, row->message);
    session_run_tell_frame(run, sample->frame);
}

/* The pending frames of a slot without a range. A guess would give plausible nonsense. */
static void end_slot(struct session_run *run, int slot, const char *reason)
{
    char message[PO_ERROR_MESSAGE_BYTES];
    (void)snprintf(message, sizeof(message),
                   "the disparity range cannot be estimated (%.800s); give "
                   "--num-disparities, or --min-depth and --max-depth",
                   reason != NULL ? reason : "no frame could be looked at");
    for (int i = 0; i < run->manifest->frame_count; i++) {
        if (!is_pending(run, i, slot))
            continue;
        run->state.frames[i].stage = STAGE_LOAD;
        run_state_end(&run->state, i, PO_FRAME_FAILED, PO_NO_RANGE, message);
        session_run_tell_frame(run, i);
    }
}

/* Joins the estimates of a slot: all its frames are searched alike. Without any, the slot
 * ends if images were seen that give none; else another round looks at other frames. */
static void take_range(struct survey *survey, int slot, const struct run_state *state)
{
    struct session_run *run = survey->run;
    struct disparity_range *range = &run->values.ranges[slot];
    struct range_estimate joined = {0};
    struct po_error error = {0};
    const char *reason = NULL;
    int used = 0;
    for (int i = 0; i < survey->count; i++) {
        const struct range_estimate *one = &survey->samples[i].range;
        const struct frame_state *row = &state->frames[i];
        if (survey->samples[i].slot != slot)
            continue;
        if (row->status != PO_FRAME_DONE) {
            if (row->status != PO_FRAME_FAILED || row->cause == PO_NO_RANGE)
                reason = row->message;
            continue;
        }
        if (used == 0 || one->low_px < joined.low_px)
            joined.low_px = one->low_px;
        if (used == 0 || one->high_px > joined.high_px)
            joined.high_px = one->high_px;
        used++;
    }
    if (used > 0 && range_estimate_to_range(&joined, range, &error) != PO_OK) {
        end_slot(run, slot, error.message);
    } else if (used > 0) {
        *range = range_with_settings(&run->effective.values.match, *range);
        run->values.range_known[slot] = true;
        log_info("disparities %d to %d, estimated on %d %s", range->min_px,
                 range->min_px + range->count - 1, used, used == 1 ? "frame" : "frames");
    } else if (reason != NULL) {
        end_slot(run, slot, reason);
    }
}

static void take_ranges(struct survey *survey, const struct run_state *state)
{
    struct session_run *run = survey->run;
    for (int i = 0; i < survey->count; i++)
        end_sampled(run, &survey->samples[i], &state->frames[i]);
    for (int i = 0; i < survey->count && run->control.reason == STOP_NONE; i++)
        if (survey->samples[i].slot >= 0 &&
            !run->values.range_known[survey->samples[i].slot])
            take_range(survey, survey->samples[i].slot, state);
}

/* Passes on what was found; true when it says that rows do not align at all. */
static bool tell_findings(struct session_run *run, const struct sample *sample,
                          struct po_error *error)
{
    bool misaligned = false;
    const char *id = run->manifest->frames[sample->frame].id;
    for (int i = 0; i < sample->check.finding_count && i < CHECK_FINDINGS_MAX; i++) {
        const struct check_finding *finding = &sample->check.findings[i];
        if (finding->severity == CHECK_NOTE)
            continue;
        warning_list_add(&run->warnings, "%s: %s", id, finding->text);
        if (finding->severity == CHECK_ERROR && strcmp(finding->topic, "rows") == 0) {
            misaligned = true;
            (void)po_fail(error, PO_MISALIGNED, "%s: %s", id, finding->text);
        } else {
            log_warning("%s: %s", id, finding->text);
        }
    }
    return misaligned;
}

/* An error only when every frame that was looked at has one: a single odd frame must not
 * stop the others. */
static enum po_status judge_rows(const struct survey *survey,
                                 const struct run_state *state, struct po_error *error)
{
    int looked_at = 0;
    int misaligned = 0;
    struct po_error cause = {0};
    for (int i = 0; i < survey->count; i++) {
        /* One that cannot be read says so when its turn comes. */
        if (!survey->samples[i].checks_rows || state->frames[i].status != PO_FRAME_DONE ||
            !survey->samples[i].check.frames[0].loaded)
            continue;
        looked_at++;
        misaligned += tell_findings(survey->run, &survey->samples[i], &cause);
    }
    if (misaligned == 0)
        return PO_OK;
    if (misaligned == looked_at)
        return po_fail(error, PO_MISALIGNED, "%s", cause.message);
    log_warning("%s", cause.message);
    return PO_OK;
}

static enum po_status run_jobs(struct survey *survey, struct po_error *error)
{
    struct run_state state;
    struct engine_result result;
    struct engine_settings settings = session_engine_settings(survey->run);
    const struct engine_job job = {.name = "survey",
                                   .context = survey,
                                   .prepare = prepare,
                                   .run = look,
                                   .stage_name = stage_name};
    settings.observer = (struct engine_observer){0};
    settings.max_failures = 0;
    enum po_status status = run_state_init(&state, survey->count, error);
    if (status != PO_OK)
        return status;
    status = session_run_engine(survey->run, &settings, &job, &state, &result, error);
    if (status == PO_OK) {
        take_ranges(survey, &state);
        status = judge_rows(survey, &state, error);
    }
    run_state_release(&state);
    return status;
}

static enum po_status one_round(struct session_run *run, bool checks_rows, int *looked_at,
                                struct po_error *error)
{
    struct survey survey = {.run = run};
    enum po_status status = choose_samples(&survey, checks_rows, error);
    *looked_at = survey.count;
    if (status == PO_OK && survey.count > 0)
        status = run_jobs(&survey, error);
    survey_release(&survey);
    return status;
}

enum po_status session_survey(struct session_run *run, bool checks_rows,
                              struct po_error *error)
{
    int looked_at;
    int ended_before;
    enum po_status status;
    /* Rounds go on while samples turn out broken and the range is not known. */
    do {
        ended_before = run->state.ended;
        status = one_round(run, checks_rows, &looked_at, error);
        checks_rows = false;
    } while (status == PO_OK && looked_at > 0 && run->state.ended > ended_before &&
             run->control.reason == STOP_NONE);
    for (int slot = 0; slot < run->values.range_count && status == PO_OK; slot++)
        if (run->control.reason == STOP_NONE && needs_range(run, slot))
            end_slot(run, slot, NULL);
    return status;
}
