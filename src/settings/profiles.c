/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/profiles.h"

#include <stddef.h>

/* Each names what the others set of the matcher: a profile that was chosen replaces what
 * weaker choices left of another. */
static const struct profile_value fast[] = {{"matcher", "sgm"},
                                            {"sgm-level", "fast"},
                                            {"left-right-max-diff", "1.5"},
                                            {"vertical-correction", "false"},
                                            {NULL, NULL}};

static const struct profile_value balanced[] = {{"matcher", "sgm"},
                                                {"sgm-level", "balanced"},
                                                {"left-right-max-diff", "1.5"},
                                                {"vertical-correction", "true"},
                                                {NULL, NULL}};

static const struct profile_value quality[] = {{"matcher", "sgm"},
                                               {"sgm-level", "quality"},
                                               {"left-right-max-diff", "1.75"},
                                               {"vertical-correction", "true"},
                                               {NULL, NULL}};

/* The usual recipe around OpenCV's matcher, in the right order. */
static const struct profile_value classic[] = {{"matcher", "opencv"},
                                               {"opencv-mode", "sgbm"},
                                               {"min-disparity", "-16"},
                                               {"num-disparities", "96"},
                                               {"block-size", "5"},
                                               {"refine", "classic"},
                                               {"bilateral-diameter", "5"},
                                               {"bilateral-sigma-color", "10"},
                                               {"bilateral-sigma-space", "10"},
                                               {"fill", "inpaint"},
                                               {"inpaint-radius", "3"},
                                               {"vertical-correction", "false"},
                                               {"edge-jump", "0"},
                                               {"edge-confidence", "0"},
                                               {NULL, NULL}};

const struct profile_value *profile_values(enum po_profile profile)
{
    static const struct profile_value *const profiles[] = {fast, balanced, quality,
                                                           classic};
    return profiles[profile];
}
