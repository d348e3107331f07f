/* SPDX-License-Identifier: Apache-2.0 */
/* frame.json, written and read. */
#include <string.h>

#include "record/frame_record.h"
#include "record/member_table.h"
#include "record/plane_record.h"
#include "record/record_json.h"

enum { FRAME_RECORD_SCHEMA = 1 };

static void write_inputs(struct json_writer *writer, const struct frame_record *record)
{
    json_writer_array(writer, "inputs");
    for (int i = 0; i < record->input_count; i++) {
        const struct record_input *input = &record->inputs[i];
        json_writer_object(writer, NULL);
        json_writer_text(writer, "role", input->role);
        json_writer_text(writer, "name", input->name);
        json_writer_integer(writer, "size_bytes", input->size_bytes);
        json_writer_text(writer, "hash", input->hash);
        json_writer_close(writer);
    }
    json_writer_close(writer);
}

static void write_artefacts(struct json_writer *writer, const struct frame_record *record)
{
    json_writer_array(writer, "artefacts");
    for (int i = 0; i < record->artefact_count; i++) {
        const struct record_artefact *artefact = &record->artefacts[i];
        json_writer_object(writer, NULL);
        json_writer_text(writer, "name", artefact->name);
        json_writer_integer(writer, "size_bytes", artefact->size_bytes);
        json_writer_text(writer, "hash", artefact->hash);
        json_writer_close(writer);
    }
    json_writer_close(writer);
}

static void write_how(struct json_writer *writer, const struct frame_record *record)
{
    json_writer_integer(writer, "width_px", (uint64_t)record->width_px);
    json_writer_integer(writer, "height_px", (uint64_t)record->height_px);
    json_writer_text(writer, "profile", record->profile);
    json_writer_text(writer, "matcher", record->matcher);
    record_write_search(writer, record);
}

static void write_what(struct json_writer *writer, const struct frame_record *record)
{
    record_write_lacks(writer, record->lacks);
    json_writer_integer(writer, "points", record->points);
    json_writer_integer(writer, "triangles", record->triangles);
    json_writer_text(writer, "cloud_unit", record->cloud_unit);
    json_writer_text(writer, "cloud_axes", record->cloud_axes);
    json_writer_number(writer, "depth_unit_mm", record->depth_unit_mm);
    json_writer_number(writer, "scale16", record->scale16);
    if (record->scale16 > 0)
        json_writer_numbers(writer, "black16", record->black16, 2);
    record_write_extent(writer, "extent", &record->extent, record->rig.unit);
    record_write_scores(writer, "scores", &record->scores);
    record_write_prior(writer, "prior", &record->prior);
    record_write_plane(writer, "quality_check", &record->plane, record->rig.unit);
    record_write_counts(writer, record);
    record_write_warnings(writer, &record->warnings);
}

enum po_status frame_record_write(const struct frame_record *record,
                                  struct atomic_file *file, struct po_error *error)
{
    struct json_writer writer;
    json_writer_begin(&writer, file, error);
    json_writer_integer(&writer, "schema", FRAME_RECORD_SCHEMA);
    json_writer_text(&writer, "id", record->id);
    json_writer_text(&writer, "version", record->version);
    json_writer_text(&writer, "key", record->key);
    write_inputs(&writer, record);
    if (record->has_rig)
        record_write_rig(&writer, "calibration", &record->rig,
                         record->calibration_format);
    else
        json_writer_null(&writer, "calibration");
    record_write_scale(&writer, record);
    write_how(&writer, record);
    write_what(&writer, record);
    write_artefacts(&writer, record);
    return json_writer_end(&writer);
}

/* A name that stays in its folder. */
static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

#define ARTEFACT(field) offsetof(struct record_artefact, field)
static const struct member artefact_members[] = {
    {"name", MEMBER_TEXT, true, ARTEFACT(name), RECORD_NAME_BYTES, NULL},
    {"size_bytes", MEMBER_COUNT, false, ARTEFACT(size_bytes), 0, NULL},
    {"hash", MEMBER_TEXT, true, ARTEFACT(hash), HASH_TEXT_BYTES, NULL},
};

