/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bench_settings.h"

#include <string.h>

enum po_status bench_set_setting(struct settings_set *set, const char *name,
                                 const char *value, struct po_error *error)
{
    int index;
    if (settings_find(name, &index) == NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "unknown option --%s", name);
    enum po_status status =
        settings_assign(set, index, value, ORIGIN_COMMAND_LINE, error);
    if (status == PO_OK && strcmp(name, "profile") == 0)
        settings_apply_profile(set, set->values.profile);
    return status;
}
