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

static const struct po_run_settings *run_settings(const struct resume *resume)
{
    return &resume->setups[0].settings.run;
}

static bool folder_of(const struct resume *resume, int frame, char *folder)
{
    return path_join(folder, SESSION_PATH_BYTES, resume->paths->frames,
                     resume->manifest->frames[frame].id);
}

static bool read_record(const struct resume *resume, int frame)
{
    char folder[SESSION_PATH_BYTES];
    char path[SESSION_PATH_BYTES];
    return folder_of(resume, frame, folder) &&
           path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) &&
           frame_record_read(path, resume->record, NULL) == PO_OK;
}

static bool state_path(const struct resume *resume, int frame, char *path)
{
    return path_join(path, SESSION_PATH_BYTES, resume->paths->inputs,
                     resume->manifest->frames[frame].id);
}

static bool stat_equal(const char *path, const struct input_state_entry *entry)
{
    struct input_stat now;
    return input_file_stat(path, &now, NULL) == PO_OK &&
           input_stat_equal(&now, &entry->stat);
}

static void take_hashes(const struct input_state *state, int count, struct hash *hashes)
{
    for (int i = 0; i < count; i++)
        hashes[i] = state->entries[i].hash;
}

/* Content hashes of the inputs, without reading them: --verify believes no stat. */
static enum inputs_known inputs_by_stat(const struct resume *resume, int frame,
                                        struct hash *hashes)
{
    char path[SESSION_PATH_BYTES];
    struct input_state state;
    const char *paths[FRAME_INPUTS_MAX];
    int count = frame_entry_inputs(&resume->manifest->frames[frame], paths);
    const struct frame_probe *probed = &resume->probes[frame];
    if ((probed->known & PROBE_HASH) != 0) {
        take_hashes(&probed->inputs, count, hashes);
        return INPUTS_KNOWN;
    }
    if (run_settings(resume)->verify)
        return INPUTS_CHANGED;
    if (!state_path(resume, frame, path) ||
        input_state_read(path, &state, NULL) != PO_OK || state.count < count)
        return INPUTS_MISSING;
    for (int i = 0; i < count; i++)
        if (!stat_equal(paths[i], &state.entries[i]))
            return INPUTS_CHANGED;
    take_hashes(&state, count, hashes);
    return INPUTS_KNOWN;
}

/* Whether resume->record was made from these contents by a setup of this run. */
static bool key_fits(const struct resume *resume, int frame, const struct hash *hashes)
{
    for (int degradation = 0; degradation < resume->setup_count; degradation++) {
        char text[HASH_TEXT_BYTES];
        const struct frame_setup *setup = &resume->setups[degradation];
        if (!setup->present)
            continue;
        hash_text(frame_key_with(&setup->context, frame, hashes, SETTING_CLOUD,
                                 setup->settings_hash),
                  text);
        if (strcmp(text, resume->record->key) == 0)
            return true;
    }
    return false;
}

static bool folder_is_whole(const struct resume *resume, int frame)
{
    char folder[SESSION_PATH_BYTES];
    struct po_error error;
    if (!folder_of(resume, frame, folder))
        return false;
    if (frame_record_verify(resume->record, folder, false, &error) == PO_OK)
        return true;
    log_info("%s: made again: %s", resume->manifest->frames[frame].id, error.message);
    return false;
}

/* What a laxer run let pass is not done for this one. */
static bool is_measured(const struct resume *resume)
{
    const struct frame_record *record = resume->record;
    const struct po_settings *settings = &resume->setups[0].settings;
    for (int i = 0; i < record->warnings.length && !frame_measured_is_lenient(settings);
         i++)
        if (strncmp(record->warnings.texts[i], FRAME_ALLOWED_WARNING,
                    strlen(FRAME_ALLOWED_WARNING)) == 0)
            return false;
    double pixels = (double)record->width_px * record->height_px;
    return !frame_measured_is_asked(settings) ||
           100.0 * (double)frame_record_count(record, FRAME_MEASURED_COUNT) >=
               settings->run.min_measured_percent * pixels;
}

static bool hash_record(const struct resume *resume, int frame, struct hash *hash)
{
    char folder[SESSION_PATH_BYTES];
    char path[SESSION_PATH_BYTES];
    return folder_of(resume, frame, folder) &&
           path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) &&
           hash_file(path, hash, NULL) == PO_OK;
}

/* Whether frame.json is as this program wrote it. */
static bool is_record_unchanged(const struct resume *resume, int frame)
{
    char path[SESSION_PATH_BYTES];
    struct hash now;
    struct input_state kept = {0};
    const char *id = resume->manifest->frames[frame].id;
    const char *why = NULL;
    if (!state_path(resume, frame, path) ||
        input_state_read(path, &kept, NULL) != PO_OK || !kept.has_record)
        why = "no checksum of its frame.json is kept";
    else if (!hash_record(resume, frame, &now) || now.low != kept.record.low ||
             now.high != kept.record.high)
        why = "its frame.json is not as it was written";
    if (why != NULL)
        log_warning("%s: made again: %s", id, why);
    return why == NULL;
}

