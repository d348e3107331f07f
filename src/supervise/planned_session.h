/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planned session: what a shard and a merge take from the plan of their session in place
 * of a look at it: settings that nobody gives again, values, lenses, verdicts; and the
 * refusal where plan, session, program and settings are not of one another.
 */
#ifndef SUPERVISE_PLANNED_SESSION_H
#define SUPERVISE_PLANNED_SESSION_H

#include "supervise/session_run.h"

/* Reads the plan, and completes the settings by it. PO_BAD_ARGUMENT: there is no plan
 * (says which command makes it), it is of another version, a setting differs (named), or
 * the part does not exist. */
PO_MUST_CHECK enum po_status planned_settings_take(struct session_run *run,
                                                   struct po_error *error);
/* Once the manifest is loaded: takes lenses and values, and of a shard leaves its own
 * frames. PO_BAD_ARGUMENT: the plan is of another session. */
PO_MUST_CHECK enum po_status planned_session_take(struct session_run *run,
                                                  struct po_error *error);
/* Once networks were tried: PO_BAD_ARGUMENT where one is not the plan's. */
PO_MUST_CHECK enum po_status planned_session_check_networks(const struct session_run *run,
                                                            struct po_error *error);
/* Ends the frames that the plan says must not be processed. */
void planned_session_end_frames(struct session_run *run);

#endif
