/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session scope: what a run, a plan and a merge begin and end with alike, around what
 * each of them does. Ownership: the run is made here, lent to `body`, and released here.
 */
#ifndef SUPERVISE_SESSION_SCOPE_H
#define SUPERVISE_SESSION_SCOPE_H

#include "supervise/session_run.h"

typedef enum po_status session_body(struct session_run *run, void *context,
                                    struct po_error *error);

/*
 * Runs `body` on a fresh run of this role and passes its status on. A process of our own
 * takes writes to a reader that left, or beyond a size limit, as errors, never signals.
 * PO_OUT_OF_MEMORY: there is none to start.
 */
PO_MUST_CHECK enum po_status session_scope_run(const struct settings_set *settings,
                                               enum run_role role, bool owns_process,
                                               session_body *body, void *context,
                                               struct po_error *error);

#endif
