/* SPDX-License-Identifier: Apache-2.0 */
/* Session values as members of a JSON object, and back within their bounds. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "frame/degradation.h"
#include "store/session_values.h"

static const double max_budget_bytes = 1e18;
static const double max_vertical_field_px = 1e4; /* far above any rig's */

static const char uncalibrated_name[] = "none";
/* Where the range is each frame's own. */
static const struct disparity_range any_range = {0, 128};

/* The name a calibration's range and vertical field are kept under. */
static void range_name(const struct manifest *manifest, int slot,
                       char text[HASH_TEXT_BYTES])
{
    if (slot == 0)
        memcpy(text, uncalibrated_name, sizeof(uncalibrated_name));
    else
        hash_text(calibration_hash(&manifest->calibrations[slot - 1]), text);
}

static void load_ranges(struct session_values *values, const struct manifest *manifest,
                        const struct json *ranges)
{
    for (int slot = 0; slot < values->range_count; slot++) {
        char name[HASH_TEXT_BYTES];
        range_name(manifest, slot, name);
        const struct json *range = json_get(ranges, name);
        if (json_get(range, "by_frame") != NULL) {
            values->range_by_frame[slot] = values->range_known[slot] = true;
            values->ranges[slot] = any_range;
            continue;
        }
        double min_px = json_number(json_get(range, "min_px"), DISPARITY_MIN_PX - 1);
        double count = json_number(json_get(range, "count"), 0);
        if (min_px < DISPARITY_MIN_PX || min_px > DISPARITY_LIMIT_PX || count < 16 ||
            count > DISPARITY_MAX_COUNT || (int)count % 16 != 0)
            continue;
        values->ranges[slot] =
            (struct disparity_range){.min_px = (int)min_px, .count = (int)count};
        values->range_known[slot] = true;
    }
}

static void load_rows(struct session_values *values, const struct manifest *manifest,
                      const struct json *rows)
{
    for (int slot = 0; slot < values->range_count; slot++) {
        char name[HASH_TEXT_BYTES];
        range_name(manifest, slot, name);
        const struct json *field = json_get(rows, name);
        const struct vertical_field read = {
            json_number(json_get(field, "a_px"), INFINITY),
            json_number(json_get(field, "b_px"), INFINITY),
            json_number(json_get(field, "c_px"), INFINITY)};
        values->rows_known[slot] = fabs(read.a_px) <= max_vertical_field_px &&
                                   fabs(read.b_px) <= max_vertical_field_px &&
                                   fabs(read.c_px) <= max_vertical_field_px;
        if (values->rows_known[slot])
            values->vertical_fields[slot] = read;
    }
}

/* Black and the right camera's values are missing where they are none of its own. */
static bool load_scale(const struct json *white, const struct json *black,
                       struct image_scale16 otherwise, struct image_scale16 *scale)
{
    double values[2] = {json_number(white, otherwise.white),
                        json_number(black, otherwise.black)};
    if (!(values[0] >= 1 && values[0] <= SAMPLE16_MAX && values[1] >= 0 &&
          values[1] <= SAMPLE16_MAX))
        return false;
    *scale = (struct image_scale16){(int)values[0], (int)values[1]};
    struct image_scale16 fixed = image_scale16_fix(*scale);
    return fixed.white == scale->white && fixed.black == scale->black;
}

static bool load_scales(const struct json *root, struct image_scale16 scales[2])
{
    static const struct image_scale16 none = {0, 0};
    return load_scale(json_get(root, "white"), json_get(root, "black"), none,
                      &scales[0]) &&
           load_scale(json_get(root, "white_right"), json_get(root, "black_right"),
                      scales[0], &scales[1]);
}

/* Lenses are kept by the calibration as it was read, before one was chosen. */
static void load_lenses(struct session_values *values, const struct json *lenses)
{
    for (int i = 0; i + 1 < values->range_count; i++) {
        struct lens_kept *lens = &values->lenses[i];
        const struct json *kept =
            lens->name[0] != '\0' ? json_get(lenses, lens->name) : NULL;
        if (kept == NULL)
            continue;
        lens->known = true;
        lens->changed = json_bool(json_get(kept, "changed"), false);
        lens->told = json_bool(json_get(kept, "told"), false);
    }
}

