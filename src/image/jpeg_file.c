/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JPEG through libjpeg-turbo. The library leaves by longjmp: every call that can fail
 * runs inside guarded(), whose caller owns all state. Its habit of repairing broken files
 * with a warning is turned off: half a picture is an error.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "image/exif.h"
#include "image/image_reader.h"

enum {
    APP1 = JPEG_APP0 + 1,
    EXIF_BYTES = 4096,             /* the first directory lies well within */
    DECODER_BASE_BYTES = 96 << 10, /* tables, pools, rows of blocks of a narrow image */
    SCANS_MAX = 200,               /* encoders write about ten */
};

struct jpeg_decoder {
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr input;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    struct image_source *source;
    bool ended;
    bool unsupported;
    bool exhausted; /* memory was refused */
    char message[JMSG_LENGTH_MAX];
    struct image_header header;
    struct image_sink *sink;
    size_t exif_bytes;
    uint8_t exif[EXIF_BYTES];
};

static struct jpeg_decoder *decoder_of(j_decompress_ptr codec)
{
    return codec->client_data;
}

static _Noreturn void escape(j_common_ptr codec)
{
    struct jpeg_decoder *decoder = codec->client_data;
    codec->err->format_message(codec, decoder->message);
    switch (codec->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
        decoder->exhausted = true;
        break;
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
        decoder->unsupported = true;
        break;
    default:
        break;
    }
    longjmp(decoder->escape, 1);
}

static _Noreturn void escape_with(struct jpeg_decoder *decoder, const char *message)
{
    (void)snprintf(decoder->message, sizeof(decoder->message), "%s", message);
    longjmp(decoder->escape, 1);
}

/* Warnings of broken data are errors; those that lose no pixel are nothing. */
static void on_message(j_common_ptr codec, int level)
{
    if (level >= 0)
        return;
    switch (codec->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
        return;
    default:
        escape(codec);
    }
}

static void on_output(j_common_ptr codec)
{
    (void)codec;
}

/* A file of very many scans takes hours to decode and no bytes to write. Called for each
 * row of blocks of each scan. */
static void on_progress(j_common_ptr codec)
{
    struct jpeg_decoder *decoder = codec->client_data;
    if (!image_source_goes_on(decoder->source)) {
        decoder->ended = true;
        escape_with(decoder, "cancelled");
    }
    if (decoder->codec.input_scan_number > SCANS_MAX)
        escape_with(decoder, "more than 200 scans");
}

static void input_begin(j_decompress_ptr codec)
{
    (void)codec;
}

static boolean input_fill(j_decompress_ptr codec)
{
    struct jpeg_decoder *decoder = decoder_of(codec);
    const uint8_t *bytes;
    size_t got = image_source_next(decoder->source, &bytes);
    if (got == 0) {
        decoder->ended = true;
        escape_with(decoder, "truncated");
    }
    decoder->input.next_input_byte = bytes;
    decoder->input.bytes_in_buffer = got;
    return TRUE;
}

static void input_skip(j_decompress_ptr codec, long bytes)
{
    struct jpeg_source_mgr *input = codec->src;
    size_t left = bytes > 0 ? (size_t)bytes : 0;
    while (left > input->bytes_in_buffer) {
        left -= input->bytes_in_buffer;
        (void)input_fill(codec);
    }
    input->next_input_byte += left;
    input->bytes_in_buffer -= left;
}

static unsigned input_byte(j_decompress_ptr codec)
{
    struct jpeg_source_mgr *input = codec->src;
    if (input->bytes_in_buffer == 0)
        (void)input_fill(codec);
    input->bytes_in_buffer--;
    return *input->next_input_byte++;
}

/* Keeps the head of the first APP1 block that is EXIF. */
static boolean read_app1(j_decompress_ptr codec)
{
    struct jpeg_decoder *decoder = decoder_of(codec);
    unsigned high = input_byte(codec);
    unsigned length = high << 8 | input_byte(codec);
    long left = (long)length - 2;
    bool wanted = decoder->exif_bytes == 0;
    for (size_t i = 0; wanted && left > 0 && i < EXIF_BYTES; i++, left--) {
        decoder->exif[i] = (uint8_t)input_byte(codec);
        decoder->exif_bytes = i + 1;
    }
    if (decoder->exif_bytes < 6 || memcmp(decoder->exif, "Exif\0\0", 6) != 0)
        decoder->exif_bytes = 0;
    input_skip(codec, left);
    return TRUE;
}

