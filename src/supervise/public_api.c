/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions that are not defined beside what they belong to. */
#include "process_offline/process_offline.h"

#include <stdlib.h>

#include "base/version.h"
#include "settings/settings_table.h"
#include "supervise/supervisor.h"

const char *po_version(void)
{
    return PROCESS_OFFLINE_VERSION;
}

enum po_status po_process_session(const struct po_settings *settings,
                                  struct po_summary *summary, struct po_error *error)
{
    struct settings_set *set = calloc(1, sizeof(*set));
    *summary = (struct po_summary){0};
    if (set == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    set->values = *settings;
    set->values.run.in_process = true;
    set->values.output.progress = PO_PROGRESS_NEVER;
    set->values.output.quiet = true; /* the caller's stdout is the caller's */
    enum po_status status = settings_validate(&set->values, error);
    if (status == PO_OK)
        status = supervisor_run(set, false, summary, error);
    else
        summary->exit_status = PO_EXIT_USAGE;
    free(set);
    return status;
}