static bool read_artefacts(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    record->artefact_count = 0;
    if (!json_scan_array(scan))
        return false;
    while (json_scan_element(scan)) {
        if (record->artefact_count == RECORD_ARTEFACTS_MAX)
            return false;
        struct record_artefact *artefact = &record->artefacts[record->artefact_count++];
        if (!members_read(scan, artefact_members, MEMBER_COUNT_OF(artefact_members),
                          artefact) ||
            !is_plain_name(artefact->name))
            return false;
    }
    return true;
}

#define INPUT(field) offsetof(struct record_input, field)
static const struct member input_members[] = {
    {"role", MEMBER_TEXT, true, INPUT(role), RECORD_LABEL_BYTES, NULL},
    {"name", MEMBER_TEXT, true, INPUT(name), RECORD_NAME_BYTES, NULL},
    {"size_bytes", MEMBER_COUNT, false, INPUT(size_bytes), 0, NULL},
    {"hash", MEMBER_TEXT, true, INPUT(hash), HASH_TEXT_BYTES, NULL},
};

static bool read_inputs(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    record->input_count = 0;
    if (!json_scan_array(scan))
        return false;
    while (json_scan_element(scan))
        if (record->input_count == RECORD_INPUTS_MAX ||
            !members_read(scan, input_members, MEMBER_COUNT_OF(input_members),
                          &record->inputs[record->input_count++]))
            return false;
    return true;
}

static bool read_unit(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    const char *unit = json_scan_text(scan, "");
    record->rig.unit = strcmp(unit, "squares") == 0 ? RIG_SQUARES : RIG_MM;
    return true;
}

#define RECORD(field) offsetof(struct frame_record, field)
static const struct member rig_members[] = {
    {"format", MEMBER_TEXT, false, RECORD(calibration_format), RECORD_LABEL_BYTES, NULL},
    {"unit", MEMBER_OTHER, false, 0, 0, read_unit},
    {"width_px", MEMBER_INT, false, RECORD(rig.width_px), 0, NULL},
    {"height_px", MEMBER_INT, false, RECORD(rig.height_px), 0, NULL},
    {"focal_px", MEMBER_NUMBER, false, RECORD(rig.focal_px), 0, NULL},
    {"focal_y_px", MEMBER_NUMBER, false, RECORD(rig.focal_y_px), 0, NULL},
    {"cx_px", MEMBER_NUMBER, false, RECORD(rig.cx_px), 0, NULL},
    {"cy_px", MEMBER_NUMBER, false, RECORD(rig.cy_px), 0, NULL},
    {"doffs_px", MEMBER_NUMBER, false, RECORD(rig.doffs_px), 0, NULL},
    {"baseline_mm", MEMBER_NUMBER, false, RECORD(rig.baseline_mm), 0, NULL},
    {"baseline_squares", MEMBER_NUMBER, false, RECORD(rig.baseline_mm), 0, NULL},
};

/* null where there is none. */
static bool read_rig(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    record->has_rig = json_scan_peek(scan) == '{';
    if (record->has_rig)
        record->rig.unit = RIG_MM;
    (void)members_read(scan, rig_members, MEMBER_COUNT_OF(rig_members), record);
    return true;
}

static bool read_counts(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    const char *name;
    record->count_count = 0;
    if (!json_scan_object(scan))
        return true;
    while ((name = json_scan_member(scan)) != NULL) {
        struct record_count *count = &record->counts[record->count_count];
        size_t length = strlen(name);
        if (record->count_count == COUNT_LIST_MAX || length >= sizeof(count->name))
            return false;
        memcpy(count->name, name, length + 1);
        count->value = whole_number(json_scan_number(scan, 0));
        record->count_count++;
    }
    return true;
}

static bool read_warnings(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    if (json_scan_array(scan))
        while (json_scan_element(scan))
            warning_list_add(&record->warnings, "%s", json_scan_text(scan, ""));
    return true;
}

static bool read_lacks(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    if (json_scan_array(scan))
        while (json_scan_element(scan))
            record->lacks |= frame_lack_named(json_scan_text(scan, ""));
    return true;
}

static bool read_vertical_field(struct json_scan *scan, void *into)
{
    struct frame_record *record = into;
    record->has_vertical_field = numbers_read(scan, record->vertical_field_px, 3) == 3;
    return true;
}

static bool read_extent(struct json_scan *scan, void *into)
{
    record_read_extent(scan, &((struct frame_record *)into)->extent);
    return true;
}

static bool read_scores(struct json_scan *scan, void *into)
{
    record_read_scores(scan, &((struct frame_record *)into)->scores);
    return true;
}

