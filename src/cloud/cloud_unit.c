/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_unit.h"

const char *cloud_unit_name(const struct cloud_input *input)
{
    if (input->rig.unit == RIG_SQUARES)
        return "squares";
    return input->settings->unit == PO_UNIT_M ? "m" : "mm";
}
