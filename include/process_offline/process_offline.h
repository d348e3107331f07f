/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_offline: metric point clouds from folders of stereo captures.
 *
 * Ownership: nothing returned needs freeing; settings and their strings stay the
 * caller's.
 */
#ifndef PROCESS_OFFLINE_H
#define PROCESS_OFFLINE_H

#include "process_offline/settings.h"
#include "process_offline/status.h"
#include "process_offline/summary.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
PO_EXPORT const char *po_version(void);

/*
 * Processes a session inside the calling process, sequentially, without supervisor or
 * fork: a crash or a hang is the caller's. Returns PO_OK when the run took place,
 * whatever its frames did: see `summary`.
 */
PO_EXPORT PO_MUST_CHECK enum po_status
po_process_session(const struct po_settings *settings, struct po_summary *summary,
                   struct po_error *error);

#ifdef __cplusplus
}
#endif
#endif
