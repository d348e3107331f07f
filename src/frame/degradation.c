/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/degradation.h"

static void cheaper_mode(struct po_match_settings *match)
{
    if (match->level == PO_SGM_QUALITY)
        match->level = PO_SGM_BALANCED;
    if (match->opencv_mode == PO_OPENCV_HH || match->opencv_mode == PO_OPENCV_HH4)
        match->opencv_mode = PO_OPENCV_3WAY;
}

void degradation_apply(enum degradation degradation, struct po_settings *settings,
                       int *downscale)
{
    if (degradation >= DEGRADATION_CHEAPER_MODE)
        cheaper_mode(&settings->match);
    if (degradation >= DEGRADATION_HALF && *downscale < 2)
        *downscale = 2;
    if (degradation >= DEGRADATION_QUARTER)
        *downscale = 4;
}

const char *degradation_name(enum degradation degradation)
{
    static const char *const names[DEGRADATION_COUNT] = {
        "as asked", "matched in row strips", "matched in a cheaper mode",
        "matched at half resolution", "matched at quarter resolution"};
    return names[degradation];
}
