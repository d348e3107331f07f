/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the pipeline: cloud, scores, the folder of artefacts, and its publication.
 */
#include "frame/frame_views.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/input_file.h"
#include "cloud/mesh.h"
#include "cloud/mesh_formats.h"
#include "cloud/selection.h"
#include "frame/frame_key.h"
#include "frame/frame_view_steps.h"
#include "record/own_files.h"

enum { LARGE_BYTES = 1 << 20 };

static bool wants(const struct frame *frame, enum po_artefact artefact)
{
    return (frame->context->settings->output.artefacts & (unsigned)artefact) != 0;
}

static bool has_rig(const struct frame *frame)
{
    return frame->rig.unit != RIG_NONE;
}

/* Points are selected for whatever shows them: the cloud, the surface, the view. */
static bool cloud_is_used(const struct frame *frame)
{
    return wants(frame, PO_OUT_CLOUD) || wants(frame, PO_OUT_VIEW) ||
           frame->context->settings->cloud.surface_reconstruction;
}

enum po_status frame_triangulate(struct frame *frame, struct po_error *error)
{
    const struct po_settings *settings = frame->context->settings;
    const struct frame_strip *strip = &frame->strip;
    frame->cloud = (struct cloud_input){
        .map = frame->refined.map,
        .classes = frame->refined.classes,
        .confidence = frame->refined.confidence,
        .sigma = frame->refined.sigma,
        .colour = strip->left,
        .rig = frame->rig,
        .settings = &settings->cloud,
        .min_depth_mm = settings->match.min_depth_mm,
        .max_depth_mm = settings->match.max_depth_mm,
        .first_row = strip->first,
        .end_row = strip->end,
        .top_row = strip->top,
        .cancel = frame->cancel,
    };
    frame->cloud.rig.cy_px -= strip->top;
    if (!has_rig(frame)) {
        warning_list_add(
            &frame->result->warnings, "%s",
            frame->entry->calibration < 0
                ? "no calibration: disparity only, no cloud and no depth; "
                  "give one with --calibration"
                : "rectified without a calibration (--rectify-uncalibrated): "
                  "disparities are unscaled, no cloud and no depth");
        return PO_OK;
    }
    if (!cloud_is_used(frame))
        return PO_OK;
    enum po_status status =
        cloud_select_add(&frame->cloud, frame->scratch, &frame->selection, frame->totals,
                         &frame->result->counts, error);
    if (status != PO_OK || !strip->last)
        return status;
    frame->result->points = frame->totals->points;
    return cloud_select_end(&frame->cloud, frame->totals, &frame->result->extent,
                            &frame->result->warnings, error);
}

static void begin_scores(struct frame *frame)
{
    const struct frame_entry *entry = frame->entry;
    struct po_error cause = {0};
    if (score_totals_begin(
            &frame->scores, frame->job->plan.width_px, frame->job->plan.height_px,
            &(struct truth_files){entry->ground_truth_path, entry->ground_truth_mask_path,
                                  entry->ground_truth_scale},
            &cause) != PO_OK)
        warning_list_add(&frame->result->warnings, "not scored: %.250s", cause.message);
}

/* Ground truth that cannot be used costs the scores, not the frame. */
enum po_status frame_evaluate(struct frame *frame, struct po_error *error)
{
    const struct frame_strip *strip = &frame->strip;
    (void)error;
    frame_plane_add(frame);
    if (frame->entry->ground_truth_path == NULL)
        return PO_OK;
    if (strip->index == 0)
        begin_scores(frame);
    if (frame->scores.truth.disparities == NULL)
        return PO_OK;
    const struct score_views views = {&frame->full.map, &frame->full.classes,
                                      &frame->full.confidence};
    const struct score_rows rows = {strip->full_top, strip->full_first, strip->full_end};
    score_totals_add(&frame->scores, &views, &rows);
    if (!strip->last)
        return PO_OK;
    frame->result->scores = score_totals_end(&frame->scores);
    frame->result->scores.present = true;
    score_totals_release(&frame->scores);
    return PO_OK;
}

