/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unserved_options.h"

#include <string.h>

#include "base/log.h"
#include "settings/setting_value.h"
#include "settings/settings_needs.h"

/* Wherever it is given: what stands without it asks for nothing. */
static bool says_the_default(const struct settings_set *set, int index)
{
    struct settings_set plain;
    struct po_error error = {0};
    int profile;
    char given[SETTING_FORMAT_BYTES], usual[SETTING_FORMAT_BYTES];
    settings_set_init(&plain);
    bool is_same = false;
    if (settings_find("profile", &profile) != NULL) {
        settings_format(&set->values, profile, given, sizeof(given));
        is_same = settings_assign(&plain, profile, given, ORIGIN_FILE, &error) == PO_OK;
    }
    settings_format(&set->values, index, given, sizeof(given));
    settings_format(&plain.values, index, usual, sizeof(usual));
    settings_set_release(&plain);
    return is_same && strcmp(given, usual) == 0;
}

static void warn(const struct settings_set *set, const struct setting_need *need,
                 int index)
{
    if (set->values.output.quiet)
        return;
    log_warning("%s, from %s, has no effect %s", need->name,
                set->origins[index] == ORIGIN_FILE ? "a file of settings"
                                                   : "the environment",
                need->unmet);
}

enum po_status unserved_options_check(const struct settings_set *set,
                                      struct po_error *error)
{
    for (int i = 0; i < setting_need_count(); i++) {
        const struct setting_need *need = setting_need(i);
        int index;
        if (settings_find(need->name, &index) == NULL || need->is_met(&set->values))
            continue;
        enum setting_origin origin = set->origins[index];
        if (origin < ORIGIN_FILE || says_the_default(set, index))
            continue;
        if (origin == ORIGIN_COMMAND_LINE)
            return po_fail(error, PO_BAD_ARGUMENT, "--%s has no effect %s; leave it out",
                           need->name, need->unmet);
        warn(set, need, index);
    }
    return PO_OK;
}
