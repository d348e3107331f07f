/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outside_text.h"
#include "base/readable.h"
#include "record/record_json.h"
#include "report/baseline.h"
#include "report/baseline_frames.h"
#include "report/baseline_parts.h"

static void compare_rate(struct comparison *comparison, const char *group,
                         const struct rate *was, const struct rate *is)
{
    if (!(is->value - was->value > is->tolerance))
        return;
    baseline_note(comparison, WORSE_SESSION, NULL, "%s %s: %.3f, was %.3f (+%.3f)", group,
                  is->name, is->value, was->value, is->value - was->value);
}

static void compare_scores(struct comparison *comparison)
{
    const struct baseline_tolerance *tolerance = comparison->tolerance;
    const struct report_totals *past = &comparison->past->totals;
    const struct report_totals *present = &comparison->present->totals;
    const bool partial = comparison->absent > 0;
    const struct frame_scores *past_scores =
        partial ? &comparison->past_scores : &past->scores;
    const struct frame_scores *present_scores =
        partial ? &comparison->present_scores : &present->scores;
    for (int group = 0; partial && group < SCORE_GROUPS; group++) {
        score_divide(score_group(&comparison->past_scores, group),
                     comparison->scored_frames);
        score_divide(score_group(&comparison->present_scores, group),
                     comparison->scored_frames);
    }
    if (!partial && past->scored_frames > present->scored_frames)
        baseline_note(comparison, WORSE_SESSION, NULL,
                      "%d frames scored against ground truth, was %d",
                      present->scored_frames, past->scored_frames);
    for (int group = 0; group < SCORE_GROUPS; group++) {
        const char *name = score_group_name(group);
        const struct score *was = score_group_const(past_scores, group);
        const struct score *is = score_group_const(present_scores, group);
        if (!was->present || !is->present)
            continue;
        struct rate before[RATES], now[RATES];
        baseline_rates(was, tolerance, before);
        baseline_rates(is, tolerance, now);
        for (int i = 0; i < RATES; i++)
            compare_rate(comparison, name, &before[i], &now[i]);
    }
}

/* A cost of both runs, as a number and to read. */
struct cost_pair {
    const char *name;
    double was, is;
    const char *was_text, *is_text;
};

static void compare_cost(struct comparison *comparison, const struct cost_pair *cost,
                         double tolerance)
{
    if (tolerance <= 0 || !(cost->was > 0) || !(cost->is > 0) ||
        cost->is <= cost->was * tolerance)
        return;
    baseline_note(comparison, WORSE_SESSION, NULL, "%s: %s, was %s (%.2f times)",
                  cost->name, cost->is_text, cost->was_text, cost->is / cost->was);
}

/* A run that took all frames from an earlier one held the memory of nothing but itself.
 */
static bool only_reused(const struct past_report *report)
{
    return report->totals.reused > 0 && report->totals.done == 0;
}

static void compare_memory(struct comparison *comparison)
{
    char was[READABLE_BYTES];
    char is[READABLE_BYTES];
    const struct past_report *past = comparison->past, *present = comparison->present;
    if (only_reused(past) || only_reused(present))
        return;
    readable_size(past->measured_bytes, was, sizeof(was));
    readable_size(present->measured_bytes, is, sizeof(is));
    const struct cost_pair memory = {"peak memory", (double)past->measured_bytes,
                                     (double)present->measured_bytes, was, is};
    compare_cost(comparison, &memory, comparison->tolerance->memory_ratio);
}

static void compare_costs(struct comparison *comparison)
{
    char was[READABLE_BYTES];
    char is[READABLE_BYTES];
    readable_seconds(comparison->past_ms / 1e3, was, sizeof(was));
    readable_seconds(comparison->present_ms / 1e3, is, sizeof(is));
    const struct cost_pair time = {"time of the same frames", comparison->past_ms,
                                   comparison->present_ms, was, is};
    compare_cost(comparison, &time, comparison->tolerance->time_ratio);
    compare_memory(comparison);
}

static void print_hidden(const struct comparison *comparison)
{
    static const char *const kinds[WORSE_KINDS] = {"did not finish", "lost accuracy",
                                                   "lost points", "moved", ""};
    for (int kind = 0; kind < WORSE_SESSION; kind++)
        if (comparison->lines[kind] > LINES_PER_KIND)
            text_line(comparison->stream, "worse: %d more frames %s",
                      comparison->lines[kind] - LINES_PER_KIND, kinds[kind]);
}

