/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BMP: 1, 4 and 8 bits with a palette, 16 and 32 bits with or without masks, 24 bits,
 * rows from either end. Run-length coded files and those that wrap a JPEG or PNG are
 * refused by name. Format: Microsoft's documentation of BITMAPFILEHEADER,
 * BITMAPCOREHEADER and BITMAPINFOHEADER to BITMAPV5HEADER.
 */
#include <string.h>

#include "image/image_reader.h"

enum {
    FILE_HEADER_BYTES = 14,
    SIZE_FIELD_BYTES = 4,
    CORE_HEADER_BYTES = 12, /* OS/2 */
    INFO_HEADER_BYTES = 40,
    MASK_BYTES = 4,
    MASKS_BYTES = 12, /* red, green, blue; inside the header from version 2 on */
    INFO_MASKS_BYTES = INFO_HEADER_BYTES + MASKS_BYTES,
    ALPHA_MASKS_BYTES = INFO_MASKS_BYTES + 4,
    HEADER_MAX_BYTES = 124,
    PALETTE_MAX = 256,
    CHUNK_BYTES = 3072, /* whole pixels of any kind */
};

enum {
    BMP_RGB = 0,
    BMP_RLE8,
    BMP_RLE4,
    BMP_BITFIELDS,
    BMP_JPEG,
    BMP_PNG,
    BMP_ALPHABITFIELDS
};

/* Where a channel's bits are in a pixel. */
struct bmp_channel {
    int shift;
    uint32_t maximum; /* 0: no such channel */
};

struct bmp_decoder {
    struct image_source *source;
    struct image_header header;
    uint64_t pixels_at; /* byte of the first row */
    uint64_t at;        /* bytes read so far */
    int bits;           /* of a pixel */
    uint32_t compression;
    bool top_down;
    int palette_count;
    struct bmp_channel channels[3];
    uint8_t palette[PALETTE_MAX][3]; /* red, green, blue */
};

static uint32_t little16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t little32(const uint8_t *bytes)
{
    return little16(bytes) | little16(bytes + 2) << 16;
}

static bool bmp_matches(const uint8_t *head, size_t bytes)
{
    if (bytes < FILE_HEADER_BYTES + SIZE_FIELD_BYTES || memcmp(head, "BM", 2) != 0)
        return false;
    uint32_t size = little32(head + FILE_HEADER_BYTES);
    return size == CORE_HEADER_BYTES ||
           (size >= INFO_HEADER_BYTES && size <= HEADER_MAX_BYTES);
}

static enum po_status broken(const struct bmp_decoder *decoder, const char *what,
                             struct po_error *error)
{
    return po_fail(error, PO_BAD_IMAGE, "%s: broken BMP: %s; convert or record it again",
                   decoder->source->path, what);
}

static enum po_status read_bytes(struct bmp_decoder *decoder, void *to, size_t bytes,
                                 struct po_error *error)
{
    if (image_source_read(decoder->source, to, bytes) < bytes)
        return image_source_ended(decoder->source, error);
    decoder->at += bytes;
    return PO_OK;
}

static enum po_status skip_to_pixels(struct bmp_decoder *decoder, struct po_error *error)
{
    uint8_t skipped[256];
    enum po_status status = PO_OK;
    if (decoder->pixels_at < decoder->at)
        return broken(decoder, "its pixels begin inside its header", error);
    while (decoder->at < decoder->pixels_at && status == PO_OK) {
        uint64_t left = decoder->pixels_at - decoder->at;
        status =
            read_bytes(decoder, skipped,
                       left < sizeof(skipped) ? (size_t)left : sizeof(skipped), error);
    }
    return status;
}

/* One run of ones. */
static bool channel_of_mask(uint32_t mask, struct bmp_channel *channel)
{
    *channel = (struct bmp_channel){0, 0};
    if (mask == 0)
        return true;
    channel->shift = __builtin_ctz(mask);
    channel->maximum = mask >> channel->shift;
    return (channel->maximum & (channel->maximum + 1)) == 0;
}

