/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_scope.h"

#include <signal.h>
#include <stdlib.h>

static void ignore_write_signals(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

enum po_status session_scope_run(const struct settings_set *settings, enum run_role role,
                                 bool owns_process, session_body *body, void *context,
                                 struct po_error *error)
{
    struct session_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    if (owns_process)
        ignore_write_signals();
    session_run_init(run, settings, role);
    run->owns_process = owns_process;
    enum po_status status = body(run, context, error);
    session_run_release(run);
    free(run);
    return status;
}
