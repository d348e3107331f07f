/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/member_table.h"

#define SCORE(field) offsetof(struct score, field)
static const struct member score_members[] = {
    {"bad05", MEMBER_NUMBER, false, SCORE(bad05), 0, NULL},
    {"bad1", MEMBER_NUMBER, false, SCORE(bad1), 0, NULL},
    {"bad2", MEMBER_NUMBER, false, SCORE(bad2), 0, NULL},
    {"bad3", MEMBER_NUMBER, false, SCORE(bad3), 0, NULL},
    {"bad4", MEMBER_NUMBER, false, SCORE(bad4), 0, NULL},
    {"mae", MEMBER_NUMBER, false, SCORE(mae), 0, NULL},
    {"density", MEMBER_NUMBER, false, SCORE(density), 0, NULL},
    {"bad2_valid", MEMBER_NUMBER, false, SCORE(bad2_valid), 0, NULL},
    {"pixels", MEMBER_COUNT, false, SCORE(pixels), 0, NULL},
};
enum {
    SCORE_MEMBERS = sizeof(score_members) / sizeof(*score_members),
    SCORE_NUMBERS = SCORE_MEMBERS - 1, /* those before the pixels */
};

static const char *const extent_keys[2][7] = {
    {"min_mm", "max_mm", "centroid_mm", "median_depth_mm", "p1_mm", "p99_mm",
     "median_sigma_mm"},
    {"min_squares", "max_squares", "centroid_squares", "median_depth_squares",
     "p1_squares", "p99_squares", "median_sigma_squares"}};

void record_write_extent(struct json_writer *writer, const char *key,
                         const struct record_extent *extent, enum rig_unit unit)
{
    const char *const *keys = extent_keys[unit == RIG_SQUARES];
    if (isnan(extent->median_depth_mm)) {
        json_writer_null(writer, key);
        return;
    }
    json_writer_object(writer, key);
    json_writer_numbers(writer, keys[0], extent->min_mm, 3);
    json_writer_numbers(writer, keys[1], extent->max_mm, 3);
    json_writer_numbers(writer, keys[2], extent->centroid_mm, 3);
    json_writer_number(writer, keys[3], extent->median_depth_mm);
    json_writer_numbers(writer, keys[4], extent->p1_mm, 3);
    json_writer_numbers(writer, keys[5], extent->p99_mm, 3);
    json_writer_number(writer, keys[6], extent->median_sigma_mm);
    json_writer_close(writer);
}

static void write_curve(struct json_writer *writer, const struct confidence_curve *curve)
{
    double coverages[CURVE_COVERAGES];
    for (int i = 0; i < CURVE_COVERAGES; i++)
        coverages[i] = 100.0 * (i + 1) / CURVE_COVERAGES;
    json_writer_object(writer, "confidence_curve");
    json_writer_numbers(writer, "coverage", coverages, CURVE_COVERAGES);
    json_writer_numbers(writer, "bad2", curve->bad2, CURVE_COVERAGES);
    json_writer_number(writer, "area", curve->area);
    json_writer_close(writer);
}

static const struct member curve_members[] = {
    {"bad2", MEMBER_NUMBERS, false, offsetof(struct confidence_curve, bad2),
     CURVE_COVERAGES, NULL},
    {"area", MEMBER_NUMBER, false, offsetof(struct confidence_curve, area), 0, NULL},
};

static void read_curve(struct json_scan *scan, struct confidence_curve *curve)
{
    curve->present = json_scan_peek(scan) == '{';
    for (int i = 0; i < CURVE_COVERAGES; i++)
        curve->bad2[i] = NAN;
    curve->area = NAN;
    (void)members_read(scan, curve_members, MEMBER_COUNT_OF(curve_members), curve);
}

void record_write_scores(struct json_writer *writer, const char *key,
                         const struct frame_scores *scores)
{
    if (!scores->present) {
        json_writer_null(writer, key);
        return;
    }
    json_writer_object(writer, key);
    for (int group = 0; group < SCORE_GROUPS; group++) {
        const struct score *score = score_group_const(scores, group);
        if (!score->present)
            continue;
        json_writer_object(writer, score_group_name(group));
        for (int i = 0; i < SCORE_NUMBERS; i++)
            json_writer_number(
                writer, score_members[i].key,
                *(const double *)((const char *)score + score_members[i].field));
        json_writer_integer(writer, "pixels", score->pixels);
        json_writer_close(writer);
    }
    if (scores->curve.present)
        write_curve(writer, &scores->curve);
    json_writer_close(writer);
}

