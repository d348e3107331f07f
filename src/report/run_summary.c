/* SPDX-License-Identifier: Apache-2.0 */
#include "report/run_summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outside_text.h"
#include "base/path.h"
#include "base/readable.h"
#include "report/warning_groups.h"

static void print_ends(const struct report_totals *totals, FILE *stream)
{
    const struct {
        const char *name;
        int count;
    } ends[] = {
        {"done", totals->done},       {"reused", totals->reused},
        {"failed", totals->failed},   {"timed out", totals->timed_out},
        {"crashed", totals->crashed}, {"out of memory", totals->out_of_memory},
        {"not run", totals->not_run},
    };
    const char *between = ": ";
    text_part(stream, "%d frame%s", totals->found, totals->found == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        if (ends[i].count == 0)
            continue;
        text_part(stream, "%s%d %s", between, ends[i].count, ends[i].name);
        between = ", ";
    }
    text_end(stream);
}

/* Done is not all that was asked for; a warning says what. */
static void print_incomplete(const struct report_totals *totals, FILE *stream)
{
    int count = totals->incomplete;
    if (count > 0)
        text_line(stream,
                  "%d of them lack%s a part of what was asked for (lacks in the "
                  "report)",
                  count, count == 1 ? "s" : "");
}

static void print_pace(const struct run_report *report, FILE *stream)
{
    char wall[READABLE_BYTES];
    char points[READABLE_BYTES];
    char memory[READABLE_BYTES];
    readable_seconds(report->wall_s, wall, sizeof(wall));
    readable_count(report->totals.points, points, sizeof(points));
    if (report->totals.points > 0) /* none, too, where no cloud was asked for */
        text_part(stream, "%s points ", points);
    text_part(stream, "in %s", wall);
    if (report->totals.done > 0 && isfinite(report->frames_per_second))
        text_part(stream, ", %.2f frames/s", report->frames_per_second);
    if (report->workers > 0)
        text_part(stream, ", %d worker%s", report->workers,
                  report->workers == 1 ? "" : "s");
    if (report->memory.measured_bytes > 0) {
        readable_size(report->memory.measured_bytes, memory, sizeof(memory));
        text_part(stream, ", peak memory %s", memory);
    }
    text_end(stream);
    if (report->totals.matches_reused > 0)
        text_line(stream, "%d of the matches were kept from an earlier run",
                  report->totals.matches_reused);
}

static void print_network(const struct report_network *network, FILE *stream)
{
    char process[READABLE_BYTES];
    char frame[READABLE_BYTES];
    if (!network->present || network->frames == 0)
        return;
    readable_size(network->process_bytes, process, sizeof(process));
    readable_size(network->frame_bytes, frame, sizeof(frame));
    text_line(
        stream,
        "network: median %.0f ms a frame, 95 %% below %.0f ms%s; %s a process, %s a "
        "running frame",
        network->p50_ms, network->p95_ms, network->beside ? ", beside the match" : "",
        process, frame);
}

static void print_score(const char *name, const struct score *score, FILE *stream)
{
    if (!score->present)
        return;
    text_line(stream, "  %-24s %6.2f %6.2f %6.2f %6.2f %7.3f %7.1f", name, score->bad05,
              score->bad1, score->bad2, score->bad4, score->mae, score->density);
}

/* From half of the pixels to as many as every frame measured. */
static void print_curve(const struct confidence_curve *curve, FILE *stream)
{
    if (!curve->present || !isfinite(curve->bad2[4]))
        return;
    char line[160] = "  bad2 of the surest ";
    size_t length = strlen(line);
    for (int i = 4; i < CURVE_COVERAGES && isfinite(curve->bad2[i]); i++)
        length += (size_t)snprintf(line + length, sizeof(line) - length, "%s%d %%: %.2f",
                                   i > 4 ? ", " : "", 10 * (i + 1), curve->bad2[i]);
    text_line(stream, "%s", line);
}

static void print_scores(const struct report_totals *totals, FILE *stream)
{
    const struct frame_scores *scores = &totals->scores;
    if (totals->scored_frames == 0)
        return;
    text_line(stream, "against ground truth, mean of %d frame%s:", totals->scored_frames,
              totals->scored_frames == 1 ? "" : "s");
    text_line(stream, "  %-24s %6s %6s %6s %6s %7s %7s", "percent of pixels", "bad0.5",
              "bad1", "bad2", "bad4", "mae px", "density");
    print_score("dense, all", &scores->dense_all, stream);
    print_score("dense, not occluded", &scores->dense_nonocc, stream);
    print_score("dense, in the right view", &scores->dense_in_view, stream);
    print_score("measured, all", &scores->measured_all, stream);
    print_score("measured, not occluded", &scores->measured_nonocc, stream);
    print_curve(&scores->curve, stream);
}

static void print_measure(const struct plane_summary *plane, int index, const char *about,
                          FILE *stream)
{
    double mean = plane_measure_get(&plane->mean, index);
    double worst = plane_measure_get(&plane->worst, index);
    if (!isfinite(mean))
        return;
    text_part(stream, "  %-36s %9.4g", about, mean);
    if (plane_measure(index)->worse != 0)
        text_part(stream, " %9.4g", worst);
    text_end(stream);
}

