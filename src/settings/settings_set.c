/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "settings/profiles.h"
#include "settings/setting_value.h"

void settings_set_init(struct settings_set *set)
{
    memset(set, 0, sizeof(*set));
    po_settings_defaults(&set->values);
}

void settings_set_release(struct settings_set *set)
{
    for (int i = 0; i < set->string_count; i++)
        free(set->strings[i]);
    free(set->strings);
    set->strings = NULL;
    set->string_count = 0;
}

/* Keeps a copy of `value` as long as the set. */
static enum po_status own_string(struct settings_set *set, const char *value,
                                 const char **owned, struct po_error *error)
{
    size_t count = (size_t)set->string_count + 1;
    char **grown = realloc(set->strings, count * sizeof(*grown));
    if (grown != NULL)
        set->strings = grown;
    char *copy = grown != NULL ? strdup(value) : NULL;
    if (copy == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the settings");
    set->strings[set->string_count++] = copy;
    *owned = copy;
    return PO_OK;
}

enum po_status settings_note_file(struct settings_set *set, const char *path,
                                  struct po_error *error)
{
    if (set->file_count == SETTING_FILES_MAX)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: more than %d configuration files",
                       path, SETTING_FILES_MAX);
    enum po_status status = own_string(set, path, &set->files[set->file_count], error);
    set->file_count += status == PO_OK;
    return status;
}

/* The name a person gave the setting: "--workers", "PROCESS_OFFLINE_WORKERS", "workers".
 */
static void setting_label(const struct setting_row *row, enum setting_origin origin,
                          char *label, size_t label_bytes)
{
    if (origin == ORIGIN_COMMAND_LINE)
        (void)snprintf(label, label_bytes, "--%s", row->name);
    else if (origin == ORIGIN_ENVIRONMENT)
        setting_environment_name(row, label, label_bytes);
    else
        (void)snprintf(label, label_bytes, "%s", row->name);
}

void setting_environment_name(const struct setting_row *row, char *name,
                              size_t name_bytes)
{
    (void)snprintf(name, name_bytes, "PROCESS_OFFLINE_%s", row->name);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

/* What a new value has to match to replace the one that stands: a value of a profile is
 * as strong as the choice of the profile was. */
static enum setting_origin standing_strength(const struct settings_set *set, int index)
{
    int profile = 0;
    if (set->origins[index] != ORIGIN_PROFILE ||
        settings_find("profile", &profile) == NULL ||
        set->origins[profile] < ORIGIN_PROFILE)
        return set->origins[index];
    return set->origins[profile];
}

/* Sets what the profile holds, but for values chosen where it was chosen, or stronger. */
static void apply_profile(struct settings_set *set, enum po_profile profile,
                          enum setting_origin strength);

enum po_status settings_assign(struct settings_set *set, int index, const char *value,
                               enum setting_origin origin, struct po_error *error)
{
    const struct setting_row *row = settings_row(index);
    char label[80];
    setting_label(row, origin, label, sizeof(label));
    struct po_settings changed = set->values;
    enum po_status status = setting_value_parse(row, label, value, &changed, error);
    if (status != PO_OK || origin < standing_strength(set, index))
        return status;
    if (row->kind == SETTING_TEXT)
        status = own_string(
            set, value, (const char **)(void *)((char *)&changed + row->field), error);
    if (status != PO_OK)
        return status;
    set->values = changed;
    set->origins[index] = origin;
    if (row->kind == SETTING_CHOICE &&
        row->field == offsetof(struct po_settings, profile))
        apply_profile(set, changed.profile, origin);
    return PO_OK;
}

/* Every value that an earlier profile set goes back to its default. */
static void drop_profile(struct settings_set *set)
{
    struct settings_set fresh;
    settings_set_init(&fresh);
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        if (set->origins[i] != ORIGIN_PROFILE)
            continue;
        setting_value_format(settings_row(i), &fresh.values, text, sizeof(text));
        if (setting_value_parse(settings_row(i), "", text, &set->values, NULL) == PO_OK)
            set->origins[i] = ORIGIN_DEFAULT;
    }
}

static void apply_value(struct settings_set *set, const struct profile_value *entry,
                        enum setting_origin strength)
{
    int index = 0;
    struct po_settings changed = set->values;
    struct po_error error = {0};
    const struct setting_row *row = settings_find(entry->name, &index);
    if (row != NULL && set->origins[index] >= strength)
        return;
    if (row == NULL ||
        setting_value_parse(row, "profile", entry->value, &changed, &error) != PO_OK) {
        log_error("profile: %s %s", entry->name, error.message);
        return;
    }
    set->values = changed;
    set->origins[index] = ORIGIN_PROFILE;
}

static void apply_profile(struct settings_set *set, enum po_profile profile,
                          enum setting_origin strength)
{
    drop_profile(set);
    set->values.profile = profile;
    const struct profile_value *entry = profile_values(profile);
    for (; entry->name != NULL; entry++)
        apply_value(set, entry, strength);
}

void settings_adopt(struct settings_set *set, const struct po_settings *values,
                    enum setting_origin origin)
{
    for (int i = 0; i < settings_row_count(); i++) {
        char before[SETTING_FORMAT_BYTES];
        char after[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, before, sizeof(before));
        settings_format(values, i, after, sizeof(after));
        if (strcmp(before, after) != 0)
            set->origins[i] = origin;
    }
    set->values = *values;
}

void settings_format(const struct po_settings *settings, int index, char *text,
                     size_t text_bytes)
{
    setting_value_format(settings_row(index), settings, text, text_bytes);
}

struct hash settings_effect_hash(const struct po_settings *settings,
                                 enum setting_effect up_to)
{
    struct hash hash = hash_bytes("", 0);
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        char text[SETTING_FORMAT_BYTES];
        if (row->effect == SETTING_RUN || row->effect > up_to)
            continue;
        setting_value_format(row, settings, text, sizeof(text));
        hash = hash_combine(hash, hash_bytes(row->name, strlen(row->name)));
        hash = hash_combine(hash, hash_bytes(text, strlen(text)));
    }
    return hash;
}
