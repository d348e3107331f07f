/* SPDX-License-Identifier: Apache-2.0 */
/* calibration.html: verdict, figures, where the board was seen, what is left of errors,
 * and a rectified pair. Plain HTML and SVG, no script. */
#include <math.h>
#include <string.h>

#include "base/outside_text.h"
#include "calib/matrix3.h"
#include "calibrate/fit_report.h"

static const char *const sides[] = {"left", "right"};

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 "
    "1rem;color:#1c2024;background:#fff}h1{font-size:1.5rem}h2{font-size:1.1rem;"
    "margin-top:2rem}table{border-collapse:collapse}td,th{padding:.25rem "
    ".7rem;border-bottom:1px solid #d8dde3;text-align:left}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}figure{display:inline-block;margin:0 1rem 1rem 0;"
    "width:min(38rem,100%)}svg,figure "
    "img{width:100%;height:auto;display:block;border:1px solid #d8dde3}figcaption{color:"
    "#5b6570}.good{color:#12703a}.refused{color:#b3261e}.usable{color:#8a5a00}.bar{"
    "display:inline-block;height:.7rem;background:#3b74c4}.bad .bar{background:#c8433a}"
    ".pair{position:relative}";

/* Text from outside in HTML. */
static void put_escaped(FILE *stream, const char *text)
{
    for (; *text != '\0'; text++) {
        static const char special[] = "&<>\"";
        static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
        const char *found = strchr(special, *text);
        if (found != NULL) {
            text_part(stream, "%s", names[found - special]);
            continue;
        }
        size_t length = strcspn(text, special);
        text_part(stream, "%.*s", (int)length, text);
        text += length - 1;
    }
}

static const struct model_trial *chosen(const struct fit_report *report)
{
    return &report->choice->trials[report->choice->chosen];
}

static void write_verdict(const struct fit_report *report, FILE *stream)
{
    static const char *const classes[] = {"good", "usable", "refused"};
    const struct verdict *verdict = report->verdict;
    text_line(stream, "<h1>Calibration: <span id=\"verdict\" class=\"%s\">%s</span></h1>",
              classes[verdict->grade], verdict_grade_name(verdict->grade));
    text_line(stream, "<ul id=\"findings\">");
    for (int i = 0; i < verdict->finding_count; i++) {
        text_part(stream, "<li class=\"%s\">", classes[verdict->findings[i].grade]);
        put_escaped(stream, verdict->findings[i].text);
        text_line(stream, "</li>");
    }
    text_line(stream, "</ul>");
}

static void write_row(FILE *stream, const char *name, const char *format, double value,
                      double sigma)
{
    text_part(stream, "<tr><td>%s</td><td class=\"n\">", name);
    if (strcmp(format, "px") == 0)
        text_part(stream, "%.3f", value);
    else
        text_part(stream, "%.5g", value);
    text_part(stream, "</td><td class=\"n\">");
    if (sigma > 0)
        text_part(stream, "&#177; %.2g", sigma);
    text_line(stream, "</td><td>%s</td></tr>", format);
}

static void write_figures(const struct fit_report *report, FILE *stream)
{
    static const char *const names[2][4] = {
        {"left fx", "left fy", "left centre x", "left centre y"},
        {"right fx", "right fy", "right centre x", "right centre y"}};
    const struct model_trial *trial = chosen(report);
    const struct verdict *verdict = report->verdict;
    double baseline = vector3_length(report->rig->calibration.translation_mm);
    text_line(stream, "<h2>Figures</h2><table id=\"figures\">");
    write_row(stream, "rows after rectification, views held out", "px",
              verdict->row_rms_px, 0);
    write_row(stream, "95 % of them below", "px", verdict->row_q95_px, 0);
    write_row(stream, "reprojection error", "px", trial->fit.rms_px, 0);
    write_row(stream, "reprojection error, views held out", "px",
              trial->held.corners_px.rms, 0);
    write_row(stream, "baseline", fit_report_unit(report), baseline,
              baseline * verdict->baseline_share);
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &trial->bundle.cameras[side];
        const double values[4] = {camera->fx, camera->fy, camera->cx, camera->cy};
        for (int i = 0; i < 4; i++)
            write_row(stream, names[side][i], "px", values[i],
                      verdict->camera_sigma[side][i]);
    }
    text_line(stream, "</table><p>Lens: %s. &#177; is one standard deviation.</p>",
              trial->model->title);
}

