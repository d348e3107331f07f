/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bench_settings.h"

enum po_status bench_set_setting(struct settings_set *set, const char *name,
                                 const char *value, struct po_error *error)
{
    int index;
    if (settings_find(name, &index) == NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "unknown option --%s", name);
    return settings_assign(set, index, value, ORIGIN_COMMAND_LINE, error);
}
