/* SPDX-License-Identifier: Apache-2.0 */
/* The exit status of a run: where several hold, the first of 2, 1, 130/143, 7, 6, 5, 4,
 * 3, 8. */
#ifndef SUPERVISE_EXIT_STATUS_H
#define SUPERVISE_EXIT_STATUS_H

#include "process/run_control.h"
#include "process/run_state.h"

/* Of a run that could not take place. */
int exit_status_of_error(enum po_status status);

/* Of a run that took place. `internal`: something of ours failed, such as the report. */
int exit_status_of_run(const struct run_state *state, const struct po_summary *summary,
                       const struct run_control *control, bool internal,
                       bool strict_unmatched, bool worse_than_baseline);

#endif
