/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/readable.h"
#include "report/html_frames.h"
#include "report/warning_groups.h"

enum { PERCENT = 100, POOR_SHARE = 40, FINDINGS_SHOWN = 12 };

/* Over the frames that have a result. */
struct quality {
    int frames;
    int clouds;
    double measured_sum; /* percent of the pixels */
    double measured_least;
    char least_frame[RECORD_ID_BYTES];
    double near_mm, far_mm; /* median depths */
    double sigma_sum;       /* percent of the median depth */
    uint64_t candidates;
    uint64_t flying;
    uint64_t unsure;
    bool squares;
};

static double measured_percent(const struct frame_record *record)
{
    double pixels = (double)record->width_px * record->height_px;
    return pixels > 0
               ? PERCENT * (double)frame_record_count(record, "class_measured") / pixels
               : 0.0;
}

static void add_cloud(struct quality *quality, const struct frame_record *record)
{
    const struct record_extent *extent = &record->extent;
    double depth_mm = extent->median_depth_mm;
    if (isnan(depth_mm))
        return;
    bool first = quality->clouds++ == 0;
    quality->near_mm = first ? depth_mm : fmin(quality->near_mm, depth_mm);
    quality->far_mm = first ? depth_mm : fmax(quality->far_mm, depth_mm);
    if (!isnan(extent->median_sigma_mm))
        quality->sigma_sum += PERCENT * extent->median_sigma_mm / depth_mm;
    quality->candidates += frame_record_count(record, "cloud_candidates");
    quality->flying += frame_record_count(record, "dropped_edge_confidence") +
                       frame_record_count(record, "dropped_edge_jump");
    quality->unsure += frame_record_count(record, "dropped_depth_error");
    quality->squares |= record->rig.unit == RIG_SQUARES;
}

static void measure(const struct run_report *report, struct quality *quality)
{
    *quality = (struct quality){.measured_least = PERCENT};
    for (int i = 0; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        if (frame.record == NULL)
            continue;
        double share = measured_percent(frame.record);
        quality->frames++;
        quality->measured_sum += share;
        if (share <= quality->measured_least) {
            quality->measured_least = share;
            (void)snprintf(quality->least_frame, sizeof(quality->least_frame), "%s",
                           frame.id);
        }
        add_cloud(quality, frame.record);
    }
}

void html_write_row(struct markup *html, const char *name, const char *value)
{
    markup_print(html, "<tr><th>%s</th><td>", name);
    markup_text(html, value);
    markup_raw(html, "</td></tr>\n");
}

/* In metres where `longest_mm` is long. */
static void length_text(double mm, double longest_mm, bool squares, char *text,
                        size_t bytes)
{
    if (squares)
        (void)snprintf(text, bytes, "%.1f squares", mm);
    else if (longest_mm >= 10000)
        (void)snprintf(text, bytes, "%.1f m", mm / 1000);
    else
        (void)snprintf(text, bytes, "%.0f mm", mm);
}

static const char *verdict_class(const struct run_report *report,
                                 const struct quality *quality)
{
    int good = report->totals.done + report->totals.reused;
    if (good == 0 || quality->frames == 0)
        return "poor";
    if (good < report->totals.found || report->totals.incomplete > 0 ||
        quality->measured_sum < POOR_SHARE * quality->frames)
        return "fair";
    return "good";
}

static void write_sentence(struct markup *html, const struct run_report *report,
                           const struct quality *quality)
{
    char points[READABLE_BYTES];
    char near[READABLE_BYTES];
    char far[READABLE_BYTES];
    int good = report->totals.done + report->totals.reused;
    readable_count(report->totals.points, points, sizeof(points));
    length_text(quality->near_mm, quality->far_mm, quality->squares, near, sizeof(near));
    length_text(quality->far_mm, quality->far_mm, quality->squares, far, sizeof(far));
    markup_print(html, "<p class=\"verdict %s\">%d of %d frame%s reconstructed",
                 verdict_class(report, quality), good, report->totals.found,
                 report->totals.found == 1 ? "" : "s");
    if (quality->clouds > 0)
        markup_print(html, ": %s points, at a median depth of %s", points, near);
    if (quality->clouds > 1 && strcmp(near, far) != 0)
        markup_print(html, " to %s", far);
    if (quality->frames > 0)
        markup_print(html, "; %.0f %% of the pixels measured",
                     quality->measured_sum / quality->frames);
    markup_raw(html, ".</p>\n");
}

static void write_warning_groups(struct markup *html, const struct run_report *report)
{
    struct warning_groups *groups = calloc(1, sizeof(*groups));
    if (groups == NULL)
        return;
    warning_groups_collect(groups, report);
    for (int i = 0; i < groups->count && i < FINDINGS_SHOWN; i++) {
        const struct warning_group *group = &groups->groups[i];
        markup_print(html, "<li>%d frame%s, first ", group->frames,
                     group->frames == 1 ? "" : "s");
        markup_text(html, group->first);
        markup_raw(html, ": ");
        markup_text(html, group->text);
        markup_raw(html, "</li>\n");
    }
    free(groups);
}

/* What deserves a look: failures, poor frames, warnings. */
static void write_findings(struct markup *html, const struct run_report *report,
                           const struct quality *quality)
{
    int bad = report->totals.found - report->totals.done - report->totals.reused;
    markup_raw(html, "<ul class=\"findings\">\n");
    if (bad > 0)
        markup_print(html, "<li><a href=\"#frames\">%d frame%s did not finish</a></li>\n",
                     bad, bad == 1 ? "" : "s");
    if (quality->frames > 0 && quality->measured_least < POOR_SHARE) {
        markup_raw(html, "<li>least is measured in frame ");
        markup_text(html, quality->least_frame);
        markup_print(html,
                     ": %.0f %% of its pixels; look for surfaces without texture, blur, "
                     "or a disparity range that is too small</li>\n",
                     quality->measured_least);
    }
    for (int i = 0; i < report->warnings.length && i < FINDINGS_SHOWN; i++) {
        markup_raw(html, "<li>");
        markup_text(html, report->warnings.texts[i]);
        markup_raw(html, "</li>\n");
    }
    write_warning_groups(html, report);
    markup_raw(html, "</ul>\n");
}