enum { DIFFERENCES_SHOWN = 8 };
_Static_assert((int)PAST_UNKNOWN_LISTED == (int)DIFFERENCES_SHOWN,
               "what is kept is what is shown");

static void note_more(const struct comparison *comparison, int count, const char *words)
{
    if (count > DIFFERENCES_SHOWN)
        text_line(comparison->stream, "note: %d more settings %s",
                  count - DIFFERENCES_SHOWN, words);
}

static void note_changed(const struct comparison *comparison)
{
    const struct past_report *past = comparison->past;
    const struct past_report *present = comparison->present;
    int count = 0;
    for (int i = 0; i < settings_row_count(); i++) {
        const char *was = past->settings[i];
        const char *is = present->settings[i];
        if (was[0] == '\0' || is[0] == '\0' || strcmp(was, is) == 0)
            continue;
        if (count++ < DIFFERENCES_SHOWN)
            text_line(comparison->stream, "note: %s is %s, in the baseline %s",
                      settings_row(i)->name, is, was);
    }
    note_more(comparison, count, "differ");
}

/* A baseline may be older than a setting, or younger than its end. */
static void note_unknown(const struct comparison *comparison)
{
    const struct past_report *past = comparison->past;
    const struct past_report *present = comparison->present;
    int count = 0;
    if (!past->has_settings && !present->has_settings)
        return;
    if (!past->has_settings) {
        text_line(comparison->stream,
                  "note: settings are not compared: the baseline has none");
        return;
    }
    for (int i = 0; i < settings_row_count(); i++)
        if (past->settings[i][0] == '\0' && present->settings[i][0] != '\0' &&
            count++ < DIFFERENCES_SHOWN)
            text_line(
                comparison->stream,
                "note: not compared: setting %s, here %s, is unknown to the baseline",
                settings_row(i)->name, present->settings[i]);
    note_more(comparison, count, "are unknown to the baseline");
    for (int i = 0; i < past->unknown_count && i < PAST_UNKNOWN_LISTED; i++)
        text_line(comparison->stream,
                  "note: not compared: setting %s of the baseline is unknown to this "
                  "version",
                  past->unknown[i]);
    note_more(comparison, past->unknown_count,
              "of the baseline are unknown to this version");
}

/* What makes the two runs hard to compare, or explains what follows. */
static void note_differences(const struct comparison *comparison)
{
    const struct past_report *past = comparison->past;
    const struct past_report *present = comparison->present;
    if (past->version[0] != '\0' && strcmp(past->version, present->version) != 0)
        text_line(comparison->stream,
                  "note: the baseline is of version %s, this run of %s", past->version,
                  present->version);
    note_changed(comparison);
    note_unknown(comparison);
}

static void note_coverage(struct comparison *comparison)
{
    if (comparison->absent > 0)
        text_line(comparison->stream,
                  "%d frame%s of the baseline not selected, and not compared",
                  comparison->absent, comparison->absent == 1 ? "" : "s");
    if (comparison->compared == 0)
        baseline_note(
            comparison, WORSE_SESSION, NULL,
            "nothing was compared: no frame is finished both in the baseline (%d "
            "frames%s%s) and in this run (%d frames%s%s)",
            comparison->past->frame_count,
            comparison->past->frame_count > 0 ? ", such as " : "",
            comparison->past->frame_count > 0 ? comparison->past->frames[0].id : "",
            comparison->present->frame_count,
            comparison->present->frame_count > 0 ? ", such as " : "",
            comparison->present->frame_count > 0 ? comparison->present->frames[0].id
                                                 : "");
}

enum po_status baseline_compare(const struct past_report *past,
                                const struct past_report *present,
                                const struct baseline_tolerance *tolerance, FILE *stream,
                                struct baseline_findings *findings,
                                struct po_error *error)
{
    struct comparison comparison = {.past = past,
                                    .present = present,
                                    .tolerance = tolerance,
                                    .stream = stream,
                                    .findings = findings,
                                    .error = error};
    note_differences(&comparison);
    enum po_status status = baseline_compare_frames(&comparison, error);
    if (status != PO_OK)
        return status;
    print_hidden(&comparison);
    note_coverage(&comparison);
    compare_scores(&comparison);
    compare_costs(&comparison);
    if (findings->count == 0 && comparison.status == PO_OK)
        text_line(stream, "no worse than the baseline");
    return comparison.status;
}
