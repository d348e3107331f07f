/* SPDX-License-Identifier: Apache-2.0 */
#include "report/baseline.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record_json.h"
#include "report/readable.h"

enum { LINES_PER_KIND = 20 }; /* then only counted */

enum worse_kind {
    WORSE_STATUS,
    WORSE_SCORE,
    WORSE_POINTS,
    WORSE_EXTENT,
    WORSE_SESSION, /* of no single frame; always printed */
    WORSE_KINDS
};

/* What is compared of a score, each in its own tolerance; all grow when it gets worse. */
enum { RATES = 6 };

struct rate {
    const char *name;
    double value;
    double tolerance;
};

struct comparison {
    const struct past_report *past;
    const struct past_report *present;
    const struct baseline_tolerance *tolerance;
    FILE *stream;
    struct baseline_findings *findings;
    struct po_error *error;
    enum po_status status; /* of the list of findings */
    int absent;            /* frames of the baseline that this run did not select */
    int compared;          /* finished in both */
    int scored_frames;     /* in both, and the mean of their scores */
    struct record_scores past_scores;
    struct record_scores present_scores;
    int lines[WORSE_KINDS];
    double past_ms; /* sums over frames that ran in both */
    double present_ms;
};

static void note_worse(struct comparison *comparison, enum worse_kind kind,
                       const char *id, const char *format, ...) PO_PRINTF(4, 5);

/* One finding, printed unless there are many of its kind. */
static void note_worse(struct comparison *comparison, enum worse_kind kind,
                       const char *id, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (comparison->status != PO_OK || length < 0) {
        if (length >= 0)
            free(text);
        else
            comparison->status =
                po_fail(comparison->error, PO_OUT_OF_MEMORY, "no memory for a finding");
        return;
    }
    if (kind == WORSE_SESSION || comparison->lines[kind]++ < LINES_PER_KIND)
        (void)fprintf(comparison->stream, "worse: %s%s%s\n", id != NULL ? id : "",
                      id != NULL ? ": " : "", text);
    comparison->status = baseline_findings_add(
        comparison->findings,
        (struct baseline_finding){
            .id = id, .unfinished = kind == WORSE_STATUS, .text = text},
        comparison->error);
}

static bool is_good(enum po_frame_status status)
{
    return status == PO_FRAME_DONE || status == PO_FRAME_REUSED;
}

static void rates_of(const struct record_score *score,
                     const struct baseline_tolerance *tolerance, struct rate rates[RATES])
{
    const struct rate all[RATES] = {
        {"bad05", score->bad05, tolerance->bad_points},
        {"bad1", score->bad1, tolerance->bad_points},
        {"bad2", score->bad2, tolerance->bad_points},
        {"bad4", score->bad4, tolerance->bad_points},
        {"mae", score->mae, tolerance->mae_px},
        {"missing", 100 - score->density, tolerance->density_points},
    };
    memcpy(rates, all, sizeof(all));
}

/* The rate of a frame that rose most, counted in its tolerance. */
struct worst_rate {
    const char *group;
    const char *name;
    double was, is;
    double excess; /* above 1: more than is fine */
};

static void take_worst(const char *group, const struct rate was[RATES],
                       const struct rate is[RATES], double factor,
                       struct worst_rate *worst)
{
    for (int i = 0; i < RATES; i++) {
        double rise = is[i].value - was[i].value;
        double fine = factor * is[i].tolerance;
        double excess = fine > 0 ? rise / fine : rise > 0 ? HUGE_VAL : 0;
        if (!(excess > worst->excess)) /* NaN: nothing to compare */
            continue;
        *worst =
            (struct worst_rate){group, is[i].name, was[i].value, is[i].value, excess};
    }
}

/* One line a frame: what got worse most. */
static void compare_frame_scores(struct comparison *comparison,
                                 const struct past_frame *past,
                                 const struct past_frame *present)
{
    const struct baseline_tolerance *tolerance = comparison->tolerance;
    struct worst_rate worst = {.excess = 1};
    for (int group = 0; group < RECORD_SCORE_GROUPS && tolerance->frame_factor > 0;
         group++) {
        struct rate was[RATES], is[RATES];
        const struct record_score *a = record_score_group_const(&past->scores, group);
        const struct record_score *b = record_score_group_const(&present->scores, group);
        if (!a->present || !b->present)
            continue;
        rates_of(a, tolerance, was);
        rates_of(b, tolerance, is);
        take_worst(record_score_group_name(group), was, is, tolerance->frame_factor,
                   &worst);
    }
    if (worst.name != NULL)
        note_worse(comparison, WORSE_SCORE, past->id, "%s %s: %.3f, was %.3f (+%.3f)",
                   worst.group, worst.name, worst.is, worst.was, worst.is - worst.was);
}

