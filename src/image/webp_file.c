/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebP through libwebp, lossy and lossless, fed as the file is read so that a cancel is
 * heard. Always three channels: the format has no grey. Animations are refused by name.
 * Format: Google's WebP Container Specification (the four letters of the chunks).
 */
#include <string.h>

#include <webp/decode.h>

#include "image/image_reader.h"

enum {
    HEAD_BYTES = 16, /* RIFF, size, WEBP, the first chunk's name */
    DECODER_BASE_BYTES = 1 << 20,
    LINE_BYTES_OF_A_PIXEL = 192, /* rows under work, of all planes */
    LOSSLESS_BYTES_OF_A_PIXEL = 6,
    ALPHA_BYTES_OF_A_PIXEL = 6
};

static bool webp_matches(const uint8_t *head, size_t bytes)
{
    return bytes >= HEAD_BYTES && memcmp(head, "RIFF", 4) == 0 &&
           memcmp(head + 8, "WEBPVP8", 7) == 0;
}

static enum po_status broken(const struct image_source *source, const char *what,
                             struct po_error *error)
{
    return po_fail(error, PO_BAD_IMAGE, "%s: broken WebP: %s; copy or record it again",
                   source->path, what);
}

/* What the library holds: the file as far as it is not decoded, rows, and whole images of
 * lossless data and of alpha. */
static size_t decoder_bytes(const struct image_source *source,
                            const WebPBitstreamFeatures *features)
{
    enum { LOSSY = 1 };
    size_t pixels = (size_t)features->width * (size_t)features->height;
    size_t bytes = DECODER_BASE_BYTES + LINE_BYTES_OF_A_PIXEL * (size_t)features->width;
    uint64_t file_bytes = source->size_bytes < SIZE_MAX / 4 ? source->size_bytes : 0;
    bytes += 2 * (size_t)file_bytes;
    if (features->format != LOSSY)
        bytes += LOSSLESS_BYTES_OF_A_PIXEL * pixels;
    else if (features->has_alpha)
        bytes += ALPHA_BYTES_OF_A_PIXEL * pixels;
    return bytes;
}

/* The first bytes of the file, which stay valid until the next are asked for. */
static enum po_status open_header(struct image_source *source, const uint8_t **head,
                                  size_t *head_bytes, struct image_header *header,
                                  struct po_error *error)
{
    WebPBitstreamFeatures features;
    *head_bytes = image_source_next(source, head);
    VP8StatusCode code = WebPGetFeatures(*head, *head_bytes, &features);
    if (code == VP8_STATUS_NOT_ENOUGH_DATA)
        return image_source_ended(source, error);
    if (code != VP8_STATUS_OK)
        return broken(source, "its header is not readable", error);
    if (features.has_animation)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: an animation (WebP), which is not read; make images of it "
                       "with: webpmux -get frame 1, or ffmpeg",
                       source->path);
    enum po_status status = image_sides_check(source, (uint64_t)features.width,
                                              (uint64_t)features.height, error);
    if (status != PO_OK)
        return status;
    *header = (struct image_header){.format = IMAGE_WEBP,
                                    .width_px = features.width,
                                    .height_px = features.height,
                                    .channels = 3,
                                    .bits = 8,
                                    .has_alpha = features.has_alpha != 0,
                                    .exif_orientation = 1,
                                    .decoder_bytes = decoder_bytes(source, &features)};
    return image_size_plausible(source, header, HEAD_BYTES, error);
}

static enum po_status webp_probe(struct image_source *source, struct image_header *header,
                                 struct po_error *error)
{
    const uint8_t *head;
    size_t bytes;
    return open_header(source, &head, &bytes, header, error);
}

/* Feeds the file until the image is whole. */
static enum po_status feed(WebPIDecoder *decoder, struct image_source *source,
                           const uint8_t *bytes, size_t count, struct po_error *error)
{
    for (;;) {
        VP8StatusCode code = WebPIAppend(decoder, bytes, count);
        if (code == VP8_STATUS_OK)
            return PO_OK;
        if (code == VP8_STATUS_OUT_OF_MEMORY)
            return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode it",
                           source->path);
        if (code != VP8_STATUS_SUSPENDED)
            return broken(source, "its data makes no image", error);
        count = image_source_next(source, &bytes);
        if (count == 0)
            return image_source_ended(source, error);
    }
}

static enum po_status webp_decode(struct image_source *source,
                                  const struct image_header *expected,
                                  struct image_sink *sink, struct warning_list *warnings,
                                  struct po_error *error)
{
    (void)warnings;
    const uint8_t *head;
    size_t head_bytes;
    struct image_header header;
    struct image_view *view = &sink->direct;
    WebPDecoderConfig config;
    enum po_status status = open_header(source, &head, &head_bytes, &header, error);
    if (status == PO_OK)
        status = image_header_same(source, expected, &header, error);
    if (status != PO_OK)
        return status;
    if (!WebPInitDecoderConfig(&config))
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: libwebp is not of the version this program was built for; "
                       "install that one, or save the image as PNG",
                       source->path);
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = view->pixels;
    config.output.u.RGBA.stride = (int)view->stride_bytes;
    config.output.u.RGBA.size = (size_t)view->stride_bytes * (size_t)view->height_px;
    WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
    if (decoder == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode it",
                       source->path);
    status = feed(decoder, source, head, head_bytes, error);
    WebPIDelete(decoder);
    return status;
}

const struct image_reader webp_reader = {IMAGE_WEBP, "WebP", webp_matches, webp_probe,
                                         webp_decode};
