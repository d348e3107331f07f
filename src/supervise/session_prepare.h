/* SPDX-License-Identifier: Apache-2.0 */
/* Session prepare: from a manifest to frames that can be run: probed, surveyed, planned.
 * A dry run and a check take the same steps. */
#ifndef SUPERVISE_SESSION_PREPARE_H
#define SUPERVISE_SESSION_PREPARE_H

#include "supervise/session_run.h"

/* Takes what an earlier run kept, unless --force; of a planned run, values are there. */
PO_MUST_CHECK enum po_status session_values_take(struct session_run *run,
                                                 struct po_error *error);
/* Makes the sandbox of the run's children, once, before the first of them. */
PO_MUST_CHECK enum po_status session_sandbox(struct session_run *run,
                                             struct po_error *error);
/* Has children find what the probes' `wanted` asks. */
PO_MUST_CHECK enum po_status session_probe(struct session_run *run,
                                           struct po_error *error);
/* Chooses what all frames share, and has children survey images for what is left. */
PO_MUST_CHECK enum po_status session_look(struct session_run *run, enum survey_kind kind,
                                          struct po_error *error);
/* Plans the memory of the pending frames; those that fit at no level end here. */
PO_MUST_CHECK enum po_status session_plan(struct session_run *run,
                                          struct po_error *error);

#endif
