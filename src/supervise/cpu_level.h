/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPERVISE_CPU_LEVEL_H
#define SUPERVISE_CPU_LEVEL_H

#include "process_offline/settings.h"
#include "process_offline/status.h"

/* PO_BAD_ARGUMENT that names the levels there are, when this machine or this build lacks
 * the one asked for: no image is to blame for that. */
PO_MUST_CHECK enum po_status cpu_level_check(enum po_cpu_level level,
                                             struct po_error *error);

#endif
