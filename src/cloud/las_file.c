/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LAS 1.4, point format 7 (ASPRS, LAS Specification 1.4 - R15): coordinates are whole
 * steps of `scale`, colours 16 bit, and what the format has no place for are extra bytes
 * described by a record of user "LASF_Spec". Unit and axes stand in a coordinate system
 * of user "LASF_Projection". Counts and bounds are known at the end.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "cloud/cloud_formats.h"
#include "cloud/cloud_unit.h"
#include "cloud/little_endian.h"

enum {
    HEADER_BYTES = 375,
    RECORD_HEADER_BYTES = 54,
    EXTRA_BYTES = 192, /* of one description */
    SYSTEM_BYTES = 512,
    POINT_BYTES = 36,
    POINT_FORMAT = 7,
    GLOBAL_WKT = 16,
    USER_BYTES = 16,
    LABEL_BYTES = 32,
    COORDINATE_RECORD = 2112,
    EXTRA_RECORD = 4,
    EXTRA_UINT8 = 1,
    EXTRA_FLOAT32 = 9,
    SYNTHETIC = 1, /* flag of a point that was not measured */
    FULL_COLOUR = 257,
};

/* Steps of a power of ten of the unit, as fine as the farthest point a rig can have
 * allows in 31 bits. */
static double scale_of(const struct cloud_input *input, double unit_mm)
{
    static const double STEPS = 2e9;
    static const double scales[] = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1};
    const struct rectified_rig *rig = &input->rig;
    double far_mm = input->max_depth_mm > 0 ? input->max_depth_mm
                                            : 2 * rig->focal_px * rig->baseline_mm;
    double aside = fmax(1.0, (fabs(rig->cx_px) + rig->width_px) / rig->focal_px +
                                 (fabs(rig->cy_px) + rig->height_px) / rig->focal_y_px);
    size_t i = 0;
    while (i + 1 < sizeof(scales) / sizeof(scales[0]) &&
           far_mm * aside / unit_mm / scales[i] > STEPS)
        i++;
    return scales[i];
}

static bool is_extra(const struct cloud_field *field)
{
    return field->pcd_name != NULL && strlen(field->name) > 1;
}

static int extra_count(const struct cloud_field *const *fields, int count)
{
    int extras = 0;
    for (int i = 0; i < count; i++)
        extras += is_extra(fields[i]);
    return extras;
}

static size_t las_record_bytes(const struct cloud_field *const *fields, int count)
{
    size_t bytes = POINT_BYTES;
    for (int i = 0; i < count; i++)
        bytes += is_extra(fields[i]) ? cloud_field_bytes(fields[i]) : 0;
    return bytes;
}

static void put_text(unsigned char *out, const char *text, size_t bytes)
{
    size_t length = strnlen(text, bytes);
    memcpy(out, text, length);
}

/* The header of a variable length record; returns where its content starts. */
static unsigned char *put_record(unsigned char *out, const char *user, int id,
                                 size_t bytes)
{
    put_text(out + 2, user, USER_BYTES);
    little_u16(out + 18, (uint16_t)id);
    little_u16(out + 20, (uint16_t)bytes);
    return out + RECORD_HEADER_BYTES;
}

/* Well-known text of a system that is tied to a camera, not to the earth. */
static unsigned char *put_system(unsigned char *out, const struct cloud_stream *stream)
{
    const char *unit = cloud_unit_name(stream->input);
    bool metres = strcmp(unit, "m") == 0;
    const char *size = metres ? "1" : strcmp(unit, "mm") == 0 ? "0.001" : "1";
    const char *name = metres ? "metre" : strcmp(unit, "mm") == 0 ? "millimetre" : unit;
    unsigned char *text =
        put_record(out, "LASF_Projection", COORDINATE_RECORD, SYSTEM_BYTES);
    (void)snprintf((char *)text, SYSTEM_BYTES,
                   "LOCAL_CS[\"%s\",LOCAL_DATUM[\"camera\",0],UNIT[\"%s\",%s],"
                   "AXIS[\"x\",OTHER],AXIS[\"y\",OTHER],AXIS[\"z\",OTHER]]",
                   cloud_axes_text(stream->input->settings->axes), name, size);
    return text + SYSTEM_BYTES;
}

static void put_extras(unsigned char *out, const struct cloud_stream *stream)
{
    size_t bytes = EXTRA_BYTES * (size_t)extra_count(stream->fields, stream->field_count);
    unsigned char *extra = put_record(out, "LASF_Spec", EXTRA_RECORD, bytes);
    for (int i = 0; i < stream->field_count; i++) {
        const struct cloud_field *field = stream->fields[i];
        if (!is_extra(field))
            continue;
        extra[2] = field->type == FIELD_FLOAT32 ? EXTRA_FLOAT32 : EXTRA_UINT8;
        put_text(extra + 4, field->name, LABEL_BYTES);
        put_text(extra + 160, field->length ? cloud_unit_name(stream->input) : "",
                 LABEL_BYTES);
        extra += EXTRA_BYTES;
    }
}

static void put_counts(unsigned char *header, const struct cloud_stream *stream)
{
    little_u64(header + 247, stream->points);
    little_u64(header + 255, stream->points); /* of first returns */
}

