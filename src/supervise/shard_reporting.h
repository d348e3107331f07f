/* SPDX-License-Identifier: Apache-2.0 */
/* Shard reporting: a shard writes no report but its record, when it begins and ends. */
#ifndef SUPERVISE_SHARD_REPORTING_H
#define SUPERVISE_SHARD_REPORTING_H

#include "supervise/session_run.h"

/* Says that the shard has begun: one that says no more is dead. */
PO_MUST_CHECK enum po_status shard_reporting_begin(struct session_run *run,
                                                   struct po_error *error);
/* Says what came of it; `report` is filled and counted. */
PO_MUST_CHECK enum po_status shard_reporting_end(struct session_run *run,
                                                 const struct run_report *report,
                                                 struct po_error *error);

#endif
