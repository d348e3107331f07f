/* SPDX-License-Identifier: Apache-2.0 */
/* What a run would do, found out without doing it: nothing is written. */
#ifndef SUPERVISE_SESSION_FORECAST_H
#define SUPERVISE_SESSION_FORECAST_H

#include "supervise/session_run.h"

/*
 * Fills a zeroed run: manifest, session values, effective settings, memory plan, and
 * with SURVEY_FULL the check of every frame. Frames that cannot be read have ended in
 * run->state, with the reason. The caller releases it.
 */
PO_MUST_CHECK enum po_status session_forecast_make(const struct settings_set *settings,
                                                   enum survey_kind kind,
                                                   struct session_run *run,
                                                   struct po_error *error);

/* About how long the pending frames take on this many workers; rough, as processors
 * differ. */
double session_forecast_seconds(const struct session_run *run);

/* Bytes the frame needs while it runs; 0 when it cannot be planned. */
uint64_t session_forecast_frame_bytes(const struct session_run *run, int frame);

/* Bytes of the artefacts of all pending frames, about, and what the file system of the
 * output has left, UINT64_MAX when it does not say. */
uint64_t session_forecast_disk_bytes(const struct session_run *run);
uint64_t session_forecast_disk_left(const struct session_run *run);

#endif
