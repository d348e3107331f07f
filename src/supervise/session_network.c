/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_network.h"

#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/log.h"
#include "budget/frame_planner.h"
#include "session/prior_source.h"
#include "survey/network_probe.h"

static const double MIN_PROBE_TIMEOUT_S = 120.0;
enum { MEGABYTE_SHIFT = 20 };

static struct network_source source_of(const struct po_network_settings *settings,
                                       const char *model)
{
    return (struct network_source){.library = settings->onnxruntime,
                                   .model = model,
                                   .cuda = settings->device == PO_NETWORK_CUDA};
}

static enum po_status check_named(const char *option, const char *path,
                                  struct po_error *error)
{
    struct input_stat unused;
    struct po_error found;
    enum po_status status = input_file_stat(path, &unused, &found);
    return status == PO_OK
               ? PO_OK
               : po_fail(error, PO_BAD_ARGUMENT, "--%s %s", option, found.message);
}

/* A configuration may be the JSON itself. */
static const char *file_of(const char *config)
{
    return config != NULL && config[0] == '{' ? NULL : config;
}

/* A bare name is looked for where libraries are. */
static const char *library_file_of(const char *name)
{
    return name != NULL && strchr(name, '/') == NULL ? NULL : name;
}

/* A merge runs no network: its machine need not have the file. */
enum po_status session_network_check(const struct session_run *run,
                                     struct po_error *error)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    enum po_status status = PO_OK;
    if (run->role == RUN_MERGE)
        return PO_OK;
    bool has_prior_file = settings->prior != NULL && !prior_is_folder(settings->prior);
    const struct {
        const char *option, *path;
    } files[] = {
        {"network", settings->network},
        {"prior", has_prior_file ? settings->prior : NULL},
        {"network-config", file_of(settings->network_config)},
        {"prior-config", file_of(settings->prior_config)},
        {"onnxruntime", library_file_of(settings->onnxruntime)},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(*files) && status == PO_OK; i++)
        if (files[i].path != NULL)
            status = check_named(files[i].option, files[i].path, error);
    return status;
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

static void report_findings(struct session_run *run, const char *what,
                            const struct probed_network *probed)
{
    for (int i = 0; i < probed->guesses.length; i++) {
        warning_list_add(&run->warnings, "%s", probed->guesses.texts[i]);
        log_warning("%s", probed->guesses.texts[i]);
    }
    run_journal_add(
        &run->journal,
        "%s: ONNX Runtime %s, input %dx%d, %llu MB a process and %llu MB "
        "a running frame, %.0f ms on one core",
        what, probed->runtime, probed->tensor_width_px, probed->tensor_height_px,
        (unsigned long long)(probed->fixed_bytes >> MEGABYTE_SHIFT),
        (unsigned long long)(probed->run_bytes >> MEGABYTE_SHIFT), probed->run_s * 1e3);
}

static struct network_use use_of(const struct session_run *run,
                                 const struct probed_network *probed, bool check)
{
    return (struct network_use){.wanted = true,
                                .check = check,
                                .model = probed->model,
                                .apart_timeout_s =
                                    run->effective.values.run.frame_timeout_s / 2,
                                .run_bytes = probed->run_bytes,
                                .key = probed->key};
}

/* A child tries a network; `what` names the option in errors. */
static enum po_status try_network(const struct session_run *run, const char *what,
                                  const struct network_request *request,
                                  struct probed_network *probed, struct po_error *error)
{
    double timeout_s = run->effective.values.run.frame_timeout_s;
    enum po_status status = check_size(run, request->source.model, error);
    if (status != PO_OK)
        return status;
    network_probe_apart(request,
                        timeout_s > MIN_PROBE_TIMEOUT_S ? timeout_s : MIN_PROBE_TIMEOUT_S,
                        probed);
    return probed->status == PO_OK
               ? PO_OK
               : po_fail(error, probed->status, "--%s: %.500s", what, probed->message);
}

static enum po_status probe_matcher(struct session_run *run,
                                    struct network_request *request,
                                    struct probed_network *probed, struct po_error *error)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    if (run->effective.values.match.matcher != PO_MATCHER_NETWORK)
        return PO_OK;
    request->source = source_of(settings, settings->network);
    request->config = settings->network_config;
    request->kind = NETWORK_STEREO;
    enum po_status status = try_network(run, "network", request, probed, error);
    if (status != PO_OK)
        return status;
    run->network.use = use_of(run, probed, settings->network_check);
    run->network.process_bytes += probed->fixed_bytes;
    run->network.run_s += probed->run_s * (settings->network_check ? 2 : 1);
    report_findings(run, "network", probed);
    return PO_OK;
}

static void report_carrying(struct session_run *run)
{
    int every = run->effective.values.network.prior_every;
    if (every < 2)
        return;
    warning_list_tell(&run->warnings,
                      "a depth prior is made for one frame in %d and carried on to those "
                      "between, whose views may have moved",
                      every);
}

static enum po_status probe_prior(struct session_run *run,
                                  struct network_request *request,
                                  struct probed_network *probed, struct po_error *error)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    if (settings->prior == NULL)
        return PO_OK;
    report_carrying(run);
    if (run->network.prior.source == PRIOR_MAPS)
        return PO_OK;
    request->source = source_of(settings, settings->prior);
    request->config = settings->prior_config;
    request->kind = NETWORK_DEPTH;
    enum po_status status = try_network(run, "prior", request, probed, error);
    if (status != PO_OK)
        return status;
    run->network.prior = (struct prior_use){PRIOR_NETWORK, use_of(run, probed, false)};
    run->network.process_bytes += probed->fixed_bytes;
    run->network.run_s += probed->run_s;
    report_findings(run, "prior", probed);
    return PO_OK;
}

enum po_status session_network_probe(struct session_run *run, struct po_error *error)
{
    struct network_request request = {.channels = 3};
    if (!size_to_try(run, &request.width_px, &request.height_px))
        return PO_OK;
    struct probed_network *probed = calloc(1, sizeof(*probed));
    if (probed == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to try a network");
    enum po_status status = probe_matcher(run, &request, probed, error);
    if (status == PO_OK)
        status = probe_prior(run, &request, probed, error);
    free(probed);
    return status;
}

static struct network *open_one(const struct po_network_settings *settings,
                                const char *model)
{
    struct po_error error;
    struct network *network = NULL;
    const struct network_source source = source_of(settings, model);
    if (network_open(&source, &network, &error) != PO_OK)
        log_warning("%s", error.message);
    return network;
}

void session_networks_open(const struct session_run *run,
                           struct session_networks *networks)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    *networks = (struct session_networks){.use = run->network.use,
                                          .prior_use = run->network.prior};
    if (networks->use.wanted)
        networks->network = open_one(settings, settings->network);
    if (networks->prior_use.source == PRIOR_NETWORK)
        networks->prior = open_one(settings, settings->prior);
    networks->use.network = networks->network;
    networks->prior_use.network.network = networks->prior;
}

void session_networks_close(struct session_networks *networks)
{
    network_close(networks->network);
    network_close(networks->prior);
    *networks = (struct session_networks){0};
}