/* The header needs a count before the points of later strips are known. */
static uint64_t max_points(const struct frame *frame)
{
    const struct frame_plan *plan = &frame->job->plan;
    return plan->strip_count == 1
               ? frame->selection.points
               : (uint64_t)plan->match_width_px * (uint64_t)plan->match_height_px;
}

static enum po_status cloud_begin(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    writer->cloud =
        (struct cloud_writer){.file = &writer->file, .max_points = max_points(frame)};
    return cloud_writer_begin(&writer->cloud, &frame->cloud, frame->selection.points,
                              error);
}

static enum po_status cloud_rows(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    return cloud_writer_rows(&writer->cloud, &frame->cloud, &frame->selection,
                             frame->scratch, error);
}

static enum po_status cloud_end(struct frame *frame, struct artefact_writer *writer,
                                struct po_error *error)
{
    return cloud_writer_end(&writer->cloud, &frame->cloud, frame->totals->points, error);
}

/* The plan gives a frame with a surface one strip. */
static enum po_status surface_rows(struct frame *frame, struct artefact_writer *writer,
                                   struct po_error *error)
{
    return mesh_write(&frame->cloud, &frame->selection, frame->scratch, &writer->file,
                      &frame->record->triangles, error);
}

static const struct frame_artefact_steps cloud_steps = {cloud_begin, cloud_rows,
                                                        cloud_end};
static const struct frame_artefact_steps surface_steps = {NULL, surface_rows, NULL};

static bool cloud_wanted(const struct frame *frame)
{
    return has_rig(frame) && wants(frame, PO_OUT_CLOUD);
}

static bool surface_wanted(const struct frame *frame)
{
    return has_rig(frame) && frame->context->settings->cloud.surface_reconstruction;
}

static bool disparity_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_DISPARITY);
}

static bool depth_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_DEPTH) && frame->rig.unit == RIG_MM;
}

static bool confidence_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_CONFIDENCE);
}

static bool class_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_CLASS);
}

static bool preview_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_PREVIEW);
}

static bool view_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_VIEW);
}

static bool prior_wanted(const struct frame *frame)
{
    return wants(frame, PO_OUT_PRIOR) && frame->prior.values != NULL;
}

/* In the order of the record. */
static const struct artefact {
    const char *name; /* NULL: name_by_settings */
    const char *(*name_by_settings)(const struct po_cloud_settings *settings);
    bool (*wanted)(const struct frame *frame);
    const struct frame_artefact_steps *steps;
} artefacts[ARTEFACT_COUNT] = {
    [ARTEFACT_CLOUD] = {NULL, cloud_file_name, cloud_wanted, &cloud_steps},
    [ARTEFACT_SURFACE] = {NULL, mesh_file_name, surface_wanted, &surface_steps},
    [ARTEFACT_DISPARITY] = {"disparity.pfm", NULL, disparity_wanted,
                            &frame_map_disparity},
    [ARTEFACT_DEPTH] = {"depth.png", NULL, depth_wanted, &frame_map_depth},
    [ARTEFACT_CONFIDENCE] = {"confidence.png", NULL, confidence_wanted,
                             &frame_map_confidence},
    [ARTEFACT_CLASS] = {"class.png", NULL, class_wanted, &frame_map_class},
    [ARTEFACT_PREVIEW] = {"preview.png", NULL, preview_wanted, &frame_map_preview},
    [ARTEFACT_VIEW] = {"view.html", NULL, view_wanted, &frame_view_page},
    [ARTEFACT_PRIOR] = {"prior.pfm", NULL, prior_wanted, &frame_map_prior},
    [ARTEFACT_PRIOR_PREVIEW] = {"prior.png", NULL, prior_wanted,
                                &frame_map_prior_preview},
};

static const char *name_of(const struct frame *frame, const struct artefact *artefact)
{
    return artefact->name != NULL
               ? artefact->name
               : artefact->name_by_settings(&frame->context->settings->cloud);
}

