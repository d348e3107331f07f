/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/memory_plan.h"

#include <unistd.h>

#include "base/log.h"
#include "budget/frame_planner.h"
#include "pool/memory_available.h"
#include "pool/memory_budget.h"
#include "process/processors.h"
#include "supervise/session_run.h"

static const double auto_share = 0.75;
/* The program with its libraries and a session of up to thousands of frames: 11.7 MB as
 * seen. */
static const uint64_t program_bytes = (uint64_t)13 << 20;
static const uint64_t program_step_bytes = (uint64_t)8 << 20;
/* What a child of ours grows by before its first frame: libraries, threads, tables. */
static const uint64_t child_overhead_bytes = (uint64_t)3 << 20;
static const uint64_t gigabyte = (uint64_t)1 << 30;

struct memory_limit memory_limit_choose(const struct po_run_settings *settings)
{
    struct memory_limit limit = {.origin = "unknown"};
    limit.available_bytes = memory_available_bytes(&limit.origin);
    double share = settings->memory_limit_percent > 0
                       ? settings->memory_limit_percent / 100.0
                       : auto_share;
    limit.bytes = (uint64_t)((double)limit.available_bytes * share);
    limit.is_explicit = settings->memory_limit_percent > 0;
    if (settings->memory_limit_bytes > 0) {
        limit.bytes = settings->memory_limit_bytes;
        limit.is_explicit = true;
    }
    if (limit.is_explicit)
        limit.origin = "--memory-limit";
    return limit;
}

static enum po_memory_profile profile_for(const struct po_run_settings *settings,
                                          uint64_t available_bytes)
{
    if (settings->memory_profile != PO_MEMORY_AUTO)
        return settings->memory_profile;
    if (available_bytes < 4 * gigabyte)
        return PO_MEMORY_CONSERVATIVE;
    return available_bytes < 8 * gigabyte ? PO_MEMORY_MODERATE : PO_MEMORY_AGGRESSIVE;
}

void memory_plan_workers(const struct po_run_settings *settings, uint64_t available_bytes,
                         int *workers, int *batch_size)
{
    int cores = processor_count();
    int half = cores / 2 < 4 ? cores / 2 : 4;
    enum po_memory_profile profile = profile_for(settings, available_bytes);
    *workers = cores;
    *batch_size = 1;
    if (profile == PO_MEMORY_CONSERVATIVE)
        *workers = 1;
    if (profile == PO_MEMORY_MODERATE) {
        *workers = half > 1 ? half : 1;
        *batch_size = 2;
    }
    if (settings->workers != PO_AUTO)
        *workers = settings->workers;
    if (settings->batch_size != PO_AUTO)
        *batch_size = settings->batch_size;
}

static void cheaper_mode(struct po_match_settings *match)
{
    if (match->level == PO_SGM_QUALITY)
        match->level = PO_SGM_BALANCED;
    if (match->opencv_mode == PO_OPENCV_HH || match->opencv_mode == PO_OPENCV_HH4)
        match->opencv_mode = PO_OPENCV_3WAY;
}

void degradation_apply(enum degradation degradation, struct po_settings *settings,
                       int *downscale)
{
    if (degradation >= DEGRADATION_CHEAPER_MODE)
        cheaper_mode(&settings->match);
    if (degradation >= DEGRADATION_HALF && *downscale < 2)
        *downscale = 2;
    if (degradation >= DEGRADATION_QUARTER)
        *downscale = 4;
}

const char *degradation_name(enum degradation degradation)
{
    static const char *const names[DEGRADATION_COUNT] = {
        "as asked", "matched in row strips", "matched in a cheaper mode",
        "matched at half resolution", "matched at quarter resolution"};
    return names[degradation];
}

/*
 * Reckoned, not measured: what is left for frames decides strips and rungs, and those
 * decide results, which must be the same in every run and for any selection of frames.
 * Pages that happen to be resident differ by some hundred kilobytes from run to run. Only
 * a program that is larger than reckoned (thousands of frames, sanitizers, other
 * libraries) counts for more, in steps far above that.
 */
