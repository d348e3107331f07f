/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_fields.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "cloud/depth_sigma.h"

static const double CONFIDENCE_FULL = 255.0;

static inline void put_u32(unsigned char *out, uint32_t value)
{
    value = htole32(value);
    memcpy(out, &value, sizeof(value));
}

static inline void put_f32(unsigned char *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    put_u32(out, bits);
}

void store_u32(unsigned char *out, uint32_t value)
{
    put_u32(out, value);
}

void store_f32(unsigned char *out, float value)
{
    put_f32(out, value);
}

float load_f32(const unsigned char *in)
{
    uint32_t bits = (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
                    (uint32_t)in[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static inline void pack_triples(const float (*values)[3], int count, unsigned char *out,
                                size_t stride)
{
    for (int i = 0; i < count; i++, out += stride)
        for (int axis = 0; axis < 3; axis++)
            put_f32(out + sizeof(float) * (size_t)axis, values[i][axis]);
}

static void pack_xyz(const struct point_row *row, unsigned char *out, size_t stride)
{
    pack_triples((const float(*)[3])row->xyz, row->count, out, stride);
}

static void pack_normal(const struct point_row *row, unsigned char *out, size_t stride)
{
    pack_triples((const float(*)[3])row->normals, row->count, out, stride);
}

/* A constant number of channels leaves nothing to decide within the row. */
static inline void pack_pixels(const uint8_t *pixels, const int *columns, int count,
                               int channels, unsigned char *out, size_t stride)
{
    for (int i = 0; i < count; i++, out += stride) {
        const uint8_t *pixel = pixels + (ptrdiff_t)columns[i] * channels;
        out[0] = pixel[0];
        out[1] = pixel[channels == 3 ? 1 : 0];
        out[2] = pixel[channels == 3 ? 2 : 0];
    }
}

static void pack_colour(const struct point_row *row, unsigned char *out, size_t stride)
{
    const uint8_t *pixels = image_row(&row->input->colour, row->y);
    if (row->input->colour.channels == 3)
        pack_pixels(pixels, row->columns, row->count, 3, out, stride);
    else
        pack_pixels(pixels, row->columns, row->count, 1, out, stride);
}

static void pack_confidence(const struct point_row *row, unsigned char *out,
                            size_t stride)
{
    const struct image_view *confidence = &row->input->confidence;
    for (int i = 0; i < row->count; i++) {
        float value = NAN;
        if (confidence->pixels != NULL)
            value =
                (float)(image_row(confidence, row->y)[row->columns[i]] / CONFIDENCE_FULL);
        put_f32(out + (size_t)i * stride, value);
    }
}

/* sigma_Z = Z^2 / (f B) sigma_d: the derivative of Z = f B / (d + doffs). */
static void pack_sigma(const struct point_row *row, unsigned char *out, size_t stride)
{
    const struct image_view *sigma = &row->input->sigma;
    const uint8_t *classes = image_row(&row->input->classes, row->y);
    double per_depth2 = 1.0 / row->triangulation.focal_baseline;
    for (int i = 0; i < row->count; i++) {
        int column = row->columns[i];
        double z = row->depths[column];
        float value = NAN;
        if (sigma->pixels != NULL) {
            int code = image_row(sigma, row->y)[column];
            bool measured = classes[column] == PIXEL_MEASURED;
            value = (float)(z * z * per_depth2 * depth_sigma_px(code, measured));
        }
        put_f32(out + (size_t)i * stride, value);
    }
}

static void pack_class(const struct point_row *row, unsigned char *out, size_t stride)
{
    const uint8_t *classes = image_row(&row->input->classes, row->y);
    for (int i = 0; i < row->count; i++)
        out[(size_t)i * stride] = classes[row->columns[i]];
}

static void pack_disparity(const struct point_row *row, unsigned char *out, size_t stride)
{
    const int16_t *values = disparity_row(&row->input->map, row->y);
    for (int i = 0; i < row->count; i++)
        put_f32(out + (size_t)i * stride,
                (float)values[row->columns[i]] / (float)DISPARITY_SCALE);
}

static bool always(const struct po_cloud_settings *settings)
{
    (void)settings;
    return true;
}

static bool normals_wanted(const struct po_cloud_settings *settings)
{
    return settings->normals;
}

static bool confidence_wanted(const struct po_cloud_settings *settings)
{
    return (settings->fields & PO_FIELD_CONFIDENCE) != 0 ||
           settings->format == PO_CLOUD_LAS;
}

static bool sigma_wanted(const struct po_cloud_settings *settings)
{
    return (settings->fields & PO_FIELD_SIGMA) != 0;
}

static bool class_wanted(const struct po_cloud_settings *settings)
{
    return (settings->fields & PO_FIELD_CLASS) != 0;
}

static bool disparity_wanted(const struct po_cloud_settings *settings)
{
    return (settings->fields & PO_FIELD_DISPARITY) != 0;
}

static const struct cloud_field all_fields[] = {
    {"x", "x", FIELD_FLOAT32, 4, true, always, pack_xyz},
    {"y", "y", FIELD_FLOAT32, 4, true, always, NULL},
    {"z", "z", FIELD_FLOAT32, 4, true, always, NULL},
    {"red", NULL, FIELD_UINT8, 0, false, always, pack_colour},
    {"green", NULL, FIELD_UINT8, 0, false, always, NULL},
    {"blue", NULL, FIELD_UINT8, 0, false, always, NULL},
    {"nx", "normal_x", FIELD_FLOAT32, 5, false, normals_wanted, pack_normal},
    {"ny", "normal_y", FIELD_FLOAT32, 5, false, normals_wanted, NULL},
    {"nz", "normal_z", FIELD_FLOAT32, 5, false, normals_wanted, NULL},
    {"confidence", "confidence", FIELD_FLOAT32, 4, false, confidence_wanted,
     pack_confidence},
    {"sigma", "sigma", FIELD_FLOAT32, 4, true, sigma_wanted, pack_sigma},
    {"class", "class", FIELD_UINT8, 0, false, class_wanted, pack_class},
    {"disparity", "disparity", FIELD_FLOAT32, 4, false, disparity_wanted, pack_disparity},
};

enum { FIELD_COUNT = sizeof(all_fields) / sizeof(all_fields[0]) };

_Static_assert((int)FIELD_COUNT <= (int)FIELD_MAX, "lists of fields are too short");

int cloud_field_text_bytes(const struct cloud_field *field)
{
    enum {
        LENGTH = sizeof("-12345.6789"),
        BYTE = sizeof("255"),
        FRACTION = sizeof("-1.")
    };
    if (field->type == FIELD_UINT8)
        return BYTE;
    return field->length ? LENGTH : FRACTION + field->decimals;
}

int cloud_fields_list(const struct po_cloud_settings *settings,
                      const struct cloud_field *fields[FIELD_MAX])
{
    int count = 0;
    for (int i = 0; i < FIELD_COUNT; i++)
        if (all_fields[i].wanted(settings))
            fields[count++] = &all_fields[i];
    return count;
}

size_t cloud_field_bytes(const struct cloud_field *field)
{
    return field->type == FIELD_FLOAT32 ? sizeof(float) : 1;
}

size_t cloud_record_bytes(const struct cloud_field *const *fields, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += cloud_field_bytes(fields[i]);
    return bytes;
}

void cloud_records_pack(const struct cloud_field *const *fields, int count,
                        const struct point_row *row, unsigned char *records)
{
    size_t stride = cloud_record_bytes(fields, count);
    for (int i = 0; i < count; i++) {
        if (fields[i]->pack != NULL)
            fields[i]->pack(row, records, stride);
        records += cloud_field_bytes(fields[i]);
    }
}
