/* SPDX-License-Identifier: Apache-2.0 */
#include "store/kept_rectification.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/version.h"
#include "settings/settings_table.h"
#include "store/sealed_json.h"

enum { FILE_MAX_BYTES = 65536, MAX_SIDE_PX = 1000000 };

static const char file_name[] = "rectification.json";
static const char *const figure_names[KEPT_FIGURES] = {"rows_before_px", "rows_after_px",
                                                       "rows_sigma_px"};
static const char *const count_names[KEPT_COUNTS] = {"frames", "matches", "agreeing"};
static const double most = 1e9;

/* It holds for one session, one version and one set of settings that shape matches. */
static void key_text(const struct manifest *manifest, const struct po_settings *settings,
                     char text[HASH_TEXT_BYTES])
{
    struct hash key =
        hash_bytes(PROCESS_OFFLINE_VERSION, strlen(PROCESS_OFFLINE_VERSION));
    key = hash_combine(key, hash_bytes("rectification", 13));
    key = hash_combine(key, settings_effect_hash(settings, SETTING_MATCH));
    key = hash_combine(key, hash_bytes(manifest->root, strlen(manifest->root)));
    hash_text(key, text);
}

static bool read_numbers(const struct json *root, struct kept_rectification *kept)
{
    bool good = true;
    const struct json *node = json_first(json_get(root, "unknowns"));
    for (; node != NULL && kept->unknown_count < KEPT_UNKNOWNS_MAX;
         node = json_next(node)) {
        double value = json_number(node, INFINITY);
        kept->unknowns[kept->unknown_count++] = value;
        good &= fabs(value) < most;
    }
    for (int i = 0; i < KEPT_FIGURES; i++) {
        kept->figures[i] = json_number(json_get(root, figure_names[i]), INFINITY);
        good &= fabs(kept->figures[i]) < most;
    }
    for (int i = 0; i < KEPT_COUNTS; i++) {
        double value = json_number(json_get(root, count_names[i]), -1);
        good &= value >= 0 && value < most;
        kept->counts[i] = good ? (int)value : 0;
    }
    return good;
}

bool kept_rectification_from_json(const struct json *root,
                                  struct kept_rectification *kept)
{
    *kept = (struct kept_rectification){0};
    double width = json_number(json_get(root, "width_px"), 0);
    double height = json_number(json_get(root, "height_px"), 0);
    if (!(width >= 1 && width < MAX_SIDE_PX && height >= 1 && height < MAX_SIDE_PX))
        return false;
    kept->width_px = (int)width;
    kept->height_px = (int)height;
    kept->as_is = json_bool(json_get(root, "as_is"), false);
    return read_numbers(root, kept);
}

void kept_rectification_to_json(const struct kept_rectification *kept, struct json *root)
{
    json_add_bool(root, "as_is", kept->as_is);
    json_add_number(root, "width_px", kept->width_px);
    json_add_number(root, "height_px", kept->height_px);
    struct json *unknowns = json_add_array(root, "unknowns");
    for (int i = 0; i < kept->unknown_count; i++)
        json_append_number(unknowns, kept->unknowns[i]);
    for (int i = 0; i < KEPT_FIGURES; i++)
        json_add_number(root, figure_names[i], kept->figures[i]);
    for (int i = 0; i < KEPT_COUNTS; i++)
        json_add_number(root, count_names[i], kept->counts[i]);
}

enum po_status kept_rectification_read(const struct session_paths *paths,
                                       const struct manifest *manifest,
                                       const struct po_settings *settings,
                                       struct kept_rectification *kept, bool *found,
                                       struct po_error *error)
{
    char path[SESSION_PATH_BYTES];
    char key[HASH_TEXT_BYTES];
    struct json *root = NULL;
    struct po_error cause = {0};
    *found = false;
    *kept = (struct kept_rectification){0};
    if (!path_join(path, sizeof(path), paths->state, file_name))
        return po_fail(error, PO_IO, "%s: the path is too long", paths->state);
    enum po_status status = sealed_json_read(path, FILE_MAX_BYTES, &root, &cause);
    if (status == PO_IO || status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK && status != PO_NOT_FOUND)
        log_warning("%s; how the cameras stand is found again", cause.message);
    if (status != PO_OK)
        return PO_OK;
    key_text(manifest, settings, key);
    *found = strcmp(json_string(json_get(root, "key"), ""), key) == 0 &&
             kept_rectification_from_json(root, kept);
    json_free(root);
    return PO_OK;
}

enum po_status kept_rectification_write(const struct session_paths *paths,
                                        const struct manifest *manifest,
                                        const struct po_settings *settings,
                                        const struct kept_rectification *kept,
                                        struct po_error *error)
{
    char path[SESSION_PATH_BYTES];
    char key[HASH_TEXT_BYTES];
    if (!path_join(path, sizeof(path), paths->state, file_name))
        return po_fail(error, PO_IO, "%s: the path is too long", paths->state);
    struct json *root = json_new_object();
    key_text(manifest, settings, key);
    json_add_string(root, "key", key);
    kept_rectification_to_json(kept, root);
    enum po_status status = sealed_json_write(root, path, error);
    json_free(root);
    return status;
}
