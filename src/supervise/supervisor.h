/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Supervisor: runs a session to its end whatever its frames do. One thread, one poll()
 * loop, no OpenCV, no image data; the parallel phase runs in a pool process, suspects
 * alone in a child each. See supervisor.c for how the processes work.
 */
#ifndef SUPERVISE_SUPERVISOR_H
#define SUPERVISE_SUPERVISOR_H

#include "process_offline/summary.h"
#include "settings/settings_table.h"

/* Runs everything `settings` asks for: --list, --dry-run and --check are the caller's.
 * `owns_process`: signals are the supervisor's to take, with --in-process too. */
PO_MUST_CHECK enum po_status supervisor_run(const struct settings_set *settings,
                                            bool owns_process, struct po_summary *summary,
                                            struct po_error *error);

#endif