static enum po_status failed(const struct jpeg_decoder *decoder, struct po_error *error)
{
    const char *path = decoder->source->path;
    if (decoder->ended)
        return image_source_ended(decoder->source, error);
    if (decoder->exhausted)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode a JPEG", path);
    if (decoder->unsupported)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: a kind of JPEG that is not read (%s); save it as baseline "
                       "JPEG or PNG",
                       path, decoder->message);
    return po_fail(error, PO_BAD_IMAGE, "%s: broken JPEG: %s; copy or record it again",
                   path, decoder->message);
}

/* Runs a step that may leave by longjmp. */
static enum po_status guarded(struct jpeg_decoder *decoder,
                              void (*step)(struct jpeg_decoder *decoder),
                              struct po_error *error)
{
    if (setjmp(decoder->escape) != 0)
        return failed(decoder, error);
    step(decoder);
    return PO_OK;
}

static void read_header(struct jpeg_decoder *decoder)
{
    struct jpeg_decompress_struct *codec = &decoder->codec;
    jpeg_create_decompress(codec);
    decoder->input.init_source = input_begin;
    decoder->input.fill_input_buffer = input_fill;
    decoder->input.skip_input_data = input_skip;
    decoder->input.resync_to_restart = jpeg_resync_to_restart;
    decoder->input.term_source = input_begin;
    codec->src = &decoder->input;
    decoder->progress.progress_monitor = on_progress;
    codec->progress = &decoder->progress;
    jpeg_set_marker_processor(codec, APP1, read_app1);
    (void)jpeg_read_header(codec, TRUE);
}

/* jpeg_destroy_decompress in any case. */
static void decoder_init(struct jpeg_decoder *decoder, struct image_source *source)
{
    memset(&decoder->codec, 0, sizeof(decoder->codec));
    memset(&decoder->progress, 0, sizeof(decoder->progress));
    memset(&decoder->input, 0, sizeof(decoder->input));
    decoder->codec.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = escape;
    decoder->errors.emit_message = on_message;
    decoder->errors.output_message = on_output;
    decoder->codec.client_data = decoder;
    decoder->source = source;
    decoder->ended = false;
    decoder->unsupported = false;
    decoder->exhausted = false;
    decoder->message[0] = '\0';
    decoder->header = (struct image_header){.format = IMAGE_JPEG, .bits = 8};
    decoder->sink = NULL;
    decoder->exif_bytes = 0;
}

/* Blocks of 8x8 coefficients of all components, as many as the file must code. */
static uint64_t block_count(const struct jpeg_decompress_struct *codec)
{
    uint64_t blocks = 0;
    for (int i = 0; i < codec->num_components; i++) {
        const jpeg_component_info *component = &codec->comp_info[i];
        blocks += (uint64_t)component->width_in_blocks * component->height_in_blocks;
    }
    return blocks;
}

static size_t round_up(size_t value, int multiple)
{
    size_t step = (size_t)multiple;
    return (value + step - 1) / step * step;
}

/*
 * For each component: one row of interleaved blocks as samples, with its two neighbouring
 * sample groups; those samples upsampled to full width; and with several scans every
 * coefficient of the image.
 */
static size_t decoder_bytes(struct jpeg_decompress_struct *codec)
{
    size_t bytes = DECODER_BASE_BYTES;
    bool whole = jpeg_has_multiple_scans(codec) != 0;
    for (int i = 0; i < codec->num_components; i++) {
        const jpeg_component_info *component = &codec->comp_info[i];
        size_t wide = round_up(component->width_in_blocks, component->h_samp_factor);
        size_t high = round_up(component->height_in_blocks, component->v_samp_factor);
        bytes += wide * DCTSIZE * (DCTSIZE + 2) * (size_t)component->v_samp_factor;
        bytes += round_up(codec->image_width, codec->max_h_samp_factor) *
                 (size_t)codec->max_v_samp_factor;
        if (whole)
            bytes += high * (wide * sizeof(JBLOCK) + 2 * sizeof(void *));
    }
    return bytes;
}

