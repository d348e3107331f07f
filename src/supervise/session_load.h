/* SPDX-License-Identifier: Apache-2.0 */
/* Session load: a run's settings become its manifest and the tables beside it; what goes
 * by a plan reads that first. Names and small text files only: no image is opened. */
#ifndef SUPERVISE_SESSION_LOAD_H
#define SUPERVISE_SESSION_LOAD_H

#include "supervise/session_run.h"

/* `run` is made ready by session_run_init. */
PO_MUST_CHECK enum po_status session_load(struct session_run *run,
                                          struct po_error *error);

/* The manifest alone, after all that is asked of the files that settings name: a list
 * refuses what a run would, without an output directory. */
PO_MUST_CHECK enum po_status session_load_manifest(struct session_run *run,
                                                   struct po_error *error);

#endif
