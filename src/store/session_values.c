/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json_file.h"
#include "base/log.h"
#include "base/version.h"
#include "frame/degradation.h"
#include "store/sealed_json.h"

enum { SESSION_FILE_MAX_BYTES = 64 << 20 };

static const double max_budget_bytes = 1e18;
static const double max_vertical_field_px = 1e4; /* far above any rig's */

static const char uncalibrated_name[] = "none";
/* Where the range is each frame's own. */
static const struct disparity_range any_range = {0, 128};

enum po_status session_values_init(struct session_values *values,
                                   const struct manifest *manifest,
                                   struct po_error *error)
{
    size_t count = (size_t)manifest->calibration_count + 1;
    *values = (struct session_values){.range_count = (int)count};
    values->ranges = calloc(count, sizeof(*values->ranges));
    values->range_known = calloc(count, sizeof(*values->range_known));
    values->range_by_frame = calloc(count, sizeof(*values->range_by_frame));
    values->vertical_fields = calloc(count, sizeof(*values->vertical_fields));
    values->rows_known = calloc(count, sizeof(*values->rows_known));
    if (values->ranges == NULL || values->range_known == NULL ||
        values->range_by_frame == NULL || values->vertical_fields == NULL ||
        values->rows_known == NULL) {
        session_values_release(values);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %zu calibrations", count);
    }
    return PO_OK;
}

void session_values_release(struct session_values *values)
{
    free(values->ranges);
    free(values->range_known);
    free(values->range_by_frame);
    free(values->vertical_fields);
    free(values->rows_known);
    *values = (struct session_values){0};
}

/* Values hold for one session, one program version and one set of settings that shape
 * results. */
static void key_text(const struct manifest *manifest, const struct po_settings *settings,
                     char text[HASH_TEXT_BYTES])
{
    const uint64_t memory[] = {settings->run.memory_limit_bytes,
                               (uint64_t)(settings->run.memory_limit_percent * 1000)};
    struct hash key =
        hash_bytes(PROCESS_OFFLINE_VERSION, strlen(PROCESS_OFFLINE_VERSION));
    key = hash_combine(key, settings_effect_hash(settings, SETTING_CLOUD));
    key = hash_combine(key, hash_bytes(memory, sizeof(memory)));
    key = hash_combine(key, hash_bytes(manifest->root, strlen(manifest->root)));
    hash_text(key, text);
}

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

enum po_status session_values_load(struct session_values *values,
                                   const struct manifest *manifest,
                                   const struct po_settings *settings, const char *path,
                                   struct po_error *error)
{
    char key[HASH_TEXT_BYTES];
    struct image_scale16 scales[2];
    struct json *root;
    struct po_error cause = {0};
    enum po_status status = sealed_json_read(path, SESSION_FILE_MAX_BYTES, &root, &cause);
    if (status == PO_IO || status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK && status != PO_NOT_FOUND)
        log_warning("%s; what all frames share is found again", cause.message);
    if (status != PO_OK)
        return PO_OK;
    key_text(manifest, settings, key);
    double unit = json_number(json_get(root, "depth_unit_mm"), 0);
    double downscale = json_number(json_get(root, "downscale"), 0);
    double degradation = json_number(json_get(root, "rung"), -1);
    double budget = json_number(json_get(root, "frame_budget_bytes"), -1);
    if (strcmp(json_string(json_get(root, "key"), ""), key) == 0 &&
        load_scales(root, scales) &&
        (unit == 1 || unit == 2 || unit == 5 || unit == 10) &&
        (downscale == 1 || downscale == 2 || downscale == 4) && degradation >= 0 &&
        degradation < DEGRADATION_COUNT && budget >= 0 && budget < max_budget_bytes) {
        memcpy(values->scale16, scales, sizeof(scales));
        values->depth_unit_mm = unit;
        values->downscale = (int)downscale;
        values->degradation = (int)degradation;
        values->frame_budget_bytes = (uint64_t)budget;
        values->loaded = true;
        load_ranges(values, manifest, json_get(root, "ranges"));
        load_rows(values, manifest, json_get(root, "rows"));
    }
    json_free(root);
    return PO_OK;
}

bool session_values_known(const struct session_values *values, int calibration)
{
    return values->range_known[calibration + 1] && values->rows_known[calibration + 1] &&
           values->scale16[0].white != 0 && values->depth_unit_mm > 0 &&
           values->downscale != 0;
}

/* Steps of 1/1024 px, so their text is exact. */
static void store_rows(const struct session_values *values,
                       const struct manifest *manifest, struct json *rows)
{
    for (int slot = 0; slot < values->range_count && rows != NULL; slot++) {
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

enum po_status session_values_store(const struct session_values *values,
                                    const struct manifest *manifest,
                                    const struct po_settings *settings, const char *path,
                                    struct po_error *error)
{
    char text[HASH_TEXT_BYTES];
    struct json *root = json_new_object();
    if (root == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    key_text(manifest, settings, text);
    json_add_string(root, "key", text);
    json_add_number(root, "white", values->scale16[0].white);
    json_add_number(root, "black", values->scale16[0].black);
    json_add_number(root, "white_right", values->scale16[1].white);
    json_add_number(root, "black_right", values->scale16[1].black);
    json_add_number(root, "depth_unit_mm", values->depth_unit_mm);
    json_add_number(root, "downscale", values->downscale);
    json_add_number(root, "rung", values->degradation);
    json_add_number(root, "frame_budget_bytes", (double)values->frame_budget_bytes);
    store_rows(values, manifest, json_add_object(root, "rows"));
    struct json *ranges = json_add_object(root, "ranges");
    for (int slot = 0; slot < values->range_count && ranges != NULL; slot++) {
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
    enum po_status status = sealed_json_write(root, path, error);
    json_free(root);
    return status;
}

double session_depth_unit_for(double max_depth_mm, double far_rig_mm)
{
    static const double units_mm[] = {1, 2, 5};
    double far_mm = max_depth_mm > 0 ? max_depth_mm : far_rig_mm;
    for (size_t i = 0; i < sizeof(units_mm) / sizeof(units_mm[0]); i++)
        if (far_mm <= 65535 * units_mm[i])
            return units_mm[i];
    return 10;
}
