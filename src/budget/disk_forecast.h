/* SPDX-License-Identifier: Apache-2.0 */
/* Disk forecast: about how many bytes the artefacts of a run will take. Pure. */
#ifndef BUDGET_DISK_FORECAST_H
#define BUDGET_DISK_FORECAST_H

#include "budget/frame_planner.h"
#include "process/run_state.h"

/* Of all pending frames, and the reports. */
uint64_t disk_forecast(const struct probed_session *session,
                       const struct frame_setup *setup, const struct run_state *state);

#endif