static enum po_status take_masks(struct bmp_decoder *decoder, const uint8_t *masks,
                                 struct po_error *error)
{
    for (int c = 0; c < 3; c++) {
        uint32_t mask = little32(masks + 4 * (size_t)c);
        if (!channel_of_mask(mask, &decoder->channels[c]) || mask == 0 ||
            (decoder->bits == 16 && mask > UINT16_MAX))
            return broken(decoder, "a mask of its colours is no run of bits", error);
    }
    return PO_OK;
}

static void default_masks(struct bmp_decoder *decoder)
{
    int bits = decoder->bits == 16 ? 5 : 8;
    for (int c = 0; c < 3; c++)
        decoder->channels[c] = (struct bmp_channel){(2 - c) * bits, (1U << bits) - 1};
}

/* `info`: the header behind its size field, `bytes` of it. */
static enum po_status read_masks(struct bmp_decoder *decoder, const uint8_t *info,
                                 uint32_t size, struct po_error *error)
{
    uint8_t masks[MASKS_BYTES + MASK_BYTES] = {0};
    if (decoder->compression == BMP_RGB) {
        default_masks(decoder);
        return PO_OK;
    }
    if (size >= INFO_MASKS_BYTES) {
        decoder->header.has_alpha = size >= ALPHA_MASKS_BYTES &&
                                    little32(info + INFO_MASKS_BYTES - SIZE_FIELD_BYTES);
        return take_masks(decoder, info + INFO_HEADER_BYTES - SIZE_FIELD_BYTES, error);
    }
    bool with_alpha = decoder->compression == BMP_ALPHABITFIELDS;
    enum po_status status =
        read_bytes(decoder, masks, MASKS_BYTES + (with_alpha ? MASK_BYTES : 0), error);
    decoder->header.has_alpha = little32(masks + MASKS_BYTES) != 0;
    return status == PO_OK ? take_masks(decoder, masks, error) : status;
}

/* A palette of greys makes a grey image. */
static enum po_status read_palette(struct bmp_decoder *decoder, size_t entry_bytes,
                                   struct po_error *error)
{
    bool grey = true;
    for (int i = 0; i < decoder->palette_count; i++) {
        uint8_t entry[4];
        enum po_status status = read_bytes(decoder, entry, entry_bytes, error);
        if (status != PO_OK)
            return status;
        for (int c = 0; c < 3; c++)
            decoder->palette[i][c] = entry[2 - c];
        grey = grey && entry[0] == entry[1] && entry[1] == entry[2];
    }
    decoder->header.channels = grey ? 1 : 3;
    return PO_OK;
}

static enum po_status check_kind(const struct bmp_decoder *decoder,
                                 struct po_error *error)
{
    static const char *const names[] = {"", "run-length coded", "run-length coded",
                                        "", "JPEG inside a",    "PNG inside a",
                                        ""};
    const char *path = decoder->source->path;
    int bits = decoder->bits;
    bool masked = decoder->compression == BMP_BITFIELDS ||
                  decoder->compression == BMP_ALPHABITFIELDS;
    if (decoder->compression > BMP_ALPHABITFIELDS)
        return broken(decoder, "its compression is unknown", error);
    if (names[decoder->compression][0] != '\0')
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: a %s BMP, which is not read; save it without compression, or "
                       "as PNG",
                       path, names[decoder->compression]);
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        return broken(decoder, "its bits of a pixel are not 1, 4, 8, 16, 24 or 32",
                      error);
    if (masked && bits != 16 && bits != 32)
        return broken(decoder, "masks of colours go with 16 or 32 bits", error);
    return PO_OK;
}

static uint64_t row_bits(const struct bmp_decoder *decoder)
{
    return (uint64_t)decoder->header.width_px * (uint64_t)decoder->bits;
}

