/* SPDX-License-Identifier: Apache-2.0 */
/* Session planning: --plan. Looks at a session once, chooses what all of its frames
 * share, tries one frame, and keeps all of it for shards. */
#ifndef SUPERVISE_SESSION_PLANNING_H
#define SUPERVISE_SESSION_PLANNING_H

#include "process_offline/summary.h"
#include "store/session_paths.h"
#include "store/session_plan.h"

/* What was planned, for the script that starts the shards. */
struct planning_summary {
    int exit_status; /* above 0: a signal stopped it, and there is no plan */
    int frames;
    int unusable; /* of these, such as cannot be processed */
    int workers;  /* as many as this machine would run */
    struct plan_cost cost;
    char path[SESSION_PATH_BYTES]; /* of the plan */
};

/* `owns_process`: as of supervisor_run. */
PO_MUST_CHECK enum po_status session_planning_run(const struct settings_set *settings,
                                                  bool owns_process,
                                                  struct planning_summary *summary,
                                                  struct po_error *error);

#endif
