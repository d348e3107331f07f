/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/preview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/outside_text.h"
#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/picture.h"

/* Grey of the raw picture at a pixel, bilinear; black outside. */
static uint8_t sample(const struct image_view *image, double u, double v)
{
    if (!(u >= 0) || !(v >= 0) || u > image->width_px - 1 || v > image->height_px - 1)
        return 0;
    int x = u < image->width_px - 1 ? (int)u : image->width_px - 2;
    int y = v < image->height_px - 1 ? (int)v : image->height_px - 2;
    const uint8_t *above = image_row(image, y) + x;
    const uint8_t *below = image_row(image, y + 1) + x;
    double du = u - x;
    double dv = v - y;
    return (uint8_t)((1 - dv) * ((1 - du) * above[0] + du * above[1]) +
                     dv * ((1 - du) * below[0] + du * below[1]) + 0.5);
}

static void rectify(const struct calibration *calibration,
                    const struct rectification *rectification, int side,
                    const struct image_view *image, struct preview *preview)
{
    double back[9];
    double scale = (double)image->width_px / preview->width_px;
    const double *k = rectification->projection[side];
    matrix3_transpose(back, rectification->rotation[side]);
    for (int y = 0; y < preview->height_px; y++)
        for (int x = 0; x < preview->width_px; x++) {
            double u = NAN;
            double v = NAN;
            double ray[3] = {((x + 0.5) * scale - 0.5 - k[2]) / k[0],
                             ((y + 0.5) * scale - 0.5 - k[5]) / k[4], 1};
            matrix3_apply(ray, back, ray);
            if (ray[2] > 0)
                camera_project(&calibration->cameras[side], ray[0] / ray[2],
                               ray[1] / ray[2], &u, &v);
            preview->pixels[side][y * preview->width_px + x] = sample(image, u, v);
        }
}

enum po_status preview_make(const struct frame_entry *frame, int pair,
                            const struct preview_rig *rig, const struct cancel *cancel,
                            struct preview *preview, struct po_error *error)
{
    const struct calibration *calibration = rig->calibration;
    const struct rectification *rectification = rig->rectification;
    int width_px = calibration->width_px;
    int height_px = calibration->height_px;
    enum po_status status = PO_OK;
    *preview = (struct preview){.pair = pair};
    preview->width_px = width_px < PREVIEW_WIDTH_PX ? width_px : PREVIEW_WIDTH_PX;
    preview->height_px = (int)((double)height_px * preview->width_px / width_px + 0.5);
    size_t count = (size_t)preview->width_px * (size_t)preview->height_px;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        struct picture picture;
        preview->pixels[side] = malloc(count);
        if (preview->pixels[side] == NULL)
            return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a preview");
        status =
            picture_load(&(struct picture_request){frame, side, 0, NULL, cancel, NULL},
                         &picture, error);
        if (status != PO_OK)
            return status;
        if (picture.grey.width_px != width_px || picture.grey.height_px != height_px ||
            width_px < 2 || height_px < 2)
            status = po_fail(error, PO_BAD_IMAGE, "%s: another size than before",
                             side == 0 ? frame->left_path : frame->right_path);
        else
            rectify(calibration, rectification, side, &picture.grey, preview);
        picture_release(&picture);
    }
    return status;
}

void preview_release(struct preview *preview)
{
    free(preview->pixels[0]);
    free(preview->pixels[1]);
    *preview = (struct preview){.pair = -1};
}

/* Base64 (RFC 4648) of a stream of bytes. */
struct base64 {
    FILE *stream;
    unsigned bits;
    int count;
    char line[1000]; /* printed without the heap */
    size_t used;
};

static void flush_digits(struct base64 *out)
{
    out->line[out->used] = '\0';
    text_part(out->stream, "%s", out->line);
    out->used = 0;
}

/* The last group stays in the line: its end may have to become '='. */
static void put_byte(struct base64 *out, unsigned byte)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out->bits = out->bits << 8 | (byte & 255);
    if (++out->count < 3)
        return;
    if (out->used + 5 > sizeof(out->line))
        flush_digits(out);
    for (int shift = 18; shift >= 0; shift -= 6)
        out->line[out->used++] = digits[out->bits >> shift & 63];
    out->bits = 0;
    out->count = 0;
}

static void put_number(struct base64 *out, unsigned value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        put_byte(out, value >> (8 * i));
}

static void end_base64(struct base64 *out)
{
    int missing = (3 - out->count) % 3;
    for (int i = 0; i < missing; i++)
        put_byte(out, 0);
    /* The digits of bytes that were not there. */
    for (int i = 0; i < missing; i++)
        out->line[out->used - 1 - (size_t)i] = '=';
    flush_digits(out);
}

/* A bitmap of 256 greys, rows from the bottom. */
void preview_write_address(const struct preview *preview, int side, FILE *stream)
{
    enum { HEAD = 54, PALETTE = 1024 };
    struct base64 out = {.stream = stream};
    unsigned stride = ((unsigned)preview->width_px + 3) / 4 * 4;
    unsigned bytes = stride * (unsigned)preview->height_px;
    const unsigned head[][2] = {{0x4d42, 2},
                                {HEAD + PALETTE + bytes, 4},
                                {0, 4},
                                {HEAD + PALETTE, 4},
                                {40, 4},
                                {(unsigned)preview->width_px, 4},
                                {(unsigned)preview->height_px, 4},
                                {1, 2},
                                {8, 2},
                                {0, 4},
                                {bytes, 4},
                                {2835, 4},
                                {2835, 4},
                                {256, 4},
                                {0, 4}};
    text_part(stream, "data:image/bmp;base64,");
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        put_number(&out, head[i][0], (int)head[i][1]);
    for (unsigned i = 0; i < 256; i++)
        put_number(&out, i * 0x010101U, 4);
    for (int y = preview->height_px - 1; y >= 0; y--)
        for (unsigned x = 0; x < stride; x++)
            put_byte(&out, x < (unsigned)preview->width_px
                               ? preview->pixels[side][y * preview->width_px + (int)x]
                               : 0);
    end_base64(&out);
}
