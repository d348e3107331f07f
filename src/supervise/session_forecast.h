/* SPDX-License-Identifier: Apache-2.0 */
/* What a run would do, found out without doing it: nothing is written. */
#ifndef SUPERVISE_SESSION_FORECAST_H
#define SUPERVISE_SESSION_FORECAST_H

#include "supervise/session_run.h"

/*
 * Fills a zeroed run: manifest, session values, effective settings, memory plan. Frames
 * that cannot be read have ended in run->state, with the reason. The caller releases it.
 */
PO_MUST_CHECK enum po_status session_forecast_make(const struct settings_set *settings,
                                                   struct session_run *run,
                                                   struct po_error *error);

/* Bytes the frame needs while it runs; 0 when it cannot be planned. */
uint64_t session_forecast_frame_bytes(const struct session_run *run, int frame);

#endif