static void compare_points(struct comparison *comparison, const struct past_frame *past,
                           const struct past_frame *present)
{
    double fall = (double)past->points - (double)present->points;
    double percent = past->points > 0 ? 100.0 * fall / (double)past->points : 0.0;
    if (percent > comparison->tolerance->points_percent)
        note_worse(comparison, WORSE_POINTS, past->id,
                   "%llu points, %.1f %% fewer than %llu",
                   (unsigned long long)present->points, percent,
                   (unsigned long long)past->points);
}

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

static void compare_extents(struct comparison *comparison, const struct past_frame *past,
                            const struct past_frame *present)
{
    const struct record_extent *was = &past->extent;
    const struct record_extent *is = &present->extent;
    double diagonal_mm = distance(was->min_mm, was->max_mm);
    double move_mm =
        fmax(distance(was->min_mm, is->min_mm), distance(was->max_mm, is->max_mm));
    /* NaN, as of an empty cloud, compares false: its loss shows in the points. */
    if (move_mm * 100.0 > comparison->tolerance->extent_percent * diagonal_mm)
        note_worse(comparison, WORSE_EXTENT, past->id,
                   "a corner of the cloud moved by %.4g mm, %.1f %% of its diagonal",
                   move_mm, 100.0 * move_mm / diagonal_mm);
}

/* Where frames are left out, means compare only over those that both runs have. */
static void add_scores(struct comparison *comparison, const struct past_frame *past,
                       const struct past_frame *present)
{
    if (!past->scores.present || !present->scores.present)
        return;
    comparison->scored_frames++;
    for (int group = 0; group < RECORD_SCORE_GROUPS; group++) {
        record_score_add(record_score_group(&comparison->past_scores, group),
                         record_score_group_const(&past->scores, group));
        record_score_add(record_score_group(&comparison->present_scores, group),
                         record_score_group_const(&present->scores, group));
    }
}

static void compare_frame(struct comparison *comparison, const struct past_frame *past,
                          const struct past_frame *present)
{
    if (!is_good(past->status))
        return;
    if (present == NULL && comparison->absent < comparison->present->left_out) {
        comparison->absent++; /* on purpose: --frames, --single-frame */
        return;
    }
    if (present == NULL) {
        note_worse(comparison, WORSE_STATUS, NULL, "%s: no longer there, was %s",
                   past->id, frame_status_name(past->status));
        return;
    }
    if (!is_good(present->status)) {
        note_worse(comparison, WORSE_STATUS, past->id, "%s, was %s",
                   frame_status_name(present->status), frame_status_name(past->status));
        return;
    }
    comparison->compared++;
    add_scores(comparison, past, present);
    compare_frame_scores(comparison, past, present);
    compare_points(comparison, past, present);
    compare_extents(comparison, past, present);
    if (past->total_ms > 0 && present->total_ms > 0) {
        comparison->past_ms += past->total_ms;
        comparison->present_ms += present->total_ms;
    }
}

/* A frame by its id. */
struct frame_name {
    const char *id;
    const struct past_frame *frame;
};

static int compare_names(const void *a, const void *b)
{
    const struct frame_name *x = a;
    const struct frame_name *y = b;
    return strcmp(x->id, y->id);
}

