/* SPDX-License-Identifier: Apache-2.0 */
/* The size that most pictures of the frames without a calibration have; a child reads
 * their heads. */
#ifndef CALIBRATE_PICTURE_SIZE_H
#define CALIBRATE_PICTURE_SIZE_H

#include "process/run_control.h"
#include "process/sandbox.h"
#include "session/manifest.h"

/* Of at most 64 frames. Errors: PO_BAD_IMAGE, none can be read. */
PO_MUST_CHECK enum po_status picture_size_of_most(const struct po_run_settings *settings,
                                                  const struct manifest *manifest,
                                                  struct run_control *control,
                                                  struct sandbox *sandbox, int *width_px,
                                                  int *height_px, struct po_error *error);

#endif
