/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_frames.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/path.h"
#include "base/readable.h"
#include "report/count_words.h"
#include "report/frame_page.h"

enum { PATH_BYTES = 4096 };

/* The list being written. */
struct frame_list {
    struct markup *html;
    const struct run_report *report;
    size_t embedded_bytes;
    struct frame_page page; /* of the frame that is written */
    int number;             /* of the next frame in the page */
};

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

/* What helps where the message does not say. */
static const char *remedy_of(enum po_frame_status status)
{
    switch (status) {
    case PO_FRAME_TIMED_OUT:
        return "Raise --frame-timeout if the images are large or the machine is busy; a "
               "frame that stops again and again is worth a bug report.";
    case PO_FRAME_CRASHED:
        return "Run again with --single-frame, or --frames and this frame alone; if it "
               "crashes again, please report it with both images.";
    case PO_FRAME_OUT_OF_MEMORY:
        return "Raise --memory-limit, use fewer --workers, or --downscale 2.";
    case PO_FRAME_FAILED:
        return "Check its two images and calibration: --check looks at both.";
    case PO_FRAME_PENDING:
        return "The run ended before its turn: run the same command again.";
    case PO_FRAME_DONE:
    case PO_FRAME_REUSED:
        break;
    }
    return "";
}

static bool has_result(const struct report_frame *frame)
{
    return (frame->status == PO_FRAME_DONE || frame->status == PO_FRAME_REUSED) &&
           frame->record != NULL;
}

static const struct record_artefact *find_artefact(const struct frame_record *record,
                                                   const char *beginning)
{
    for (int i = 0; i < record->artefact_count; i++)
        if (strncmp(record->artefacts[i].name, beginning, strlen(beginning)) == 0)
            return &record->artefacts[i];
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

static void write_links(struct markup *html, const struct report_frame *frame)
{
    static const char *const beginnings[] = {"cloud.", "surface.", "disparity.",
                                             "depth."};
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
        const struct record_artefact *found = find_artefact(frame->record, beginnings[i]);
        if (found == NULL)
            continue;
        markup_raw(html, "<a href=\"");
        write_address(html, frame->id, found->name);
        markup_raw(html, "\">");
        markup_text(html, found->name);
        markup_raw(html, "</a> ");
    }
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
    markup_print(html,
                 "<div>%.1f x %.1f x %.1f %s (without the outer 1 %% on each side), "
                 "median depth %.1f %s",
                 size_mm[0] / unit_mm, size_mm[1] / unit_mm, size_mm[2] / unit_mm, name,
                 extent->median_depth_mm / unit_mm, name);
    if (!isnan(extent->median_sigma_mm))
        markup_print(html, ", there unsure by %.3g %s", extent->median_sigma_mm / unit_mm,
                     name);
    markup_raw(html, "</div>\n");
}

static void write_counts(struct markup *html, const struct frame_record *record)
{
    if (record->count_count == 0)
        return;
    markup_raw(html, "<details><summary>what each step kept</summary><table>\n");
    for (int i = 0; i < record->count_count; i++) {
        const struct record_count *count = &record->counts[i];
        const struct count_words *words = count_words_find(count->name);
        char value[READABLE_BYTES];
        if (words != NULL && words->words == NULL)
            continue;
        readable_count(count->value, value, sizeof(value));
        markup_raw(html, "<tr><th>");
        markup_text(html, words != NULL ? words->words : count->name);
        markup_print(html, "</th><td class=\"n\">%s</td><td class=\"n\">", value);
        double percent =
            words != NULL ? count_words_percent(words, record, count->value) : -1.0;
        if (percent >= 0)
            markup_print(html, "%.1f %%", percent);
        markup_raw(html, "</td></tr>\n");
    }
    markup_raw(html, "</table></details>\n");
}

static void write_warnings(struct markup *html, const struct warning_list *warnings)
{
    for (int i = 0; i < warnings->length; i++) {
        markup_raw(html, "<div class=\"warning\">");
        markup_text(html, warnings->texts[i]);
        markup_raw(html, "</div>\n");
    }
}

