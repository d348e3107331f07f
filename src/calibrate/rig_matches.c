/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/rig_matches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/checked.h"
#include "base/log.h"
#include "budget/memory_plan.h"
#include "calib/matrix3.h"
#include "calibrate/left_out.h"
#include "calibrate/picture.h"
#include "cv_shim/cv_shim.h"
#include "rectify/rectifier.h"
#include "rectify/row_alignment.h"

static const double FORECAST_S = 5;
/* Both raw images, both rectified, masks and the small copies of them. */
static const double FRAME_BYTES_PER_PX = 12;

/* What a child leaves, by frame; in shared memory. */
struct frame_matches {
    int count;
    struct row_match rows[RIG_MATCHES_A_FRAME];
};

struct match_work {
    const struct rig_matches_request *request;
    const struct manifest *manifest;
    const struct calibration *calibration;
    const struct rectification *rectification;
    struct rectifier *rectifier;
    struct frame_matches *table;
    struct memory_budget *budget;
    uint64_t budget_bytes;
};

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct match_work *work = context;
    (void)workers;
    enum po_status status = cv_shim_init(error);
    if (status == PO_OK && work->rectifier == NULL) /* else of the first look */
        status = rectifier_create(work->calibration, work->rectification,
                                  &work->rectifier, error);
    if (status == PO_OK && work->budget == NULL)
        status = memory_budget_create(work->budget_bytes, &work->budget, error);
    return status;
}

/* One side: loaded, rectified, and where rectification saw. */
static enum po_status load_side(const struct match_work *work,
                                const struct frame_attempt *attempt, int side,
                                struct scratch *scratch, struct image_view *image,
                                struct image_view *valid, struct po_error *error)
{
    struct picture picture;
    const struct rectified_rig *rig = &work->rectification->rig;
    enum po_status status =
        picture_load(&(struct picture_request){&work->manifest->frames[attempt->frame],
                                               side, 0, NULL, attempt->cancel, NULL},
                     &picture, error);
    if (status != PO_OK)
        return status;
    if (picture.grey.width_px != work->calibration->width_px ||
        picture.grey.height_px != work->calibration->height_px)
        status = po_fail(error, PO_BAD_IMAGE, "%dx%d, where the calibration is for %dx%d",
                         picture.grey.width_px, picture.grey.height_px,
                         work->calibration->width_px, work->calibration->height_px);
    if (status == PO_OK)
        status = image_view_take(scratch, rig->width_px, rig->height_px, 1, image, error);
    if (status == PO_OK)
        status = image_view_take(scratch, rig->width_px, rig->height_px, 1, valid, error);
    if (status == PO_OK)
        status = rectifier_run(work->rectifier, side, &picture.grey, image, error);
    if (status == PO_OK)
        rectifier_mask(work->rectifier, side, valid);
    picture_release(&picture);
    return status;
}

static enum po_status match_frame(const struct match_work *work,
                                  const struct frame_attempt *attempt,
                                  struct po_error *error)
{
    struct scratch scratch = {0};
    struct row_alignment alignment = {0};
    struct frame_matches *found = &work->table[attempt->frame];
    const struct rectified_rig *rig = &work->rectification->rig;
    size_t view = image_view_bytes(rig->width_px, rig->height_px, 1);
    const struct rig_matches_request *wanted = work->request;
    struct row_alignment_request request = {
        .max_corners = wanted->corners,
        .rows_searched = wanted->rows_searched,
        .found = wanted->every ? NULL : found->rows,
        .every = wanted->every ? found->rows : NULL,
    };
    enum po_status status = scratch_init(
        &scratch,
        scratch_sum(4 * view, row_alignment_bytes(rig->width_px, rig->height_px,
                                                  RIG_MATCHES_A_FRAME)),
        error);
    if (status == PO_OK)
        status = load_side(work, attempt, 0, &scratch, &request.left, &request.left_valid,
                           error);
    if (status == PO_OK)
        status = load_side(work, attempt, 1, &scratch, &request.right,
                           &request.right_valid, error);
    if (status == PO_OK)
        status = row_alignment_measure(&request, &scratch, &alignment, error);
    if (status == PO_OK && wanted->every)
        found->count = alignment.matches;
    else if (status == PO_OK)
        found->count = alignment.found ? alignment.agreeing : 0;
    scratch_release(&scratch);
    return status;
}

static enum po_status match_pair(void *context, const struct frame_attempt *attempt,
                                 struct run_event *end, struct po_error *error)
{
    struct match_work *work = context;
    const struct rectified_rig *rig = &work->rectification->rig;
    uint64_t bytes =
        (uint64_t)(FRAME_BYTES_PER_PX * (double)rig->width_px * (double)rig->height_px);
    end->stage = 0;
    frame_attempt_started(attempt);
    frame_attempt_waiting(attempt);
    enum po_status status =
        memory_budget_acquire(work->budget, bytes, attempt->cancel, error);
    if (status != PO_OK)
        return status;
    frame_attempt_started(attempt);
    status = match_frame(work, attempt, error);
    memory_budget_release(work->budget, bytes);
    return status;
}

static double forecast(void *context, int frame)
{
    (void)context;
    (void)frame;
    return FORECAST_S;
}

static const char *stage_name(int stage)
{
    (void)stage;
    return "match";
}

