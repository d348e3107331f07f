/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lifeline: ends this process when the other end of a pipe is gone, that is when its
 * parent died in whatever way.
 */
#ifndef POOL_LIFELINE_H
#define POOL_LIFELINE_H

#include "process_offline/status.h"

/* Starts a thread with a small stack that reads `descriptor` until its end, then leaves
 * the process by _exit(`exit_status`). */
PO_MUST_CHECK enum po_status lifeline_start(int descriptor, int exit_status,
                                            struct po_error *error);

#endif
