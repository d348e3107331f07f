/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "record/record_json.h"
#include "report/html_frames.h"
#include "report/html_summary.h"
#include "report/html_viewer.h"
#include "report/markup.h"
#include "report/page_asset.h"
#include "settings/setting_value.h"

/* Nothing runs but the page's own scripts and nothing is styled but by its own style, all
 * told by their hashes; pictures are in the page or beside it, and so are frames' pages.
 */
static void write_policy(struct markup *html)
{
    char viewer[PAGE_HASH_BYTES];
    char page[PAGE_HASH_BYTES];
    char style[PAGE_HASH_BYTES];
    page_asset_hash("viewer.js", viewer);
    page_asset_hash("page.js", page);
    page_asset_hash("report.css", style);
    markup_print(
        html,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "script-src '%s' '%s'; style-src '%s'; img-src 'self' data: file:; frame-src "
        "'self' file:; base-uri 'none'; form-action 'none'\">\n",
        viewer, page, style);
}

static void write_head(struct markup *html, const struct run_report *report)
{
    const char *root = report->manifest != NULL ? report->manifest->root : "session";
    markup_raw(html,
               "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    write_policy(html);
    markup_raw(html, "<meta name=\"viewport\" content=\"width=device-width, "
                     "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
                     "dark\">\n<title>");
    markup_text(html, root);
    markup_raw(html, "</title>\n<style>");
    markup_raw(html, page_asset("report.css"));
    markup_raw(html, "</style></head><body>\n<h1>");
    markup_text(html, root);
    markup_print(html, "</h1>\n<p class=\"note\">process_offline %s, exit status %d, ",
                 PROCESS_OFFLINE_VERSION, report->exit_status);
    markup_raw(html, "<a href=\"report.json\">report.json</a></p>\n");
}

static void write_scores(struct markup *html, const struct report_totals *totals)
{
    if (totals->scored_frames == 0)
        return;
    markup_print(html,
                 "<h2>Against ground truth</h2>\n<p class=\"note\">Mean of %d "
                 "frames, percent of the pixels with ground truth; pixels without "
                 "a value count as bad.</p>\n<table>\n<tr><th></th>",
                 totals->scored_frames);
    markup_raw(html,
               "<th class=\"n\">bad 0.5</th><th class=\"n\">bad 1</th><th "
               "class=\"n\">bad 2</th><th class=\"n\">bad 4</th><th "
               "class=\"n\">mean error, px</th><th class=\"n\">density</th></tr>\n");
    for (int group = 0; group < SCORE_GROUPS; group++) {
        const struct score *s = score_group_const(&totals->scores, group);
        static const char *const names[SCORE_GROUPS] = {
            "dense, all pixels", "dense, not occluded", "dense, in the right view",
            "measured, all pixels", "measured, not occluded"};
        if (s->present)
            markup_print(html,
                         "<tr><th>%s</th><td class=\"n\">%.2f</td><td class=\"n\">%.2f"
                         "</td><td class=\"n\">%.2f</td><td class=\"n\">%.2f</td><td "
                         "class=\"n\">%.3f</td><td class=\"n\">%.1f</td></tr>\n",
                         names[group], s->bad05, s->bad1, s->bad2, s->bad4, s->mae,
                         s->density);
    }
    markup_raw(html, "</table>\n");
}

/* The flat target of --quality-check. */
static void write_plane(struct markup *html, const struct report_totals *totals)
{
    const struct plane_summary *plane = &totals->plane;
    const char *length = plane->unit == RIG_SQUARES ? "squares" : "mm";
    if (plane->frames == 0)
        return;
    markup_print(html,
                 "<h2>Flat target</h2>\n<p class=\"note\">Over %d frames: the region "
                 "of --quality-check against the plane fitted to it.</p>\n<table>\n"
                 "<tr><th></th><th class=\"n\">mean</th><th class=\"n\">worst</th>"
                 "</tr>\n",
                 plane->frames);
    const struct {
        const char *about;
        double mean, worst;
    } rows[] = {
        {"fill rate, %", plane->mean.fill_percent, plane->worst.fill_percent},
        {"plane RMS, % of distance", plane->mean.plane_rms_percent,
         plane->worst.plane_rms_percent},
        {"plane RMS, px, every pixel", plane->mean.plane_rms_px,
         plane->worst.plane_rms_px},
        {"sub-pixel RMS, px", plane->mean.subpixel_rms_px, plane->worst.subpixel_rms_px},
        {"Z accuracy, %", plane->mean.z_accuracy_percent,
         plane->worst.z_accuracy_percent},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (isfinite(rows[i].mean))
            markup_print(html,
                         "<tr><th>%s</th><td class=\"n\">%.4g</td><td class=\"n\">%.4g"
                         "</td></tr>\n",
                         rows[i].about, rows[i].mean, rows[i].worst);
    if (isfinite(plane->mean.distance_mm))
        markup_print(html,
                     "<tr><th>plane RMS, %s</th><td class=\"n\">%.4g</td><td "
                     "class=\"n\">%.4g</td></tr>\n<tr><th>distance, %s</th><td "
                     "class=\"n\">%.4g</td><td></td></tr>\n",
                     length, plane->mean.plane_rms_mm, plane->worst.plane_rms_mm, length,
                     plane->mean.distance_mm);
    markup_raw(html, "</table>\n");
}

static void write_list_item(struct markup *html, const char *text)
{
    markup_raw(html, "<li>");
    markup_text(html, text);
    markup_raw(html, "</li>\n");
}

static void write_notes(struct markup *html, const struct run_report *report)
{
    int unmatched = report->manifest != NULL ? report->manifest->unmatched_count : 0;
    if (report->event_count + unmatched == 0)
        return;
    markup_raw(html, "<h2>Notes</h2>\n<ul class=\"notes\">\n");
    for (int i = 0; i < report->event_count; i++)
        write_list_item(html, report->events[i].text);
    if (unmatched > 0)
        markup_print(html, "<li>%d files without a partner, listed in report.json</li>\n",
                     unmatched);
    markup_raw(html, "</ul>\n");
}

static void write_calibration(struct markup *html, const struct calibration *calibration)
{
    const double *t = calibration->translation_mm;
    double baseline = calibration->rectified
                          ? calibration->rig.baseline_mm
                          : sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
    double focal_px =
        calibration->rectified ? calibration->rig.focal_px : calibration->cameras[0].fx;
    markup_raw(html, "<tr><td><code>");
    markup_text(html, calibration->path);
    markup_raw(html, "</code></td><td>");
    markup_text(html, calibration->format);
    if (calibration->unit == RIG_NONE)
        markup_raw(html, "</td><td class=\"n\">\xe2\x80\x93</td><td class=\"n\">unscaled"
                         "</td><td>");
    else
        markup_print(
            html, "</td><td class=\"n\">%.2f</td><td class=\"n\">%.3f %s</td><td>",
            focal_px, baseline, calibration->unit == RIG_SQUARES ? "squares" : "mm");
    for (int i = 0; i < calibration->warnings.length; i++) {
        markup_raw(html, "<div class=\"warning\">");
        markup_text(html, calibration->warnings.texts[i]);
        markup_raw(html, "</div>");
    }
    markup_raw(html, "</td></tr>\n");
}

static void write_calibrations(struct markup *html, const struct manifest *manifest)
{
    enum { CALIBRATIONS_SHOWN = 20 };
    if (manifest == NULL || manifest->calibration_count == 0)
        return;
    markup_raw(html, "<h2>Calibration</h2>\n<table>\n<tr><th>file</th><th>format</th><th "
                     "class=\"n\">focal, px</th><th class=\"n\">baseline</th><th></th>"
                     "</tr>\n");
    for (int i = 0; i < manifest->calibration_count && i < CALIBRATIONS_SHOWN; i++)
        write_calibration(html, &manifest->calibrations[i]);
    markup_raw(html, "</table>\n");
    if (manifest->calibration_count > CALIBRATIONS_SHOWN)
        markup_print(html, "<p class=\"note\">and %d more, in report.json</p>\n",
                     manifest->calibration_count - CALIBRATIONS_SHOWN);
}

static void write_settings(struct markup *html, const struct settings_set *set)
{
    if (set == NULL)
        return;
    markup_raw(html, "<h2>Settings</h2>\n<details><summary>in force, with origin"
                     "</summary>\n<table>\n");
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, text, sizeof(text));
        if (text[0] == '\0')
            continue;
        markup_print(html, "<tr><th>%s</th><td>", settings_row(i)->name);
        markup_text(html, text);
        markup_print(html, "</td><td class=\"note\">%s</td></tr>\n",
                     setting_origin_name(set->origins[i]));
    }
    markup_raw(html, "</table></details>\n");
}

enum po_status report_html_write(const struct run_report *report, const char *path,
                                 struct po_error *error)
{
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    struct markup html = {.file = file, .error = error};
    html.status = atomic_file_open(file, path, error);
    write_head(&html, report);
    html_write_summary(&html, report);
    write_scores(&html, &report->totals);
    write_plane(&html, &report->totals);
    html_write_cost(&html, report);
    html_write_frames(&html, report);
    write_notes(&html, report);
    write_calibrations(&html, report->manifest);
    write_settings(&html, report->settings);
    html_write_viewer(&html);
    markup_raw(&html, "</body></html>\n");
    if (html.status == PO_OK)
        html.status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    free(file);
    return html.status;
}
