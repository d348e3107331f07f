/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG through libpng. libpng leaves by longjmp: every call that can fail runs inside
 * guarded(), whose caller owns all state, so no local variable is live across the jump.
 * Its allocations go through a counter with a limit, the decoder_bytes of the header.
 */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/exif.h"
#include "image/image_reader.h"
#include "image/png_inflate.h"

enum {
    LIBPNG_BYTES = 160 << 10, /* inflate's window and tables, structs, a chunk */
    DECODER_BASE_BYTES = LIBPNG_BYTES + PNG_INFLATE_BYTES,
    MESSAGE_BYTES = 128,
    DEFLATE_MAX_RATIO = 1032, /* 258 bytes from 2 bits, the most deflate can expand */
    ALLOCATION_HEAD_BYTES = 16,
};

struct png_memory {
    size_t used_bytes;
    size_t limit_bytes;
    bool refused;
    bool exhausted; /* by the system, not by the limit */
};

struct png_decoder {
    png_structp png;
    png_infop info;
    struct image_source *source;
    uint8_t chunk_head[PNG_CHUNK_HEAD_BYTES]; /* the last one read */
    struct png_inflate *inflate;              /* NULL: libpng reads the file itself */
    struct png_memory memory;
    bool ended;
    char message[MESSAGE_BYTES];
    int passes; /* 7 when interlaced, else 1 */
    bool has_alpha_channel;
    struct image_header header;
    struct image_sink *sink;
};

static png_voidp counted_malloc(png_structp png, png_alloc_size_t bytes)
{
    struct png_memory *memory = png_get_mem_ptr(png);
    size_t room = memory->limit_bytes - memory->used_bytes;
    if (bytes > room || ALLOCATION_HEAD_BYTES > room - bytes) {
        memory->refused = true;
        return NULL;
    }
    size_t total = bytes + ALLOCATION_HEAD_BYTES;
    unsigned char *block = malloc(total);
    if (block == NULL) {
        memory->exhausted = true;
        return NULL;
    }
    memcpy(block, &total, sizeof(total));
    memory->used_bytes += total;
    return block + ALLOCATION_HEAD_BYTES;
}

static void counted_free(png_structp png, png_voidp pointer)
{
    struct png_memory *memory = png_get_mem_ptr(png);
    if (pointer == NULL)
        return;
    unsigned char *block = (unsigned char *)pointer - ALLOCATION_HEAD_BYTES;
    size_t total;
    memcpy(&total, block, sizeof(total));
    memory->used_bytes -= total;
    free(block);
}

