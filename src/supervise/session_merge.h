/* SPDX-License-Identifier: Apache-2.0 */
/* Session merge: --merge. Makes the report of a session that shards have worked on from
 * what is there: reports, comparison with a baseline, JUnit, exit status. */
#ifndef SUPERVISE_SESSION_MERGE_H
#define SUPERVISE_SESSION_MERGE_H

#include "process_offline/summary.h"
#include "settings/settings_table.h"

/* PO_LOCKED while a shard is at work. */
PO_MUST_CHECK enum po_status session_merge_run(const struct settings_set *settings,
                                               bool owns_process,
                                               struct po_summary *summary,
                                               struct po_error *error);

#endif