static bool read_prior(struct json_scan *scan, void *into)
{
    record_read_prior(scan, &((struct frame_record *)into)->prior);
    return true;
}

static bool read_plane(struct json_scan *scan, void *into)
{
    record_read_plane(scan, &((struct frame_record *)into)->plane);
    return true;
}

static bool read_schema(struct json_scan *scan, void *into)
{
    (void)into;
    return json_scan_number(scan, 0) == FRAME_RECORD_SCHEMA;
}

static const struct member range_members[] = {
    {"min_px", MEMBER_INT, false, RECORD(range_min_px), 0, NULL},
    {"count", MEMBER_INT, false, RECORD(range_count), 0, NULL},
};

static bool read_range(struct json_scan *scan, void *into)
{
    (void)members_read(scan, range_members, MEMBER_COUNT_OF(range_members), into);
    return true;
}

/* In the order of the file. */
static const struct member record_members[] = {
    {"schema", MEMBER_OTHER, true, 0, 0, read_schema},
    {"id", MEMBER_TEXT, true, RECORD(id), RECORD_ID_BYTES, NULL},
    {"version", MEMBER_TEXT, true, RECORD(version), RECORD_LABEL_BYTES, NULL},
    {"key", MEMBER_TEXT, true, RECORD(key), HASH_TEXT_BYTES, NULL},
    {"inputs", MEMBER_OTHER, true, 0, 0, read_inputs},
    {"calibration", MEMBER_OTHER, false, 0, 0, read_rig},
    {"rectified_by", MEMBER_TEXT, false, RECORD(rectified_by), RECORD_LABEL_BYTES, NULL},
    {"width_px", MEMBER_INT, false, RECORD(width_px), 0, NULL},
    {"height_px", MEMBER_INT, false, RECORD(height_px), 0, NULL},
    {"profile", MEMBER_TEXT, true, RECORD(profile), RECORD_LABEL_BYTES, NULL},
    {"matcher", MEMBER_TEXT, true, RECORD(matcher), RECORD_LABEL_BYTES, NULL},
    {"downscale", MEMBER_INT, false, RECORD(downscale), 0, NULL},
    {"range", MEMBER_OTHER, false, 0, 0, read_range},
    {"row_field_px", MEMBER_OTHER, false, 0, 0, read_vertical_field},
    {"lacks", MEMBER_OTHER, false, 0, 0, read_lacks},
    {"points", MEMBER_COUNT, false, RECORD(points), 0, NULL},
    {"triangles", MEMBER_COUNT, false, RECORD(triangles), 0, NULL},
    {"cloud_unit", MEMBER_TEXT, true, RECORD(cloud_unit), RECORD_LABEL_BYTES, NULL},
    {"cloud_axes", MEMBER_TEXT, true, RECORD(cloud_axes), RECORD_LABEL_BYTES, NULL},
    {"depth_unit_mm", MEMBER_NUMBER, false, RECORD(depth_unit_mm), 0, NULL},
    {"scale16", MEMBER_NUMBER, false, RECORD(scale16), 0, NULL},
    {"black16", MEMBER_NUMBERS, false, RECORD(black16), 2, NULL},
    {"extent", MEMBER_OTHER, false, 0, 0, read_extent},
    {"scores", MEMBER_OTHER, false, 0, 0, read_scores},
    {"prior", MEMBER_OTHER, false, 0, 0, read_prior},
    {"quality_check", MEMBER_OTHER, false, 0, 0, read_plane},
    {"counts", MEMBER_OTHER, false, 0, 0, read_counts},
    {"warnings", MEMBER_OTHER, false, 0, 0, read_warnings},
    {"artefacts", MEMBER_OTHER, true, 0, 0, read_artefacts},
};

enum po_status frame_record_read(const char *path, struct frame_record *record,
                                 struct po_error *error)
{
    struct json_scan scan;
    frame_record_init(record);
    enum po_status status =
        json_scan_open(&scan, path, FRAME_RECORD_MAX_FILE_BYTES, error);
    if (status != PO_OK)
        return status;
    bool fits =
        members_read(&scan, record_members, MEMBER_COUNT_OF(record_members), record);
    bool is_json = scan.status == PO_OK;
    status = json_scan_close(&scan, error);
    if (is_json && !fits)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: not a frame record of this version; it will be made again",
                       path);
    return status;
}
