/* SPDX-License-Identifier: Apache-2.0 */
#include "store/resume.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/path.h"
#include "frame/frame_key.h"

/* Sixteen-bit scales are chosen from at most this many frames, spread evenly. */
enum { SAMPLED_FRAMES = 8 };

enum inputs_known { INPUTS_KNOWN, INPUTS_CHANGED, INPUTS_MISSING };

static bool folder_of(const struct session_run *run, int frame, char *folder)
{
    return path_join(folder, SESSION_PATH_BYTES, run->paths.frames,
                     run->manifest->frames[frame].id);
}

static bool read_record(const struct session_run *run, int frame)
{
    char folder[SESSION_PATH_BYTES];
    char path[SESSION_PATH_BYTES];
    return folder_of(run, frame, folder) &&
           path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) &&
           frame_record_read(path, run->record, NULL) == PO_OK;
}

static bool state_path(const struct session_run *run, int frame, char *path)
{
    return path_join(path, SESSION_PATH_BYTES, run->paths.inputs,
                     run->manifest->frames[frame].id);
}

static bool stat_equal(const char *path, const struct input_state_entry *entry)
{
    struct input_stat now;
    return input_file_stat(path, &now, NULL) == PO_OK &&
           input_stat_equal(&now, &entry->stat);
}

/* Content hashes of the inputs, without reading them: --verify believes no stat. */
static enum inputs_known inputs_by_stat(const struct session_run *run, int frame,
                                        struct hash hashes[2])
{
    char path[SESSION_PATH_BYTES];
    struct input_state state;
    const struct frame_entry *entry = &run->manifest->frames[frame];
    const struct frame_probe *probed = &run->probes.frames[frame];
    if ((probed->known & PROBE_HASH) != 0) {
        hashes[0] = probed->inputs.entries[0].hash;
        hashes[1] = probed->inputs.entries[1].hash;
        return INPUTS_KNOWN;
    }
    if (run->effective.values.run.verify)
        return INPUTS_CHANGED;
    if (!state_path(run, frame, path) || input_state_read(path, &state, NULL) != PO_OK ||
        state.count < 2)
        return INPUTS_MISSING;
    if (!stat_equal(entry->left_path, &state.entries[0]) ||
        !stat_equal(entry->right_path, &state.entries[1]))
        return INPUTS_CHANGED;
    hashes[0] = state.entries[0].hash;
    hashes[1] = state.entries[1].hash;
    return INPUTS_KNOWN;
}

/* Whether run->record was made from these contents by a setup of this run. */
static bool key_fits(const struct session_run *run, int frame,
                     const struct hash hashes[2])
{
    for (int degradation = 0; degradation < SESSION_SETUPS; degradation++) {
        char text[HASH_TEXT_BYTES];
        const struct frame_setup *setup = &run->setups[degradation];
        if (!setup->present)
            continue;
        hash_text(frame_key(&setup->context, frame, hashes, SETTING_CLOUD), text);
        if (strcmp(text, run->record->key) == 0)
            return true;
    }
    return false;
}

static bool folder_is_whole(const struct session_run *run, int frame)
{
    char folder[SESSION_PATH_BYTES];
    struct po_error error;
    if (!folder_of(run, frame, folder))
        return false;
    if (frame_record_verify(run->record, folder, false, &error) == PO_OK)
        return true;
    log_info("%s: made again: %s", run->manifest->frames[frame].id, error.message);
    return false;
}

static void reuse(struct session_run *run, int frame)
{
    struct frame_state *row = &run->state.frames[frame];
    row->points = run->record->points;
    row->stage = STAGE_COMMIT;
    run_state_end(&run->state, frame, PO_FRAME_REUSED, PO_OK, NULL);
    session_run_report_frame(run, frame);
}