static void write_part(struct markup *html, const struct frame_page *page,
                       enum frame_page_part part)
{
    markup_bytes(html, page->parts[part], page->part_bytes[part]);
}

static void write_picture(struct markup *html, const char *caption,
                          const struct frame_page *page, enum frame_page_part part)
{
    markup_print(html,
                 "<button class=\"picture\"><img loading=\"lazy\" alt=\"%s\" "
                 "src=\"data:image/jpeg;base64,",
                 caption);
    write_part(html, page, part);
    markup_print(html, "\"><span>%s</span></button>\n", caption);
}

/* Pictures, legend and points in the page itself. */
static void write_embedded(struct frame_list *list)
{
    struct markup *html = list->html;
    const struct frame_page *page = &list->page;
    markup_raw(html, "<div class=\"pictures\">\n");
    write_picture(html, "left image", page, PAGE_LEFT);
    write_picture(html, "disparity", page, PAGE_DISPARITY);
    write_picture(html, "class", page, PAGE_CLASS);
    write_picture(html, "confidence", page, PAGE_CONFIDENCE);
    markup_raw(html, "</div>\n<div class=\"legend\" hidden></div>\n"
                     "<p class=\"key\"><span class=\"swatch measured\"></span>measured "
                     "<span class=\"swatch occlusion\"></span>filled where one camera "
                     "cannot see <span class=\"swatch mismatch\"></span>filled where the "
                     "match was not trusted <span class=\"swatch none\"></span>nothing; "
                     "confidence: white is sure</p>\n");
    markup_print(html, "<script type=\"text/plain\" id=\"facts-%d\">", list->number);
    write_part(html, page, PAGE_FACTS);
    markup_print(html, "</script>\n<script type=\"text/plain\" id=\"points-%d\">",
                 list->number);
    write_part(html, page, PAGE_POINTS);
    markup_raw(html, "</script>\n");
    list->embedded_bytes += page->bytes;
    markup_send(html);
}

/* What lies beside the page. */
static void write_beside(struct frame_list *list, const struct report_frame *frame)
{
    const struct record_artefact *preview = find_artefact(frame->record, "preview.");
    if (preview == NULL)
        return;
    markup_raw(list->html, "<div class=\"pictures\"><button class=\"picture\"><img "
                           "loading=\"lazy\" alt=\"disparity\" src=\"");
    write_address(list->html, frame->id, preview->name);
    markup_raw(list->html, "\"><span>disparity</span></button></div>\n");
}

static bool read_page(struct frame_list *list, const struct report_frame *frame)
{
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof(path), "%s/frames/%s/view.html",
                          list->report->output_directory, frame->id);
    return length < (int)sizeof(path) && frame_page_read(path, &list->page);
}

/* By what the record says first: pages that do not fit are many, and not read. */
static bool has_room(const struct frame_list *list, uint64_t bytes)
{
    return bytes <= HTML_EMBEDDED_BYTES - list->embedded_bytes;
}

/* The frame's pictures and the button of its points; `view`: its page. */
static void write_view(struct frame_list *list, const struct report_frame *frame,
                       const struct record_artefact *view)
{
    struct markup *html = list->html;
    bool embedded = view != NULL && has_room(list, view->size_bytes) &&
                    list->report->output_directory != NULL && read_page(list, frame) &&
                    has_room(list, list->page.bytes);
    if (embedded)
        write_embedded(list);
    else
        write_beside(list, frame);
    if (view == NULL || frame->record->points == 0)
        return;
    markup_print(html, "<button class=\"open\" data-number=\"%d\" data-name=\"",
                 list->number);
    markup_text(html, frame->id);
    markup_raw(html, "\" data-view=\"");
    write_address(html, frame->id, view->name);
    markup_raw(html, "\">3D view</button>\n");
}

