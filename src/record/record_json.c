/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct score_member {
    const char *name;
    size_t field;
};

static const struct score_member score_members[] = {
    {"bad05", offsetof(struct score, bad05)},
    {"bad1", offsetof(struct score, bad1)},
    {"bad2", offsetof(struct score, bad2)},
    {"bad3", offsetof(struct score, bad3)},
    {"bad4", offsetof(struct score, bad4)},
    {"mae", offsetof(struct score, mae)},
    {"density", offsetof(struct score, density)},
    {"bad2_valid", offsetof(struct score, bad2_valid)},
};
enum { SCORE_MEMBERS = sizeof(score_members) / sizeof(*score_members) };

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

static void read_curve(const struct json *node, struct confidence_curve *curve)
{
    const struct json *item = json_first(json_get(node, "bad2"));
    curve->present = node != NULL && json_type(node) == JSON_OBJECT;
    for (int i = 0; i < CURVE_COVERAGES; i++) {
        curve->bad2[i] = json_number(item, NAN);
        item = item != NULL ? json_next(item) : NULL;
    }
    curve->area = json_number(json_get(node, "area"), NAN);
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
        for (int i = 0; i < SCORE_MEMBERS; i++)
            json_writer_number(
                writer, score_members[i].name,
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

void record_read_prior(const struct json *node, struct record_prior *prior)
{
    *prior = (struct record_prior){.present = node != NULL};
    if (node == NULL)
        return;
    prior->used = json_bool(json_get(node, "used"), false);
    prior->order = record_read_int(json_get(node, "order"));
    prior->inlier_share = json_number(json_get(node, "inlier_share"), NAN);
    prior->residual_px = json_number(json_get(node, "residual_px"), NAN);
    prior->filled = record_read_integer(json_get(node, "filled"));
    if (!record_read_text(json_get(node, "source"), prior->source,
                          sizeof(prior->source)) ||
        !record_read_text(json_get(node, "carried_from"), prior->carried_from,
                          sizeof(prior->carried_from)))
        prior->carried_from[0] = '\0'; /* a frame of its own has none */
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

static void read_vector(const struct json *array, double vector[3])
{
    const struct json *item = json_first(array);
    for (int i = 0; i < 3; i++) {
        vector[i] = json_number(item, NAN);
        item = item != NULL ? json_next(item) : NULL;
    }
}

void record_read_extent(const struct json *node, struct record_extent *extent)
{
    const char *const *keys = extent_keys[json_get(node, extent_keys[1][0]) != NULL];
    read_vector(json_get(node, keys[0]), extent->min_mm);
    read_vector(json_get(node, keys[1]), extent->max_mm);
    read_vector(json_get(node, keys[2]), extent->centroid_mm);
    extent->median_depth_mm = json_number(json_get(node, keys[3]), NAN);
    read_vector(json_get(node, keys[4]), extent->p1_mm);
    read_vector(json_get(node, keys[5]), extent->p99_mm);
    extent->median_sigma_mm = json_number(json_get(node, keys[6]), NAN);
}

void record_read_scores(const struct json *node, struct frame_scores *scores)
{
    memset(scores, 0, sizeof(*scores));
    for (int group = 0; group < SCORE_GROUPS; group++) {
        const struct json *member = json_get(node, score_group_name(group));
        struct score *score = score_group(scores, group);
        score->present = member != NULL && json_type(member) == JSON_OBJECT;
        if (!score->present)
            continue;
        scores->present = true;
        for (int i = 0; i < SCORE_MEMBERS; i++)
            *(double *)((char *)score + score_members[i].field) =
                json_number(json_get(member, score_members[i].name), NAN);
        score->pixels = record_read_integer(json_get(member, "pixels"));
    }
    read_curve(json_get(node, "confidence_curve"), &scores->curve);
}

uint64_t record_read_integer(const struct json *node)
{
    double number = json_number(node, 0.0);
    bool whole = number >= 0.0 && number <= 0x1p53 && number == floor(number);
    return whole ? (uint64_t)number : 0;
}

int record_read_int(const struct json *node)
{
    double number = json_number(node, 0.0);
    return fabs(number) <= 1e9 ? (int)number : 0;
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
