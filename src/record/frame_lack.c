/* SPDX-License-Identifier: Apache-2.0 */
#include "record/frame_lack.h"

#include <string.h>

static const struct frame_lack_row rows[FRAME_LACKS] = {
    {LACKS_NETWORK, "network", "by sgm, as the network failed there", true},
    {LACKS_PRIOR, "prior", "without the depth prior, which failed there", true},
    {LACKS_MEASUREMENT, "measurement", "with hardly anything measured surely", false},
    {LACKS_POINTS, "points", "with an empty cloud", false},
    {LACKS_SURFACE, "surface", "with an empty surface", false},
    {LACKS_DEPTH, "depth", "with an empty depth image", false},
};

const struct frame_lack_row *frame_lack_row(int index)
{
    return &rows[index];
}

uint32_t frame_lack_named(const char *name)
{
    for (int i = 0; i < FRAME_LACKS; i++)
        if (strcmp(name, rows[i].name) == 0)
            return rows[i].bit;
    return 0;
}
