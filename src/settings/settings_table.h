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

enum setting_kind {
    SETTING_FLAG,   /* bool; `--name` sets it, or clears it when inverted */
    SETTING_INT,    /* int, "auto" where allowed */
    SETTING_REAL,   /* double */
    SETTING_LENGTH, /* double, in millimetres: 3000, 300cm, 3m */
    SETTING_CHOICE, /* enum, one of choices */
    SETTING_TEXT,   /* const char * */
    SETTING_SIZE,   /* uint64_t bytes: 6G, 512M, 75% where allowed */
    SETTING_LIST,   /* unsigned bits, comma-separated choices */
    SETTING_CUSTOM, /* parsed by its own functions: --roi, --calibration-unit */
};

/* How a value that is more than one field is read and written. */
struct setting_custom {
    /* False when `value` is not in the row's form; it may be NULL when the row's argument
     * is optional. */
    bool (*parse)(struct po_settings *settings, const char *value);
    void (*format)(const struct po_settings *settings, char *text, size_t text_bytes);
    bool optional_argument;
};

/* What changes when the setting does: which keys of resume and cache it is part of. */
enum setting_effect {
    SETTING_RUN,    /* nothing in the artefacts */
    SETTING_MATCH,  /* the raw match and all after it */
    SETTING_REFINE, /* refinement and all after it */
    SETTING_CLOUD,  /* clouds and what is written */
};

enum setting_origin {
    ORIGIN_DEFAULT,
    ORIGIN_PROFILE,
    ORIGIN_FILE,
    ORIGIN_ENVIRONMENT,
    ORIGIN_COMMAND_LINE,
    ORIGIN_BUDGET, /* chosen by the ladder under a memory limit */
};

struct setting_row {
    const char *name; /* "num-disparities": the option and the configuration key */
    enum setting_kind kind;
    enum setting_effect effect;
    size_t field;         /* offsetof(struct po_settings, ...) */
    const char *group;    /* heading in --help */
    const char *argument; /* "N|auto", NULL for flags */
    const char *help;     /* one or two sentences, what it trades */
    const char *const
        *choices;    /* NULL-terminated, in the order of the enum or of the bits */
    double min, max; /* INT, REAL and SIZE, inclusive */
    bool allow_auto;
    bool inverted; /* FLAG: naming it sets false, as --no-parallel */
    const struct setting_custom *custom;
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
/* Sets every value a profile holds whose origin is weaker than `profile`. */
void settings_apply_profile(struct settings_set *set, enum po_profile profile);
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