static uint64_t baseline_of(const struct session_run *run)
{
    const uint64_t row_bytes = sizeof(struct frame_entry) + sizeof(struct frame_state) +
                               sizeof(struct frame_probe);
    uint64_t resident = memory_resident_bytes((int)getpid());
    uint64_t rows = (uint64_t)run->manifest->frame_count * row_bytes;
    uint64_t own = program_bytes;
    while (own < resident || own < rows)
        own += program_step_bytes;
    return 2 * own + child_overhead_bytes + frame_planner_table_bytes(run);
}

/* The largest pending frame that fits the budget on this rung, and how many do not. */
static int plan_all(struct session_run *run, enum degradation degradation,
                    struct memory_plan *memory)
{
    struct frame_planner planner;
    int refused = 0;
    run->values.degradation = (int)degradation;
    if (!run->values.loaded) /* strips stay as an earlier run had them */
        run->values.frame_budget_bytes =
            degradation == DEGRADATION_NONE ? 0 : memory->budget_bytes;
    session_setups_make(run);
    frame_planner_init(&planner, run, 0);
    memory->frame_bytes = 0;
    memory->scratch_bytes = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        struct frame_plan plan;
        struct po_error error;
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        enum po_status status = frame_planner_plan(&planner, i, &plan, &error);
        if (status != PO_OK && status != PO_MEMORY_LIMIT)
            continue; /* the frame itself will say what is wrong with it */
        if (status != PO_OK || plan.total_bytes > memory->budget_bytes) {
            refused++;
            continue;
        }
        if (plan.total_bytes > memory->frame_bytes)
            memory->frame_bytes = plan.total_bytes;
        if (plan.scratch_bytes > memory->scratch_bytes)
            memory->scratch_bytes = plan.scratch_bytes;
    }
    return refused;
}

/* The first rung that refuses as few frames as the last one does. */
static void choose_degradation(struct session_run *run, struct memory_plan *memory)
{
    int refused_above = plan_all(run, DEGRADATION_NONE, memory);
    if (refused_above == 0)
        return;
    int refused_at_last = plan_all(run, DEGRADATION_QUARTER, memory);
    if (refused_at_last == run->state.frame_count - run->state.ended)
        return; /* nothing fits anywhere: the refusal names what the last rung needs */
    for (int degradation = DEGRADATION_NONE; degradation < DEGRADATION_COUNT;
         degradation++)
        if (plan_all(run, (enum degradation)degradation, memory) == refused_at_last)
            break;
}

/* Results of a lower rung are not those that were asked for: the report says so. */
static void report_degradation(struct session_run *run, const struct memory_plan *memory)
{
    const char *name = degradation_name((enum degradation)run->values.degradation);
    if (run->values.degradation == DEGRADATION_NONE || memory->frame_bytes == 0)
        return;
    warning_list_add(&run->warnings,
                     "a frame does not fit into the %llu MB that --memory-limit leaves: "
                     "frames are %s",
                     (unsigned long long)(memory->budget_bytes >> 20), name);
    log_warning("%s", run->warnings.texts[run->warnings.length - 1]);
    run_journal_add(&run->journal, "memory ladder: frames are %s", name);
}

/* The smallest budget in which the lowest rung can make the frame, found by bisection, as
 * strips adapt to the budget they are given; 0: it cannot be planned. */
static uint64_t smallest_need(struct session_run *run, int frame)
{
    enum { PRECISION_BYTES = 1 << 18 };
    const int degradation = run->values.degradation;
    const uint64_t budget_bytes = run->values.frame_budget_bytes;
    struct frame_planner planner;
    struct frame_plan plan;
    run->values.degradation = DEGRADATION_QUARTER;
    run->values.frame_budget_bytes = 0;
    session_setups_make(run);
    frame_planner_init(&planner, run, 0);
    bool planned = frame_planner_plan(&planner, frame, &plan, NULL) == PO_OK;
    uint64_t enough = planned ? plan.total_bytes : 0;
    uint64_t too_little = 0;
    while (enough > too_little + PRECISION_BYTES) {
        uint64_t middle = too_little + (enough - too_little) / 2;
        run->values.frame_budget_bytes = middle;
        session_setups_make(run);
        if (frame_planner_plan(&planner, frame, &plan, NULL) == PO_OK)
            enough = middle;
        else
            too_little = middle;
    }
    run->values.degradation = degradation;
    run->values.frame_budget_bytes = budget_bytes;
    session_setups_make(run);
    return enough;
}

