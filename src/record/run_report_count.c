/* SPDX-License-Identifier: Apache-2.0 */
/* The totals of a run, in one pass over its frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "record/record_json.h"
#include "record/run_report.h"

const char *frame_status_name(enum po_frame_status status)
{
    static const char *const names[] = {
        [PO_FRAME_PENDING] = "not_run",
        [PO_FRAME_DONE] = "done",
        [PO_FRAME_REUSED] = "reused",
        [PO_FRAME_FAILED] = "failed",
        [PO_FRAME_TIMED_OUT] = "timed_out",
        [PO_FRAME_CRASHED] = "crashed",
        [PO_FRAME_OUT_OF_MEMORY] = "out_of_memory",
    };
    return names[status];
}

int *report_status_count(struct report_totals *totals, enum po_frame_status status)
{
    switch (status) {
    case PO_FRAME_DONE:
        return &totals->done;
    case PO_FRAME_REUSED:
        return &totals->reused;
    case PO_FRAME_FAILED:
        return &totals->failed;
    case PO_FRAME_TIMED_OUT:
        return &totals->timed_out;
    case PO_FRAME_CRASHED:
        return &totals->crashed;
    case PO_FRAME_OUT_OF_MEMORY:
        return &totals->out_of_memory;
    case PO_FRAME_PENDING:
        break;
    }
    return &totals->not_run;
}

/* What grows while frames are counted. */
struct tally {
    struct report_totals totals;
    struct frame_scores_sum scores;
    int stage_frames[REPORT_STAGES_MAX];
    double *latencies_ms;
    int latency_count;
    double *networks_ms;
    int network_count;
};

static void add_scores(struct tally *tally, const struct frame_scores *scores)
{
    if (!scores->present)
        return;
    tally->totals.scored_frames++;
    frame_scores_add(&tally->scores, scores);
}

static int find_stage(struct report_totals *totals, const char *name)
{
    for (int i = 0; i < totals->stage_count; i++)
        if (strcmp(totals->stages[i].name, name) == 0)
            return i;
    if (totals->stage_count == REPORT_STAGES_MAX)
        return -1;
    totals->stages[totals->stage_count] = (struct report_stage){.name = name};
    return totals->stage_count++;
}

static void add_times(struct tally *tally, const struct report_frame *frame)
{
    if (frame->status != PO_FRAME_DONE)
        return;
    if (frame->latency_ms > 0)
        tally->latencies_ms[tally->latency_count++] = frame->latency_ms;
    for (int i = 0; i < frame->stage_count; i++) {
        int stage = find_stage(&tally->totals, frame->stages[i].name);
        if (stage < 0)
            continue;
        if (strcmp(frame->stages[i].name, "network") == 0 && frame->stages[i].ms >= 1.0)
            tally->networks_ms[tally->network_count++] = frame->stages[i].ms;
        tally->totals.stages[stage].ms += frame->stages[i].ms;
        tally->stage_frames[stage]++;
    }
}

static void add_frame(struct tally *tally, const struct report_frame *frame)
{
    struct report_totals *totals = &tally->totals;
    bool usable = frame->status == PO_FRAME_DONE || frame->status == PO_FRAME_REUSED;
    totals->found++;
    (*report_status_count(totals, frame->status))++;
    totals->matches_reused += frame->match_reused;
    totals->earlier_results += frame->earlier_result;
    add_times(tally, frame);
    if (!usable || frame->record == NULL)
        return;
    totals->incomplete += frame->record->lacks != 0;
    totals->points += frame->record->points;
    totals->warnings += frame->record->warnings.length + frame->record->warnings.dropped;
    add_scores(tally, &frame->record->scores);
    plane_summary_add(&totals->plane, frame->record);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Nearest rank: the smallest value that at least `percent` of all do not exceed. */
static double percentile(const double *sorted, int count, double percent)
{
    if (count == 0)
        return NAN;
    int rank = (int)ceil(percent / 100.0 * count);
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void finish(struct tally *tally)
{
    struct report_totals *totals = &tally->totals;
    int count = tally->latency_count;
    qsort(tally->latencies_ms, (size_t)count, sizeof(double), compare_numbers);
    totals->latency_p50_ms = percentile(tally->latencies_ms, count, 50);
    totals->latency_p95_ms = percentile(tally->latencies_ms, count, 95);
    totals->latency_p99_ms = percentile(tally->latencies_ms, count, 99);
    for (int i = 0; i < totals->stage_count; i++)
        totals->stages[i].ms /= tally->stage_frames[i];
    totals->scores = frame_scores_mean(&tally->scores);
    plane_summary_finish(&totals->plane);
}

static void count_network(struct tally *tally, struct report_network *network)
{
    int count = tally->network_count;
    qsort(tally->networks_ms, (size_t)count, sizeof(double), compare_numbers);
    network->frames = count;
    network->p50_ms = percentile(tally->networks_ms, count, 50);
    network->p95_ms = percentile(tally->networks_ms, count, 95);
}

enum po_status run_report_count(struct run_report *report, struct po_error *error)
{
    struct tally tally = {0};
    size_t bytes;
    if (!size_multiply((size_t)report->frame_count + 1, sizeof(double), &bytes))
        return po_fail(error, PO_INTERNAL, "too many frames");
    tally.latencies_ms = malloc(bytes);
    tally.networks_ms = malloc(bytes);
    if (tally.latencies_ms == NULL || tally.networks_ms == NULL) {
        free(tally.latencies_ms);
        free(tally.networks_ms);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to count %d frames",
                       report->frame_count);
    }
    for (int i = 0; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        add_frame(&tally, &frame);
    }
    finish(&tally);
    count_network(&tally, &report->network);
    tally.totals.warnings += report->warnings.length + report->warnings.dropped;
    report->totals = tally.totals;
    free(tally.latencies_ms);
    free(tally.networks_ms);
    return PO_OK;
}