bool session_values_from_json(struct session_values *values,
                              const struct manifest *manifest, const struct json *root)
{
    struct image_scale16 scales[2];
    double unit = json_number(json_get(root, "depth_unit_mm"), 0);
    double downscale = json_number(json_get(root, "downscale"), 0);
    double degradation = json_number(json_get(root, "rung"), -1);
    double budget = json_number(json_get(root, "frame_budget_bytes"), -1);
    if (!load_scales(root, scales) ||
        (unit != 1 && unit != 2 && unit != 5 && unit != 10) ||
        (downscale != 1 && downscale != 2 && downscale != 4) || !(degradation >= 0) ||
        degradation >= DEGRADATION_COUNT || !(budget >= 0) || budget >= max_budget_bytes)
        return false;
    memcpy(values->scale16, scales, sizeof(scales));
    values->depth_unit_mm = unit;
    values->downscale = (int)downscale;
    values->degradation = (int)degradation;
    values->frame_budget_bytes = (uint64_t)budget;
    load_ranges(values, manifest, json_get(root, "ranges"));
    load_rows(values, manifest, json_get(root, "rows"));
    load_lenses(values, json_get(root, "lenses"));
    return true;
}

/* Steps of 1/1024 px, so their text is exact. */
static void store_rows(const struct session_values *values,
                       const struct manifest *manifest, struct json *rows)
{
    for (int slot = 0; slot < values->range_count; slot++) {
        char text[HASH_TEXT_BYTES];
        const struct vertical_field *field = &values->vertical_fields[slot];
        if (!values->rows_known[slot])
            continue;
        range_name(manifest, slot, text);
        struct json *object = json_add_object(rows, text);
        json_add_number(object, "a_px", field->a_px);
        json_add_number(object, "b_px", field->b_px);
        json_add_number(object, "c_px", field->c_px);
    }
}

static void store_ranges(const struct session_values *values,
                         const struct manifest *manifest, struct json *ranges)
{
    for (int slot = 0; slot < values->range_count; slot++) {
        char text[HASH_TEXT_BYTES];
        if (!values->range_known[slot])
            continue;
        range_name(manifest, slot, text);
        struct json *range = json_add_object(ranges, text);
        if (values->range_by_frame[slot]) {
            json_add_number(range, "by_frame", 1);
            continue;
        }
        json_add_number(range, "min_px", values->ranges[slot].min_px);
        json_add_number(range, "count", values->ranges[slot].count);
    }
}

static void store_lenses(const struct session_values *values, struct json *root)
{
    struct json *lenses = NULL;
    for (int i = 0; i + 1 < values->range_count; i++) {
        const struct lens_kept *lens = &values->lenses[i];
        if (!lens->known)
            continue;
        if (lenses == NULL)
            lenses = json_add_object(root, "lenses");
        struct json *kept = json_add_object(lenses, lens->name);
        json_add_bool(kept, "changed", lens->changed);
        json_add_bool(kept, "told", lens->told);
    }
}

void session_values_to_json(const struct session_values *values,
                            const struct manifest *manifest, struct json *root)
{
    json_add_number(root, "white", values->scale16[0].white);
    json_add_number(root, "black", values->scale16[0].black);
    json_add_number(root, "white_right", values->scale16[1].white);
    json_add_number(root, "black_right", values->scale16[1].black);
    json_add_number(root, "depth_unit_mm", values->depth_unit_mm);
    json_add_number(root, "downscale", values->downscale);
    json_add_number(root, "rung", values->degradation);
    json_add_number(root, "frame_budget_bytes", (double)values->frame_budget_bytes);
    store_rows(values, manifest, json_add_object(root, "rows"));
    store_ranges(values, manifest, json_add_object(root, "ranges"));
    store_lenses(values, root);
}
