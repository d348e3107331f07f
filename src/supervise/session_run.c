/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_run.h"

#include <stdlib.h>

#include "base/clock.h"

void session_run_init(struct session_run *run, const struct settings_set *settings,
                      enum run_role role)
{
    bool is_part = settings->values.run.shard_count > 0;
    run->role = is_part && role == RUN_WHOLE ? RUN_SHARD : role;
    run->asked = settings;
    run->effective = *settings;
    run->lock.descriptor = -1;
    run->link_lock.descriptor = -1;
    run->control.signal_descriptor = -1;
    run->start_s = clock_monotonic_s();
    run->journal.start_s = run->start_s;
    memory_plan_workers(&settings->values.run, UINT64_MAX, &run->memory.workers,
                        &run->memory.batch_size);
}

bool session_run_is_planned(const struct session_run *run)
{
    return run->role == RUN_SHARD || run->role == RUN_MERGE ||
           (run->role == RUN_LOOK && run->asked->values.run.shard_count > 0);
}

void session_run_release(struct session_run *run)
{
    sandbox_release(&run->sandbox);
    output_lock_release(&run->lock);
    link_lock_release(&run->link_lock);
    session_plan_release(&run->plan);
    run_control_close(&run->control);
    run_state_release(&run->state);
    session_values_release(&run->values);
    frame_probes_release(&run->probes);
    frame_surveys_release(&run->surveys);
    kept_pairs_release(&run->kept_pairs);
    kept_tables_release(&run->kept_tables);
    frame_groups_release(&run->groups);
    free(run->frame_ranges);
    run->frame_ranges = NULL;
    manifest_destroy(run->manifest);
    free(run->record);
    settings_set_release(&run->planned_settings);
    record_shelf_release(&run->shelf);
    run->record = NULL;
    run->manifest = NULL;
}

struct probed_session session_probed(const struct session_run *run)
{
    return (struct probed_session){run->manifest, run->probes.frames, run->probes.memo,
                                   &run->kept_tables};
}

struct resume session_resume(const struct session_run *run)
{
    return (struct resume){
        .manifest = run->manifest,
        .paths = &run->paths,
        .values = &run->values,
        .setups = run->setups,
        .setup_count = SESSION_SETUPS,
        .probes = run->probes.frames,
        .record = run->record,
    };
}

struct memory_request session_memory_request(const struct session_run *run)
{
    return (struct memory_request){
        .session = session_probed(run),
        .asked = &run->asked_setup,
        .state = &run->state,
        .network_bytes = run->network.process_bytes,
        .is_kept = run->values.loaded,
        .kept_degradation = (enum degradation)run->values.degradation,
        .kept_frame_budget_bytes = run->values.frame_budget_bytes,
    };
}

static void asked_setup_make(struct session_run *run)
{
    struct frame_setup *setup = &run->asked_setup;
    setup->present = true;
    setup->settings = run->effective.values;
    setup->context = (struct frame_context){
        .settings = &setup->settings,
        .manifest = run->manifest,
        .ranges = run->values.ranges,
        .frame_ranges = run->frame_ranges,
        .vertical_fields =
            setup->settings.input.rectify_refine ? run->values.vertical_fields : NULL,
        .scale16 = {run->values.scale16[0], run->values.scale16[1]},
        .downscale = run->values.downscale,
        .depth_unit_mm = run->values.depth_unit_mm,
        .frames_directory = run->paths.frames,
        .state_directory = run->paths.state,
        .build_tag = run->build_tag,
        .network = &run->network.use,
        .prior = &run->network.prior,
        .kept_pairs = &run->kept_pairs,
    };
}

void session_setups_make(struct session_run *run)
{
    int level = run->values.degradation;
    uint64_t budget_bytes = run->values.frame_budget_bytes;
    asked_setup_make(run);
    frame_setup_degrade(&run->asked_setup, (enum degradation)level, budget_bytes,
                        &run->setups[0]);
    run->setups[1].present = false;
    /* A frame whose memory ran out gets the next level that saves memory for certain. */
    int next = level < DEGRADATION_HALF ? DEGRADATION_HALF : level + 1;
    if (run->setups[0].context.downscale == 2)
        next = DEGRADATION_QUARTER;
    if (next < DEGRADATION_COUNT && run->setups[0].context.downscale < 4)
        frame_setup_degrade(&run->asked_setup, (enum degradation)next, budget_bytes,
                            &run->setups[1]);
}

const struct frame_setup *session_setup(const struct session_run *run, int degradation)
{
    return &run->setups[degradation < SESSION_SETUPS ? degradation : SESSION_SETUPS - 1];
}

enum po_status session_frame_ranges_make(struct session_run *run, struct po_error *error)
{
    int count = run->manifest->frame_count;
    if (!run->effective.values.match.range_per_frame || run->frame_ranges != NULL)
        return PO_OK;
    run->frame_ranges = calloc((size_t)count + 1, sizeof(*run->frame_ranges));
    if (run->frame_ranges == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d ranges", count);
    for (int i = 0; i < count; i++)
        run->frame_ranges[i] =
            run->values.ranges[run->manifest->frames[i].calibration + 1];
    return PO_OK;
}
