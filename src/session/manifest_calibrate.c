/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which calibration each frame has: the one named on the command line, else the frame's
 * own, else the layout's own, else the best file in the session's folders. Others that
 * are there are listed with their differences.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/option_error.h"
#include "calib/calibration_file.h"
#include "image/image_size.h"
#include "session/calibration_choice.h"
#include "session/manifest_parts.h"

enum { MAX_CALIBRATIONS = 4096 };

struct calibrator {
    struct manifest *manifest;
    struct calibration_request request;
    struct calibration *scratch; /* the one being read */
    struct hash *hashes;         /* beside manifest->calibrations */
    int capacity;
    struct candidate_list found;
    int image_px[2]; /* width and height of the first image; 0: not known */
};

/* Keeps the calibration in `scratch`; one with the same values is shared. */
static enum po_status keep(struct calibrator *c, int *index, struct po_error *error)
{
    struct manifest *manifest = c->manifest;
    struct hash hash = calibration_hash(c->scratch);
    for (int i = 0; i < manifest->calibration_count; i++)
        if (c->hashes[i].low == hash.low && c->hashes[i].high == hash.high) {
            *index = i;
            return PO_OK;
        }
    if (manifest->calibration_count == MAX_CALIBRATIONS)
        return po_fail(error, PO_BAD_SESSION,
                       "more than %d different calibrations; split the session",
                       MAX_CALIBRATIONS);
    if (manifest->calibration_count == c->capacity) {
        int capacity = 2 * c->capacity + 4;
        struct calibration *grown =
            realloc(manifest->calibrations, (size_t)capacity * sizeof(*grown));
        if (grown != NULL)
            manifest->calibrations = grown;
        struct hash *hashes = realloc(c->hashes, (size_t)capacity * sizeof(*hashes));
        if (hashes != NULL)
            c->hashes = hashes;
        if (grown == NULL || hashes == NULL)
            return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d calibrations",
                           capacity);
        c->capacity = capacity;
    }
    *index = manifest->calibration_count++;
    manifest->calibrations[*index] = *c->scratch;
    c->hashes[*index] = hash;
    return PO_OK;
}

static enum po_status read_and_keep(struct calibrator *c, const char *path, int *index,
                                    struct po_error *error)
{
    enum po_status status = calibration_read(path, &c->request, c->scratch, error);
    return status == PO_OK ? keep(c, index, error) : status;
}

/* Whatever is wrong with a calibration somebody named is a calibration error. */
static enum po_status as_calibration_error(enum po_status status, struct po_error *error)
{
    if (status == PO_OUT_OF_MEMORY || status == PO_BAD_ARGUMENT || status == PO_OK)
        return status;
    if (error != NULL)
        error->status = PO_BAD_CALIBRATION;
    return PO_BAD_CALIBRATION;
}

/* What could not be looked at may be the calibration: that is not to have none. */
static enum po_status fail_unreadable(const struct po_error *cause,
                                      struct po_error *error)
{
    if (cause->status == PO_OUT_OF_MEMORY)
        return po_fail(error, cause->status, "%s", cause->message);
    return po_fail(error, PO_BAD_CALIBRATION,
                   "%s; a calibration may be there: make it readable, or name one with "
                   "--calibration",
                   cause->message);
}

/* Sets *index to -1 when no candidate can be used: there is disparity still. */
static enum po_status choose_candidate(struct calibrator *c, int *index,
                                       struct po_error *error)
{
    int chosen = -1;
    struct po_error cause = {0};
    *index = -1;
    if (c->found.trouble.status != PO_OK)
        return fail_unreadable(&c->found.trouble, error);
    enum po_status status = calibration_choose(
        &c->found,
        &(struct wanted_calibration){&c->request, {c->image_px[0], c->image_px[1]}},
        c->scratch, &chosen, &c->manifest->warnings, &cause);
    if (status == PO_IO)
        return fail_unreadable(&cause, error);
    if (status != PO_OK)
        return po_fail(error, status, "%s", cause.message);
    if (chosen < 0)
        return PO_OK;
    status = read_and_keep(c, c->found.candidates[chosen].path, index, error);
    if (status == PO_OK)
        log_info("calibration %s (%s)", c->manifest->calibrations[*index].path,
                 c->manifest->calibrations[*index].format);
    return status;
}

/* Used, or the partner of one used (extrinsics.yml), which reads as the same. */
static bool is_used(const struct calibrator *c, const char *path)
{
    for (int i = 0; i < c->manifest->calibration_count; i++)
        if (strcmp(c->manifest->calibrations[i].path, path) == 0)
            return true;
    return false;
}