/* Ends the frames that are not looked at. */
static void choose_frames(const struct rig_matches_request *request,
                          struct run_state *state)
{
    const struct manifest *manifest = request->manifest;
    int64_t most = request->most_frames;
    int64_t total = 0;
    int64_t rank = 0;
    for (int i = 0; i < manifest->frame_count; i++)
        total += manifest->frames[i].calibration == request->index;
    for (int i = 0; i < manifest->frame_count; i++) {
        bool is_chosen = manifest->frames[i].calibration == request->index &&
                         manifest->frames[i].problem == NULL;
        if (is_chosen && most > 0 && total > most)
            is_chosen = rank == 0 || rank * most / total != (rank - 1) * most / total;
        rank += manifest->frames[i].calibration == request->index;
        if (!is_chosen)
            run_state_end(state, i, PO_FRAME_REUSED, PO_OK, NULL);
    }
}

static enum po_status run_engine(struct match_work *work, struct run_control *control,
                                 struct run_state *state, struct po_error *error)
{
    const struct po_run_settings *settings = work->request->settings;
    struct memory_limit limit = memory_limit_choose(settings);
    const struct engine_job job = {.name = "match",
                                   .context = work,
                                   .prepare = prepare,
                                   .run = match_pair,
                                   .forecast_s = forecast,
                                   .stage_name = stage_name};
    struct engine_settings engine = engine_settings_pool(settings);
    engine.sandbox = work->request->sandbox;
    work->budget_bytes = limit.bytes;
    memory_plan_workers(settings, limit.available_bytes, &engine.workers,
                        &engine.batch_size);
    choose_frames(work->request, state);
    enum po_status status =
        run_frames_whole(work->manifest, &engine, &job, control, state, error);
    memory_budget_destroy(work->budget); /* there with --in-process */
    rectifier_destroy(work->rectifier);
    return status;
}

/* From a pixel of a rectified image to the plane of the raw camera. */
static void to_plane(const struct rectification *rectification, int side, double x,
                     double y, double plane[2])
{
    const double *k = rectification->projection[side];
    double back[9];
    double ray[3] = {(x - k[2]) / k[0], (y - k[5]) / k[4], 1};
    matrix3_transpose(back, rectification->rotation[side]);
    matrix3_apply(ray, back, ray);
    plane[0] = ray[0] / ray[2];
    plane[1] = ray[1] / ray[2];
}

static enum po_status collect(const struct match_work *work,
                              const struct run_state *state, struct rig_matches *matches,
                              struct po_error *error)
{
    const struct rectification *rectification = work->rectification;
    const struct rectified_rig *rig = &rectification->rig;
    size_t total = 0;
    for (int i = 0; i < work->manifest->frame_count; i++) {
        if (state->frames[i].status == PO_FRAME_DONE)
            total += (size_t)work->table[i].count;
        else if (state->frames[i].status != PO_FRAME_REUSED) {
            matches->left_out++;
            log_warning("%s: left out: %s", work->manifest->frames[i].id,
                        state->frames[i].message != NULL ? state->frames[i].message
                                                         : "its process ended");
        }
    }
    matches->matches = calloc(total + 1, sizeof(*matches->matches));
    if (matches->matches == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %zu matches", total);
    for (int i = 0; i < work->manifest->frame_count; i++) {
        const struct frame_matches *found = &work->table[i];
        if (state->frames[i].status != PO_FRAME_DONE || found->count == 0)
            continue;
        matches->frames++;
        for (int m = 0; m < found->count; m++) {
            const struct row_match *row = &found->rows[m];
            struct ray_match *match = &matches->matches[matches->count++];
            double x = (row->x + 1) / 2 * rig->width_px;
            double y = (row->y + 1) / 2 * rig->height_px;
            to_plane(rectification, 0, x, y, match->left);
            to_plane(rectification, 1, x - row->disparity_px, y + row->offset_px,
                     match->right);
            match->row_px = row->offset_px;
            match->frame = i;
        }
    }
    return PO_OK;
}

enum po_status rig_matches_find(const struct rig_matches_request *request,
                                struct run_control *control, struct rig_matches *matches,
                                struct po_error *error)
{
    const struct manifest *manifest = request->manifest;
    const struct calibration *calibration = request->calibration;
    struct rectification rectification;
    struct run_state state = {0};
    size_t bytes;
    *matches = (struct rig_matches){0};
    enum po_status status =
        rectification_make(calibration, calibration->width_px, calibration->height_px,
                           &rectification, error);
    if (status != PO_OK)
        return status;
    if (!size_multiply((size_t)manifest->frame_count + 1, sizeof(struct frame_matches),
                       &bytes))
        return po_fail(error, PO_INTERNAL, "too many frames");
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d frames",
                       manifest->frame_count);
    struct match_work work = {.request = request,
                              .manifest = manifest,
                              .calibration = calibration,
                              .rectification = &rectification,
                              .table = pages};
    status = run_state_init(&state, manifest->frame_count, error);
    if (status == PO_OK)
        status = run_engine(&work, control, &state, error);
    if (status == PO_OK)
        status = collect(&work, &state, matches, error);
    run_state_release(&state);
    (void)munmap(pages, bytes);
    return status;
}

void rig_matches_release(struct rig_matches *matches)
{
    free(matches->matches);
    *matches = (struct rig_matches){0};
}
