/* SPDX-License-Identifier: Apache-2.0 */
/* The flat target of --quality-check: where it lies in a frame, and what it costs. */
#ifndef FRAME_FRAME_PLANE_H
#define FRAME_FRAME_PLANE_H

#include <stddef.h>

#include "evaluate/plane_quality.h"
#include "process_offline/settings.h"

bool frame_plane_is_asked(const struct po_settings *settings);
/* The region as given, or so much of the middle. */
struct pixel_region frame_plane_region(const struct po_output_settings *output,
                                       int width_px, int height_px);
/* PO_BAD_ARGUMENT when the region asked for reaches outside the rectified image. */
PO_MUST_CHECK enum po_status frame_plane_check(const struct po_settings *settings,
                                               int width_px, int height_px,
                                               struct po_error *error);
/* Of scratch, from the first strip to the last; 0 where no target is asked for. */
size_t frame_plane_bytes(const struct po_settings *settings);

#endif
