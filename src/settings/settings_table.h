/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of settings. It drives the command line, --help, the man page, shell
 * completion, configuration keys, range errors and the report's echo of effective
 * settings.
 *
 * Invariant: a row's `field` lies inside struct po_settings and has the type its kind
 * says. Ownership: rows are constant; string values are duplicated into settings_set's
 * own arena.
 */
#ifndef SETTINGS_SETTINGS_TABLE_H
#define SETTINGS_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "process_offline/settings.h"
#include "settings/setting_row.h"

enum setting_origin {
    ORIGIN_DEFAULT,
    ORIGIN_PROFILE,
    ORIGIN_FILE,
    ORIGIN_ENVIRONMENT,
    ORIGIN_COMMAND_LINE,
    ORIGIN_BUDGET, /* chosen by the ladder under a memory limit */
};

enum { SETTING_MAX = 128, SETTING_FILES_MAX = 16 };

struct settings_set {
    struct po_settings values;
    enum setting_origin origins[SETTING_MAX]; /* by row */
    char **strings;                           /* owned copies */
    int string_count;
    int file_count;
    const char *files[SETTING_FILES_MAX]; /* that values were read from */
};

int settings_row_count(void);
const struct setting_row *settings_row(int index);
/* NULL when no row has this name. */
const struct setting_row *settings_find(const char *name, int *index);
/* The closest row name, NULL when none is close: "did you mean". */
const char *settings_suggest(const char *name);

/* The option takes no argument, or may go without one. */
bool setting_argument_is_optional(const struct setting_row *row);

/* The defaults of profile `balanced`. */
void settings_set_init(struct settings_set *set);
void settings_set_release(struct settings_set *set); /* a zeroed set is fine */
/*
 * Parses and checks one value; `value` NULL for flags. Errors name the option, the value,
 * the bound and the remedy. A value whose origin is weaker than the one that stands is
 * checked, then dropped, so the order of files, environment and command line is free.
 * Assigning `profile` applies it: its values then are as strong as that choice, so a
 * profile of the command line wins over keys of files and of the environment, and a key
 * beside the profile, in the same file or on the same command line, wins over the
 * profile.
 */
PO_MUST_CHECK enum po_status settings_assign(struct settings_set *set, int index,
                                             const char *value,
                                             enum setting_origin origin,
                                             struct po_error *error);
/* Notes that values come from the file `path`. */
PO_MUST_CHECK enum po_status settings_note_file(struct settings_set *set,
                                                const char *path, struct po_error *error);
/* Takes over `values`; rows that differ get `origin`. Strings stay whose they are. */
void settings_adopt(struct settings_set *set, const struct po_settings *values,
                    enum setting_origin origin);
/* Checks that need more than one setting. */
PO_MUST_CHECK enum po_status settings_validate(const struct po_settings *settings,
                                               struct po_error *error);
/* The value as text that settings_assign takes back. */
void settings_format(const struct po_settings *settings, int index, char *text,
                     size_t text_bytes);
const char *setting_origin_name(enum setting_origin origin);
/* "PROCESS_OFFLINE_NUM_DISPARITIES". */
void setting_environment_name(const struct setting_row *row, char *name,
                              size_t name_bytes);

/*
 * Hash of the values of all settings whose effect is at most `up_to`, SETTING_RUN left
 * out: the settings' part of a key of resume (SETTING_CLOUD) or of the cache of raw
 * matches (SETTING_MATCH). Independent of origins.
 */
struct hash settings_effect_hash(const struct po_settings *settings,
                                 enum setting_effect up_to);

#endif
