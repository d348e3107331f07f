/* SPDX-License-Identifier: Apache-2.0 */
#include "report/run_summary.h"

#include <math.h>

#include "base/outside_text.h"
#include "base/readable.h"

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

static void print_pace(const struct run_report *report, FILE *stream)
{
    char wall[READABLE_BYTES];
    char points[READABLE_BYTES];
    char memory[READABLE_BYTES];
    readable_seconds(report->wall_s, wall, sizeof(wall));
    readable_count(report->totals.points, points, sizeof(points));
    text_part(stream, "%s points in %s", points, wall);
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

static void print_score(const char *name, const struct record_score *score, FILE *stream)
{
    if (!score->present)
        return;
    text_line(stream, "  %-24s %6.2f %6.2f %6.2f %6.2f %7.3f %7.1f", name, score->bad05,
              score->bad1, score->bad2, score->bad4, score->mae, score->density);
}

static void print_scores(const struct report_totals *totals, FILE *stream)
{
    const struct record_scores *scores = &totals->scores;
    if (totals->scored_frames == 0)
        return;
    text_line(stream, "against ground truth, mean of %d frame%s:", totals->scored_frames,
              totals->scored_frames == 1 ? "" : "s");
    text_line(stream, "  %-24s %6s %6s %6s %6s %7s %7s", "percent of pixels", "bad0.5",
              "bad1", "bad2", "bad4", "mae px", "density");
    print_score("dense, all", &scores->dense_all, stream);
    print_score("dense, not occluded", &scores->dense_nonocc, stream);
    print_score("measured, all", &scores->measured_all, stream);
    print_score("measured, not occluded", &scores->measured_nonocc, stream);
}

static void print_notes(const struct run_report *report, FILE *stream)
{
    int run_warnings = report->warnings.length + report->warnings.dropped;
    int unmatched = report->manifest != NULL ? report->manifest->unmatched_count : 0;
    if (unmatched > 0)
        text_line(stream, "%d file%s without a partner", unmatched,
                  unmatched == 1 ? "" : "s");
    for (int i = 0; i < report->warnings.length; i++)
        text_line(stream, "warning: %s", report->warnings.texts[i]);
    if (report->warnings.dropped > 0)
        text_line(stream, "and %d more of %d warnings", report->warnings.dropped,
                  run_warnings);
    if (report->totals.warnings > 0)
        text_line(stream, "%d warning%s in the report: %d of the session, %d of frames",
                  report->totals.warnings, report->totals.warnings == 1 ? "" : "s",
                  run_warnings, report->totals.warnings - run_warnings);
}

/* The first that did not make it, with the reason: a log may be far away. */
static void print_failures(const struct run_report *report, FILE *stream)
{
    enum { FAILURES_SHOWN = 10 };
    const struct report_totals *totals = &report->totals;
    int bad =
        totals->failed + totals->timed_out + totals->crashed + totals->out_of_memory;
    int shown = 0;
    for (int i = 0; i < report->frame_count && shown < bad && shown < FAILURES_SHOWN;
         i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        if (frame.status == PO_FRAME_DONE || frame.status == PO_FRAME_REUSED ||
            frame.status == PO_FRAME_PENDING)
            continue;
        text_line(stream, "  %s: %s", frame.id,
                  frame.message != NULL ? frame.message
                                        : frame_status_name(frame.status));
        shown++;
    }
    if (bad > shown)
        text_line(stream, "  and %d more, in the report", bad - shown);
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
    print_pace(report, stream);
    print_scores(&report->totals, stream);
    print_notes(report, stream);
    print_earlier_results(&report->totals, stream);
    print_other_frames(&report->other_frames, stream);
    if (report->output_directory != NULL)
        text_line(stream, "results in %s", report->output_directory);
    (void)fflush(stream);
}
