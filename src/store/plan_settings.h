/* SPDX-License-Identifier: Apache-2.0 */
/* Plan settings: which settings the parts of one session share, and which every machine
 * chooses for itself. */
#ifndef STORE_PLAN_SETTINGS_H
#define STORE_PLAN_SETTINGS_H

#include "settings/settings_table.h"

/* Chosen by every machine and every call: workers, memory, messages, places. */
bool plan_setting_is_own(const struct setting_row *row);
/* Makes one result on all machines, so all must have the same. What is neither is taken
 * from the plan where nobody gives it. */
bool plan_setting_is_common(const struct setting_row *row);

#endif
