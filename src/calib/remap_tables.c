/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/remap_tables.h"

#include <math.h>
#include <string.h>

#include "base/path.h"
#include "calib/number_stream.h"

enum { FRACTION_STEPS = 32, FRACTION_VALUES = FRACTION_STEPS * FRACTION_STEPS };

struct table_reader {
    const struct calibration_maps *maps;
    struct number_stream streams[2];
    int16_t *map_xy;
    uint16_t *map_fraction;
};

/* To 32nds of a pixel, as cv::convertMaps does; places that are none lie outside. */
static long to_steps(double place_px)
{
    static const double FAR_PX = 32000;
    if (!(fabs(place_px) < FAR_PX))
        return -(long)FAR_PX * FRACTION_STEPS;
    return lrint(place_px * FRACTION_STEPS);
}

static void put_place(struct table_reader *reader, size_t i, double x, double y)
{
    long u = to_steps(x);
    long v = to_steps(y);
    reader->map_xy[2 * i] = (int16_t)(u >> 5);
    reader->map_xy[2 * i + 1] = (int16_t)(v >> 5);
    reader->map_fraction[i] = (uint16_t)((v & (FRACTION_STEPS - 1)) * FRACTION_STEPS +
                                         (u & (FRACTION_STEPS - 1)));
}

/* Whole pixels and the index of their fraction. */
static enum po_status put_fixed(struct table_reader *reader, size_t i, double x, double y,
                                double fraction, struct po_error *error)
{
    if (!(fabs(x) < 32768) || !(fabs(y) < 32768) || !(fraction >= 0) ||
        fraction >= FRACTION_VALUES)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: a place (%g, %g) with fraction %g is none of OpenCV's fixed "
                       "point",
                       reader->streams[0].name, x, y, fraction);
    reader->map_xy[2 * i] = (int16_t)x;
    reader->map_xy[2 * i + 1] = (int16_t)y;
    reader->map_fraction[i] = (uint16_t)fraction;
    return PO_OK;
}

static enum po_status read_pixel(struct table_reader *reader, size_t i,
                                 struct po_error *error)
{
    double x = 0;
    double y = 0;
    double fraction = 0;
    bool both = reader->maps->channels == 2;
    bool fixed = reader->maps->is_fixed_point;
    enum po_status status = number_stream_next(&reader->streams[0], &x, error);
    if (status == PO_OK)
        status = number_stream_next(&reader->streams[both ? 0 : 1], &y, error);
    if (status == PO_OK && both && reader->maps->array_count == 2)
        status = number_stream_next(&reader->streams[1], &fraction, error);
    if (status != PO_OK)
        return status;
    if (fixed)
        return put_fixed(reader, i, x, y, fraction, error);
    put_place(reader, i, x, y);
    return PO_OK;
}

enum po_status remap_tables_read(const struct calibration *calibration, int side,
                                 int16_t *map_xy, uint16_t *map_fraction,
                                 struct po_error *error)
{
    char folder[CALIBRATION_PATH];
    struct table_reader reader = {
        .maps = &calibration->maps, .map_xy = map_xy, .map_fraction = map_fraction};
    size_t count = (size_t)reader.maps->width_px * (size_t)reader.maps->height_px;
    enum po_status status = PO_OK;
    if (!path_directory(folder, sizeof(folder), calibration->path))
        return po_fail(error, PO_NOT_FOUND, "%s: the path is too long",
                       calibration->path);
    for (int i = 0; i < reader.maps->array_count && status == PO_OK; i++)
        status = number_stream_open(&reader.streams[i], folder,
                                    &reader.maps->arrays[side][i], error);
    for (size_t i = 0; i < count && status == PO_OK; i++)
        status = read_pixel(&reader, i, error);
    for (int i = 0; i < reader.maps->array_count && status == PO_OK; i++)
        status = number_stream_finish(&reader.streams[i], error);
    for (int i = 0; i < 2; i++)
        number_stream_close(&reader.streams[i]);
    return status;
}