static bool is_partner(const struct calibrator *c)
{
    struct hash hash = calibration_hash(c->scratch);
    for (int i = 0; i < c->manifest->calibration_count; i++)
        if (c->hashes[i].low == hash.low && c->hashes[i].high == hash.high &&
            strcmp(c->manifest->calibrations[i].format, c->scratch->format) == 0)
            return true;
    return false;
}

/* Errors begin with the path, which stands beside the sentence already. */
static const char *without_path(const char *text, const char *path)
{
    size_t length = strlen(path);
    bool repeated = strncmp(text, path, length) == 0 && text[length] == ':' &&
                    text[length + 1] == ' ';
    return repeated ? text + length + 2 : text;
}

static enum po_status list_unused(struct calibrator *c, const struct calibration *used,
                                  struct po_error *error)
{
    struct manifest *manifest = c->manifest;
    manifest->unused = calloc((size_t)c->found.count + 1, sizeof(*manifest->unused));
    if (manifest->unused == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of calibrations");
    for (int i = 0; i < c->found.count; i++) {
        const struct calibration_candidate *candidate = &c->found.candidates[i];
        struct po_error cause = {0};
        char text[PO_ERROR_MESSAGE_BYTES];
        if (is_used(c, candidate->path) || candidate->distance > NEAR_DISTANCE)
            continue;
        enum po_status status =
            calibration_read(candidate->path, &c->request, c->scratch, &cause);
        if (status == PO_OUT_OF_MEMORY)
            return po_fail(error, status, "%s", cause.message);
        if (status != PO_OK && status != PO_IO &&
            !calibration_is_meant(candidate, status))
            continue; /* some other text file */
        if (status == PO_OK && is_partner(c))
            continue;
        if (status != PO_OK)
            (void)snprintf(text, sizeof(text), "%s", cause.message);
        else if (used != NULL)
            calibration_difference(used, c->scratch, text, (int)sizeof(text));
        else
            (void)snprintf(text, sizeof(text), "frames have their own");
        struct unused_calibration *unused = &manifest->unused[manifest->unused_count];
        unused->path = strdup(candidate->path);
        unused->difference = strdup(without_path(text, candidate->path));
        manifest->unused_count++;
        if (unused->path == NULL || unused->difference == NULL)
            return po_fail(error, PO_OUT_OF_MEMORY,
                           "no memory for the list of calibrations");
    }
    return PO_OK;
}

/* The session's one calibration: -1 when there is none. */
static enum po_status calibrate_session(struct calibrator *c,
                                        const struct po_input_settings *input,
                                        const struct found_session *found, int *index,
                                        struct po_error *error)
{
    enum po_status status;
    *index = -1;
    struct po_error cause = {0};
    if (input->calibration != NULL) {
        status = read_and_keep(c, input->calibration, index, &cause);
        status = fail_of_option(status, "calibration", input->calibration, &cause, error);
        return as_calibration_error(status, error);
    }
    if (found->pairs.calibration != NULL) {
        status = as_calibration_error(
            read_and_keep(c, found->pairs.calibration, index, error), error);
        return status;
    }
    return choose_candidate(c, index, error);
}

/* A frame whose own calibration is broken fails alone. */
static enum po_status calibrate_frames(struct calibrator *c,
                                       const struct found_session *found,
                                       const int *pair_of_frame, int session,
                                       struct po_error *error)
{
    struct manifest *manifest = c->manifest;
    const char *last_path = NULL;
    int last_index = -1;
    int broken = 0;
    struct po_error cause = {0};
    for (int i = 0; i < manifest->frame_count; i++) {
        struct frame_entry *frame = &manifest->frames[i];
        const char *own = found->pairs.pairs[pair_of_frame[i]].calibration;
        frame->calibration = session;
        if (own == NULL || session >= 0)
            continue;
        enum po_status status = PO_OK;
        if (last_path == NULL || strcmp(last_path, own) != 0)
            status = read_and_keep(c, own, &last_index, &cause);
        last_path = status == PO_OK ? own : NULL;
        frame->calibration = status == PO_OK ? last_index : -1;
        frame->calibration_path = strdup(own);
        if (frame->calibration_path == NULL)
            return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
        if (status == PO_OUT_OF_MEMORY || status == PO_BAD_ARGUMENT ||
            status == PO_BAD_SESSION)
            return po_fail(error, status, "%s", cause.message);
        if (status != PO_OK) {
            broken++;
            frame->problem = strdup(cause.message);
            frame->problem_cause = PO_BAD_CALIBRATION;
            if (frame->problem == NULL)
                return po_fail(error, PO_OUT_OF_MEMORY,
                               "no memory for the list of frames");
            warning_list_add(&manifest->warnings, "frame %s: %s", frame->id,
                             cause.message);
        }
    }
    if (broken == manifest->frame_count)
        return po_fail(error, PO_BAD_CALIBRATION, "%s", cause.message);
    return PO_OK;
}

static bool frames_have_their_own(const struct manifest *manifest,
                                  const struct found_session *found,
                                  const int *pair_of_frame)
{
    for (int i = 0; i < manifest->frame_count; i++)
        if (found->pairs.pairs[pair_of_frame[i]].calibration != NULL)
            return true;
    return false;
}

/* What the first image that can be read says of its size; halves of one image are half as
 * wide. */
static enum po_status peek_size(struct calibrator *c, const struct size_peek *peek,
                                struct po_error *error)
{
    enum { LOOKED_AT = 8 };
    struct manifest *manifest = c->manifest;
    struct po_error cause = {0};
    enum po_status status = PO_IO;
    for (int i = 0; i < manifest->frame_count && i < LOOKED_AT && status == PO_IO; i++) {
        const char *path = manifest->frames[i].left_path;
        int *size_px = c->image_px;
        status = peek != NULL ? peek->look(peek, path, &size_px[0], &size_px[1], &cause)
                              : image_size_peek(path, &size_px[0], &size_px[1], &cause);
        if (manifest->frames[i].side_by_side)
            c->image_px[0] /= 2;
    }
    if (status == PO_IO)
        warning_list_add(&manifest->warnings,
                         "%s; a calibration is chosen without the size of the images",
                         cause.message);
    return status == PO_OUT_OF_MEMORY ? po_fail(error, status, "%s", cause.message)
                                      : PO_OK;
}

/* --calibration none: what lies there may be of another rig. */
static enum po_status ignore_all(struct calibrator *c)
{
    for (int i = 0; i < c->manifest->frame_count; i++)
        c->manifest->frames[i].calibration = -1;
    warning_list_add(&c->manifest->warnings,
                     "--calibration none: disparity only, no clouds");
    return PO_OK;
}

static enum po_status calibrate(struct calibrator *c,
                                const struct po_input_settings *input,
                                const struct found_session *found,
                                const int *pair_of_frame, struct po_error *error)
{
    int session = -1;
    if (input->calibration != NULL && strcmp(input->calibration, "none") == 0)
        return ignore_all(c);
    bool own = input->calibration == NULL &&
               frames_have_their_own(c->manifest, found, pair_of_frame);
    enum po_status status = own ? PO_OK : peek_size(c, found->peek, error);
    candidate_list_find(&c->found, c->manifest->root, found, &c->manifest->warnings);
    if (status == PO_OK && c->found.trouble.status == PO_OUT_OF_MEMORY)
        status = trouble_status(&c->found.trouble, error);
    if (status == PO_OK && !own)
        status = calibrate_session(c, input, found, &session, error);
    if (status == PO_OK)
        status = calibrate_frames(c, found, pair_of_frame, session, error);
    if (status == PO_OK)
        status = list_unused(c, session >= 0 ? &c->manifest->calibrations[session] : NULL,
                             error);
    if (status == PO_OK && c->manifest->calibration_count == 0)
        warning_list_add(&c->manifest->warnings,
                         "no calibration found: disparity only, no clouds; name one with "
                         "--calibration, make one from pictures of a chessboard in both "
                         "cameras (--calibrate --input BOARDS --square MM --output "
                         "calibration.yml), or choose --outputs without cloud");
    return status;
}

enum po_status manifest_calibrate(struct manifest *manifest,
                                  const struct po_input_settings *input,
                                  const struct found_session *found,
                                  const int *pair_of_frame, struct po_error *error)
{
    struct calibrator *c = calloc(1, sizeof(*c));
    struct calibration *scratch = calloc(1, sizeof(*scratch));
    enum po_status status;
    if (c == NULL || scratch == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to read calibrations");
        goto cleanup;
    }
    c->manifest = manifest;
    c->scratch = scratch;
    c->request = (struct calibration_request){.unit = input->calibration_unit,
                                              .square_mm = input->square_mm,
                                              .distortion = input->distortion,
                                              .rectified_focal = input->rectified_focal,
                                              .swap = input->swap,
                                              .rectified = input->rectified,
                                              .cameras = input->cameras,
                                              .camera_hint = found->pairs.camera_hint};
    status = calibrate(c, input, found, pair_of_frame, error);
    candidate_list_release(&c->found);
    free(c->hashes);

cleanup:
    free(scratch);
    free(c);
    return status;
}
