/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the children of a run are let into: the session and what its manifest names, files
 * that settings name, the system's libraries; and, to write, the output directory.
 */
#ifndef SUPERVISE_SANDBOX_PATHS_H
#define SUPERVISE_SANDBOX_PATHS_H

#include "process/sandbox.h"
#include "session/manifest.h"
#include "settings/settings_table.h"

/* Makes `sandbox`, unless the settings do without. `output` need not be there. */
PO_MUST_CHECK enum po_status sandbox_make(struct sandbox *sandbox,
                                          const struct settings_set *settings,
                                          const struct manifest *manifest,
                                          const char *output, struct po_error *error);

#endif
