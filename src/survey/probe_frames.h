/* SPDX-License-Identifier: Apache-2.0 */
/* Probes frames in children: fills the table of check/frame_probes.h. */
#ifndef SURVEY_PROBE_FRAMES_H
#define SURVEY_PROBE_FRAMES_H

#include "check/frame_probes.h"
#include "survey/survey_pass.h"

/* Has children find what is wanted of the pending frames; `frames_directory` holds the
 * results that PROBE_VERIFY reads back. A frame whose images cannot be read ends here,
 * with the reason. */
PO_MUST_CHECK enum po_status probe_frames(struct survey_run *run,
                                          struct frame_probes *probes,
                                          const char *frames_directory,
                                          struct po_error *error);

#endif
