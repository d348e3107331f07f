/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unserved_options.h"

#include "base/log.h"
#include "settings/settings_needs.h"

enum po_status unserved_options_check(const struct settings_set *set,
                                      struct po_error *error)
{
    for (int i = 0; i < setting_need_count(); i++) {
        const struct setting_need *need = setting_need(i);
        int index;
        if (settings_find(need->name, &index) == NULL || need->is_met(&set->values))
            continue;
        enum setting_origin origin = set->origins[index];
        if (origin == ORIGIN_COMMAND_LINE)
            return po_fail(error, PO_BAD_ARGUMENT, "--%s has no effect %s; leave it out",
                           need->name, need->unmet);
        if (origin == ORIGIN_FILE || origin == ORIGIN_ENVIRONMENT)
            log_warning("%s, from %s, has no effect %s", need->name,
                        origin == ORIGIN_FILE ? "a file of settings" : "the environment",
                        need->unmet);
    }
    return PO_OK;
}