static void write_share(struct markup *html, const char *name, uint64_t part,
                        uint64_t whole)
{
    if (whole > 0)
        markup_print(html, "<tr><th>%s</th><td>%.1f %%</td></tr>\n", name,
                     PERCENT * (double)part / (double)whole);
}

static void write_rows_note(struct markup *html, const struct run_report *report)
{
    static const char beginning[] = "rows ";
    for (int i = 0; i < report->event_count; i++)
        if (strncmp(report->events[i].text, beginning, sizeof(beginning) - 1) == 0)
            html_write_row(html, "rows of left and right", report->events[i].text);
}

static void write_quality(struct markup *html, const struct run_report *report,
                          const struct quality *quality)
{
    if (quality->frames == 0)
        return;
    markup_print(html,
                 "<h2>Quality</h2>\n<table>\n<tr><th>pixels measured</th><td>%.1f %% on "
                 "average, %.1f %% at least (",
                 quality->measured_sum / quality->frames, quality->measured_least);
    markup_text(html, quality->least_frame);
    markup_raw(html, ")</td></tr>\n");
    write_rows_note(html, report);
    if (quality->clouds > 0)
        markup_print(html,
                     "<tr><th>depth at the median depth</th><td>unsure by %.2f %% (one "
                     "sigma)</td></tr>\n",
                     quality->sigma_sum / quality->clouds);
    write_share(html, "flying pixels dropped", quality->flying, quality->candidates);
    write_share(html, "dropped as too unsure", quality->unsure, quality->candidates);
    markup_raw(html, "</table>\n");
}

static void write_ends(struct markup *html, const struct report_totals *totals)
{
    static const enum po_frame_status order[] = {
        PO_FRAME_DONE,    PO_FRAME_REUSED,        PO_FRAME_FAILED, PO_FRAME_TIMED_OUT,
        PO_FRAME_CRASHED, PO_FRAME_OUT_OF_MEMORY, PO_FRAME_PENDING};
    struct report_totals copy = *totals;
    markup_raw(html, "<p>");
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
        int count = *report_status_count(&copy, order[i]);
        if (count > 0)
            markup_print(html, "<span class=\"badge %s\">%d %s</span> ",
                         html_status_class(order[i]), count, frame_status_name(order[i]));
    }
    markup_raw(html, "</p>\n");
}

void html_write_summary(struct markup *html, const struct run_report *report)
{
    struct quality quality;
    measure(report, &quality);
    write_sentence(html, report, &quality);
    write_ends(html, &report->totals);
    write_findings(html, report, &quality);
    write_quality(html, report, &quality);
}

static void write_size_row(struct markup *html, const char *name, uint64_t bytes)
{
    char text[READABLE_BYTES];
    readable_size(bytes, text, sizeof(text));
    if (bytes > 0)
        html_write_row(html, name, text);
}

static void write_latency(struct markup *html, const struct report_totals *totals)
{
    if (isnan(totals->latency_p50_ms))
        return;
    markup_print(html,
                 "<tr><th>time of a frame</th><td>median %.0f ms, 95 %% below %.0f "
                 "ms, 99 %% below %.0f ms</td></tr>\n",
                 totals->latency_p50_ms, totals->latency_p95_ms, totals->latency_p99_ms);
}

static void write_network(struct markup *html, const struct report_network *network)
{
    if (!network->present || network->frames == 0)
        return;
    markup_print(html,
                 "<tr><th>network</th><td>median %.0f ms a frame, 95 %% below %.0f "
                 "ms%s</td></tr>\n",
                 network->p50_ms, network->p95_ms,
                 network->beside ? ", beside the match" : "");
    write_size_row(html, "network, memory a process", network->process_bytes);
}

static void write_stages(struct markup *html, const struct report_totals *totals)
{
    if (totals->stage_count == 0)
        return;
    const char *between = "";
    markup_raw(html, "<tr><th>mean of the stages</th><td>");
    for (int i = 0; i < totals->stage_count; i++) {
        if (totals->stages[i].ms < 0.05)
            continue; /* nobody asked for it */
        markup_print(html, "%s%s %.1f ms", between, totals->stages[i].name,
                     totals->stages[i].ms);
        between = ", ";
    }
    markup_raw(html, "</td></tr>\n");
}

void html_write_cost(struct markup *html, const struct run_report *report)
{
    char text[READABLE_BYTES];
    const struct report_totals *totals = &report->totals;
    markup_raw(html, "<h2>Cost</h2>\n<table>\n");
    readable_seconds(report->wall_s, text, sizeof(text));
    html_write_row(html, "time", text);
    if (totals->done > 0)
        markup_print(html, "<tr><th>pace</th><td>%.2f frames/s, %d worker%s</td></tr>\n",
                     report->frames_per_second, report->workers,
                     report->workers == 1 ? "" : "s");
    write_latency(html, totals);
    write_network(html, &report->network);
    write_stages(html, totals);
    write_size_row(html, "memory, predicted peak", report->memory.predicted_bytes);
    write_size_row(html, "memory, measured peak", report->memory.measured_bytes);
    write_size_row(html, "memory limit", report->memory.limit_bytes);
    markup_raw(html, "</table>\n");
}
