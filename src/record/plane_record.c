/* SPDX-License-Identifier: Apache-2.0 */
#include "record/plane_record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/member_table.h"

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

static void read_region(struct json_scan *scan, struct pixel_region *region)
{
    double values[4];
    int sides[4];
    (void)numbers_read(scan, values, 4);
    for (int i = 0; i < 4; i++)
        sides[i] = small_number(values[i]); /* 0 for NaN */
    *region = (struct pixel_region){sides[0], sides[1], sides[2], sides[3]};
}

static bool read_measure(struct json_scan *scan, const char *key,
                         struct plane_quality *plane)
{
    char squares[KEY_BYTES];
    for (int i = 0; i < PLANE_MEASURES; i++)
        if (strcmp(key, measure_key(i, RIG_MM, squares)) == 0 ||
            strcmp(key, measure_key(i, RIG_SQUARES, squares)) == 0) {
            plane_measure_set(plane, i, json_scan_number(scan, NAN));
            return true;
        }
    return false;
}

void record_read_plane(struct json_scan *scan, struct plane_quality *plane)
{
    const char *key;
    *plane = (struct plane_quality){.present = json_scan_peek(scan) == '{'};
    if (!json_scan_object(scan))
        return;
    for (int i = 0; i < PLANE_MEASURES; i++)
        plane_measure_set(plane, i, NAN);
    while ((key = json_scan_member(scan)) != NULL) {
        if (strcmp(key, "region_px") == 0)
            read_region(scan, &plane->region);
        else if (strcmp(key, "pixels") == 0)
            plane->pixels = whole_number(json_scan_number(scan, 0));
        else if (strcmp(key, "measured") == 0)
            plane->measured = whole_number(json_scan_number(scan, 0));
        else if (!read_measure(scan, key, plane))
            json_scan_skip(scan);
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
