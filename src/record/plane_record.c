/* SPDX-License-Identifier: Apache-2.0 */
#include "record/plane_record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/record_json.h"

enum { KEY_BYTES = 48 };

/* "plane_rms_mm", or "plane_rms_squares" of a rig that knows no millimetres. */
static const char *measure_key(int index, enum rig_unit unit, char key[KEY_BYTES])
{
    const char *name = plane_measure(index)->name;
    size_t stem = strlen(name) - strlen("mm");
    if (unit != RIG_SQUARES || strcmp(name + stem, "mm") != 0)
        return name;
    (void)snprintf(key, KEY_BYTES, "%.*ssquares", (int)stem, name);
    return key;
}

static void write_measures(struct json_writer *writer, const struct plane_quality *plane,
                           enum rig_unit unit)
{
    char key[KEY_BYTES];
    for (int i = 0; i < PLANE_MEASURES; i++)
        json_writer_number(writer, measure_key(i, unit, key),
                           plane_measure_get(plane, i));
}

void record_write_plane(struct json_writer *writer, const char *key,
                        const struct plane_quality *plane, enum rig_unit unit)
{
    if (!plane->present)
        return;
    const double region[4] = {plane->region.x_px, plane->region.y_px,
                              plane->region.width_px, plane->region.height_px};
    json_writer_object(writer, key);
    json_writer_numbers(writer, "region_px", region, 4);
    json_writer_integer(writer, "pixels", plane->pixels);
    json_writer_integer(writer, "measured", plane->measured);
    write_measures(writer, plane, unit);
    json_writer_close(writer);
}

static void read_region(const struct json *array, struct pixel_region *region)
{
    int values[4] = {0};
    int i = 0;
    for (const struct json *node = json_first(array); node != NULL && i < 4;
         node = json_next(node))
        values[i++] = record_read_int(node);
    *region = (struct pixel_region){values[0], values[1], values[2], values[3]};
}

void record_read_plane(const struct json *node, struct plane_quality *plane)
{
    char key[KEY_BYTES];
    *plane = (struct plane_quality){0};
    if (node == NULL || json_type(node) != JSON_OBJECT)
        return;
    plane->present = true;
    read_region(json_get(node, "region_px"), &plane->region);
    plane->pixels = record_read_integer(json_get(node, "pixels"));
    plane->measured = record_read_integer(json_get(node, "measured"));
    for (int i = 0; i < PLANE_MEASURES; i++) {
        const struct json *value = json_get(node, measure_key(i, RIG_MM, key));
        if (value == NULL)
            value = json_get(node, measure_key(i, RIG_SQUARES, key));
        plane_measure_set(plane, i, json_number(value, NAN));
    }
}

/* Whether `value` is worse than `than` in this measure; the first one always is. */
static bool is_worse(int index, double value, double than)
{
    switch (plane_measure(index)->worse) {
    case -1:
        return value < than;
    case 2:
        return fabs(value) > fabs(than);
    default:
        return value > than;
    }
}

static void add_measure(struct plane_summary *summary, int index, double value)
{
    if (!isfinite(value))
        return;
    double sum = plane_measure_get(&summary->mean, index);
    if (summary->frames_measured[index]++ == 0 ||
        is_worse(index, value, plane_measure_get(&summary->worst, index)))
        plane_measure_set(&summary->worst, index, value);
    plane_measure_set(&summary->mean, index, sum + value);
}

void plane_summary_add(struct plane_summary *summary, const struct frame_record *record)
{
    const struct plane_quality *plane = &record->plane;
    if (!plane->present)
        return;
    if (isfinite(plane->subpixel_rms_px) &&
        (summary->worst_frame[0] == '\0' ||
         plane->subpixel_rms_px > summary->worst.subpixel_rms_px))
        (void)snprintf(summary->worst_frame, sizeof(summary->worst_frame), "%s",
                       record->id);
    for (int i = 0; i < PLANE_MEASURES; i++)
        add_measure(summary, i, plane_measure_get(plane, i));
    summary->unit = record->rig.unit;
    summary->frames++;
}

void plane_summary_finish(struct plane_summary *summary)
{
    for (int i = 0; i < PLANE_MEASURES; i++) {
        int frames = summary->frames_measured[i];
        double sum = plane_measure_get(&summary->mean, i);
        plane_measure_set(&summary->mean, i, frames > 0 ? sum / frames : NAN);
        if (frames == 0)
            plane_measure_set(&summary->worst, i, NAN);
    }
}

void record_write_plane_summary(struct json_writer *writer, const char *key,
                                const struct plane_summary *summary)
{
    char name[KEY_BYTES];
    if (summary->frames == 0)
        return;
    json_writer_object(writer, key);
    json_writer_integer(writer, "frames", (uint64_t)summary->frames);
    json_writer_text(writer, "worst_frame",
                     summary->worst_frame[0] != '\0' ? summary->worst_frame : NULL);
    json_writer_object(writer, "mean");
    write_measures(writer, &summary->mean, summary->unit);
    json_writer_close(writer);
    json_writer_object(writer, "worst");
    for (int i = 0; i < PLANE_MEASURES; i++)
        if (plane_measure(i)->worse != 0)
            json_writer_number(writer, measure_key(i, summary->unit, name),
                               plane_measure_get(&summary->worst, i));
    json_writer_close(writer);
    json_writer_close(writer);
}