static enum po_status compare_frames(struct comparison *comparison,
                                     struct po_error *error)
{
    const struct past_report *present = comparison->present;
    size_t count = (size_t)present->frame_count;
    struct frame_name *names = calloc(count + 1, sizeof(*names));
    if (names == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to compare %zu frames", count);
    for (size_t i = 0; i < count; i++)
        names[i] = (struct frame_name){present->frames[i].id, &present->frames[i]};
    qsort(names, count, sizeof(*names), compare_names);
    for (int i = 0; i < comparison->past->frame_count; i++) {
        const struct past_frame *past = &comparison->past->frames[i];
        const struct frame_name wanted = {.id = past->id};
        const struct frame_name *found =
            bsearch(&wanted, names, count, sizeof(*names), compare_names);
        compare_frame(comparison, past, found != NULL ? found->frame : NULL);
    }
    free(names);
    return PO_OK;
}

static void compare_rate(struct comparison *comparison, const char *group,
                         const struct rate *was, const struct rate *is)
{
    if (!(is->value - was->value > is->tolerance))
        return;
    note_worse(comparison, WORSE_SESSION, NULL, "%s %s: %.3f, was %.3f (+%.3f)", group,
               is->name, is->value, was->value, is->value - was->value);
}

static void compare_scores(struct comparison *comparison)
{
    const struct baseline_tolerance *tolerance = comparison->tolerance;
    const struct report_totals *past = &comparison->past->totals;
    const struct report_totals *present = &comparison->present->totals;
    const bool partial = comparison->absent > 0;
    const struct record_scores *past_scores =
        partial ? &comparison->past_scores : &past->scores;
    const struct record_scores *present_scores =
        partial ? &comparison->present_scores : &present->scores;
    for (int group = 0; partial && group < RECORD_SCORE_GROUPS; group++) {
        record_score_divide(record_score_group(&comparison->past_scores, group),
                            comparison->scored_frames);
        record_score_divide(record_score_group(&comparison->present_scores, group),
                            comparison->scored_frames);
    }
    if (!partial && past->scored_frames > present->scored_frames)
        note_worse(comparison, WORSE_SESSION, NULL,
                   "%d frames scored against ground truth, was %d",
                   present->scored_frames, past->scored_frames);
    for (int group = 0; group < RECORD_SCORE_GROUPS; group++) {
        const char *name = record_score_group_name(group);
        const struct record_score *was = record_score_group_const(past_scores, group);
        const struct record_score *is = record_score_group_const(present_scores, group);
        if (!was->present || !is->present)
            continue;
        struct rate before[RATES], now[RATES];
        rates_of(was, tolerance, before);
        rates_of(is, tolerance, now);
        for (int i = 0; i < RATES; i++)
            compare_rate(comparison, name, &before[i], &now[i]);
    }
}

static void compare_ratio(struct comparison *comparison, const char *name, double was,
                          double is, double tolerance, const char *was_text,
                          const char *is_text)
{
    if (tolerance <= 0 || !(was > 0) || !(is > 0) || is <= was * tolerance)
        return;
    note_worse(comparison, WORSE_SESSION, NULL, "%s: %s, was %s (%.2f times)", name,
               is_text, was_text, is / was);
}

static void compare_costs(struct comparison *comparison)
{
    char was[READABLE_BYTES];
    char is[READABLE_BYTES];
    readable_seconds(comparison->past_ms / 1e3, was, sizeof(was));
    readable_seconds(comparison->present_ms / 1e3, is, sizeof(is));
    compare_ratio(comparison, "time of the same frames", comparison->past_ms,
                  comparison->present_ms, comparison->tolerance->time_ratio, was, is);
    readable_size(comparison->past->measured_bytes, was, sizeof(was));
    readable_size(comparison->present->measured_bytes, is, sizeof(is));
    compare_ratio(comparison, "peak memory", (double)comparison->past->measured_bytes,
                  (double)comparison->present->measured_bytes,
                  comparison->tolerance->memory_ratio, was, is);
}

static void print_hidden(const struct comparison *comparison)
{
    static const char *const kinds[WORSE_KINDS] = {"did not finish", "lost accuracy",
                                                   "lost points", "moved", ""};
    for (int kind = 0; kind < WORSE_SESSION; kind++)
        if (comparison->lines[kind] > LINES_PER_KIND)
            (void)fprintf(comparison->stream, "worse: %d more frames %s\n",
                          comparison->lines[kind] - LINES_PER_KIND, kinds[kind]);
}

/* What makes the two runs hard to compare, or explains what follows. */
static void note_differences(const struct comparison *comparison)
{
    enum { DIFFERENCES_SHOWN = 8 };
    const struct past_report *past = comparison->past;
    const struct past_report *present = comparison->present;
    int count = 0;
    if (past->version[0] != '\0' && strcmp(past->version, present->version) != 0)
        (void)fprintf(comparison->stream,
                      "note: the baseline is of version %s, this run of %s\n",
                      past->version, present->version);
    for (int i = 0; i < settings_row_count(); i++) {
        const char *was = past->settings[i];
        const char *is = present->settings[i];
        if (was[0] == '\0' || is[0] == '\0' || strcmp(was, is) == 0)
            continue;
        if (count++ < DIFFERENCES_SHOWN)
            (void)fprintf(comparison->stream, "note: %s is %s, in the baseline %s\n",
                          settings_row(i)->name, is, was);
    }
    if (count > DIFFERENCES_SHOWN)
        (void)fprintf(comparison->stream, "note: %d more settings differ\n",
                      count - DIFFERENCES_SHOWN);
}

static void note_coverage(struct comparison *comparison)
{
    if (comparison->absent > 0)
        (void)fprintf(comparison->stream,
                      "%d frame%s of the baseline not selected, and not compared\n",
                      comparison->absent, comparison->absent == 1 ? "" : "s");
    if (comparison->compared == 0)
        note_worse(
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
    enum po_status status = compare_frames(&comparison, error);
    if (status != PO_OK)
        return status;
    print_hidden(&comparison);
    note_coverage(&comparison);
    compare_scores(&comparison);
    compare_costs(&comparison);
    if (findings->count == 0 && comparison.status == PO_OK)
        (void)fprintf(stream, "no worse than the baseline\n");
    return comparison.status;
}
