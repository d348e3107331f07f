/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/planned_session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/version.h"
#include "session/manifest_digest.h"
#include "settings/setting_value.h"
#include "store/plan_settings.h"
#include "supervise/session_progress.h"
#include "supervise/session_uncalibrated.h"
#include "survey/lens_choice.h"

/* Where an array job says which of its elements this is. */
static const char *const array_variables[] = {"SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX",
                                              "JOB_COMPLETION_INDEX"};

static enum po_status bad_index(const char *variable, const char *text, int count,
                                struct po_error *error)
{
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--shard auto/%d: %s is '%.40s'; want a number from 0 or 1 to %d",
                   count, variable, text, count);
}

/* Arrays are counted from 0 or from 1: taken as the remainder by N, both reach every
 * part once. */
static enum po_status find_number(int count, int *number, struct po_error *error)
{
    const char *found = NULL;
    for (size_t i = 0; i < sizeof(array_variables) / sizeof(array_variables[0]); i++) {
        char *end;
        const char *text = getenv(array_variables[i]);
        if (text == NULL || text[0] == '\0')
            continue;
        errno = 0;
        long index = strtol(text, &end, 10);
        if (errno != 0 || *end != '\0' || index < 0 || index > count)
            return bad_index(array_variables[i], text, count, error);
        int taken = index == 0 ? count : (int)index;
        if (found != NULL && taken != *number)
            return po_fail(error, PO_BAD_ARGUMENT,
                           "--shard auto/%d: %s and %s say different parts; give K/%d",
                           count, found, array_variables[i], count);
        found = array_variables[i];
        *number = taken;
    }
    if (found == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--shard auto/%d: no array job says which part this is (%s, %s, "
                       "%s); give K/%d",
                       count, array_variables[0], array_variables[1], array_variables[2],
                       count);
    return PO_OK;
}

static enum po_status choose_shard(struct session_run *run, struct po_error *error)
{
    const struct po_run_settings *settings = &run->asked->values.run;
    run->shard = (struct shard){settings->shard, settings->shard_count, 1};
    if (run->shard.count == 0 || run->shard.number != PO_AUTO)
        return PO_OK;
    return find_number(run->shard.count, &run->shard.number, error);
}

static const char *what_for(const struct session_run *run)
{
    return run->role == RUN_MERGE ? "--merge" : "--shard";
}

static enum po_status no_plan(const struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->asked->values;
    bool has_output = settings->output.output != NULL;
    return po_fail(error, PO_BAD_ARGUMENT,
                   "%s: no plan of the session is there (%s); make it once, on one "
                   "machine: process_offline --plan --input %s%s%s, with the options of "
                   "the run",
                   what_for(run), run->paths.plan, settings->input.input,
                   has_output ? " --output " : "",
                   has_output ? settings->output.output : "");
}

static enum po_status read_plan(struct session_run *run, struct po_error *error)
{
    struct po_error cause = {0};
    enum po_status status = session_plan_read(run->paths.plan, &run->plan, &cause);
    if (status == PO_NOT_FOUND)
        return no_plan(run, error);
    if (status != PO_OK)
        return po_fail(error, status, "%s; run --plan again", cause.message);
    if (strcmp(run->plan.version, PROCESS_OFFLINE_VERSION) != 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: made by version %s of this program, and this is %s: results "
                       "could differ; use one version on all machines, or run --plan "
                       "again",
                       run->paths.plan, run->plan.version, PROCESS_OFFLINE_VERSION);
    return PO_OK;
}

static bool is_given(const struct settings_set *set, int index)
{
    return set->origins[index] == ORIGIN_FILE ||
           set->origins[index] == ORIGIN_ENVIRONMENT ||
           set->origins[index] == ORIGIN_COMMAND_LINE;
}

/* What is given again must be what was planned. */
static enum po_status check_setting(const struct session_run *run, int index,
                                    struct po_error *error)
{
    char text[SETTING_FORMAT_BYTES];
    const struct setting_row *row = settings_row(index);
    const char *planned = session_plan_setting(&run->plan, row->name);
    settings_format(&run->asked->values, index, text, sizeof(text));
    if (!is_given(run->asked, index) || !plan_setting_is_common(row) || planned == NULL ||
        strcmp(planned, text) == 0)
        return PO_OK;
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--%s is '%.200s' here and '%.200s' in the plan (%s): all shards need "
                   "the same; leave it out here, or run --plan again with it",
                   row->name, text, planned, run->paths.plan);
}