static void write_result(struct frame_list *list, const struct report_frame *frame)
{
    const struct frame_record *record = frame->record;
    const struct score *score = &record->scores.dense_all;
    struct markup *html = list->html;
    char points[READABLE_BYTES];
    readable_count(record->points, points, sizeof(points));
    write_view(list, frame, find_artefact(record, "view."));
    markup_print(html, "<div>%s points", points);
    if (frame->latency_ms > 0)
        markup_print(html, ", %.0f ms", frame->latency_ms);
    markup_raw(html, "</div>\n");
    write_extent(html, &record->extent, record->rig.unit == RIG_SQUARES);
    if (record->scores.present && score->present)
        markup_print(html,
                     "<div>bad 1 %.2f %%, bad 2 %.2f %%, mean error %.3f px</div>\n",
                     score->bad1, score->bad2, score->mae);
    write_warnings(html, &record->warnings);
    markup_raw(html, "<div>");
    write_links(html, frame);
    markup_raw(html, "</div>\n");
    write_counts(html, record);
}

static void write_reason(struct markup *html, const struct report_frame *frame)
{
    markup_raw(html, "<p class=\"cause\">");
    if (frame->stage != NULL)
        markup_print(html, "in stage %s: ", frame->stage);
    markup_text(html, frame->message != NULL ? frame->message
                                             : frame_status_name(frame->status));
    markup_print(html, "</p>\n<p class=\"remedy\">%s</p>\n", remedy_of(frame->status));
}

static void write_frame(struct frame_list *list, const struct report_frame *frame)
{
    struct markup *html = list->html;
    markup_print(html, "<article class=\"frame %s\" id=\"frame-%d\">\n<h3><code>",
                 html_status_class(frame->status), list->number);
    markup_text(html, frame->id);
    markup_print(html, "</code> <span class=\"badge %s\">%s</span></h3>\n",
                 html_status_class(frame->status), frame_status_name(frame->status));
    if (has_result(frame))
        write_result(list, frame);
    else
        write_reason(html, frame);
    markup_raw(html, "</article>\n");
    list->number++;
}

/* Writes the first `count` frames that have finished, or have not. */
static void write_pass(struct frame_list *list, bool finished, int count)
{
    const struct run_report *report = list->report;
    for (int i = 0; i < report->frame_count && count > 0; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        bool good = frame.status == PO_FRAME_DONE || frame.status == PO_FRAME_REUSED;
        if (good != finished)
            continue;
        write_frame(list, &frame);
        count--;
    }
}

/* Room on the disk for the views, found at once; a little less than they take, as nothing
 * gives back what is left over. */
static void expect_views(const struct frame_list *list, int count)
{
    const struct run_report *report = list->report;
    uint64_t bytes = 0;
    for (int i = 0; i < report->frame_count && count > 0; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        if (!has_result(&frame))
            continue;
        const struct record_artefact *view = find_artefact(frame.record, "view.");
        uint64_t view_bytes = view != NULL ? view->size_bytes : 0;
        if (view_bytes > HTML_EMBEDDED_BYTES - bytes)
            break;
        bytes += view_bytes;
        count--;
    }
    if (bytes > 0)
        markup_expect(list->html, bytes - bytes / 8);
}

void html_write_frames(struct markup *html, const struct run_report *report)
{
    struct frame_list list = {.html = html, .report = report};
    markup_raw(html, "<h2 id=\"frames\">Frames</h2>\n");
    int good = report->totals.done + report->totals.reused;
    int bad_shown = minimum(report->totals.found - good, HTML_FRAMES_MAX);
    int good_shown = minimum(good, HTML_FRAMES_MAX);
    int left_out = report->totals.found - bad_shown - good_shown;
    expect_views(&list, good_shown);
    write_pass(&list, false, bad_shown);
    write_pass(&list, true, good_shown);
    if (left_out > 0)
        markup_print(html,
                     "<p class=\"note\">%d more frames are in "
                     "<a href=\"report.json\">report.json</a>.</p>\n",
                     left_out);
    if (report->totals.found == 0)
        markup_raw(html, "<p class=\"note\">There were none.</p>\n");
    frame_page_release(&list.page);
}
