/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_frames.h"

#include <math.h>
#include <string.h>

#include "base/readable.h"

const char *html_status_class(enum po_frame_status status)
{
    switch (status) {
    case PO_FRAME_DONE:
        return "done";
    case PO_FRAME_REUSED:
        return "reused";
    case PO_FRAME_PENDING:
        return "";
    case PO_FRAME_FAILED:
    case PO_FRAME_TIMED_OUT:
    case PO_FRAME_CRASHED:
    case PO_FRAME_OUT_OF_MEMORY:
        break;
    }
    return "bad";
}

static bool has_result(const struct report_frame *frame)
{
    return (frame->status == PO_FRAME_DONE || frame->status == PO_FRAME_REUSED) &&
           frame->record != NULL;
}

static const char *find_artefact(const struct frame_record *record, const char *beginning)
{
    for (int i = 0; i < record->artefact_count; i++)
        if (strncmp(record->artefacts[i].name, beginning, strlen(beginning)) == 0)
            return record->artefacts[i].name;
    return NULL;
}

/* A frame's id as part of an address: its only special byte is '%'. */
static void write_address(struct markup *html, const char *id, const char *name)
{
    markup_raw(html, "frames/");
    for (; *id != '\0'; id++) {
        if (*id == '%')
            markup_raw(html, "%25");
        else
            markup_print(html, "%c", *id);
    }
    markup_raw(html, "/");
    markup_text(html, name);
}

static void write_preview(struct markup *html, const struct report_frame *frame)
{
    const char *preview =
        has_result(frame) ? find_artefact(frame->record, "preview.") : NULL;
    markup_raw(html, "<td>");
    if (preview != NULL) {
        markup_raw(html, "<img loading=\"lazy\" alt=\"\" src=\"");
        write_address(html, frame->id, preview);
        markup_raw(html, "\">");
    }
    markup_raw(html, "</td>");
}

static void write_links(struct markup *html, const struct report_frame *frame)
{
    static const char *const beginnings[] = {"cloud.", "surface.", "disparity.",
                                             "depth."};
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
        const char *name = find_artefact(frame->record, beginnings[i]);
        if (name == NULL)
            continue;
        markup_raw(html, "<a href=\"");
        write_address(html, frame->id, name);
        markup_raw(html, "\">");
        markup_text(html, name);
        markup_raw(html, "</a> ");
    }
}

static void write_view_button(struct markup *html, const struct report_frame *frame)
{
    const char *name = find_artefact(frame->record, "cloud.ply");
    if (name == NULL)
        return;
    markup_raw(html, "<button data-cloud=\"");
    write_address(html, frame->id, name);
    markup_raw(html, "\">view</button>");
}

static void write_extent(struct markup *html, const struct record_extent *extent,
                         bool squares)
{
    double size_mm[3];
    double longest_mm = 0;
    if (isnan(extent->median_depth_mm))
        return;
    for (int axis = 0; axis < 3; axis++) {
        size_mm[axis] = extent->p99_mm[axis] - extent->p1_mm[axis];
        longest_mm = fmax(longest_mm, size_mm[axis]);
    }
    double unit_mm = longest_mm < 10000 || squares ? 1 : 1000;
    const char *name = squares ? "squares" : unit_mm > 1 ? "m" : "mm";
    markup_print(
        html,
        "<div class=\"note\" title=\"without the outer 1 %% on each side\">%.1f x %.1f "
        "x %.1f %s, median depth %.1f %s</div>",
        size_mm[0] / unit_mm, size_mm[1] / unit_mm, size_mm[2] / unit_mm, name,
        extent->median_depth_mm / unit_mm, name);
}

static void write_counts(struct markup *html, const struct frame_record *record)
{
    if (record->count_count == 0)
        return;
    markup_raw(html, "<details><summary>counts</summary>");
    for (int i = 0; i < record->count_count; i++) {
        markup_raw(html, "<div>");
        markup_text(html, record->counts[i].name);
        markup_print(html, " %llu</div>", (unsigned long long)record->counts[i].value);
    }
    markup_raw(html, "</details>");
}

static void write_result(struct markup *html, const struct report_frame *frame)
{
    const struct frame_record *record = frame->record;
    const struct record_score *score = &record->scores.dense_all;
    write_links(html, frame);
    write_view_button(html, frame);
    write_extent(html, &record->extent, record->rig.unit == RIG_SQUARES);
    if (record->scores.present && score->present)
        markup_print(html, "<div>bad 1 %.2f %%, bad 2 %.2f %%, mean error %.3f px</div>",
                     score->bad1, score->bad2, score->mae);
    for (int i = 0; i < record->warnings.length; i++) {
        markup_raw(html, "<div class=\"warning\">");
        markup_text(html, record->warnings.texts[i]);
        markup_raw(html, "</div>");
    }
    write_counts(html, record);
}

static void write_reason(struct markup *html, const struct report_frame *frame)
{
    if (frame->stage != NULL)
        markup_print(html, "in stage %s: ", frame->stage);
    markup_text(html, frame->message);
}

static void write_frame(struct markup *html, const struct report_frame *frame)
{
    char points[READABLE_BYTES] = "";
    markup_raw(html, "<tr>");
    write_preview(html, frame);
    markup_raw(html, "<td><code>");
    markup_text(html, frame->id);
    markup_print(html, "</code></td><td><span class=\"badge %s\">%s</span></td>",
                 html_status_class(frame->status), frame_status_name(frame->status));
    if (has_result(frame))
        readable_count(frame->record->points, points, sizeof(points));
    markup_print(html, "<td class=\"n\">%s</td><td class=\"n\">", points);
    if (frame->latency_ms > 0)
        markup_print(html, "%.0f", frame->latency_ms);
    markup_raw(html, "</td><td>");
    if (has_result(frame))
        write_result(html, frame);
    else
        write_reason(html, frame);
    markup_raw(html, "</td></tr>\n");
}

/* Writes the first `count` frames that have finished, or have not. */
static void write_pass(struct markup *html, const struct run_report *report,
                       bool finished, int count)
{
    for (int i = 0; i < report->frame_count && count > 0; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        bool good = frame.status == PO_FRAME_DONE || frame.status == PO_FRAME_REUSED;
        if (good != finished)
            continue;
        write_frame(html, &frame);
        count--;
    }
}

static int at_most(int count, int limit)
{
    return count < limit ? count : limit;
}

void html_write_frames(struct markup *html, const struct run_report *report)
{
    markup_raw(html,
               "<h2>Frames</h2>\n<table>\n<tr><th></th><th>frame</th><th>status</th>"
               "<th class=\"n\">points</th><th class=\"n\">ms</th><th></th></tr>\n");
    int good = report->totals.done + report->totals.reused;
    int bad_shown = at_most(report->totals.found - good, HTML_FRAMES_MAX);
    int good_shown = at_most(good, HTML_FRAMES_MAX);
    int left_out = report->totals.found - bad_shown - good_shown;
    write_pass(html, report, false, bad_shown);
    write_pass(html, report, true, good_shown);
    markup_raw(html, "</table>\n");
    if (left_out > 0)
        markup_print(html,
                     "<p class=\"note\">%d more frames are in "
                     "<a href=\"report.json\">report.json</a>.</p>\n",
                     left_out);
}
