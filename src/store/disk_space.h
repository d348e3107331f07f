/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DISK_SPACE_H
#define STORE_DISK_SPACE_H

#include "supervise/session_run.h"

/* Bytes of the artefacts of all pending frames, about; and what the file system of the
 * output has left, UINT64_MAX when it does not say. */
uint64_t disk_space_forecast(const struct session_run *run);
uint64_t disk_space_left(const char *directory);
/* Where a run that has not begun would write: a directory on the same file system. */
const char *disk_space_place(const struct session_run *run);

/* Warns before the run when the artefacts will hardly fit. */
void disk_space_check(struct session_run *run);

#endif
