/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings that need another one: what is given and has no effect in this run is told.
 *
 * Invariant: one table, a rule a setting; a rule looks at the final values alone, and
 * only at what they say before any file is read. Plain values.
 */
#ifndef SETTINGS_SETTINGS_NEEDS_H
#define SETTINGS_SETTINGS_NEEDS_H

#include "process_offline/settings.h"

struct setting_need {
    const char *name; /* of the setting */
    bool (*is_met)(const struct po_settings *settings);
    const char *unmet; /* after "has no effect ": "without --prior" */
};

int setting_need_count(void);
const struct setting_need *setting_need(int index);

#endif