/* The caller's own where he gave one, or where it is his to choose; else the plan's. */
static enum po_status complete_setting(struct session_run *run, int index,
                                       struct po_error *error)
{
    char text[SETTING_FORMAT_BYTES];
    const struct setting_row *row = settings_row(index);
    const char *planned = session_plan_setting(&run->plan, row->name);
    bool is_asked = plan_setting_is_own(row) ||
                    (!plan_setting_is_common(row) && is_given(run->asked, index));
    enum setting_origin origin = ORIGIN_FILE;
    settings_format(&run->asked->values, index, text, sizeof(text));
    if (is_asked) {
        planned = text;
        origin = run->asked->origins[index];
    }
    if (planned == NULL || (planned[0] == '\0' && row->kind == SETTING_TEXT))
        return PO_OK;
    struct po_error cause = {0};
    enum po_status status =
        settings_assign(&run->planned_settings, index, planned, origin, &cause);
    if (status == PO_OK)
        return PO_OK;
    return po_fail(error, status, "%s: --%s: %.400s; run --plan again", run->paths.plan,
                   row->name, cause.message);
}

static enum po_status complete_settings(struct session_run *run, struct po_error *error)
{
    int profile = 0;
    enum po_status status = PO_OK;
    settings_set_init(&run->planned_settings);
    (void)settings_find("profile", &profile); /* others win over what it sets */
    status = complete_setting(run, profile, error);
    for (int i = 0; i < settings_row_count() && status == PO_OK; i++)
        if (i != profile)
            status = complete_setting(run, i, error);
    for (int i = 0; i < run->asked->file_count && status == PO_OK; i++)
        status = settings_note_file(&run->planned_settings, run->asked->files[i], error);
    run->asked = &run->planned_settings;
    run->effective = run->planned_settings;
    return status;
}

enum po_status planned_settings_take(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->asked->values;
    if (settings->input.input == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s needs --input: a pair of files has no parts", what_for(run));
    if (run->role == RUN_MERGE && settings->run.shard_count > 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--merge is of all shards; leave out --shard");
    enum po_status status = choose_shard(run, error);
    if (status == PO_OK)
        status =
            session_paths_name_at(&run->paths, settings, settings->input.input, error);
    if (status == PO_OK)
        status = read_plan(run, error);
    for (int i = 0; i < settings_row_count() && status == PO_OK; i++)
        status = check_setting(run, i, error);
    return status == PO_OK ? complete_settings(run, error) : status;
}

static enum po_status check_session(const struct session_run *run, struct po_error *error)
{
    char digest[HASH_TEXT_BYTES];
    const struct session_plan *plan = &run->plan;
    int frames = run->manifest->frame_count;
    hash_text(run->session_digest, digest);
    if (strcmp(digest, plan->session) == 0)
        return PO_OK;
    if (frames != plan->frame_count)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: the plan is of a session of %d frames in %s, and %s has %d; "
                       "run --plan again",
                       run->paths.plan, plan->frame_count, plan->root,
                       run->manifest->root, frames);
    return po_fail(error, PO_BAD_ARGUMENT,
                   "%s: the plan is of another session, or files of it were renamed or "
                   "its calibration changed since (%s, now %s); run --plan again",
                   run->paths.plan, plan->root, run->manifest->root);
}

/* Ranges are kept by calibrations with their lenses, so they are read again when one is
 * another. */
static enum po_status take_values(struct session_run *run, struct po_error *error)
{
    struct session_values *values = &run->values;
    bool known = session_plan_values(&run->plan, run->manifest, values);
    if (known && lens_take_kept(values, run->manifest, &run->warnings))
        known = session_plan_values(&run->plan, run->manifest, values);
    values->loaded = known;
    return known ? PO_OK
                 : po_fail(error, PO_BAD_FORMAT,
                           "%s: its values are out of bounds; run --plan again",
                           run->paths.plan);
}

/* A folder of maps that is not there must not be taken for a network. */
static enum po_status take_prior(struct session_run *run, struct po_error *error)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    struct prior_use *prior = &run->network.prior;
    if (settings->prior == NULL)
        return PO_OK;
    run->shard.unit = settings->prior_every;
    bool is_network = hash_parse(run->plan.prior_key, &prior->network.key);
    if (is_network == (prior->source == PRIOR_NETWORK))
        return PO_OK;
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--prior %s: is %s here, and was %s when the session was planned",
                   settings->prior, is_network ? "a folder of maps" : "no folder of maps",
                   is_network ? "a network" : "a folder of maps");
}

