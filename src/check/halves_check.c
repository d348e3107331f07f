/* SPDX-License-Identifier: Apache-2.0 */
#include "check/halves_check.h"

#include "image/image_file.h"

enum { CORNERS = 150, MOST_BYTES = 1 << 29 };

/* Both halves of 3:4 pictures; one picture is rarely as wide. */
static const double least_aspect = 1.5;
/* Halves of one wide picture have some corners in common by chance. */
static const double least_agreeing = 0.3;

static size_t check_bytes(const struct image_header *header)
{
    size_t grey = image_view_bytes(header->width_px, header->height_px, 1);
    size_t bytes = scratch_sum(image_file_scratch_bytes(header), grey);
    return scratch_sum(
        bytes, row_alignment_bytes(header->width_px / 2, header->height_px, CORNERS));
}

static enum po_status measure(const char *path, const struct image_header *header,
                              const struct cancel *cancel, struct scratch *scratch,
                              struct halves_check *check, struct po_error *error)
{
    const struct image_request request = {.scale = {SAMPLE16_MAX, 0}, .cancel = cancel};
    struct image_view image;
    struct image_view grey;
    struct row_alignment rows = {0};
    enum po_status status =
        image_file_read(path, header, &request, scratch, &image, error);
    if (status == PO_OK)
        status =
            image_view_take(scratch, image.width_px, image.height_px, 1, &grey, error);
    if (status != PO_OK)
        return status;
    image_to_grey(&image, &grey);
    const struct row_alignment_request halves = {.left = image_half_view(&grey, 0),
                                                 .right = image_half_view(&grey, 1),
                                                 .max_corners = CORNERS};
    status = row_alignment_measure(&halves, scratch, &rows, error);
    check->known = status == PO_OK;
    check->agreeing = rows.agreeing;
    check->corners = rows.corners;
    check->is_pair = rows.found && rows.agreeing >= least_agreeing * rows.corners;
    return status;
}

enum po_status halves_check_file(const char *path, const struct cancel *cancel,
                                 struct halves_check *check, struct po_error *error)
{
    struct image_header header;
    struct scratch scratch;
    *check = (struct halves_check){0};
    enum po_status status = image_file_probe(path, &header, error);
    if (status != PO_OK)
        return status;
    check->width_px = header.width_px;
    check->height_px = header.height_px;
    check->known = header.width_px < least_aspect * header.height_px ||
                   header.width_px % 2 != 0 || header.is_float;
    if (check->known)
        return PO_OK;
    size_t bytes = check_bytes(&header);
    if (bytes + header.decoder_bytes > MOST_BYTES)
        return po_fail(error, PO_MEMORY_LIMIT,
                       "%s: too large to be looked at for two halves; say --layout "
                       "side-by-side if that is what it is",
                       path);
    status = scratch_init(&scratch, bytes, error);
    if (status != PO_OK)
        return status;
    status = measure(path, &header, cancel, &scratch, check, error);
    scratch_release(&scratch);
    return status;
}
