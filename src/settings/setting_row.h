/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row of the table of settings: an option, its key, its kind, its bounds.
 *
 * Invariant: a row's `field` lies inside struct po_settings and has the type its kind
 * says. Ownership: rows are constant.
 */
#ifndef SETTINGS_SETTING_ROW_H
#define SETTINGS_SETTING_ROW_H

#include <stdbool.h>
#include <stddef.h>

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

/* What a setting serves: a command is refused one that serves nothing of what it does. */
enum setting_use {
    USE_FRAMES, /* how frames are computed, judged and kept: a run, and what foretells
                   or ends one */
    USE_PAIRS,  /* which images are the pairs of the session */
    USE_CALIBRATION, /* which calibration they have, and how it is taken */
    USE_LENS,        /* the lens model: of a calibration that is read, or made */
    USE_TRUTH,       /* which true disparities they have */
    USE_REPORTS,   /* what is made of all frames: compared with a baseline, test cases */
    USE_SHARD,     /* which part of a planned session */
    USE_BOARD,     /* what was photographed to calibrate */
    USE_RIG_FILE,  /* the calibration that is written */
    USE_NETWORK,   /* how a network is taken and run */
    USE_OUTPUT,    /* where results are */
    USE_PROCESSES, /* workers, memory, deadlines: nothing of the results */
    USE_MESSAGES,  /* what is said, and how */
    USE_CONFIG,    /* a file of settings; no setting itself */
    USE_SEVERAL,   /* several sessions; likewise */
    USE_COUNT,
};

struct setting_row {
    const char *name; /* "num-disparities": the option and the configuration key */
    enum setting_kind kind;
    enum setting_effect effect;
    enum setting_use use;
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

#endif
