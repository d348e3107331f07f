/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/memory_plan.h"

#include <unistd.h>

#include "pool/memory_available.h"
#include "pool/memory_budget.h"
#include "process/processors.h"

static const double auto_share = 0.75;
/* The program with its libraries and a session of up to thousands of frames: 9.5 MB as
 * seen. */
static const uint64_t program_bytes = (uint64_t)12 << 20;
static const uint64_t program_step_bytes = (uint64_t)8 << 20;
/* What a child of ours grows by before its first frame: OpenCV, threads, tables; 4 MB as
 * seen. */
static const uint64_t child_overhead_bytes = (uint64_t)8 << 20;
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

/*
 * Reckoned, not measured: what is left for frames decides strips and degradation, and
 * those decide results, which must be the same in every run and for any selection of
 * frames. Pages that happen to be resident differ by some hundred kilobytes from run to
 * run. Only a program that is larger than reckoned (thousands of frames, sanitizers,
 * other libraries) counts for more, in steps far above that.
 */
static uint64_t baseline_of(const struct probed_session *session)
{
    const uint64_t row_bytes = sizeof(struct frame_entry) + sizeof(struct frame_state) +
                               sizeof(struct frame_probe);
    uint64_t resident = memory_resident_bytes((int)getpid());
    uint64_t rows = (uint64_t)session->manifest->frame_count * row_bytes;
    uint64_t own = program_bytes;
    while (own < resident || own < rows)
        own += program_step_bytes;
    return 2 * own + child_overhead_bytes + frame_planner_table_bytes(session);
}

static bool is_pending(const struct memory_request *request, int frame)
{
    return request->state->frames[frame].status == PO_FRAME_PENDING;
}

/* What a pending frame needs with this setup; of one that cannot be planned for another
 * reason than memory, the frame itself will say what is wrong with it. */
static struct frame_demand demand_of(struct frame_planner *planner, int frame,
                                     uint64_t budget_bytes, size_t *scratch_bytes)
{
    struct frame_plan plan;
    enum po_status status = frame_planner_plan(planner, frame, &plan, NULL);
    if (status != PO_OK)
        return (struct frame_demand){.refused = status == PO_MEMORY_LIMIT};
    *scratch_bytes = plan.scratch_bytes;
    return (struct frame_demand){plan.total_bytes, plan.total_bytes > budget_bytes};
}

/* Plans all pending frames at one level: fills `demands` and the plan's frame, scratch
 * and level. Returns how many frames do not fit. */
static int plan_level(const struct memory_request *request, enum degradation degradation,
                      struct memory_plan *plan, struct frame_demand *demands)
{
    struct frame_setup setup;
    struct frame_planner planner;
    int refused = 0;
    plan->degradation = degradation;
    if (request->is_kept) /* strips stay as an earlier run had them */
        plan->frame_budget_bytes = request->kept_frame_budget_bytes;
    else
        plan->frame_budget_bytes =
            degradation == DEGRADATION_NONE ? 0 : plan->budget_bytes;
    frame_setup_degrade(request->asked, degradation, plan->frame_budget_bytes, &setup);
    frame_planner_init(&planner, &request->session, &setup);
    plan->frame_bytes = 0;
    plan->scratch_bytes = 0;
    for (int i = 0; i < request->state->frame_count; i++) {
        size_t scratch_bytes = 0;
        if (!is_pending(request, i))
            continue;
        demands[i] = demand_of(&planner, i, plan->budget_bytes, &scratch_bytes);
        refused += demands[i].refused;
        if (demands[i].refused)
            continue;
        if (demands[i].bytes > plan->frame_bytes)
            plan->frame_bytes = demands[i].bytes;
        if (scratch_bytes > plan->scratch_bytes)
            plan->scratch_bytes = scratch_bytes;
    }
    return refused;
}

/* The first level that refuses as few frames as the last one does. */
static void choose_level(const struct memory_request *request, struct memory_plan *plan,
                         struct frame_demand *demands)
{
    const struct run_state *state = request->state;
    if (plan_level(request, DEGRADATION_NONE, plan, demands) == 0)
        return;
    int refused_at_last = plan_level(request, DEGRADATION_QUARTER, plan, demands);
    if (refused_at_last == state->frame_count - state->ended)
        return; /* nothing fits anywhere: the refusal names what the last level needs */
    for (int level = DEGRADATION_NONE; level < DEGRADATION_COUNT; level++)
        if (plan_level(request, (enum degradation)level, plan, demands) ==
            refused_at_last)
            break;
}

