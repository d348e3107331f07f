/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between a session and a good result, before hours are spent on it. */
#include <stdlib.h>

#include "cli/check_json.h"
#include "cli/check_summary.h"
#include "cli/check_text.h"
#include "cli/command.h"
#include "process_offline/summary.h"
#include "supervise/exit_status.h"
#include "supervise/session_forecast.h"
#include "supervise/session_trial.h"
#include "supervise/session_uncalibrated.h"

/* Whether a failure is what the check has found, rather than a check that failed. */
static bool is_verdict(enum po_status status)
{
    return status == PO_BAD_CALIBRATION || status == PO_BAD_SESSION ||
           status == PO_BAD_IMAGE || status == PO_MEMORY_LIMIT;
}

static enum po_status print_failure(bool json, int *exit_status, struct po_error *error)
{
    struct po_error cause = *error;
    *exit_status = exit_status_of_error(cause.status);
    if (json)
        return check_print_failure_json(&cause, *exit_status, error);
    check_print_failure_text(&cause);
    return PO_OK;
}

enum po_status command_check(const struct settings_set *set, bool json, int *exit_status,
                             struct po_error *error)
{
    struct session_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    enum po_status status = session_forecast_make(set, SURVEY_FULL, run, error);
    if (status == PO_OK)
        status = session_trial(run, error);
    if (status == PO_OK)
        status = session_offer_rectification(run, error);
    *exit_status = PO_EXIT_OK;
    if (status == PO_OK)
        *exit_status = check_exit_status(run);
    if (is_verdict(status))
        status = print_failure(json, exit_status, error);
    else if (status == PO_OK && json)
        status = check_print_json(run, error);
    else if (status == PO_OK)
        check_print_text(run);
    session_run_release(run);
    free(run);
    return status;
}
