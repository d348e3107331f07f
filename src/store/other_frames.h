/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other frames: folders of results that are not of this run's frames, because an earlier
 * run selected others. They stay, and the report says so.
 *
 * Invariant: the listed ids are the first by name. Ownership: plain value.
 */
#ifndef STORE_OTHER_FRAMES_H
#define STORE_OTHER_FRAMES_H

#include "record/run_report.h"
#include "session/manifest.h"

/* Looks through `directory`, which holds a folder a frame. A directory that is not
 * there holds none. */
PO_MUST_CHECK enum po_status other_frames_find(const char *directory,
                                               const struct manifest *manifest,
                                               struct report_other_frames *others,
                                               struct po_error *error);

#endif