static void put_space(unsigned char *header, const struct cloud_stream *stream)
{
    double unit_mm =
        stream->input->settings->unit == PO_UNIT_M && stream->input->rig.unit == RIG_MM
            ? 1000.0
            : 1.0;
    double scale = scale_of(stream->input, unit_mm);
    const struct cloud_bounds *bounds = stream->bounds;
    for (int axis = 0; axis < 3; axis++) {
        double low = bounds->known ? bounds->min[axis] * scale : 0;
        double high = bounds->known ? bounds->max[axis] * scale : 0;
        little_f64(header + 131 + (ptrdiff_t)8 * axis, scale);
        little_f64(header + 179 + (ptrdiff_t)16 * axis, high);
        little_f64(header + 187 + (ptrdiff_t)16 * axis, low);
    }
}

static enum po_status write_header(const struct cloud_stream *stream,
                                   struct po_error *error)
{
    unsigned char bytes[HEADER_BYTES + 2 * RECORD_HEADER_BYTES + SYSTEM_BYTES +
                        FIELD_MAX * EXTRA_BYTES] = {0};
    int extras = extra_count(stream->fields, stream->field_count);
    size_t length = HEADER_BYTES + 2 * RECORD_HEADER_BYTES + SYSTEM_BYTES +
                    EXTRA_BYTES * (size_t)extras;
    put_text(bytes, "LASF", 4);
    little_u16(bytes + 6, GLOBAL_WKT);
    bytes[24] = 1;
    bytes[25] = 4;
    put_text(bytes + 26, "stereo", LABEL_BYTES);
    put_text(bytes + 58, "process_offline " PROCESS_OFFLINE_VERSION, LABEL_BYTES);
    little_u16(bytes + 94, HEADER_BYTES);
    little_u32(bytes + 96, (uint32_t)length);
    little_u32(bytes + 100, 2); /* records */
    bytes[104] = POINT_FORMAT;
    little_u16(bytes + 105,
               (uint16_t)las_record_bytes(stream->fields, stream->field_count));
    put_counts(bytes, stream);
    put_space(bytes, stream);
    put_extras(put_system(bytes + HEADER_BYTES, stream), stream);
    return atomic_file_write(stream->file, bytes, length, error);
}

/* The point's place in steps, from doubles: floats have too few digits for them. */
static void pack_place(const struct cloud_stream *stream, const struct point_row *row,
                       int point, double scale, unsigned char *out)
{
    const struct cloud_input *input = stream->input;
    const struct axes_turn turned =
        cloud_axes_turn_from(input->rig.turn, input->settings->axes);
    const struct axes_turn *turn = &turned;
    int x = row->columns[point];
    double camera[3];
    triangulation_point(&row->triangulation, x, row->y,
                        disparity_row(&input->map, row->y)[x], camera);
    for (int axis = 0; axis < 3; axis++) {
        double length = turn->sign[axis] * camera[turn->from[axis]];
        double steps = fmin(INT32_MAX, fmax(INT32_MIN, round(length / scale)));
        struct cloud_bounds *bounds = stream->bounds;
        little_u32(out + (ptrdiff_t)4 * axis, (uint32_t)(int32_t)steps);
        bool first = !bounds->known;
        if (first || steps < bounds->min[axis])
            bounds->min[axis] = steps;
        if (first || steps > bounds->max[axis])
            bounds->max[axis] = steps;
    }
    stream->bounds->known = true;
}

/* One return of one; the colour channel of 8 bit times 257; filled pixels are marked. */
static void pack_rest(const struct point_row *row, int point, unsigned char *out)
{
    const struct cloud_input *input = row->input;
    const struct image_view *colour = &input->colour;
    int x = row->columns[point];
    const uint8_t *pixel = image_row(colour, row->y) + (ptrdiff_t)x * colour->channels;
    bool measured = image_row(&input->classes, row->y)[x] == PIXEL_MEASURED;
    out[14] = 1 | 1 << 4;
    out[15] = measured ? 0 : SYNTHETIC;
    for (int c = 0; c < 3; c++)
        little_u16(out + 30 + (ptrdiff_t)2 * c,
                   (uint16_t)(pixel[colour->channels == 3 ? c : 0] * FULL_COLOUR));
}

static enum po_status write_row(const struct cloud_stream *stream,
                                const struct point_row *row, struct po_error *error)
{
    size_t stride = las_record_bytes(stream->fields, stream->field_count);
    double scale = scale_of(stream->input, row->triangulation.unit_mm);
    size_t bytes = (size_t)row->count * stride;
    memset(stream->records, 0, bytes);
    for (int i = 0; i < row->count; i++) {
        pack_place(stream, row, i, scale, stream->records + (size_t)i * stride);
        pack_rest(row, i, stream->records + (size_t)i * stride);
    }
    unsigned char *extra = stream->records + POINT_BYTES;
    for (int i = 0; i < stream->field_count; i++) {
        if (!is_extra(stream->fields[i]))
            continue;
        if (stream->fields[i]->pack != NULL)
            stream->fields[i]->pack(row, extra, stride);
        extra += cloud_field_bytes(stream->fields[i]);
    }
    return atomic_file_write(stream->file, stream->records, bytes, error);
}

const struct cloud_format las_format = {
    .file_name = "cloud.las",
    .bounds_in_header = true,
    .record_bytes = las_record_bytes,
    .write_header = write_header,
    .write_row = write_row,
};
