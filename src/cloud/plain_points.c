/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/plain_points.h"

#include <endian.h>
#include <string.h>

#include "base/number.h"
#include "cloud/point_kernels.h"

enum { BLOCK = 64, WORDS = 4, GREY_TO_RGB = 0x010101 };

/* Pixels first .. first + count - 1 of a row. */
struct pixels {
    int first;
    int count; /* at most BLOCK */
    float x[BLOCK];
    float y[BLOCK];
    uint32_t colours[BLOCK];        /* red lowest */
    uint32_t records[BLOCK][WORDS]; /* as in the file; the last byte is nothing */
};

bool plain_points_fit(const struct cloud_input *input,
                      const struct cloud_field *const *fields, int count)
{
    return !input->settings->normals &&
           cloud_record_bytes(fields, count) == PLAIN_POINT_BYTES &&
           input->settings->axes == PO_AXES_OPENCV && input->rig.turn == RIG_UPRIGHT;
}

/* X = (x - cx) Z / f, as in triangulation_point. */
static void place(const struct point_row *row, int y, struct pixels *pixels)
{
    const struct triangulation *triangulation = &row->triangulation;
    const float *depths = row->depths + pixels->first;
    const double *rays = row->rays + pixels->first;
    double ray_y = (y - triangulation->cy_px) * triangulation->per_focal_y;
    for (int i = 0; i < pixels->count; i++) {
        double z = depths[i];
        pixels->x[i] = (float)(rays[i] * z);
        pixels->y[i] = (float)(ray_y * z);
    }
}

/* A word with the pixel in its upper bytes: the byte below is in the row, the one above
 * may not be. */
static inline uint32_t rgb_at(const uint8_t *rgb)
{
    uint32_t word;
    memcpy(&word, rgb - 1, sizeof(word));
    return le32toh(word) >> 8;
}

static void take_colours(const struct image_view *colour, int y, struct pixels *pixels)
{
    const uint8_t *row = image_row(colour, y);
    int first = pixels->first;
    if (colour->channels != 3) {
        for (int i = 0; i < pixels->count; i++)
            pixels->colours[i] = row[first + i] * (uint32_t)GREY_TO_RGB;
        return;
    }
    int i = 0;
    for (; first + i == 0 && i < pixels->count; i++)
        pixels->colours[i] = row[0] | (uint32_t)row[1] << 8 | (uint32_t)row[2] << 16;
    for (; i < pixels->count; i++)
        pixels->colours[i] = rgb_at(row + 3 * (ptrdiff_t)(first + i));
}

static inline uint32_t float_word(const float *value)
{
    uint32_t bits;
    memcpy(&bits, value, sizeof(bits));
    return htole32(bits);
}

static void make_records(const float *depths, struct pixels *pixels)
{
    for (int i = 0; i < pixels->count; i++) {
        pixels->records[i][0] = float_word(&pixels->x[i]);
        pixels->records[i][1] = float_word(&pixels->y[i]);
        pixels->records[i][2] = float_word(&depths[i]);
        pixels->records[i][3] = htole32(pixels->colours[i]);
    }
}

/* Each record is put down, and is written over where its pixel is not kept. */
static unsigned char *close_up(const struct pixels *pixels, const uint8_t *keep,
                               unsigned char *out)
{
    for (int i = 0; i < pixels->count; i++) {
        memcpy(out, pixels->records[i], sizeof(pixels->records[i]));
        out += (size_t)(keep[i] & 1) * PLAIN_POINT_BYTES;
    }
    return out;
}

/* The blocks that the processor's own instructions pack; returns how many pixels. Four
 * bytes beyond a block of pixels are still in the row. */
static int pack_blocks(const struct point_row *row, int y, unsigned char **end)
{
    enum { BEYOND_PX = 2 };
    const struct image_view *colour = &row->input->colour;
    const struct triangulation *triangulation = &row->triangulation;
    point_pack *pack = point_pack_find();
    int count = (row->keep->width_px - BEYOND_PX) / POINT_BLOCK * POINT_BLOCK;
    if (pack == NULL || colour->channels != 3 || count <= 0)
        return 0;
    const struct point_pixels plain = {.depths = row->depths,
                                       .rays = row->rays,
                                       .rgb = image_row(colour, y),
                                       .keep = image_row(row->keep, y),
                                       .ray_y = (y - triangulation->cy_px) *
                                                triangulation->per_focal_y};
    *end = pack(&plain, count, *end);
    return count;
}

int plain_points_pack(struct point_row *row, int y, unsigned char *records)
{
    const struct cloud_input *input = row->input;
    const uint8_t *keep = image_row(row->keep, y);
    int width = row->keep->width_px;
    struct pixels pixels;
    unsigned char *end = records;
    triangulation_depth_row(&row->triangulation, disparity_row(&input->map, y), width,
                            row->depths);
    for (int first = pack_blocks(row, y, &end); first < width; first += BLOCK) {
        const float *depths = row->depths + first;
        pixels.first = first;
        pixels.count = minimum(BLOCK, width - first);
        place(row, y, &pixels);
        take_colours(&input->colour, y, &pixels);
        make_records(depths, &pixels);
        end = close_up(&pixels, keep + first, end);
    }
    return (int)((end - records) / PLAIN_POINT_BYTES);
}
