/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the road: cloud, scores, the folder of artefacts, and its publication. */
#include "frame/frame_views.h"

#include <string.h>

#include "base/input_file.h"
#include "base/path.h"
#include "frame/frame_key.h"

static bool wants(const struct frame *frame, enum po_artefact artefact)
{
    return (frame->context->settings->output.artefacts & (unsigned)artefact) != 0;
}

static bool has_rig(const struct frame *frame)
{
    return frame->rig.unit != RIG_NONE;
}

enum po_status frame_triangulate(struct frame *frame, struct po_error *error)
{
    const struct po_settings *settings = frame->context->settings;
    frame->cloud = (struct cloud_input){
        .map = frame->refined.map,
        .classes = frame->refined.classes,
        .confidence = frame->refined.confidence,
        .sigma = frame->refined.sigma,
        .colour = frame->left,
        .rig = frame->rig,
        .settings = &settings->cloud,
        .min_depth_mm = settings->match.min_depth_mm,
        .max_depth_mm = settings->match.max_depth_mm,
        .cancel = frame->cancel,
    };
    if (!has_rig(frame)) {
        warning_list_add(
            &frame->result->warnings,
            "no calibration: disparity only, no cloud and no depth; give one "
            "with --calibration");
        return PO_OK;
    }
    enum po_status status =
        cloud_select(&frame->cloud, frame->scratch, &frame->selection,
                     &frame->result->counts, &frame->result->warnings, error);
    frame->result->points = frame->selection.points;
    frame->result->extent = frame->selection.extent;
    return status;
}

/* Ground truth that cannot be used costs the scores, not the frame. */
enum po_status frame_evaluate(struct frame *frame, struct po_error *error)
{
    const struct frame_entry *entry = frame->entry;
    struct po_error cause = {0};
    (void)error;
    if (entry->ground_truth_path == NULL)
        return PO_OK;
    frame->result->scored =
        score_frame(&frame->full.map, &frame->full.classes, entry->ground_truth_path,
                    entry->ground_truth_mask_path, entry->ground_truth_scale,
                    &frame->result->scores, &cause) == PO_OK;
    if (!frame->result->scored)
        warning_list_add(&frame->result->warnings, "not scored: %.250s", cause.message);
    return PO_OK;
}

enum po_status frame_begin_writing(struct frame *frame, struct po_error *error)
{
    frame->record = scratch_take(frame->scratch, sizeof(*frame->record));
    if (frame->record == NULL)
        return scratch_exhausted(frame->scratch, "a frame's record", error);
    frame_record_init(frame->record);
    return atomic_directory_begin(frame->context->frames_directory, frame->entry->id,
                                  frame->building, sizeof(frame->building), error);
}

/* Closes the open writer and notes the artefact with its size and content. */
static enum po_status finish_artefact(struct frame *frame, const char *name,
                                      struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    char text[HASH_TEXT_BYTES];
    struct hash hash;
    unsigned long long bytes = frame->file->written;
    memcpy(path, frame->file->path, sizeof(path));
    enum po_status status = atomic_file_publish(frame->file, error);
    if (status == PO_OK)
        status = hash_file(path, &hash, error);
    if (status != PO_OK)
        return status;
    hash_text(hash, text);
    if (!frame_record_add_artefact(frame->record, name, bytes, text))
        return po_fail(error, PO_INTERNAL, "%s: too many artefacts in a frame", path);
    return PO_OK;
}

static enum po_status open_artefact(struct frame *frame, const char *name,
                                    struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    if (!path_join(path, sizeof(path), frame->building, name))
        return po_fail(error, PO_IO, "%s/%s: the path is too long", frame->building,
                       name);
    return atomic_file_open_plain(frame->file, path, true, error);
}

enum po_status frame_write_cloud(struct frame *frame, struct po_error *error)
{
    if (!has_rig(frame))
        return PO_OK;
    const struct po_cloud_settings *settings = frame->cloud.settings;
    enum po_status status = PO_OK;
    if (wants(frame, PO_OUT_CLOUD)) {
        status = open_artefact(frame, cloud_file_name(settings), error);
        if (status == PO_OK)
            status = cloud_write(&frame->cloud, &frame->selection, frame->scratch,
                                 frame->file, error);
        if (status == PO_OK)
            status = finish_artefact(frame, cloud_file_name(settings), error);
    }
    if (status == PO_OK && settings->surface_reconstruction) {
        status = open_artefact(frame, mesh_file_name(settings), error);
        if (status == PO_OK)
            status = mesh_write(&frame->cloud, &frame->selection, frame->scratch,
                                frame->file, &frame->record->triangles, error);
        if (status == PO_OK)
            status = finish_artefact(frame, mesh_file_name(settings), error);
    }
    return status;
}

static const struct map_artefact {
    enum po_artefact artefact;
    const char *name;
    enum po_status (*write)(struct frame *frame, struct po_error *error);
} map_artefacts[] = {
    {PO_OUT_DISPARITY, "disparity.pfm", frame_map_disparity},
    {PO_OUT_DEPTH, "depth.png", frame_map_depth},
    {PO_OUT_CONFIDENCE, "confidence.png", frame_map_confidence},
    {PO_OUT_CLASS, "class.png", frame_map_class},
    {PO_OUT_PREVIEW, "preview.png", frame_map_preview},
};

enum po_status frame_write_maps(struct frame *frame, struct po_error *error)
{
    if (wants(frame, PO_OUT_DEPTH) && frame->rig.unit == RIG_SQUARES)
        warning_list_add(&frame->result->warnings,
                         "depth.png is not written: the calibration is in chessboard "
                         "squares, so the unit of length is unknown; say "
                         "--calibration-unit square:MM");
    for (size_t i = 0; i < sizeof(map_artefacts) / sizeof(map_artefacts[0]); i++) {
        const struct map_artefact *map = &map_artefacts[i];
        if (!wants(frame, map->artefact) ||
            (map->artefact == PO_OUT_DEPTH && frame->rig.unit != RIG_MM))
            continue;
        enum po_status status = open_artefact(frame, map->name, error);
        if (status == PO_OK)
            status = map->write(frame, error);
        if (status == PO_OK)
            status = finish_artefact(frame, map->name, error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

enum po_status frame_commit(struct frame *frame, struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    frame_describe(frame);
    if (!path_join(path, sizeof(path), frame->building, FRAME_RECORD_FILE))
        return po_fail(error, PO_IO, "%s: the path is too long", frame->building);
    enum po_status status =
        frame_record_write(frame->record, frame->file, path, true, error);
    if (status == PO_OK)
        status = atomic_directory_publish(frame->context->frames_directory,
                                          frame->entry->id, error);
    if (status == PO_OK)
        frame->building[0] = '\0';
    return status;
}