static enum po_status open_artefact(struct frame *frame, const struct artefact *artefact,
                                    struct artefact_writer *writer,
                                    struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    const char *name = name_of(frame, artefact);
    if (!own_name(OWN_FRAME, name))
        return po_fail(error, PO_INTERNAL, "%s: not among the names of own_files.c",
                       name);
    enum po_status status = frame_publication_path(frame->publication, name, path, error);
    if (status == PO_OK)
        status = atomic_file_open_plain(&writer->file, path, true, error);
    writer->open = status == PO_OK;
    if (status == PO_OK)
        atomic_file_hash(&writer->file);
    if (status == PO_OK && artefact->steps->begin != NULL)
        status = artefact->steps->begin(frame, writer, error);
    return status;
}

/* The folder and its files appear with the first strip that has something to say. */
enum po_status frame_begin_writing(struct frame *frame, struct po_error *error)
{
    if (frame->strip.index > 0)
        return PO_OK;
    frame_record_init(frame->record);
    if (wants(frame, PO_OUT_DEPTH) && frame->rig.unit == RIG_SQUARES)
        warning_list_add(&frame->result->warnings,
                         "depth.png is not written: the calibration is in chessboard "
                         "squares, so the unit of length is unknown; say "
                         "--calibration-unit square:MM");
    enum po_status status = frame_publication_begin(frame->publication, error);
    for (int i = 0; i < ARTEFACT_COUNT && status == PO_OK; i++)
        if (artefacts[i].wanted(frame))
            status =
                open_artefact(frame, &artefacts[i], &frame->writers->artefacts[i], error);
    return status;
}

/* Of strips still to come: the disk takes what is large meanwhile. */
static enum po_status send_off(struct frame *frame, struct artefact_writer *writer,
                               struct po_error *error)
{
    bool is_large = writer->file.written > LARGE_BYTES;
    return is_large && !frame->strip.last ? atomic_file_begin_sync(&writer->file, error)
                                          : PO_OK;
}

enum po_status frame_write_strip(struct frame *frame, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < ARTEFACT_COUNT && status == PO_OK; i++) {
        struct artefact_writer *writer = &frame->writers->artefacts[i];
        if (writer->open)
            status = artefacts[i].steps->rows(frame, writer, error);
        if (writer->open && status == PO_OK)
            status = send_off(frame, writer, error);
    }
    return status;
}

/* The artefact's last bytes; notes it with its size and content. */
static enum po_status end_artefact(struct frame *frame, const struct artefact *artefact,
                                   struct artefact_writer *writer, struct po_error *error)
{
    char text[HASH_TEXT_BYTES];
    struct hash hash;
    const char *name = name_of(frame, artefact);
    enum po_status status = PO_OK;
    if (artefact->steps->end != NULL)
        status = artefact->steps->end(frame, writer, error);
    if (status == PO_OK)
        status =
            frame_publication_add(frame->publication, &writer->file, name, &hash, error);
    if (status != PO_OK)
        return status;
    writer->open = false;
    hash_text(hash, text);
    if (!frame_record_add_artefact(frame->record, name, writer->file.written, text))
        return po_fail(error, PO_INTERNAL, "%s: too many artefacts in a frame",
                       writer->file.path);
    return PO_OK;
}

enum po_status frame_end_writing(struct frame *frame, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < ARTEFACT_COUNT && status == PO_OK; i++) {
        struct artefact_writer *writer = &frame->writers->artefacts[i];
        if (writer->open)
            status = end_artefact(frame, &artefacts[i], writer, error);
    }
    return status;
}

enum po_status frame_write_record(struct frame *frame, struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct frame_publication *publication = frame->publication;
    frame_note_lacks(frame);
    frame_describe(frame);
    enum po_status status =
        frame_publication_path(publication, FRAME_RECORD_FILE, path, error);
    if (status == PO_OK)
        status = atomic_file_open_plain(frame->file, path, true, error);
    if (status == PO_OK)
        status = frame_record_write(frame->record, frame->file, error);
    if (status == PO_OK)
        status = frame_publication_add(publication, frame->file, FRAME_RECORD_FILE, NULL,
                                       error);
    if (status == PO_OK)
        publication->written_ns = clock_monotonic_ns();
    return status;
}
