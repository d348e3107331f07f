/* SPDX-License-Identifier: Apache-2.0 */
/* What a cloud and its mesh need of scratch, as frame plans ask. */
#ifndef CLOUD_CLOUD_PLAN_H
#define CLOUD_CLOUD_PLAN_H

#include <stddef.h>

#include "process_offline/settings.h"

/* Selection, then the larger of its files' writers. */
size_t cloud_scratch_bytes(const struct po_cloud_settings *settings, int width_px,
                           int height_px);

#endif
