/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session plan: what one look at a session found out and chose, kept in .state/plan.json
 * so that shards on many machines work by the same values and look at nothing again.
 *
 * Its name is a digest of all that results follow from: shards write the name of the plan
 * they followed into their records. Ownership: session_plan_release; safe on a zeroed
 * struct.
 */
#ifndef STORE_SESSION_PLAN_H
#define STORE_SESSION_PLAN_H

#include "base/warning_list.h"
#include "process/run_state.h"
#include "store/kept_rectification.h"
#include "store/run_journal.h"
#include "store/session_values.h"

#define SESSION_PLAN_FILE "plan.json"

/* What a frame took that was tried, on one core, and what its session takes. */
struct plan_cost {
    double frame_s;
    uint64_t frame_bytes;   /* the largest frame's plan */
    uint64_t program_bytes; /* beside the frames, a process and its workers */
    uint64_t disk_bytes;    /* of all frames */
};

/* Frames that must not be processed, whatever machine looks at them. */
struct plan_verdict {
    int first;
    int last;
    enum po_status cause;
    char *message;
};

/* What a plan is made of; borrowed. */
struct plan_content {
    const struct manifest *manifest;
    struct hash session; /* as the manifest was loaded */
    const struct settings_set *settings;
    const struct session_values *values;
    const struct run_state *state; /* frames that the survey ended */
    const struct warning_list *warnings;
    const struct run_journal *journal;
    const char *network_key;                        /* "": no network */
    const char *prior_key;                          /* of a prior's network; "": none */
    const struct kept_rectification *rectification; /* NULL: none was asked for */
    struct plan_cost cost;
};

struct session_plan {
    char name[HASH_TEXT_BYTES];
    char version[48];
    char session[HASH_TEXT_BYTES]; /* digest of the manifest */
    char root[ATOMIC_FILE_PATH_BYTES];
    char network_key[HASH_TEXT_BYTES];
    char prior_key[HASH_TEXT_BYTES];
    int frame_count;
    struct plan_cost cost;
    int verdict_count;
    struct plan_verdict *verdicts;
    struct json *tree; /* for settings, values, warnings and events */
};

PO_MUST_CHECK enum po_status session_plan_write(const struct plan_content *content,
                                                const char *path, struct po_error *error);
/* PO_NOT_FOUND: there is none. PO_BAD_FORMAT: not as it was written. */
PO_MUST_CHECK enum po_status
session_plan_read(const char *path, struct session_plan *plan, struct po_error *error);
void session_plan_release(struct session_plan *plan);

/* The text of a setting; NULL: the plan has none of this name. */
const char *session_plan_setting(const struct session_plan *plan, const char *name);
/* False where the plan's values are out of bounds. */
PO_MUST_CHECK bool session_plan_values(const struct session_plan *plan,
                                       const struct manifest *manifest,
                                       struct session_values *values);
/* False: --rectify-uncalibrated was not asked for, or found nothing to do. */
PO_MUST_CHECK bool session_plan_rectification(const struct session_plan *plan,
                                              struct kept_rectification *kept);
/* What planning had to say, for the report that --merge writes. */
void session_plan_said(const struct session_plan *plan, struct warning_list *warnings,
                       struct run_journal *journal);

#endif