void record_write_prior(struct json_writer *writer, const char *key,
                        const struct record_prior *prior)
{
    if (!prior->present)
        return;
    json_writer_object(writer, key);
    json_writer_text(writer, "source", prior->source);
    if (prior->carried_from[0] != '\0')
        json_writer_text(writer, "carried_from", prior->carried_from);
    json_writer_bool(writer, "used", prior->used);
    json_writer_integer(writer, "order", (uint64_t)prior->order);
    json_writer_number(writer, "inlier_share", prior->inlier_share);
    json_writer_number(writer, "residual_px", prior->residual_px);
    json_writer_integer(writer, "filled", prior->filled);
    json_writer_close(writer);
}

#define PRIOR(field) offsetof(struct record_prior, field)
static const struct member prior_members[] = {
    {"source", MEMBER_TEXT, false, PRIOR(source), RECORD_LABEL_BYTES, NULL},
    {"carried_from", MEMBER_TEXT, false, PRIOR(carried_from), RECORD_ID_BYTES, NULL},
    {"used", MEMBER_BOOL, false, PRIOR(used), 0, NULL},
    {"order", MEMBER_INT, false, PRIOR(order), 0, NULL},
    {"inlier_share", MEMBER_NUMBER, false, PRIOR(inlier_share), 0, NULL},
    {"residual_px", MEMBER_NUMBER, false, PRIOR(residual_px), 0, NULL},
    {"filled", MEMBER_COUNT, false, PRIOR(filled), 0, NULL},
};

void record_read_prior(struct json_scan *scan, struct record_prior *prior)
{
    *prior =
        (struct record_prior){.present = true, .inlier_share = NAN, .residual_px = NAN};
    (void)members_read(scan, prior_members, MEMBER_COUNT_OF(prior_members), prior);
}

void record_write_search(struct json_writer *writer, const struct frame_record *record)
{
    json_writer_integer(writer, "downscale", (uint64_t)record->downscale);
    json_writer_object(writer, "range");
    json_writer_number(writer, "min_px", record->range_min_px);
    json_writer_integer(writer, "count", (uint64_t)record->range_count);
    json_writer_close(writer);
    if (record->has_vertical_field)
        json_writer_numbers(writer, "row_field_px", record->vertical_field_px, 3);
}

void record_write_counts(struct json_writer *writer, const struct frame_record *record)
{
    json_writer_object(writer, "counts");
    for (int i = 0; i < record->count_count; i++)
        json_writer_integer(writer, record->counts[i].name, record->counts[i].value);
    json_writer_close(writer);
}

void record_write_lacks(struct json_writer *writer, uint32_t lacks)
{
    json_writer_array(writer, "lacks");
    for (int i = 0; i < FRAME_LACKS; i++)
        if ((lacks & frame_lack_row(i)->bit) != 0)
            json_writer_text(writer, NULL, frame_lack_row(i)->name);
    json_writer_close(writer);
}

void record_write_warnings(struct json_writer *writer,
                           const struct warning_list *warnings)
{
    json_writer_array(writer, "warnings");
    for (int i = 0; i < warnings->length; i++)
        json_writer_text(writer, NULL, warnings->texts[i]);
    if (warnings->dropped > 0) {
        char text[48];
        (void)snprintf(text, sizeof(text), "%d more warnings", warnings->dropped);
        json_writer_text(writer, NULL, text);
    }
    json_writer_close(writer);
}

void record_write_rig(struct json_writer *writer, const char *key,
                      const struct rectified_rig *rig, const char *format)
{
    bool squares = rig->unit == RIG_SQUARES;
    json_writer_object(writer, key);
    if (format != NULL)
        json_writer_text(writer, "format", format);
    json_writer_text(writer, "unit", squares ? "squares" : "mm");
    json_writer_integer(writer, "width_px", (uint64_t)rig->width_px);
    json_writer_integer(writer, "height_px", (uint64_t)rig->height_px);
    json_writer_number(writer, "focal_px", rig->focal_px);
    json_writer_number(writer, "focal_y_px", rig->focal_y_px);
    json_writer_number(writer, "cx_px", rig->cx_px);
    json_writer_number(writer, "cy_px", rig->cy_px);
    json_writer_number(writer, "doffs_px", rig->doffs_px);
    json_writer_number(writer, squares ? "baseline_squares" : "baseline_mm",
                       rig->baseline_mm);
    json_writer_close(writer);
}