/* Under --verify, when everything was read. */
static void reuse_verified(struct session_run *run, int frame,
                           const struct hash hashes[2])
{
    const char *id = run->manifest->frames[frame].id;
    for (int i = 0; i < 2 && i < run->record->input_count; i++) {
        char text[HASH_TEXT_BYTES];
        hash_text(hashes[i], text);
        if (strcmp(text, run->record->inputs[i].hash) != 0) {
            log_warning("%s: made again: the content of an image has changed", id);
            return;
        }
    }
    if (!key_fits(run, frame, hashes) || !folder_is_whole(run, frame))
        return;
    if ((run->probes.frames[frame].known & PROBE_VERIFY) != 0)
        reuse(run, frame);
    else
        log_warning("%s: made again: a file in its folder does not read back as "
                    "recorded",
                    id);
}

/* Reuses the frame if that can be said; else asks a child for what is missing. */
static void decide(struct session_run *run, int frame, bool is_last_word)
{
    struct hash hashes[2];
    struct frame_probe *probed = &run->probes.frames[frame];
    bool verify = run->effective.values.run.verify;
    if (!read_record(run, frame))
        return;
    enum inputs_known known = inputs_by_stat(run, frame, hashes);
    if (known != INPUTS_KNOWN) {
        if (!is_last_word)
            probed->wanted |= verify ? PROBE_HASH | PROBE_VERIFY : PROBE_HASH;
        return;
    }
    int calibration = run->manifest->frames[frame].calibration;
    if (!session_values_known(&run->values, calibration))
        return;
    if (verify)
        reuse_verified(run, frame, hashes);
    else if (key_fits(run, frame, hashes) && folder_is_whole(run, frame))
        reuse(run, frame);
}

static bool is_sampled(const struct session_run *run, int frame)
{
    int64_t count = run->manifest->frame_count;
    int64_t before = frame > 0 ? ((int64_t)frame - 1) * SAMPLED_FRAMES / count : -1;
    return (int64_t)frame * SAMPLED_FRAMES / count != before;
}

void resume_scan(struct session_run *run)
{
    for (int i = 0; i < run->manifest->frame_count; i++) {
        struct frame_probe *probed = &run->probes.frames[i];
        if (!run->effective.values.run.force)
            decide(run, i, false);
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        probed->wanted |= PROBE_HEADERS;
        if (run->values.scale16.white == 0 && is_sampled(run, i))
            probed->wanted |= PROBE_SAMPLE;
    }
}

void resume_decide(struct session_run *run)
{
    if (run->effective.values.run.force)
        return;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct frame_probe *probed = &run->probes.frames[i];
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        decide(run, i, true);
        if (run->state.frames[i].status == PO_FRAME_REUSED &&
            (probed->known & PROBE_HASH) != 0)
            resume_keep_inputs(run, i, &probed->inputs);
    }
}

static bool parse_hash(const char *text, struct hash *hash)
{
    char half[17];
    char *end;
    if (strlen(text) != HASH_TEXT_BYTES - 1)
        return false;
    memcpy(half, text, 16);
    half[16] = '\0';
    hash->high = strtoull(half, &end, 16);
    if (*end != '\0')
        return false;
    hash->low = strtoull(text + 16, &end, 16);
    return *end == '\0';
}

/* With --force an older folder may have the same key: only one of this run counts. */
static bool is_of_this_run(const struct session_run *run, int frame)
{
    char folder[SESSION_PATH_BYTES];
    struct stat status;
    if (!run->effective.values.run.force)
        return true;
    if (!folder_of(run, frame, folder) || stat(folder, &status) != 0)
        return false;
    return (int64_t)status.st_ctim.tv_sec * 1000000000 + status.st_ctim.tv_nsec >=
           run->started_at_ns;
}

bool resume_is_committed(const struct session_run *run, int frame)
{
    struct hash hashes[2];
    return read_record(run, frame) && run->record->input_count >= 2 &&
           parse_hash(run->record->inputs[0].hash, &hashes[0]) &&
           parse_hash(run->record->inputs[1].hash, &hashes[1]) &&
           key_fits(run, frame, hashes) && is_of_this_run(run, frame) &&
           folder_is_whole(run, frame);
}

void resume_keep_inputs(const struct session_run *run, int frame,
                        const struct input_state *inputs)
{
    char path[SESSION_PATH_BYTES];
    struct po_error error;
    if (state_path(run, frame, path) && input_state_write(inputs, path, &error) != PO_OK)
        log_debug("%s", error.message); /* costs a hash in the next run, nothing else */
}