enum po_status memory_plan_refuse(struct session_run *run, int frame,
                                  struct po_error *error)
{
    enum { MARGIN_BYTES = 2 << 20 };
    const struct memory_plan *memory = &run->memory;
    uint64_t need_bytes = smallest_need(run, frame);
    uint64_t limit_bytes = memory->baseline_bytes + need_bytes + MARGIN_BYTES;
    if (need_bytes == 0)
        return po_fail(error, PO_MEMORY_LIMIT, "the frame fits no memory at all");
    return po_fail(
        error, PO_MEMORY_LIMIT,
        "the frame needs %llu MB at least, %s, and the program itself %llu MB; the limit "
        "is %llu MB (%s); the smallest --memory-limit that works is about %lluM",
        (unsigned long long)(need_bytes >> 20) + 1, degradation_name(DEGRADATION_QUARTER),
        (unsigned long long)(memory->baseline_bytes >> 20) + 1,
        (unsigned long long)(memory->limit.bytes >> 20), memory->limit.origin,
        (unsigned long long)(limit_bytes >> 20) + 1);
}

/* Frames that fit on no rung end with both numbers. */
static void refuse_frames(struct session_run *run, const struct memory_plan *memory)
{
    struct frame_planner planner;
    frame_planner_init(&planner, run, 0);
    for (int i = 0; i < run->manifest->frame_count; i++) {
        struct frame_plan plan;
        struct po_error error = {0};
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        enum po_status status = frame_planner_plan(&planner, i, &plan, &error);
        if (status == PO_OK)
            run->state.frames[i].predicted_bytes = plan.total_bytes;
        bool fits = status == PO_OK && plan.total_bytes <= memory->budget_bytes;
        if (fits || (status != PO_OK && status != PO_MEMORY_LIMIT))
            continue;
        status = memory_plan_refuse(run, i, &error);
        run_state_end(&run->state, i, PO_FRAME_OUT_OF_MEMORY, status, error.message);
        session_run_report_frame(run, i);
    }
}

static void choose_workers(struct session_run *run, struct memory_plan *memory)
{
    const struct po_run_settings *settings = &run->effective.values.run;
    int pending = run->state.frame_count - run->state.ended;
    memory_plan_workers(settings, memory->limit.available_bytes, &memory->workers,
                        &memory->batch_size);
    if (memory->workers > pending)
        memory->workers = pending > 0 ? pending : 1;
    uint64_t fitting = memory->frame_bytes > 0
                           ? memory->budget_bytes / memory->frame_bytes
                           : (uint64_t)memory->workers;
    if (fitting < (uint64_t)memory->workers) {
        memory->workers = fitting > 1 ? (int)fitting : 1;
        log_info("memory allows %d at once (%llu MB each, %llu MB for frames)",
                 memory->workers, (unsigned long long)(memory->frame_bytes >> 20),
                 (unsigned long long)(memory->budget_bytes >> 20));
        run_journal_add(&run->journal, "memory allows %d at once", memory->workers);
    }
    memory->keeps_pages = true;
}

void memory_plan_budget(struct session_run *run)
{
    struct memory_plan *memory = &run->memory;
    memory->limit = memory_limit_choose(&run->effective.values.run);
    memory->baseline_bytes = baseline_of(run);
    memory->budget_bytes = memory->limit.bytes > memory->baseline_bytes
                               ? memory->limit.bytes - memory->baseline_bytes
                               : 0;
}

enum po_status memory_plan_make(struct session_run *run, struct po_error *error)
{
    struct memory_plan *memory = &run->memory;
    (void)error;
    memory_plan_budget(run);
    if (run->values.loaded)
        (void)plan_all(run, (enum degradation)run->values.degradation, memory);
    else
        choose_degradation(run, memory);
    report_degradation(run, memory);
    refuse_frames(run, memory);
    choose_workers(run, memory);
    return PO_OK;
}
