/* SPDX-License-Identifier: Apache-2.0 */
/* Session paths: where a run keeps its results and its state. Plain values. */
#ifndef STORE_SESSION_PATHS_H
#define STORE_SESSION_PATHS_H

#include "base/path.h"
#include "session/manifest.h"

struct session_paths {
    char output[SESSION_PATH_BYTES];
    char frames[SESSION_PATH_BYTES];  /* <output>/frames */
    char state[SESSION_PATH_BYTES];   /* <output>/.state */
    char inputs[SESSION_PATH_BYTES];  /* <output>/.state/inputs */
    char values[SESSION_PATH_BYTES];  /* <output>/.state/session.json */
    char matches[SESSION_PATH_BYTES]; /* <output>/.state/matches */
    char priors[SESSION_PATH_BYTES];  /* <output>/.state/priors */
    char plan[SESSION_PATH_BYTES];    /* <output>/.state/plan.json */
    char shards[SESSION_PATH_BYTES];  /* <output>/.state/shards */
};

/* Sets paths. */
PO_MUST_CHECK enum po_status session_paths_name(struct session_paths *paths,
                                                const struct po_settings *settings,
                                                const struct manifest *manifest,
                                                struct po_error *error);
/* The same by the folder that --input names, before the session is read. */
PO_MUST_CHECK enum po_status session_paths_name_at(struct session_paths *paths,
                                                   const struct po_settings *settings,
                                                   const char *root,
                                                   struct po_error *error);
/* Sets paths and makes the directories. */
PO_MUST_CHECK enum po_status session_paths_make(struct session_paths *paths,
                                                const struct po_settings *settings,
                                                const struct manifest *manifest,
                                                struct po_error *error);

#endif
