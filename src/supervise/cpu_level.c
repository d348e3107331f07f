/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/cpu_level.h"

#include <stdio.h>

#include "settings/settings_table.h"
#include "stereo/kernel_dispatch.h"

enum po_status cpu_level_check(enum po_cpu_level level, struct po_error *error)
{
    char list[128] = "";
    size_t used = 0;
    int index;
    if (sgm_kernels_find(level) != NULL)
        return PO_OK;
    const struct setting_row *row = settings_find("cpu", &index);
    for (int i = 0; row->choices[i] != NULL && used < sizeof(list); i++)
        if (sgm_kernels_find((enum po_cpu_level)i) != NULL)
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                     used > 0 ? ", " : "", row->choices[i]);
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--cpu %s: this machine has no such level; give one of %s",
                   row->choices[level], list);
}
