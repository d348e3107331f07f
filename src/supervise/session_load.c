/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_load.h"

#include <stdlib.h>

#include "base/option_error.h"
#include "session/manifest_digest.h"
#include "session/prior_source.h"
#include "store/output_claim.h"
#include "supervise/cpu_level.h"
#include "supervise/planned_session.h"
#include "supervise/session_manifest.h"
#include "supervise/session_network.h"
#include "supervise/session_units.h"

static enum po_status claim_output(const struct session_run *run, struct po_error *error)
{
    const struct output_claim claim = {.output = run->paths.output,
                                       .frames = run->paths.frames,
                                       .state = run->paths.state};
    return output_claim_check(&claim, run->manifest, run->asked, error);
}

/* What is only needed at the end of a run is looked at before hours are spent. */
static enum po_status check_baseline(const char *path, struct po_error *error)
{
    struct past_report past = {0};
    struct po_error cause = {0};
    if (path == NULL)
        return PO_OK;
    enum po_status status = run_report_read(path, &past, &cause);
    status = fail_of_option(status, "baseline", path, &cause, error);
    past_report_release(&past);
    return status == PO_BAD_FORMAT || status == PO_IO ? PO_BAD_ARGUMENT : status;
}

/* Known before any frame is taken for done: its key holds the prior. */
static enum po_status take_prior(struct session_run *run, struct po_error *error)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    if (settings->prior != NULL)
        run->network.prior.source =
            prior_is_folder(settings->prior) ? PRIOR_MAPS : PRIOR_NETWORK;
    return prior_source_assign(run->manifest, settings->prior, settings->prior_every,
                               error);
}

static bool needs_digest(const struct session_run *run)
{
    return run->role == RUN_PLAN || session_run_is_planned(run);
}

/* Settings that only a plan can have so, as its file was edited, are the plan's fault. */
static enum po_status load_manifest(struct session_run *run, struct po_error *error)
{
    struct po_error cause = {0};
    enum po_status status =
        session_manifest_load(&run->effective.values, &run->manifest, &cause);
    if (status == PO_BAD_ARGUMENT && session_run_is_planned(run))
        return po_fail(error, status, "%s: %.600s; run --plan again", run->paths.plan,
                       cause.message);
    return status == PO_OK ? PO_OK : po_fail(error, status, "%s", cause.message);
}

enum po_status session_load_manifest(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status = cpu_level_check(settings->match.cpu, error);
    if (status == PO_OK)
        status = check_baseline(settings->output.baseline, error);
    if (status == PO_OK && session_run_is_planned(run))
        status = planned_settings_take(run, error);
    if (status == PO_OK)
        status = session_network_check(run, error);
    if (status == PO_OK)
        status = load_manifest(run, error);
    if (status == PO_OK)
        status = take_prior(run, error);
    if (status == PO_OK)
        status = session_units_check(settings, run->manifest, error);
    return status;
}

enum po_status session_load(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status = session_load_manifest(run, error);
    if (status == PO_OK)
        status = session_paths_name(&run->paths, settings, run->manifest, error);
    if (status == PO_OK)
        status = claim_output(run, error);
    if (status != PO_OK)
        return status;
    run->record = calloc(1, sizeof(*run->record));
    if (run->record == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    status = session_values_init(&run->values, run->manifest, error);
    if (status == PO_OK && needs_digest(run))
        run->session_digest = manifest_digest(run->manifest);
    if (status == PO_OK && session_run_is_planned(run))
        status = planned_session_take(run, error);
    if (status == PO_OK)
        status = run_state_init(&run->state, run->manifest->frame_count, error);
    if (status == PO_OK)
        status = frame_probes_init(&run->probes, run->manifest->frame_count, error);
    return status;
}
