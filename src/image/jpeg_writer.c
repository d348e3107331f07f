/* SPDX-License-Identifier: Apache-2.0 */
/* The library leaves by longjmp: all state lives in the caller's frame. */
#include "image/jpeg_writer.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

enum { QUALITY = 85, ROOM_PER_PX = 4, ROOM_BASE = 16 << 10 };

struct jpeg_encoder {
    struct jpeg_compress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr output;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
};

static _Noreturn void escape(j_common_ptr codec)
{
    struct jpeg_encoder *encoder = codec->client_data;
    codec->err->format_message(codec, encoder->message);
    longjmp(encoder->escape, 1);
}

static void output_nothing(j_compress_ptr codec)
{
    (void)codec;
}

static boolean output_full(j_compress_ptr codec)
{
    struct jpeg_encoder *encoder = codec->client_data;
    (void)snprintf(encoder->message, sizeof(encoder->message), "no room");
    longjmp(encoder->escape, 1);
}

size_t jpeg_room_bytes(int width_px, int height_px)
{
    return (size_t)width_px * (size_t)height_px * ROOM_PER_PX + ROOM_BASE;
}

/* False when the library left by longjmp. */
static bool encode(struct jpeg_encoder *encoder, const struct image_view *image)
{
    if (setjmp(encoder->escape) != 0)
        return false;
    j_compress_ptr codec = &encoder->codec;
    jpeg_create_compress(codec);
    codec->dest = &encoder->output;
    codec->image_width = (JDIMENSION)image->width_px;
    codec->image_height = (JDIMENSION)image->height_px;
    codec->input_components = image->channels;
    codec->in_color_space = image->channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, QUALITY, TRUE);
    codec->dct_method = JDCT_ISLOW; /* the same bits in every build of the library */
    jpeg_start_compress(codec, TRUE);
    for (int y = 0; y < image->height_px; y++) {
        JSAMPROW row = image_row(image, y);
        (void)jpeg_write_scanlines(codec, &row, 1);
    }
    jpeg_finish_compress(codec);
    return true;
}

enum po_status jpeg_encode(const struct image_view *image, unsigned char *out,
                           size_t room, size_t *bytes, struct po_error *error)
{
    struct jpeg_encoder encoder = {.message = ""};
    enum po_status status = PO_OK;
    encoder.codec.err = jpeg_std_error(&encoder.errors);
    encoder.codec.client_data = &encoder;
    encoder.errors.error_exit = escape;
    encoder.output = (struct jpeg_destination_mgr){
        .next_output_byte = out,
        .free_in_buffer = room,
        .init_destination = output_nothing,
        .empty_output_buffer = output_full,
        .term_destination = output_nothing,
    };
    if (!encode(&encoder, image))
        status = po_fail(error, PO_INTERNAL, "a picture cannot be encoded: %s",
                         encoder.message);
    *bytes = room - encoder.output.free_in_buffer;
    jpeg_destroy_compress(&encoder.codec);
    return status;
}
