/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/picture.h"

#include "image/image_file.h"

/* Of this picture alone: corners do not mind how bright another picture is. */
static enum po_status choose_scale(const char *path, const struct image_header *header,
                                   const struct cancel *cancel, struct scratch *scratch,
                                   struct image_scale16 *scale, struct po_error *error)
{
    struct sample_bounds bounds = {0, 255};
    size_t mark = scratch_mark(scratch);
    enum po_status status = PO_OK;
    if (header->bits == 16)
        status = image_file_sample_bounds(path, cancel, scratch, &bounds, error);
    scratch_rewind(scratch, mark);
    *scale = image_scale16_fix(
        (struct image_scale16){.white = bounds.high, .black = bounds.low});
    return status;
}

static enum po_status read_grey(const struct picture_request *request, const char *path,
                                const struct image_header *header,
                                struct picture *picture, struct po_error *error)
{
    struct image_view view;
    struct image_request reading = {.cancel = request->cancel};
    enum po_status status = choose_scale(path, header, request->cancel, &picture->scratch,
                                         &reading.scale, error);
    if (status == PO_OK)
        status = image_file_read(path, header, &reading, &picture->scratch, &view, error);
    if (status != PO_OK)
        return status;
    if (request->frame->side_by_side)
        view = image_half_view(&view, request->frame->halves_swapped ? 1 - request->side
                                                                     : request->side);
    picture->grey = view;
    if (view.channels == 1)
        return PO_OK;
    status = image_view_take(&picture->scratch, view.width_px, view.height_px, 1,
                             &picture->grey, error);
    if (status == PO_OK)
        image_to_grey(&view, &picture->grey);
    return status;
}

/* The attempt waits for memory alone: while it reads, it is watched and blamed. */
static enum po_status take_bytes(const struct picture_request *request, uint64_t bytes,
                                 struct po_error *error)
{
    if (request->attempt != NULL)
        frame_attempt_waiting(request->attempt);
    enum po_status status =
        memory_budget_acquire(request->budget, bytes, request->cancel, error);
    if (request->attempt != NULL)
        frame_attempt_started(request->attempt);
    return status;
}

enum po_status picture_load(const struct picture_request *request,
                            struct picture *picture, struct po_error *error)
{
    const struct frame_entry *frame = request->frame;
    const char *path = request->side == 0 ? frame->left_path : frame->right_path;
    struct image_header header;
    *picture = (struct picture){0};
    enum po_status status = image_file_probe(path, &header, error);
    if (status != PO_OK)
        return status;
    double pixels = (double)header.width_px * header.height_px;
    size_t arena = scratch_sum(image_file_scratch_bytes(&header),
                               image_view_bytes(header.width_px, header.height_px, 1));
    if (header.bits == 16 && image_file_bounds_bytes(&header) > arena)
        arena = image_file_bounds_bytes(&header);
    uint64_t bytes = (uint64_t)arena + header.decoder_bytes +
                     (uint64_t)(pixels * request->extra_bytes_per_px);
    if (request->budget != NULL)
        status = take_bytes(request, bytes, error);
    if (status != PO_OK)
        return status;
    picture->budget = request->budget;
    picture->bytes = bytes;
    status = scratch_init(&picture->scratch, arena, error);
    if (status == PO_OK)
        status = read_grey(request, path, &header, picture, error);
    if (status != PO_OK)
        picture_release(picture);
    return status;
}

void picture_release(struct picture *picture)
{
    scratch_release(&picture->scratch);
    if (picture->budget != NULL)
        memory_budget_release(picture->budget, picture->bytes);
    *picture = (struct picture){0};
}
