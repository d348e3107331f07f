/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/probe_frames.h"

#include <stdlib.h>

#include "base/path.h"
#include "frame/frame_pipeline.h"
#include "record/frame_record.h"

enum { FOLDER_BYTES = 4096 };

/* What the children work with. */
struct probe_work {
    const struct manifest *manifest;
    struct frame_probes *probes;
    const char *frames_directory;
};

static enum po_status probe(const struct frame_entry *entry, struct frame_probe *probed,
                            struct po_error *error)
{
    enum po_status status = input_file_stat(entry->left_path, &probed->seen[0], error);
    if (status == PO_OK)
        status = input_file_stat(entry->right_path, &probed->seen[1], error);
    if (status == PO_OK)
        status = image_file_probe(entry->left_path, &probed->left, error);
    if (status == PO_OK)
        status = image_file_probe(entry->right_path, &probed->right, error);
    if (status == PO_OK)
        probed->known |= PROBE_HEADERS;
    return status;
}

static enum po_status sample_side(const char *path, const struct image_header *header,
                                  const struct cancel *cancel,
                                  struct sample_bounds *bounds, struct po_error *error)
{
    struct scratch scratch;
    *bounds = (struct sample_bounds){0, 255};
    if (header->bits <= 8)
        return PO_OK;
    enum po_status status =
        scratch_init(&scratch, image_file_bounds_bytes(header), error);
    if (status != PO_OK)
        return status;
    status = image_file_sample_bounds(path, cancel, &scratch, bounds, error);
    scratch_release(&scratch);
    return status;
}

static enum po_status sample(const struct frame_entry *entry, struct frame_probe *probed,
                             const struct cancel *cancel, struct po_error *error)
{
    enum po_status status =
        sample_side(entry->left_path, &probed->left, cancel, &probed->samples[0], error);
    if (status == PO_OK)
        status = sample_side(entry->right_path, &probed->right, cancel,
                             &probed->samples[1], error);
    if (status == PO_OK)
        probed->known |= PROBE_SAMPLE;
    return status;
}

static enum po_status hash_inputs(const struct frame_entry *entry,
                                  struct frame_probe *probed, struct po_error *error)
{
    const char *paths[FRAME_INPUTS_MAX];
    int count = frame_entry_inputs(entry, paths);
    probed->inputs.count = count;
    for (int i = 0; i < count; i++) {
        struct input_state_entry *input = &probed->inputs.entries[i];
        enum po_status status = input_file_stat(paths[i], &input->stat, error);
        if (status == PO_OK)
            status = hash_file(paths[i], &input->hash, error);
        if (status != PO_OK)
            return status;
    }
    probed->known |= PROBE_HASH;
    return PO_OK;
}

/* A frame that does not read back is no error: it is made again. */
static void verify(const char *frames_directory, const struct frame_entry *entry,
                   struct frame_probe *probed)
{
    char folder[FOLDER_BYTES];
    char path[FOLDER_BYTES];
    struct frame_record *record = calloc(1, sizeof(*record));
    if (record != NULL &&
        path_join(folder, sizeof(folder), frames_directory, entry->id) &&
        path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) &&
        frame_record_read(path, record, NULL) == PO_OK &&
        frame_record_verify(record, folder, true, NULL) == PO_OK)
        probed->known |= PROBE_VERIFY;
    free(record);
}

static enum po_status examine(void *context, const struct frame_attempt *attempt,
                              struct run_event *end, struct po_error *error)
{
    const struct probe_work *work = context;
    const struct frame_entry *entry = &work->manifest->frames[attempt->frame];
    struct frame_probe *probed = &work->probes->frames[attempt->frame];
    enum po_status status = PO_OK;
    frame_attempt_started(attempt);
    frame_attempt_stage(attempt, STAGE_LOAD);
    end->stage = STAGE_LOAD;
    if ((probed->wanted & PROBE_VERIFY) != 0)
        verify(work->frames_directory, entry, probed);
    if ((probed->wanted & PROBE_HASH) != 0)
        status = hash_inputs(entry, probed, error);
    if (status == PO_OK && (probed->wanted & (PROBE_HEADERS | PROBE_SAMPLE)) != 0)
        status = probe(entry, probed, error);
    if (status == PO_OK && (probed->wanted & PROBE_SAMPLE) != 0)
        status = sample(entry, probed, attempt->cancel, error);
    return status;
}

static bool is_wanted(const void *context, int frame)
{
    const struct frame_probes *probes = context;
    return probes->frames[frame].wanted != 0;
}

static void take_failures(struct survey_run *run, const struct run_state *pass)
{
    for (int i = 0; i < pass->frame_count; i++) {
        const struct frame_state *row = &pass->frames[i];
        if (row->status != PO_FRAME_DONE && row->status != PO_FRAME_REUSED &&
            row->status != PO_FRAME_PENDING)
            survey_end_frame(run, i, row, row->message);
    }
}

enum po_status probe_frames(struct survey_run *run, struct frame_probes *probes,
                            const char *frames_directory, struct po_error *error)
{
    struct run_state pass = {0};
    struct probe_work work = {run->manifest, probes, frames_directory};
    const struct engine_job job = {.name = "examine",
                                   .context = &work,
                                   .run = examine,
                                   .stage_name = survey_stage_name};
    enum po_status status = survey_pass_run(run, &job, is_wanted, probes, &pass, error);
    if (status == PO_OK)
        take_failures(run, &pass);
    run_state_release(&pass);
    return status;
}