/* Under --verify, when everything was read. */
static bool is_verified(const struct resume *resume, int frame, const struct hash *hashes)
{
    const char *id = resume->manifest->frames[frame].id;
    for (int i = 0; i < FRAME_INPUTS_MAX && i < resume->record->input_count; i++) {
        char text[HASH_TEXT_BYTES];
        hash_text(hashes[i], text);
        if (strcmp(text, resume->record->inputs[i].hash) != 0) {
            log_warning("%s: made again: the content of an input has changed", id);
            return false;
        }
    }
    if (!key_fits(resume, frame, hashes) || !folder_is_whole(resume, frame) ||
        !is_record_unchanged(resume, frame))
        return false;
    if ((resume->probes[frame].known & PROBE_VERIFY) == 0)
        log_warning("%s: made again: a file in its folder does not read back as "
                    "recorded",
                    id);
    return (resume->probes[frame].known & PROBE_VERIFY) != 0;
}

/* Whether the frame can be reused; where that cannot be said yet, asks a child for what
 * is missing. */
static bool decide(const struct resume *resume, int frame, bool is_last_word)
{
    struct hash hashes[FRAME_INPUTS_MAX] = {{0}};
    struct frame_probe *probed = &resume->probes[frame];
    bool verify = run_settings(resume)->verify;
    if (run_settings(resume)->force || !read_record(resume, frame) ||
        !is_measured(resume))
        return false;
    enum inputs_known known = inputs_by_stat(resume, frame, hashes);
    if (known != INPUTS_KNOWN) {
        if (!is_last_word)
            probed->wanted |= verify ? PROBE_HASH | PROBE_VERIFY : PROBE_HASH;
        return false;
    }
    int calibration = resume->manifest->frames[frame].calibration;
    if (!session_values_known(resume->values, calibration))
        return false;
    if (verify)
        return is_verified(resume, frame, hashes);
    return key_fits(resume, frame, hashes) && folder_is_whole(resume, frame);
}

static bool is_sampled(const struct resume *resume, int frame)
{
    int64_t count = resume->manifest->frame_count;
    int64_t before = frame > 0 ? ((int64_t)frame - 1) * SAMPLED_FRAMES / count : -1;
    return (int64_t)frame * SAMPLED_FRAMES / count != before;
}

/* 0: there is none. */
static uint64_t folder_inode(const struct resume *resume, int frame)
{
    char folder[SESSION_PATH_BYTES];
    struct stat status;
    return folder_of(resume, frame, folder) && stat(folder, &status) == 0
               ? (uint64_t)status.st_ino
               : 0;
}

void resume_want_probes(const struct resume *resume, int frame)
{
    struct frame_probe *probed = &resume->probes[frame];
    probed->wanted |= PROBE_HEADERS;
    if (resume->values->scale16[0].white == 0 && is_sampled(resume, frame))
        probed->wanted |= PROBE_SAMPLE;
}

bool resume_scan(const struct resume *resume, int frame)
{
    resume->probes[frame].folder_inode = folder_inode(resume, frame);
    if (decide(resume, frame, false))
        return true;
    resume_want_probes(resume, frame);
    return false;
}

bool resume_decide(const struct resume *resume, int frame)
{
    const struct frame_probe *probed = &resume->probes[frame];
    bool reused = decide(resume, frame, true);
    if (reused && (probed->known & PROBE_HASH) != 0)
        resume_keep_inputs(resume, frame, &probed->inputs, false);
    return reused;
}

/* With --force an older folder may have the same key: only one of this run counts, and
 * that was made while the older one was there. */
static bool is_of_this_run(const struct resume *resume, int frame)
{
    uint64_t inode = folder_inode(resume, frame);
    return !run_settings(resume)->force ||
           (inode != 0 && inode != resume->probes[frame].folder_inode);
}

/* The hashes of the inputs that the record names. */
static bool parse_hashes(const struct resume *resume, int frame, struct hash *hashes)
{
    const char *paths[FRAME_INPUTS_MAX];
    const struct frame_record *record = resume->record;
    int count = frame_entry_inputs(&resume->manifest->frames[frame], paths);
    bool parsed = record->input_count == count;
    for (int i = 0; i < count && parsed; i++)
        parsed = hash_parse(record->inputs[i].hash, &hashes[i]);
    return parsed;
}

bool resume_is_committed(const struct resume *resume, int frame)
{
    struct hash hashes[FRAME_INPUTS_MAX] = {{0}};
    return read_record(resume, frame) && parse_hashes(resume, frame, hashes) &&
           key_fits(resume, frame, hashes) && is_of_this_run(resume, frame) &&
           folder_is_whole(resume, frame);
}

void resume_keep_inputs(const struct resume *resume, int frame,
                        const struct input_state *inputs, bool is_new)
{
    char path[SESSION_PATH_BYTES];
    struct po_error error;
    struct input_state kept = {0};
    struct input_state state = *inputs;
    if (!state_path(resume, frame, path))
        return;
    if (is_new) {
        state.has_record = hash_record(resume, frame, &state.record);
    } else if (input_state_read(path, &kept, NULL) == PO_OK) {
        state.has_record = kept.has_record;
        state.record = kept.record;
    }
    if (input_state_write(&state, path, &error) != PO_OK)
        log_debug("%s", error.message); /* costs a hash in the next run, nothing else */
}