static enum po_status check_colours(const struct jpeg_decoder *decoder,
                                    struct po_error *error)
{
    const char *path = decoder->source->path;
    switch (decoder->codec.jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_YCbCr:
    case JCS_RGB:
        return PO_OK;
    case JCS_CMYK:
    case JCS_YCCK:
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: a CMYK JPEG, made for printing; convert it to RGB or grey",
                       path);
    default:
        return po_fail(
            error, PO_UNSUPPORTED,
            "%s: a JPEG of %d components of unknown meaning; convert it to RGB "
            "or grey",
            path, decoder->codec.num_components);
    }
}

/* Reads up to the first scan and checks what can be known by then. */
static enum po_status open_header(struct jpeg_decoder *decoder, struct po_error *error)
{
    struct jpeg_decompress_struct *codec = &decoder->codec;
    struct image_header *header = &decoder->header;
    enum po_status status = guarded(decoder, read_header, error);
    if (status == PO_OK)
        status = image_sides_check(decoder->source, codec->image_width,
                                   codec->image_height, error);
    if (status == PO_OK)
        status = check_colours(decoder, error);
    if (status != PO_OK)
        return status;
    header->width_px = (int)codec->image_width;
    header->height_px = (int)codec->image_height;
    header->channels = codec->jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
    header->decoder_bytes = decoder_bytes(codec);
    header->exif_orientation =
        decoder->exif_bytes == 0
            ? 1
            : exif_orientation(decoder->exif + 6, decoder->exif_bytes - 6);
    /* Huffman codes have at least one bit, and a block at least one code. */
    uint64_t min_bytes = codec->arith_code ? 0 : block_count(codec) / 8;
    return image_size_plausible(decoder->source, header, min_bytes, error);
}

static bool jpeg_matches(const uint8_t *head, size_t bytes)
{
    return bytes >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0;
}

static enum po_status jpeg_probe(struct image_source *source, struct image_header *header,
                                 struct po_error *error)
{
    struct jpeg_decoder decoder;
    decoder_init(&decoder, source);
    enum po_status status = open_header(&decoder, error);
    if (status == PO_OK)
        *header = decoder.header;
    jpeg_destroy_decompress(&decoder.codec);
    return status;
}

static void read_pixels(struct jpeg_decoder *decoder)
{
    struct jpeg_decompress_struct *codec = &decoder->codec;
    struct image_sink *sink = decoder->sink;
    struct image_span span = {0, 0, 1, decoder->header.width_px};
    codec->out_color_space = decoder->header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    codec->do_block_smoothing = FALSE; /* a whole file has nothing to smooth over */
    codec->mem->max_memory_to_use = (long)decoder->header.decoder_bytes;
    (void)jpeg_start_decompress(codec);
    for (; span.y < decoder->header.height_px; span.y++) {
        bool direct = sink->direct.pixels != NULL;
        JSAMPROW row = direct ? image_row(&sink->direct, span.y) : sink->row;
        (void)jpeg_read_scanlines(codec, &row, 1);
        if (!direct)
            sink->put(sink->context, &span, sink->row);
    }
    (void)jpeg_finish_decompress(codec);
}

static enum po_status jpeg_decode(struct image_source *source,
                                  const struct image_header *expected,
                                  struct image_sink *sink, struct warning_list *warnings,
                                  struct po_error *error)
{
    (void)warnings;
    struct jpeg_decoder decoder;
    decoder_init(&decoder, source);
    enum po_status status = open_header(&decoder, error);
    if (status == PO_OK)
        status = image_header_same(source, expected, &decoder.header, error);
    if (status == PO_OK) {
        decoder.sink = sink;
        status = guarded(&decoder, read_pixels, error);
    }
    jpeg_destroy_decompress(&decoder.codec);
    return status;
}

const struct image_reader jpeg_reader = {IMAGE_JPEG, "JPEG", jpeg_matches, jpeg_probe,
                                         jpeg_decode};