/* Shards do not look for themselves how the cameras stand. */
static enum po_status take_rectification(struct session_run *run, struct po_error *error)
{
    struct kept_rectification kept;
    if (!session_plan_rectification(&run->plan, &kept))
        return PO_OK;
    return session_rectification_take(run, &kept, error);
}

enum po_status planned_session_take(struct session_run *run, struct po_error *error)
{
    enum po_status status = take_prior(run, error);
    if (status == PO_OK)
        status = check_session(run, error);
    if (status == PO_OK)
        status = take_rectification(run, error);
    if (status == PO_OK)
        status = take_values(run, error);
    if (status == PO_OK && run->shard.count > 0) {
        uint32_t noise = 0;
        if (getrandom(&noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
            return po_fail(error, PO_INTERNAL, "no random number: %s", strerror(errno));
        manifest_keep_every(run->manifest, run->shard.number - 1, run->shard.count,
                            run->shard.unit);
        (void)snprintf(run->build_tag, sizeof(run->build_tag), "%d-of-%d.%08" PRIx32 ".",
                       run->shard.number, run->shard.count, noise);
    }
    return status;
}

static enum po_status check_network(const struct session_run *run, const char *option,
                                    const char *path, const struct network_use *use,
                                    const char *planned, struct po_error *error)
{
    char key[HASH_TEXT_BYTES];
    hash_text(use->key, key);
    if (!use->wanted || strcmp(key, planned) == 0)
        return PO_OK;
    return po_fail(
        error, PO_BAD_ARGUMENT,
        "--%s %s: another network, or another description of it, than the plan "
        "was made with (%s); use the same on all machines, or run --plan again",
        option, path, run->paths.plan);
}

enum po_status planned_session_check_networks(const struct session_run *run,
                                              struct po_error *error)
{
    const struct po_network_settings *settings = &run->effective.values.network;
    if (!session_run_is_planned(run))
        return PO_OK;
    enum po_status status =
        check_network(run, "network", settings->network, &run->network.use,
                      run->plan.network_key, error);
    return status == PO_OK
               ? check_network(run, "prior", settings->prior, &run->network.prior.network,
                               run->plan.prior_key, error)
               : status;
}

void planned_session_end_frames(struct session_run *run)
{
    for (int i = 0; i < run->plan.verdict_count; i++) {
        const struct plan_verdict *verdict = &run->plan.verdicts[i];
        for (int frame = 0; frame < run->state.frame_count; frame++) {
            int index = shard_session_frame(&run->shard, frame);
            if (index < verdict->first || index > verdict->last ||
                run->state.frames[frame].status != PO_FRAME_PENDING)
                continue;
            run->state.frames[frame].stage = STAGE_LOAD;
            run_state_end(&run->state, frame, PO_FRAME_FAILED, verdict->cause,
                          verdict->message);
            session_report_frame(run, frame);
        }
    }
}
