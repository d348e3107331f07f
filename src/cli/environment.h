/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from the environment: PROCESS_OFFLINE_WORKERS=4 is --workers 4, weaker. */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include "settings/settings_table.h"

/* A variable of that kind that names no setting is a warning in the log. */
PO_MUST_CHECK enum po_status environment_read(struct settings_set *set,
                                              struct po_error *error);

#endif
