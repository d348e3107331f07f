/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json_file.h"
#include "base/log.h"
#include "base/version.h"
#include "store/sealed_json.h"

enum { SESSION_FILE_MAX_BYTES = 64 << 20 };

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
    values->lenses = calloc(count, sizeof(*values->lenses));
    if (values->lenses == NULL || values->ranges == NULL || values->range_known == NULL ||
        values->range_by_frame == NULL || values->vertical_fields == NULL ||
        values->rows_known == NULL) {
        session_values_release(values);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %zu calibrations", count);
    }
    for (int i = 0; i < manifest->calibration_count; i++)
        if (manifest->calibrations[i].lens_in_doubt)
            hash_text(calibration_hash(&manifest->calibrations[i]),
                      values->lenses[i].name);
    return PO_OK;
}

void session_values_release(struct session_values *values)
{
    free(values->ranges);
    free(values->range_known);
    free(values->range_by_frame);
    free(values->vertical_fields);
    free(values->rows_known);
    free(values->lenses);
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

enum po_status session_values_load(struct session_values *values,
                                   const struct manifest *manifest,
                                   const struct po_settings *settings, const char *path,
                                   struct po_error *error)
{
    char key[HASH_TEXT_BYTES];
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
    if (strcmp(json_string(json_get(root, "key"), ""), key) == 0)
        values->loaded = session_values_from_json(values, manifest, root);
    json_free(root);
    return PO_OK;
}

bool session_values_known(const struct session_values *values, int calibration)
{
    return values->range_known[calibration + 1] && values->rows_known[calibration + 1] &&
           values->scale16[0].white != 0 && values->depth_unit_mm > 0 &&
           values->downscale != 0;
}

enum po_status session_values_store(const struct session_values *values,
                                    const struct manifest *manifest,
                                    const struct po_settings *settings, const char *path,
                                    struct po_error *error)
{
    char text[HASH_TEXT_BYTES];
    struct json *root = json_new_object();
    key_text(manifest, settings, text);
    json_add_string(root, "key", text);
    session_values_to_json(values, manifest, root);
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
