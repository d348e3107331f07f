/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_network.h"

#include <stdlib.h>

#include "base/input_file.h"
#include "base/log.h"
#include "budget/frame_planner.h"
#include "survey/network_probe.h"

static const double MIN_PROBE_TIMEOUT_S = 120.0;
enum { MEGABYTE_SHIFT = 20 };

static struct network_source source_of(const struct po_network_settings *settings)
{
    return (struct network_source){.library = settings->onnxruntime,
                                   .model = settings->network,
                                   .cuda = settings->device == PO_NETWORK_CUDA};
}

/* The size the first frame that is still to be done is matched at. */
static bool size_to_try(const struct session_run *run, int *width_px, int *height_px)
{
    int downscale = run->values.downscale > 0 ? run->values.downscale : 1;
    struct probed_session session = session_probed(run);
    for (int i = 0; i < run->manifest->frame_count; i++) {
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        frame_planner_size(&session, i, width_px, height_px);
        if (*width_px <= 0)
            continue;
        *width_px = (*width_px + downscale - 1) / downscale;
        *height_px = (*height_px + downscale - 1) / downscale;
        return true;
    }
    return false;
}

/* A model alone above the limit is not even loaded. */
static enum po_status check_size(const struct session_run *run, const char *path,
                                 struct po_error *error)
{
    struct input_stat info;
    uint64_t limit = memory_limit_choose(&run->effective.values.run).bytes;
    enum po_status status = input_file_stat(path, &info, error);
    if (status == PO_OK && info.size_bytes > limit)
        status = po_fail(error, PO_MEMORY_LIMIT,
                         "%s: the model has %llu MB, the memory limit is %llu MB: raise "
                         "--memory-limit or take a smaller network",
                         path, (unsigned long long)(info.size_bytes >> MEGABYTE_SHIFT),
                         (unsigned long long)(limit >> MEGABYTE_SHIFT));
    return status;
}

static void report_findings(struct session_run *run, const struct probed_network *probed)
{
    for (int i = 0; i < probed->guesses.length; i++) {
        warning_list_add(&run->warnings, "%s", probed->guesses.texts[i]);
        log_warning("%s", probed->guesses.texts[i]);
    }
    run_journal_add(
        &run->journal,
        "network: ONNX Runtime %s, input %dx%d, %llu MB a process and %llu MB "
        "a running frame, %.0f ms on one core",
        probed->runtime, probed->tensor_width_px, probed->tensor_height_px,
        (unsigned long long)(probed->fixed_bytes >> MEGABYTE_SHIFT),
        (unsigned long long)(probed->run_bytes >> MEGABYTE_SHIFT), probed->run_s * 1e3);
}

static void take_use(struct session_run *run, const struct probed_network *probed)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    struct session_network *network = &run->network;
    int runs = settings->network_check ? 2 : 1;
    network->use = (struct network_use){.wanted = true,
                                        .check = settings->network_check,
                                        .model = probed->model,
                                        .apart_timeout_s =
                                            run->effective.values.run.frame_timeout_s / 2,
                                        .run_bytes = probed->run_bytes,
                                        .key = probed->key};
    network->process_bytes = probed->fixed_bytes;
    network->run_s = probed->run_s * runs;
}

enum po_status session_network_probe(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    struct network_request request = {
        .source = source_of(&settings->network),
        .config = settings->network.network_config,
        .kind = NETWORK_STEREO,
        .channels = 3,
    };
    if (settings->match.matcher != PO_MATCHER_NETWORK ||
        !size_to_try(run, &request.width_px, &request.height_px))
        return PO_OK;
    enum po_status status = check_size(run, request.source.model, error);
    struct probed_network *probed = calloc(1, sizeof(*probed));
    if (status == PO_OK && probed == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to try a network");
    if (status == PO_OK) {
        double timeout_s = settings->run.frame_timeout_s;
        network_probe_apart(
            &request, timeout_s > MIN_PROBE_TIMEOUT_S ? timeout_s : MIN_PROBE_TIMEOUT_S,
            probed);
        status = probed->status;
        if (status != PO_OK)
            (void)po_fail(error, status, "--network: %.500s", probed->message);
    }
    if (status == PO_OK) {
        take_use(run, probed);
        report_findings(run, probed);
    }
    free(probed);
    return status;
}

void session_network_open(const struct session_run *run, struct network **network)
{
    struct po_error error;
    *network = NULL;
    if (!run->network.use.wanted)
        return;
    const struct network_source source = source_of(&run->effective.values.network);
    if (network_open(&source, network, &error) != PO_OK)
        log_warning("%s", error.message);
}