/* The last row may lack its padding. */
static uint64_t min_bytes(const struct bmp_decoder *decoder)
{
    uint64_t stride = (row_bits(decoder) + 31) / 32 * 4;
    return decoder->pixels_at + stride * (uint64_t)(decoder->header.height_px - 1) +
           (row_bits(decoder) + 7) / 8;
}

static enum po_status read_core(struct bmp_decoder *decoder, const uint8_t *info,
                                struct po_error *error)
{
    uint32_t width_px = little16(info);
    uint32_t height_px = little16(info + 2);
    enum po_status status =
        image_sides_check(decoder->source, width_px, height_px, error);
    if (status != PO_OK)
        return status;
    decoder->header.width_px = (int)width_px;
    decoder->header.height_px = (int)height_px;
    decoder->bits = (int)little16(info + 6);
    decoder->palette_count = decoder->bits <= 8 ? 1 << (decoder->bits & 15) : 0;
    return check_kind(decoder, error);
}

static enum po_status read_info(struct bmp_decoder *decoder, const uint8_t *info,
                                struct po_error *error)
{
    int64_t width_px = (int32_t)little32(info);
    int64_t height_px = (int32_t)little32(info + 4);
    decoder->top_down = height_px < 0;
    if (width_px < 0)
        return broken(decoder, "its width is negative", error);
    enum po_status status =
        image_sides_check(decoder->source, (uint64_t)width_px,
                          (uint64_t)(decoder->top_down ? -height_px : height_px), error);
    if (status != PO_OK)
        return status;
    decoder->header.width_px = (int)width_px;
    decoder->header.height_px = (int)(decoder->top_down ? -height_px : height_px);
    decoder->bits = (int)little16(info + 10);
    decoder->compression = little32(info + 12);
    uint32_t colours = little32(info + 28);
    status = check_kind(decoder, error);
    if (status != PO_OK || decoder->bits > 8)
        return status;
    if (colours > 1U << decoder->bits)
        return broken(decoder, "its palette is larger than its pixels can name", error);
    decoder->palette_count = colours > 0 ? (int)colours : 1 << decoder->bits;
    return PO_OK;
}

static enum po_status open_header(struct bmp_decoder *decoder,
                                  struct image_source *source, struct po_error *error)
{
    uint8_t head[FILE_HEADER_BYTES + SIZE_FIELD_BYTES];
    uint8_t info[HEADER_MAX_BYTES] = {0};
    memset(decoder, 0, sizeof(*decoder));
    decoder->source = source;
    decoder->header = (struct image_header){
        .format = IMAGE_BMP, .channels = 3, .bits = 8, .exif_orientation = 1};
    enum po_status status = read_bytes(decoder, head, sizeof(head), error);
    if (status != PO_OK)
        return status;
    uint32_t size = little32(head + FILE_HEADER_BYTES); /* by which it is a BMP */
    bool core = size == CORE_HEADER_BYTES;
    decoder->pixels_at = little32(head + 10);
    status = read_bytes(decoder, info, size - SIZE_FIELD_BYTES, error);
    if (status == PO_OK)
        status = core ? read_core(decoder, info, error) : read_info(decoder, info, error);
    if (status == PO_OK && decoder->bits <= 8)
        status = read_palette(decoder, core ? 3 : 4, error);
    else if (status == PO_OK)
        status = read_masks(decoder, info, size, error);
    if (status != PO_OK)
        return status;
    return image_size_plausible(source, &decoder->header, min_bytes(decoder), error);
}

static enum po_status bmp_probe(struct image_source *source, struct image_header *header,
                                struct po_error *error)
{
    struct bmp_decoder decoder;
    enum po_status status = open_header(&decoder, source, error);
    if (status == PO_OK)
        *header = decoder.header;
    return status;
}

static uint8_t channel_value(const struct bmp_channel *channel, uint32_t pixel)
{
    uint64_t value = pixel >> channel->shift & channel->maximum;
    return (uint8_t)((value * 255 + channel->maximum / 2) / channel->maximum);
}

