/* SPDX-License-Identifier: Apache-2.0 */
/* Session progress: what is said while frames come to their ends: progress, log, journal.
 */
#ifndef SUPERVISE_SESSION_PROGRESS_H
#define SUPERVISE_SESSION_PROGRESS_H

#include "supervise/session_run.h"

/* Reports that a frame has ended, whoever ended it. */
void session_report_frame(struct session_run *run, int frame);
/* Ends the frames of which the manifest knows that they cannot be processed. */
void session_end_problems(struct session_run *run);

/* The engine's settings for this run; its observer reports to the run. */
struct engine_settings session_engine_settings(struct session_run *run);

#endif
