/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/kernel_dispatch.h"

#include <stdbool.h>
#include <stddef.h>

static bool always(void)
{
    return true;
}

struct dispatch_row {
    enum po_cpu_level level;
    const struct sgm_kernels *kernels;
    bool (*supported)(void);
};

/* Best first: AUTO takes the first row the CPU supports. */
static const struct dispatch_row rows[] = {
    {PO_CPU_SCALAR, &sgm_kernels_scalar, always},
};

const struct sgm_kernels *sgm_kernels_find(enum po_cpu_level level)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((level == PO_CPU_AUTO || level == rows[i].level) && rows[i].supported())
            return rows[i].kernels;
    return NULL;
}
