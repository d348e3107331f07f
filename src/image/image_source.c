/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "image/image_reader.h"

/* Text takes up to six bytes for one of a plain PNM, and metadata stands beside it. */
enum { BYTES_FOR_A_BYTE = 8 };

bool image_source_goes_on(struct image_source *source)
{
    source->cancelled = source->cancelled || cancel_requested(source->cancel);
    return !source->cancelled;
}

bool image_source_take(struct image_source *source, size_t bytes)
{
    source->taken_bytes += bytes;
    source->too_long = source->taken_bytes > source->most_bytes;
    return image_source_goes_on(source) && !source->too_long;
}

/* As many bytes as there are, whatever a read(2) gives at once: a format is told by its
 * first ones. Fewer at the end and after an error. */
static size_t read_some(struct image_source *source, void *to, size_t bytes)
{
    size_t done = 0;
    while (done < bytes && source->read_errno == 0) {
        ssize_t got = read(source->descriptor, (uint8_t *)to + done, bytes - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            source->read_errno = errno;
        if (got <= 0)
            break;
        if (!image_source_take(source, (size_t)got))
            return 0;
        done += (size_t)got;
    }
    return done;
}

static size_t refill(struct image_source *source)
{
    if (source->begin == source->end) {
        source->begin = 0;
        source->end = read_some(source, source->buffer, sizeof(source->buffer));
    }
    return source->end - source->begin;
}

size_t image_source_read(struct image_source *source, void *to, size_t bytes)
{
    uint8_t *target = to;
    size_t done = 0;
    while (done < bytes) {
        size_t left = bytes - done;
        size_t got = source->end - source->begin;
        if (got == 0 && left >= sizeof(source->buffer)) {
            got = read_some(source, target + done, left);
        } else if ((got = refill(source)) > 0) {
            got = got < left ? got : left;
            memcpy(target + done, source->buffer + source->begin, got);
            source->begin += got;
        }
        if (got == 0)
            break;
        done += got;
    }
    return done;
}

size_t image_source_next(struct image_source *source, const uint8_t **bytes)
{
    size_t got = refill(source);
    *bytes = source->buffer + source->begin;
    source->begin = source->end;
    return got;
}

int image_source_byte(struct image_source *source)
{
    return refill(source) > 0 ? source->buffer[source->begin++] : -1;
}

enum po_status image_source_ended(const struct image_source *source,
                                  struct po_error *error)
{
    if (source->read_errno != 0)
        return po_fail(error, PO_IO, "%s: cannot read: %s", source->path,
                       strerror(source->read_errno));
    if (source->cancelled)
        return po_fail(error, PO_CANCELLED, "%s: cancelled while it was decoded",
                       source->path);
    if (source->too_long)
        return po_fail(error, PO_BAD_IMAGE,
                       "%s: takes more than %llu bytes to decode, which no image of its "
                       "size needs; save it again",
                       source->path, (unsigned long long)source->most_bytes);
    return po_fail(
        error, PO_BAD_IMAGE,
        "%s: truncated: the file ends after %llu bytes, before its image does; "
        "copy or record it again",
        source->path, (unsigned long long)source->size_bytes);
}

enum po_status image_sides_check(const struct image_source *source, uint64_t width_px,
                                 uint64_t height_px, struct po_error *error)
{
    if (width_px == 0 || height_px == 0)
        return po_fail(
            error, PO_BAD_IMAGE, "%s: broken header: %llux%llu pixels; record it again",
            source->path, (unsigned long long)width_px, (unsigned long long)height_px);
    if (width_px > IMAGE_MAX_SIDE_PX || height_px > IMAGE_MAX_SIDE_PX)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: %llux%llu pixels; at most %d on a side are read, so cut it "
                       "into tiles",
                       source->path, (unsigned long long)width_px,
                       (unsigned long long)height_px, IMAGE_MAX_SIDE_PX);
    return PO_OK;
}

enum po_status image_size_plausible(struct image_source *source,
                                    const struct image_header *header, uint64_t min_bytes,
                                    struct po_error *error)
{
    source->most_bytes = IMAGE_METADATA_MAX_BYTES +
                         BYTES_FOR_A_BYTE * (uint64_t)header->width_px *
                             (uint64_t)header->height_px * (uint64_t)header->channels *
                             (uint64_t)(header->bits / 8);
    if (source->size_bytes >= min_bytes)
        return PO_OK;
    return po_fail(error, PO_BAD_IMAGE,
                   "%s: truncated: %llu bytes cannot hold the %dx%d pixels its header "
                   "claims; copy or record it again",
                   source->path, (unsigned long long)source->size_bytes, header->width_px,
                   header->height_px);
}

enum po_status image_header_same(const struct image_source *source,
                                 const struct image_header *expected,
                                 const struct image_header *found, struct po_error *error)
{
    if (expected->format == found->format && expected->width_px == found->width_px &&
        expected->height_px == found->height_px &&
        expected->channels == found->channels && expected->bits == found->bits &&
        expected->is_float == found->is_float &&
        found->decoder_bytes <= expected->decoder_bytes)
        return PO_OK;
    return po_fail(
        error, PO_CHANGED,
        "%s: changed while the session was processed (%dx%d before, %dx%d now); "
        "run again when it is complete",
        source->path, expected->width_px, expected->height_px, found->width_px,
        found->height_px);
}