/* `count` pixels of a palette, the first in the highest bits of a byte. */
static enum po_status unpack_palette(const struct bmp_decoder *decoder,
                                     const uint8_t *from, int count, uint8_t *to,
                                     struct po_error *error)
{
    int channels = decoder->header.channels;
    int per_byte = 8 / decoder->bits;
    for (int i = 0; i < count; i++, to += channels) {
        int shift = 8 - decoder->bits * (i % per_byte + 1);
        int index = from[i / per_byte] >> shift & ((1 << decoder->bits) - 1);
        if (index >= decoder->palette_count)
            return broken(decoder, "a pixel lies outside its palette", error);
        memcpy(to, decoder->palette[index], (size_t)channels);
    }
    return PO_OK;
}

static void unpack_colours(const struct bmp_decoder *decoder, const uint8_t *from,
                           int count, uint8_t *to)
{
    size_t bytes = (size_t)decoder->bits / 8;
    for (int i = 0; i < count; i++, from += bytes, to += 3) {
        if (decoder->bits == 24) {
            to[0] = from[2];
            to[1] = from[1];
            to[2] = from[0];
            continue;
        }
        uint32_t pixel = decoder->bits == 16 ? little16(from) : little32(from);
        for (int c = 0; c < 3; c++)
            to[c] = channel_value(&decoder->channels[c], pixel);
    }
}

/* One row, without its padding. */
static enum po_status read_row(struct bmp_decoder *decoder, uint8_t *row,
                               struct po_error *error)
{
    uint8_t chunk[CHUNK_BYTES];
    int most = CHUNK_BYTES * 8 / decoder->bits;
    enum po_status status = PO_OK;
    for (int x = 0; x < decoder->header.width_px && status == PO_OK; x += most) {
        int left = decoder->header.width_px - x;
        int count = left < most ? left : most;
        size_t bytes = ((size_t)count * (size_t)decoder->bits + 7) / 8;
        uint8_t *to = row + (size_t)x * (size_t)decoder->header.channels;
        status = read_bytes(decoder, chunk, bytes, error);
        if (status == PO_OK && decoder->bits <= 8)
            status = unpack_palette(decoder, chunk, count, to, error);
        else if (status == PO_OK)
            unpack_colours(decoder, chunk, count, to);
    }
    return status;
}

static enum po_status read_pixels(struct bmp_decoder *decoder, struct image_sink *sink,
                                  struct po_error *error)
{
    uint8_t padding[4];
    int height_px = decoder->header.height_px;
    size_t padding_bytes = (4 - (row_bits(decoder) + 7) / 8 % 4) % 4;
    struct image_span span = {0, 0, 1, decoder->header.width_px};
    enum po_status status = skip_to_pixels(decoder, error);
    for (int i = 0; i < height_px && status == PO_OK; i++) {
        if (!image_source_goes_on(decoder->source))
            return image_source_ended(decoder->source, error);
        bool direct = sink->direct.pixels != NULL;
        span.y = decoder->top_down ? i : height_px - 1 - i;
        uint8_t *row = direct ? image_row(&sink->direct, span.y) : sink->row;
        status = read_row(decoder, row, error);
        if (status == PO_OK && i + 1 < height_px)
            status = read_bytes(decoder, padding, padding_bytes, error);
        if (status == PO_OK && !direct)
            sink->put(sink->context, &span, row);
    }
    return status;
}

static enum po_status bmp_decode(struct image_source *source,
                                 const struct image_header *expected,
                                 struct image_sink *sink, struct warning_list *warnings,
                                 struct po_error *error)
{
    (void)warnings;
    struct bmp_decoder decoder;
    enum po_status status = open_header(&decoder, source, error);
    if (status == PO_OK)
        status = image_header_same(source, expected, &decoder.header, error);
    return status == PO_OK ? read_pixels(&decoder, sink, error) : status;
}

const struct image_reader bmp_reader = {IMAGE_BMP, "BMP", bmp_matches, bmp_probe,
                                        bmp_decode};