static void open_picture(const struct fit_report *report, FILE *stream, const char *id,
                         int side)
{
    text_line(stream,
              "<figure><svg id=\"%s-%s\" viewBox=\"0 0 %d %d\" "
              "xmlns=\"http://www.w3.org/2000/svg\">",
              id, sides[side], report->views->width_px, report->views->height_px);
}

/* Every corner, over the cells that count as seen. */
static void write_coverage(const struct fit_report *report, FILE *stream)
{
    const struct bundle *bundle = &chosen(report)->bundle;
    double w = (double)report->views->width_px / COVERAGE_COLS;
    double h = (double)report->views->height_px / COVERAGE_ROWS;
    text_line(stream, "<h2>Where the board was seen</h2>");
    for (int side = 0; side < 2; side++) {
        open_picture(report, stream, "coverage", side);
        for (int i = 0; i < COVERAGE_ROWS * COVERAGE_COLS; i++) {
            int row = i / COVERAGE_COLS;
            int col = i % COVERAGE_COLS;
            if (report->verdict->cells[side][row][col])
                text_line(stream,
                          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                          "fill=\"#dcefe2\"/>",
                          col * w, row * h, w, h);
        }
        text_part(stream, "<g fill=\"#14713b\">");
        for (int v = 0; v < bundle->view_count; v++)
            for (int i = 0; i < bundle->corner_count && bundle->views[v].used &&
                            bundle->views[v].sides[side];
                 i++)
                text_part(stream, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                          bundle->views[v].pixels[side][2 * (ptrdiff_t)i],
                          bundle->views[v].pixels[side][2 * (ptrdiff_t)i + 1],
                          report->views->width_px / 400.0);
        text_line(stream,
                  "</g></svg><figcaption>%s camera: %.0f %% of the cells</figcaption>"
                  "</figure>",
                  sides[side], 100 * report->verdict->coverage[side]);
    }
}

static void write_arrows(const struct fit_report *report, int side, double scale,
                         FILE *stream)
{
    const struct bundle *bundle = &chosen(report)->bundle;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view *view = &bundle->views[v];
        for (int i = 0; i < bundle->corner_count && view->used && view->sides[side];
             i++) {
            double r[2];
            const double *at = view->pixels[side] + 2 * (ptrdiff_t)i;
            if (!bundle_residual(bundle, view, side, i, r))
                continue;
            text_part(stream, "<path d=\"M%.1f %.1fl%.1f %.1f\"%s/>", at[0], at[1],
                      scale * r[0], scale * r[1],
                      view->kept[side][i] ? "" : " stroke=\"#c8433a\"");
        }
    }
}

/* Residual vectors, drawn so large that the typical one can be seen. */
static void write_residuals(const struct fit_report *report, FILE *stream)
{
    double rms = fmax(chosen(report)->fit.rms_px, 1e-3);
    double scale = report->views->width_px / 80.0 / rms;
    text_line(stream, "<h2>What the fit leaves of each corner</h2>");
    for (int side = 0; side < 2; side++) {
        open_picture(report, stream, "residuals", side);
        text_part(stream, "<g stroke=\"#2b5fa8\" fill=\"none\" stroke-width=\"%.2f\">",
                  report->views->width_px / 700.0);
        write_arrows(report, side, scale, stream);
        text_line(stream,
                  "</g></svg><figcaption>%s camera, %.0f times enlarged; red: left "
                  "out</figcaption></figure>",
                  sides[side], scale);
    }
}

