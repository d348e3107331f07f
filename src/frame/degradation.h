/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Degradation: how a frame is made with less memory, from the top: as asked; in row
 * strips; in a cheaper mode; at half and at quarter resolution. One level holds for all
 * frames of a session; pure.
 */
#ifndef FRAME_DEGRADATION_H
#define FRAME_DEGRADATION_H

#include "process_offline/settings.h"

enum degradation {
    DEGRADATION_NONE,
    DEGRADATION_STRIPS,
    DEGRADATION_CHEAPER_MODE,
    DEGRADATION_HALF,
    DEGRADATION_QUARTER,
    DEGRADATION_COUNT,
};

/* Changes settings and downscale to what they are at this level. */
void degradation_apply(enum degradation degradation, struct po_settings *settings,
                       int *downscale);
const char *degradation_name(enum degradation degradation);

#endif
