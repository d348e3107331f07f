/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/frame_probes.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/checked.h"
#include "base/path.h"
#include "supervise/session_run.h"

enum po_status frame_probes_init(struct frame_probes *probes, int frame_count,
                                 struct po_error *error)
{
    size_t bytes;
    *probes = (struct frame_probes){.frame_count = frame_count};
    if (!size_multiply((size_t)frame_count + 1, sizeof(struct frame_probe), &bytes))
        return po_fail(error, PO_INTERNAL, "%d frames are too many", frame_count);
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the facts of %d frames",
                       frame_count);
    probes->bytes = bytes;
    probes->admitted_peak_bytes = pages;
    probes->frames = (struct frame_probe *)pages + 1;
    return PO_OK;
}

void frame_probes_release(struct frame_probes *probes)
{
    if (probes->bytes > 0)
        (void)munmap((void *)probes->admitted_peak_bytes, probes->bytes);
    *probes = (struct frame_probes){0};
}

static enum po_status probe(const struct frame_entry *entry, struct frame_probe *probed,
                            struct po_error *error)
{
    enum po_status status = image_file_probe(entry->left_path, &probed->left, error);
    if (status == PO_OK)
        status = image_file_probe(entry->right_path, &probed->right, error);
    if (status == PO_OK)
        probed->known |= PROBE_HEADERS;
    return status;
}

static enum po_status sample(const struct frame_entry *entry, struct frame_probe *probed,
                             const struct cancel *cancel, struct po_error *error)
{
    struct scratch scratch;
    probed->max_sample = 255;
    if (probed->left.bits <= 8) {
        probed->known |= PROBE_SAMPLE;
        return PO_OK;
    }
    enum po_status status =
        scratch_init(&scratch, image_file_scratch_bytes(&probed->left), error);
    if (status != PO_OK)
        return status;
    status = image_file_max_sample(entry->left_path, cancel, &scratch,
                                   &probed->max_sample, error);
    scratch_release(&scratch);
    if (status == PO_OK)
        probed->known |= PROBE_SAMPLE;
    return status;
}

static enum po_status hash_inputs(const struct frame_entry *entry,
                                  struct frame_probe *probed, struct po_error *error)
{
    const char *paths[] = {entry->left_path, entry->right_path};
    probed->inputs.count = 2;
    for (int i = 0; i < 2; i++) {
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
static void verify(const struct session_run *run, const struct frame_entry *entry,
                   struct frame_probe *probed)
{
    char folder[SESSION_PATH_BYTES];
    char path[SESSION_PATH_BYTES];
    struct frame_record *record = calloc(1, sizeof(*record));
    if (record != NULL &&
        path_join(folder, sizeof(folder), run->paths.frames, entry->id) &&
        path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) &&
        frame_record_read(path, record, NULL) == PO_OK &&
        frame_record_verify(record, folder, true, NULL) == PO_OK)
        probed->known |= PROBE_VERIFY;
    free(record);
}

static enum po_status examine(void *context, const struct frame_attempt *attempt,
                              struct run_event *end, struct po_error *error)
{
    const struct session_run *run = context;
    const struct frame_entry *entry = &run->manifest->frames[attempt->frame];
    struct frame_probe *probed = &run->probes.frames[attempt->frame];
    enum po_status status = PO_OK;
    frame_attempt_started(attempt);
    frame_attempt_stage(attempt, STAGE_LOAD);
    end->stage = STAGE_LOAD;
    if ((probed->wanted & PROBE_VERIFY) != 0)
        verify(run, entry, probed);
    if ((probed->wanted & PROBE_HASH) != 0)
        status = hash_inputs(entry, probed, error);
    if (status == PO_OK && (probed->wanted & (PROBE_HEADERS | PROBE_SAMPLE)) != 0)
        status = probe(entry, probed, error);
    if (status == PO_OK && (probed->wanted & PROBE_SAMPLE) != 0)
        status = sample(entry, probed, attempt->cancel, error);
    return status;
}

static const char *stage_name(int stage)
{
    return frame_stage_name((enum frame_stage)stage);
}

/* Frames about which nothing is asked count as done from the start. */
static int skip_unwanted(const struct session_run *run, struct run_state *pass)
{
    int wanted = 0;
    for (int i = 0; i < pass->frame_count; i++) {
        if (run->state.frames[i].status == PO_FRAME_PENDING &&
            run->probes.frames[i].wanted != 0)
            wanted++;
        else
            run_state_end(pass, i, PO_FRAME_REUSED, PO_OK, NULL);
    }
    return wanted;
}

static void take_failures(struct session_run *run, const struct run_state *pass)
{
    for (int i = 0; i < pass->frame_count; i++) {
        const struct frame_state *row = &pass->frames[i];
        if (row->status == PO_FRAME_DONE || row->status == PO_FRAME_REUSED ||
            row->status == PO_FRAME_PENDING)
            continue;
        run->state.frames[i].stage = row->stage;
        run->state.frames[i].signal = row->signal;
        run->state.frames[i].attempts = row->attempts;
        run_state_end(&run->state, i, row->status, row->cause, row->message);
        session_run_report_frame(run, i);
    }
}

enum po_status frame_probes_run(struct session_run *run, struct po_error *error)
{
    struct run_state pass;
    struct engine_result result;
    const struct engine_job job = {
        .name = "examine", .context = run, .run = examine, .stage_name = stage_name};
    struct engine_settings settings = session_engine_settings(run);
    enum po_status status = run_state_init(&pass, run->manifest->frame_count, error);
    if (status != PO_OK)
        return status;
    settings.observer = (struct engine_observer){0};
    settings.max_failures = 0;
    if (skip_unwanted(run, &pass) > 0)
        status = session_run_engine(run, &settings, &job, &pass, &result, error);
    if (status == PO_OK)
        take_failures(run, &pass);
    run_state_release(&pass);
    return status;
}
