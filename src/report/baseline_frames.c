/* SPDX-License-Identifier: Apache-2.0 */
#include "report/baseline_frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/record_json.h"

static bool is_good(enum po_frame_status status)
{
    return status == PO_FRAME_DONE || status == PO_FRAME_REUSED;
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
    for (int group = 0; group < SCORE_GROUPS && tolerance->frame_factor > 0; group++) {
        struct rate was[RATES], is[RATES];
        const struct score *a = score_group_const(&past->scores, group);
        const struct score *b = score_group_const(&present->scores, group);
        if (!a->present || !b->present)
            continue;
        baseline_rates(a, tolerance, was);
        baseline_rates(b, tolerance, is);
        take_worst(score_group_name(group), was, is, tolerance->frame_factor, &worst);
    }
    if (worst.name != NULL)
        baseline_note(comparison, WORSE_SCORE, past->id, "%s %s: %.3f, was %.3f (+%.3f)",
                      worst.group, worst.name, worst.is, worst.was, worst.is - worst.was);
}

static void compare_points(struct comparison *comparison, const struct past_frame *past,
                           const struct past_frame *present)
{
    double fall = (double)past->points - (double)present->points;
    double percent = past->points > 0 ? 100.0 * fall / (double)past->points : 0.0;
    if (percent > comparison->tolerance->points_percent)
        baseline_note(comparison, WORSE_POINTS, past->id,
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
        baseline_note(comparison, WORSE_EXTENT, past->id,
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
    for (int group = 0; group < SCORE_GROUPS; group++) {
        score_add(score_group(&comparison->past_scores, group),
                  score_group_const(&past->scores, group));
        score_add(score_group(&comparison->present_scores, group),
                  score_group_const(&present->scores, group));
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
        baseline_note(comparison, WORSE_STATUS, NULL, "%s: no longer there, was %s",
                      past->id, frame_status_name(past->status));
        return;
    }
    if (!is_good(present->status)) {
        baseline_note(comparison, WORSE_STATUS, past->id, "%s, was %s",
                      frame_status_name(present->status),
                      frame_status_name(past->status));
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

enum po_status baseline_compare_frames(struct comparison *comparison,
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