static void write_bar(FILE *stream, double value, double largest)
{
    text_part(stream, "<td class=\"n\">");
    if (value > 0)
        text_part(stream,
                  "%.3f</td><td><span class=\"bar\" style=\"width:%.0fpx\"></span>",
                  value, 140 * fmin(value / largest, 1));
    else
        text_part(stream, "</td><td>");
    text_part(stream, "</td>");
}

static double largest_error(const struct view_set *views)
{
    double largest = 1e-6;
    for (int i = 0; i < views->pair_count; i++)
        for (int side = 0; side < 2; side++)
            if (views->notes[i].use == PAIR_USED)
                largest = fmax(largest, views->notes[i].rms_px[side]);
    return largest;
}

static void write_pairs(const struct fit_report *report, FILE *stream)
{
    const struct view_set *views = report->views;
    const double *rows_px = chosen(report)->held.view_rows_px;
    double largest = largest_error(views);
    text_line(stream, "<h2>Pairs</h2><table id=\"pairs\"><tr><th>pair</th><th>left "
                      "px</th><th></th><th>right px</th><th></th><th>rows, held out "
                      "px</th><th></th></tr>");
    for (int i = 0; i < views->pair_count; i++) {
        const struct pair_note *note = &views->notes[i];
        text_part(stream, "<tr%s><td>", note->use == PAIR_USED ? "" : " class=\"bad\"");
        put_escaped(stream, report->manifest->frames[i].id);
        text_part(stream, "</td>");
        for (int side = 0; side < 2; side++)
            write_bar(stream, note->rms_px[side], largest);
        text_part(stream, "<td class=\"n\">");
        if (note->view >= 0 && rows_px[note->view] > 0)
            text_part(stream, "%.3f", rows_px[note->view]);
        text_part(stream, "</td><td>");
        put_escaped(stream, note->text);
        text_line(stream, "</td></tr>");
    }
    text_line(stream, "</table>");
}

/* Both sides beside each other, with the same lines across both. */
static void write_preview(const struct fit_report *report, FILE *stream)
{
    enum { LINES = 12 };
    const struct preview *preview = report->preview;
    if (preview->pair < 0)
        return;
    int w = preview->width_px;
    int h = preview->height_px;
    text_line(
        stream,
        "<h2>After rectification</h2><p>What one line meets in the left picture, it "
        "meets in the right.</p><svg id=\"rectified\" viewBox=\"0 0 %d %d\" "
        "xmlns=\"http://www.w3.org/2000/svg\">",
        2 * w, h);
    for (int side = 0; side < 2; side++) {
        text_part(stream, "<image x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" href=\"",
                  side * w, w, h);
        preview_write_address(preview, side, stream);
        text_line(stream, "\"/>");
    }
    text_part(stream, "<g stroke=\"#ff5a36\" stroke-width=\"1\">");
    for (int i = 1; i < LINES; i++)
        text_part(stream, "<path d=\"M0 %.1fH%d\"/>", (double)h * i / LINES, 2 * w);
    text_part(stream, "</g></svg><p>Pair ");
    put_escaped(stream, report->manifest->frames[preview->pair].id);
    text_line(stream, "</p>");
}

void fit_report_html(const struct fit_report *report, FILE *stream)
{
    text_line(stream, "<!DOCTYPE html>");
    text_line(stream,
              "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Calibration</title>"
              "<meta name=\"viewport\" content=\"width=device-width\"><style>%s</style>"
              "</head><body>",
              style);
    write_verdict(report, stream);
    write_preview(report, stream);
    write_figures(report, stream);
    write_coverage(report, stream);
    write_residuals(report, stream);
    write_pairs(report, stream);
    text_line(stream, "<p>process_offline %s</p></body></html>", report->program_version);
}
