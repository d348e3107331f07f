/* SPDX-License-Identifier: Apache-2.0 */
/* --plan: one line a value, as scripts read them. */
#include <math.h>
#include <stdio.h>

#include "base/outside_text.h"
#include "base/readable.h"
#include "cli/command.h"
#include "supervise/session_planning.h"

enum { MEGABYTE = 1 << 20, SLACK_DIVISOR = 4 };

static unsigned long long megabytes(uint64_t bytes)
{
    return (unsigned long long)((bytes + MEGABYTE - 1) / MEGABYTE);
}

/* What a job should ask for: a quarter more than is planned, as libraries differ. */
static uint64_t job_bytes(const struct plan_cost *cost)
{
    uint64_t bytes = cost->program_bytes + cost->frame_bytes;
    return bytes + bytes / SLACK_DIVISOR;
}

enum po_status command_plan(const struct settings_set *set, int *exit_status,
                            struct po_error *error)
{
    struct planning_summary summary;
    enum po_status status = session_planning_run(set, true, &summary, error);
    *exit_status = summary.exit_status;
    if (status != PO_OK || summary.exit_status != 0 || set->values.output.quiet)
        return status;
    text_line(stdout, "frames: %d", summary.frames);
    if (summary.unusable > 0)
        text_line(stdout, "cannot be processed: %d", summary.unusable);
    if (isnan(summary.cost.frame_s))
        text_line(stdout, "seconds of a frame on one core: unknown");
    else
        text_line(stdout, "seconds of a frame on one core: %.3f", summary.cost.frame_s);
    text_line(stdout, "MB of one worker: %llu", megabytes(job_bytes(&summary.cost)));
    text_line(stdout, "MB of each further worker: %llu",
              megabytes(summary.cost.frame_bytes));
    text_line(stdout, "MB of all results: %llu", megabytes(summary.cost.disk_bytes));
    text_line(stdout, "plan: %s", summary.path);
    return PO_OK;
}