static PNG_NORETURN void on_error(png_structp png, png_const_charp message)
{
    struct png_decoder *decoder = png_get_error_ptr(png);
    (void)snprintf(decoder->message, sizeof(decoder->message), "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep to, size_t bytes)
{
    struct png_decoder *decoder = png_get_io_ptr(png);
    const char *reason = NULL;
    bool is_read = decoder->inflate != NULL
                       ? png_inflate_read(decoder->inflate, to, bytes, &reason)
                       : image_source_read(decoder->source, to, bytes) == bytes;
    if (!is_read) {
        decoder->ended = reason == NULL;
        png_error(png, reason != NULL ? reason : "truncated");
    }
    if (bytes == PNG_CHUNK_HEAD_BYTES)
        memcpy(decoder->chunk_head, to, bytes);
}

static enum po_status failed(const struct png_decoder *decoder, struct po_error *error)
{
    const char *path = decoder->source->path;
    if (decoder->ended)
        return image_source_ended(decoder->source, error);
    if (decoder->memory.exhausted)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode a PNG", path);
    if (decoder->memory.refused)
        return po_fail(
            error, PO_BAD_IMAGE,
            "%s: broken PNG: wants more than %zu KB to decode; record it again", path,
            decoder->memory.limit_bytes >> 10);
    return po_fail(error, PO_BAD_IMAGE, "%s: broken PNG: %s; copy or record it again",
                   path, decoder->message);
}

/* Runs a step that may leave by longjmp. */
static enum po_status guarded(struct png_decoder *decoder,
                              void (*step)(struct png_decoder *decoder),
                              struct po_error *error)
{
    if (setjmp(png_jmpbuf(decoder->png)) != 0)
        return failed(decoder, error);
    step(decoder);
    return PO_OK;
}

static void decoder_release(struct png_decoder *decoder)
{
    if (decoder->png != NULL)
        png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    png_inflate_destroy(decoder->inflate);
}

/* decoder_release in any case. */
static enum po_status decoder_init(struct png_decoder *decoder,
                                   struct image_source *source, size_t limit_bytes,
                                   struct po_error *error)
{
    *decoder =
        (struct png_decoder){.source = source, .memory = {.limit_bytes = limit_bytes}};
    decoder->png =
        png_create_read_struct_2(PNG_LIBPNG_VER_STRING, decoder, on_error, on_warning,
                                 &decoder->memory, counted_malloc, counted_free);
    if (decoder->png != NULL)
        decoder->info = png_create_info_struct(decoder->png);
    if (decoder->info == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode a PNG",
                       source->path);
    return PO_OK;
}

static void skip_unwanted_chunks(png_structp png)
{
    static const png_byte names[] =
        "bKGD\0cHRM\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0"
        "sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names,
                                (int)(sizeof(names) / 5));
}

static void read_header(struct png_decoder *decoder)
{
    png_structp png = decoder->png;
    png_infop info = decoder->info;
    png_set_read_fn(png, decoder, on_read);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* image_sides_check */
    skip_unwanted_chunks(png);
    png_read_info(png, info);
}

static int exif_of(struct png_decoder *decoder)
{
    png_uint_32 bytes = 0;
    png_bytep block = NULL;
    if (png_get_eXIf_1(decoder->png, decoder->info, &bytes, &block) == 0 || block == NULL)
        return 1;
    return exif_orientation(block, bytes);
}

/* Two rows of pixels as they are expanded, before alpha is taken out. */
static size_t decoder_bytes(const struct png_decoder *decoder)
{
    const struct image_header *header = &decoder->header;
    size_t samples = (size_t)header->channels + (header->has_alpha ? 1 : 0);
    size_t row_pixels = (size_t)header->width_px + 16;
    return DECODER_BASE_BYTES + 2 * row_pixels * samples * (size_t)(header->bits / 8);
}

static void fill_header(struct png_decoder *decoder)
{
    png_const_structp png = decoder->png;
    png_const_infop info = decoder->info;
    struct image_header *header = &decoder->header;
    int type = png_get_color_type(png, info);
    header->format = IMAGE_PNG;
    header->width_px = (int)png_get_image_width(png, info);
    header->height_px = (int)png_get_image_height(png, info);
    header->channels = (type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
    header->bits = png_get_bit_depth(png, info) == 16 ? 16 : 8;
    decoder->has_alpha_channel = (type & PNG_COLOR_MASK_ALPHA) != 0;
    header->has_alpha =
        decoder->has_alpha_channel || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    header->exif_orientation = exif_of(decoder);
    header->decoder_bytes = decoder_bytes(decoder);
    decoder->passes = png_get_interlace_type(png, info) == PNG_INTERLACE_NONE ? 1 : 7;
}

/* Reads up to the first pixel and checks what can be known by then. */
static enum po_status open_header(struct png_decoder *decoder, struct po_error *error)
{
    enum po_status status = guarded(decoder, read_header, error);
    if (status != PO_OK)
        return status;
    uint64_t width_px = png_get_image_width(decoder->png, decoder->info);
    uint64_t height_px = png_get_image_height(decoder->png, decoder->info);
    status = image_sides_check(decoder->source, width_px, height_px, error);
    if (status != PO_OK)
        return status;
    fill_header(decoder);
    uint64_t row_bytes = (uint64_t)png_get_rowbytes(decoder->png, decoder->info);
    return image_size_plausible(decoder->source, &decoder->header,
                                row_bytes * height_px / DEFLATE_MAX_RATIO, error);
}

static bool png_matches(const uint8_t *head, size_t bytes)
{
    return bytes >= 8 && png_sig_cmp(head, 0, 8) == 0;
}

static enum po_status png_probe(struct image_source *source, struct image_header *header,
                                struct po_error *error)
{
    struct png_decoder decoder;
    enum po_status status = decoder_init(&decoder, source, DECODER_BASE_BYTES, error);
    if (status == PO_OK)
        status = open_header(&decoder, error);
    if (status == PO_OK)
        *header = decoder.header;
    decoder_release(&decoder);
    return status;
}

/* Samples come out as 8 or 16 bit grey or RGB in host order, whatever is stored. */
static void set_transforms(struct png_decoder *decoder)
{
    png_structp png = decoder->png;
    int type = png_get_color_type(png, decoder->info);
    int depth = png_get_bit_depth(png, decoder->info);
    if (type == PNG_COLOR_TYPE_PALETTE) {
        png_set_palette_to_rgb(png);
        if (decoder->header.has_alpha)
            png_set_strip_alpha(png);
    } else if (depth < 8) {
        png_set_expand_gray_1_2_4_to_8(png);
    }
    if (decoder->has_alpha_channel)
        png_set_strip_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (depth == 16)
        png_set_swap(png);
#endif
}

static void go_on_or_leave(struct png_decoder *decoder)
{
    if (image_source_goes_on(decoder->source))
        return;
    decoder->ended = true;
    png_error(decoder->png, "cancelled");
}

static void read_rows(struct png_decoder *decoder)
{
    struct image_sink *sink = decoder->sink;
    struct image_span span = {0, 0, 1, decoder->header.width_px};
    for (; span.y < decoder->header.height_px; span.y++) {
        go_on_or_leave(decoder);
        if (sink->direct.pixels != NULL) {
            png_read_row(decoder->png, image_row(&sink->direct, span.y), NULL);
        } else {
            png_read_row(decoder->png, sink->row, NULL);
            sink->put(sink->context, &span, sink->row);
        }
    }
}

/* Each pass of an interlaced file is an image of its own, spread over the whole: one row
 * of it is all that is ever held. */
static void read_passes(struct png_decoder *decoder)
{
    struct image_sink *sink = decoder->sink;
    int width_px = decoder->header.width_px;
    for (int pass = 0; pass < decoder->passes; pass++) {
        int first_y = (int)PNG_PASS_START_ROW(pass);
        int first_x = (int)PNG_PASS_START_COL(pass);
        int step_y = 1 << PNG_PASS_ROW_SHIFT(pass);
        int step_x = 1 << PNG_PASS_COL_SHIFT(pass);
        struct image_span span = {first_y, first_x, step_x, 0};
        if (first_x >= width_px)
            continue;
        span.count = (width_px - first_x + step_x - 1) / step_x;
        for (; span.y < decoder->header.height_px; span.y += step_y) {
            go_on_or_leave(decoder);
            png_read_row(decoder->png, sink->row, NULL);
            sink->put(sink->context, &span, sink->row);
        }
    }
}

/* Interlaced ones are rare, and left to libpng. Checksums of what is inflated elsewhere
 * are checked there. */
static void inflate_elsewhere(struct png_decoder *decoder)
{
    uint64_t row_bytes = (uint64_t)png_get_rowbytes(decoder->png, decoder->info);
    if (decoder->passes == 1)
        decoder->inflate =
            png_inflate_create(decoder->source, decoder->chunk_head,
                               (row_bytes + 1) * (uint64_t)decoder->header.height_px);
    if (decoder->inflate == NULL)
        return;
    png_set_option(decoder->png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    png_set_crc_action(decoder->png, PNG_CRC_QUIET_USE, PNG_CRC_NO_CHANGE);
}

static void read_pixels(struct png_decoder *decoder)
{
    inflate_elsewhere(decoder);
    set_transforms(decoder);
    png_read_update_info(decoder->png, decoder->info);
    if (decoder->passes == 1)
        read_rows(decoder);
    else
        read_passes(decoder);
    png_set_crc_action(decoder->png, PNG_CRC_DEFAULT, PNG_CRC_NO_CHANGE);
    png_read_end(decoder->png, NULL); /* the last CRC, and that the file is whole */
}

static void warn_of_gamma(const struct png_decoder *decoder,
                          struct warning_list *warnings)
{
    double gamma = 0.0;
    if (warnings == NULL || png_get_gAMA(decoder->png, decoder->info, &gamma) == 0)
        return;
    if (gamma < 0.45 || gamma > 0.46) /* the usual 1/2.2 changes nothing */
        warning_list_add(warnings, "%s: its gamma of %.5f is ignored",
                         decoder->source->path, gamma);
}

static enum po_status png_decode(struct image_source *source,
                                 const struct image_header *expected,
                                 struct image_sink *sink, struct warning_list *warnings,
                                 struct po_error *error)
{
    struct png_decoder decoder;
    enum po_status status =
        decoder_init(&decoder, source, expected->decoder_bytes, error);
    if (status == PO_OK)
        status = open_header(&decoder, error);
    if (status == PO_OK)
        status = image_header_same(source, expected, &decoder.header, error);
    if (status == PO_OK) {
        decoder.sink = sink;
        status = guarded(&decoder, read_pixels, error);
    }
    if (status == PO_OK)
        warn_of_gamma(&decoder, warnings);
    decoder_release(&decoder);
    return status;
}

const struct image_reader png_reader = {IMAGE_PNG, "PNG", png_matches, png_probe,
                                        png_decode};
