/* SPDX-License-Identifier: Apache-2.0 */
/* frame.json, written and read. */
#include <string.h>

#include "record/frame_record.h"
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
                                  struct atomic_file *file, const char *path, bool sync,
                                  struct po_error *error)
{
    enum po_status status = atomic_file_open_plain(file, path, sync, error);
    if (status != PO_OK)
        return status;
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
    status = json_writer_end(&writer);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    return status;
}

/* A name that stays in its folder. */
static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

static bool read_artefact(const struct json *node, struct record_artefact *artefact)
{
    artefact->size_bytes = record_read_integer(json_get(node, "size_bytes"));
    return record_read_text(json_get(node, "name"), artefact->name,
                            sizeof(artefact->name)) &&
           record_read_text(json_get(node, "hash"), artefact->hash,
                            sizeof(artefact->hash)) &&
           is_plain_name(artefact->name);
}

static bool read_artefacts(const struct json *array, struct frame_record *record)
{
    if (array == NULL || json_type(array) != JSON_ARRAY ||
        json_length(array) > RECORD_ARTEFACTS_MAX)
        return false;
    const struct json *node = json_first(array);
    for (; node != NULL; node = json_next(node))
        if (!read_artefact(node, &record->artefacts[record->artefact_count++]))
            return false;
    return true;
}

static bool read_inputs(const struct json *array, struct frame_record *record)
{
    if (array == NULL || json_length(array) > RECORD_INPUTS_MAX)
        return false;
    const struct json *node = json_first(array);
    for (; node != NULL; node = json_next(node)) {
        struct record_input *input = &record->inputs[record->input_count++];
        input->size_bytes = record_read_integer(json_get(node, "size_bytes"));
        if (!record_read_text(json_get(node, "role"), input->role, sizeof(input->role)) ||
            !record_read_text(json_get(node, "name"), input->name, sizeof(input->name)) ||
            !record_read_text(json_get(node, "hash"), input->hash, sizeof(input->hash)))
            return false;
    }
    return true;
}

static void read_rig(const struct json *node, struct frame_record *record)
{
    struct rectified_rig *rig = &record->rig;
    char unit[16];
    record->has_rig = node != NULL && json_type(node) == JSON_OBJECT;
    if (!record->has_rig)
        return;
    bool squares = record_read_text(json_get(node, "unit"), unit, sizeof(unit)) &&
                   strcmp(unit, "squares") == 0;
    rig->unit = squares ? RIG_SQUARES : RIG_MM;
    rig->width_px = record_read_int(json_get(node, "width_px"));
    rig->height_px = record_read_int(json_get(node, "height_px"));
    rig->focal_px = json_number(json_get(node, "focal_px"), 0.0);
    rig->focal_y_px = json_number(json_get(node, "focal_y_px"), 0.0);
    rig->cx_px = json_number(json_get(node, "cx_px"), 0.0);
    rig->cy_px = json_number(json_get(node, "cy_px"), 0.0);
    rig->doffs_px = json_number(json_get(node, "doffs_px"), 0.0);
    rig->baseline_mm =
        json_number(json_get(node, squares ? "baseline_squares" : "baseline_mm"), 0.0);
    (void)record_read_text(json_get(node, "format"), record->calibration_format,
                           sizeof(record->calibration_format));
}

static bool read_counts(const struct json *object, struct frame_record *record)
{
    if (json_length(object) > COUNT_LIST_MAX)
        return false;
    const struct json *node = json_first(object);
    for (; node != NULL; node = json_next(node)) {
        struct record_count *count = &record->counts[record->count_count];
        const char *name = json_key(node);
        if (name == NULL || strlen(name) >= sizeof(count->name))
            return false;
        memcpy(count->name, name, strlen(name) + 1);
        count->value = record_read_integer(node);
        record->count_count++;
    }
    return true;
}

static void read_warnings(const struct json *array, struct frame_record *record)
{
    const struct json *node = json_first(array);
    for (; node != NULL; node = json_next(node))
        warning_list_add(&record->warnings, "%s", json_string(node, ""));
}

static void read_vertical_field(const struct json *array, struct frame_record *record)
{
    int i = 0;
    record->has_vertical_field = json_length(array) == 3;
    for (const struct json *node = json_first(array); node != NULL && i < 3;
         node = json_next(node))
        record->vertical_field_px[i++] = json_number(node, 0.0);
}

static void read_black(const struct json *array, struct frame_record *record)
{
    int i = 0;
    for (const struct json *node = json_first(array); node != NULL && i < 2;
         node = json_next(node))
        record->black16[i++] = json_number(node, 0.0);
}

static void read_how_and_what(const struct json *root, struct frame_record *record)
{
    const struct json *range = json_get(root, "range");
    record->width_px = record_read_int(json_get(root, "width_px"));
    record->height_px = record_read_int(json_get(root, "height_px"));
    record->downscale = record_read_int(json_get(root, "downscale"));
    record->range_min_px = record_read_int(json_get(range, "min_px"));
    record->range_count = record_read_int(json_get(range, "count"));
    read_vertical_field(json_get(root, "row_field_px"), record);
    record->points = record_read_integer(json_get(root, "points"));
    record->triangles = record_read_integer(json_get(root, "triangles"));
    record->depth_unit_mm = json_number(json_get(root, "depth_unit_mm"), 0.0);
    record->scale16 = json_number(json_get(root, "scale16"), 0.0);
    read_black(json_get(root, "black16"), record);
    record_read_extent(json_get(root, "extent"), &record->extent);
    record_read_scores(json_get(root, "scores"), &record->scores);
    record_read_prior(json_get(root, "prior"), &record->prior);
    record_read_plane(json_get(root, "quality_check"), &record->plane);
    read_rig(json_get(root, "calibration"), record);
    (void)record_read_text(json_get(root, "rectified_by"), record->rectified_by,
                           sizeof(record->rectified_by));
    read_warnings(json_get(root, "warnings"), record);
}

static bool read_record(const struct json *root, struct frame_record *record)
{
    read_how_and_what(root, record);
    return record_read_int(json_get(root, "schema")) == FRAME_RECORD_SCHEMA &&
           record_read_text(json_get(root, "id"), record->id, sizeof(record->id)) &&
           record_read_text(json_get(root, "version"), record->version,
                            sizeof(record->version)) &&
           record_read_text(json_get(root, "key"), record->key, sizeof(record->key)) &&
           record_read_text(json_get(root, "profile"), record->profile,
                            sizeof(record->profile)) &&
           record_read_text(json_get(root, "matcher"), record->matcher,
                            sizeof(record->matcher)) &&
           record_read_text(json_get(root, "cloud_unit"), record->cloud_unit,
                            sizeof(record->cloud_unit)) &&
           record_read_text(json_get(root, "cloud_axes"), record->cloud_axes,
                            sizeof(record->cloud_axes)) &&
           read_counts(json_get(root, "counts"), record) &&
           read_inputs(json_get(root, "inputs"), record) &&
           read_artefacts(json_get(root, "artefacts"), record);
}

enum po_status frame_record_read(const char *path, struct frame_record *record,
                                 struct po_error *error)
{
    struct json *root = NULL;
    frame_record_init(record);
    enum po_status status =
        json_read_file(path, FRAME_RECORD_MAX_FILE_BYTES, &root, error);
    if (status != PO_OK)
        return status;
    if (!read_record(root, record))
        status = po_fail(error, PO_BAD_FORMAT,
                         "%s: not a frame record of this version; it will be made again",
                         path);
    json_free(root);
    return status;
}