void record_write_scale(struct json_writer *writer, const struct frame_record *record)
{
    static const char *const scales[] = {
        [RIG_NONE] = "unscaled", [RIG_MM] = "mm", [RIG_SQUARES] = "squares"};
    json_writer_text(writer, "scale",
                     scales[record->has_rig ? record->rig.unit : RIG_NONE]);
    json_writer_text(writer, "rectified_by", record->rectified_by);
}

#define EXTENT(field) offsetof(struct record_extent, field)
static const struct member extent_members[] = {
    {"min_mm", MEMBER_NUMBERS, false, EXTENT(min_mm), 3, NULL},
    {"max_mm", MEMBER_NUMBERS, false, EXTENT(max_mm), 3, NULL},
    {"centroid_mm", MEMBER_NUMBERS, false, EXTENT(centroid_mm), 3, NULL},
    {"median_depth_mm", MEMBER_NUMBER, false, EXTENT(median_depth_mm), 0, NULL},
    {"p1_mm", MEMBER_NUMBERS, false, EXTENT(p1_mm), 3, NULL},
    {"p99_mm", MEMBER_NUMBERS, false, EXTENT(p99_mm), 3, NULL},
    {"median_sigma_mm", MEMBER_NUMBER, false, EXTENT(median_sigma_mm), 0, NULL},
    {"min_squares", MEMBER_NUMBERS, false, EXTENT(min_mm), 3, NULL},
    {"max_squares", MEMBER_NUMBERS, false, EXTENT(max_mm), 3, NULL},
    {"centroid_squares", MEMBER_NUMBERS, false, EXTENT(centroid_mm), 3, NULL},
    {"median_depth_squares", MEMBER_NUMBER, false, EXTENT(median_depth_mm), 0, NULL},
    {"p1_squares", MEMBER_NUMBERS, false, EXTENT(p1_mm), 3, NULL},
    {"p99_squares", MEMBER_NUMBERS, false, EXTENT(p99_mm), 3, NULL},
    {"median_sigma_squares", MEMBER_NUMBER, false, EXTENT(median_sigma_mm), 0, NULL},
};

void record_read_extent(struct json_scan *scan, struct record_extent *extent)
{
    record_extent_clear(extent);
    (void)members_read(scan, extent_members, MEMBER_COUNT_OF(extent_members), extent);
}

static void read_score(struct json_scan *scan, struct score *score)
{
    score->present = json_scan_peek(scan) == '{';
    for (int i = 0; i < SCORE_NUMBERS; i++)
        *(double *)((char *)score + score_members[i].field) = NAN;
    (void)members_read(scan, score_members, SCORE_MEMBERS, score);
}

void record_read_scores(struct json_scan *scan, struct frame_scores *scores)
{
    const char *key;
    memset(scores, 0, sizeof(*scores));
    if (!json_scan_object(scan))
        return;
    while ((key = json_scan_member(scan)) != NULL) {
        int group = 0;
        while (group < SCORE_GROUPS && strcmp(key, score_group_name(group)) != 0)
            group++;
        if (group < SCORE_GROUPS) {
            read_score(scan, score_group(scores, group));
            scores->present |= score_group(scores, group)->present;
        } else if (strcmp(key, "confidence_curve") == 0) {
            read_curve(scan, &scores->curve);
        } else {
            json_scan_skip(scan);
        }
    }
}

uint64_t record_read_integer(const struct json *node)
{
    return whole_number(json_number(node, 0.0));
}

int record_read_int(const struct json *node)
{
    return small_number(json_number(node, 0.0));
}

bool record_read_text(const struct json *node, char *text, size_t text_bytes)
{
    const char *string = json_string(node, NULL);
    text[0] = '\0';
    if (string == NULL || strlen(string) >= text_bytes)
        return false;
    (void)snprintf(text, text_bytes, "%s", string);
    return true;
}