/* Whether the lowest level can make the frame in this budget (0: any), and with what. */
static bool fits_at_last(const struct memory_request *request, int frame,
                         uint64_t budget_bytes, uint64_t *bytes)
{
    struct frame_setup setup;
    struct frame_planner planner;
    struct frame_plan plan;
    frame_setup_degrade(request->asked, DEGRADATION_QUARTER, budget_bytes, &setup);
    frame_planner_init(&planner, &request->session, &setup);
    if (frame_planner_plan(&planner, frame, &plan, NULL) != PO_OK)
        return false;
    *bytes = plan.total_bytes;
    return true;
}

/* The smallest budget in which the lowest level can make the frame, found by bisection,
 * as strips adapt to the budget they are given; 0: it cannot be planned. */
static uint64_t smallest_need(const struct memory_request *request, int frame)
{
    enum { PRECISION_BYTES = 1 << 18 };
    uint64_t enough = 0;
    uint64_t too_little = 0;
    uint64_t bytes;
    if (!fits_at_last(request, frame, 0, &enough))
        return 0;
    while (enough > too_little + PRECISION_BYTES) {
        uint64_t middle = too_little + (enough - too_little) / 2;
        if (fits_at_last(request, frame, middle, &bytes))
            enough = middle;
        else
            too_little = middle;
    }
    return enough;
}

enum po_status memory_plan_refuse(const struct memory_request *request,
                                  const struct memory_plan *plan, int frame,
                                  struct po_error *error)
{
    enum { MARGIN_BYTES = 2 << 20 };
    uint64_t need_bytes = smallest_need(request, frame);
    uint64_t limit_bytes = plan->baseline_bytes + need_bytes + MARGIN_BYTES;
    if (need_bytes == 0)
        return po_fail(error, PO_MEMORY_LIMIT, "the frame fits no memory at all");
    return po_fail(
        error, PO_MEMORY_LIMIT,
        "the frame needs %llu MB at least, %s, and the program itself %llu MB; the limit "
        "is %llu MB (%s); the smallest --memory-limit that works is about %lluM",
        (unsigned long long)(need_bytes >> 20) + 1, degradation_name(DEGRADATION_QUARTER),
        (unsigned long long)(plan->baseline_bytes >> 20) + 1,
        (unsigned long long)(plan->limit.bytes >> 20), plan->limit.origin,
        (unsigned long long)(limit_bytes >> 20) + 1);
}

/* After frames that fit nowhere have ended, `left` are to be run. */
static void choose_workers(const struct po_run_settings *settings, int left,
                           struct memory_plan *plan)
{
    memory_plan_workers(settings, plan->limit.available_bytes, &plan->workers,
                        &plan->batch_size);
    if (plan->workers > left)
        plan->workers = left > 0 ? left : 1;
    uint64_t fitting = plan->frame_bytes > 0 ? plan->budget_bytes / plan->frame_bytes
                                             : (uint64_t)plan->workers;
    plan->lowers_workers = fitting < (uint64_t)plan->workers;
    if (plan->lowers_workers)
        plan->workers = fitting > 1 ? (int)fitting : 1;
}

void memory_plan_budget(const struct memory_request *request, struct memory_plan *plan)
{
    plan->limit = memory_limit_choose(&request->asked->settings.run);
    plan->baseline_bytes = baseline_of(&request->session) + request->network_bytes;
    plan->budget_bytes = plan->limit.bytes > plan->baseline_bytes
                             ? plan->limit.bytes - plan->baseline_bytes
                             : 0;
}

void memory_plan_make(const struct memory_request *request, struct memory_plan *plan,
                      struct frame_demand *demands)
{
    int left = 0;
    memory_plan_budget(request, plan);
    if (request->is_kept)
        (void)plan_level(request, request->kept_degradation, plan, demands);
    else
        choose_level(request, plan, demands);
    for (int i = 0; i < request->state->frame_count; i++)
        left += is_pending(request, i) && !demands[i].refused;
    choose_workers(&request->asked->settings.run, left, plan);
}