/* The flat target of --quality-check. */
static void print_plane(const struct report_totals *totals, FILE *stream)
{
    const struct plane_summary *plane = &totals->plane;
    static const char *const about[2][PLANE_MEASURES] = {
        {"fill rate, % of the region", "distance at its centre, mm", "tilt, degrees",
         "plane RMS, mm", "plane RMS, % of distance", "plane RMS, px, every pixel",
         "sub-pixel RMS, px", "off the plane by more than 1 px, %", "Z accuracy, %"},
        {"fill rate, % of the region", "distance at its centre, squares", "tilt, degrees",
         "plane RMS, squares", "plane RMS, % of distance", "plane RMS, px, every pixel",
         "sub-pixel RMS, px", "off the plane by more than 1 px, %", "Z accuracy, %"}};
    if (plane->frames == 0)
        return;
    text_line(stream, "flat target, %d frame%s: %*s %9s", plane->frames,
              plane->frames == 1 ? "" : "s", 21, "mean", "worst");
    for (int i = 0; i < PLANE_MEASURES; i++)
        print_measure(plane, i, about[plane->unit == RIG_SQUARES][i], stream);
    if (plane->frames > 1 && plane->worst_frame[0] != '\0')
        text_line(stream, "  worst sub-pixel RMS: frame %s", plane->worst_frame);
}

static void print_unmatched(const struct manifest *manifest, FILE *stream)
{
    enum { UNMATCHED_SHOWN = 3 };
    int count = manifest != NULL ? manifest->unmatched_count : 0;
    if (count == 0)
        return;
    text_part(stream, "%d file%s without a partner:", count, count == 1 ? "" : "s");
    for (int i = 0; i < count && i < UNMATCHED_SHOWN; i++)
        text_part(stream, " %s", path_name(manifest->unmatched[i]));
    text_line(stream, "%s", count > UNMATCHED_SHOWN ? " ..." : "");
}

/* What the frames warned of, alike warnings in one line. Those of the session are in the
 * log already, and in the report. */
static void print_warnings(const struct run_report *report, FILE *stream)
{
    struct warning_groups *groups = calloc(1, sizeof(*groups));
    int run_warnings = report->warnings.length + report->warnings.dropped;
    if (groups == NULL)
        return;
    if (report->totals.warnings > run_warnings)
        warning_groups_collect(groups, report);
    for (int i = 0; i < groups->count; i++) {
        const struct warning_group *group = &groups->groups[i];
        if (group->frames == 1)
            text_line(stream, "warning: %s: %s", group->first, group->text);
        else
            text_line(stream, "warning: %d frames, first %s: %s", group->frames,
                      group->first, group->text);
    }
    if (groups->left_out > 0)
        text_line(stream, "and %d warnings more, in the report", groups->left_out);
    if (run_warnings > 0)
        text_line(stream, "%d warning%s of the session in the report", run_warnings,
                  run_warnings == 1 ? "" : "s");
    free(groups);
}

static bool is_bad(enum po_frame_status status)
{
    return status != PO_FRAME_DONE && status != PO_FRAME_REUSED &&
           status != PO_FRAME_PENDING;
}

/* Frames one after the other that ended for the same reason. */
static int print_failed_alike(const struct run_report *report, int from, FILE *stream)
{
    enum { NAMES_SHOWN = 4 };
    char reason[512] = "";
    int names = 0;
    int i = from;
    for (; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        if (!is_bad(frame.status))
            continue;
        const char *message =
            frame.message != NULL ? frame.message : frame_status_name(frame.status);
        if (names == 0)
            (void)snprintf(reason, sizeof(reason), "%s", message);
        else if (!warning_texts_alike(reason, message))
            break;
        if (names < NAMES_SHOWN)
            text_part(stream, "%s%s", names == 0 ? "  " : ", ", frame.id);
        names++;
    }
    if (names > NAMES_SHOWN)
        text_part(stream, " and %d more", names - NAMES_SHOWN);
    if (names > 0)
        text_line(stream, ": %s", reason);
    return i;
}

/* Which did not make it, with the reason: a log may be far away. */
static void print_failures(const struct run_report *report, FILE *stream)
{
    enum { REASONS_SHOWN = 10 };
    const struct report_totals *totals = &report->totals;
    int bad =
        totals->failed + totals->timed_out + totals->crashed + totals->out_of_memory;
    int next = bad > 0 ? 0 : report->frame_count;
    for (int reasons = 0; reasons < REASONS_SHOWN && next < report->frame_count;
         reasons++)
        next = print_failed_alike(report, next, stream);
    if (next < report->frame_count)
        text_line(stream, "  and more, in the report");
}

/* Results that a reader would take for this run's, though it did not make them. */
static void print_earlier_results(const struct report_totals *totals, FILE *stream)
{
    if (totals->earlier_results > 0)
        text_line(stream,
                  "%d of the frames that did not finish: the folder still holds the "
                  "result of an earlier run (earlier_result in the report)",
                  totals->earlier_results);
}

/* Folders that a reader of the results would take for this run's. */
static void print_other_frames(const struct report_other_frames *others, FILE *stream)
{
    enum { OTHERS_SHOWN = 3 };
    int shown = others->listed < OTHERS_SHOWN ? others->listed : OTHERS_SHOWN;
    if (others->count == 0)
        return;
    text_part(stream,
              "%d more folder%s of frames that are not of this run (an earlier one "
              "left them):",
              others->count, others->count == 1 ? "" : "s");
    for (int i = 0; i < shown; i++)
        text_part(stream, " %s", others->ids[i]);
    text_line(stream, "%s", others->count > shown ? " ..." : "");
}

void run_summary_print(const struct run_report *report, FILE *stream)
{
    print_ends(&report->totals, stream);
    print_failures(report, stream);
    print_incomplete(&report->totals, stream);
    print_pace(report, stream);
    print_network(&report->network, stream);
    print_scores(&report->totals, stream);
    print_plane(&report->totals, stream);
    print_unmatched(report->manifest, stream);
    print_warnings(report, stream);
    print_earlier_results(&report->totals, stream);
    print_other_frames(&report->other_frames, stream);
    if (report->output_directory != NULL)
        text_line(stream, "results in %s", report->output_directory);
    (void)fflush(stream);
}
