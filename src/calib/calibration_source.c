/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/format.h"
#include "calib/text_tables.h"

enum po_status calibration_source_load(struct calibration_source *source,
                                       const char *path, struct po_error *error)
{
    int length = snprintf(source->path, sizeof(source->path), "%s", path);
    if (length < 0 || (size_t)length >= sizeof(source->path))
        return po_fail(error, PO_NOT_FOUND, "%.200s...: the path is too long", path);
    bool is_binary = false;
    enum po_status status = calibration_container_load(source, &is_binary, error);
    if (status != PO_OK)
        return status;
    if (!is_binary && text_may_hold_tables(path))
        return text_without_tables(path, &source->text, &source->bytes, error);
    if (!is_binary)
        return input_file_read_text(path, CALIBRATION_MAX_BYTES, &source->text,
                                    &source->bytes, error);
    source->text = strdup("");
    source->root = document_root(source->document);
    if (source->text == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    return document_check_keys(source->document, path, error);
}

enum po_status calibration_source_parse(struct calibration_source *source,
                                        struct po_error *error)
{
    if (source->document != NULL)
        return PO_OK;
    const char *start = source->text + strspn(source->text, " \t\r\n");
    enum po_status status;
    if (*start == '<')
        status = document_from_xml(source->path, start,
                                   source->bytes - (size_t)(start - source->text),
                                   &source->document, error);
    else if (*start == '{' || *start == '[')
        status = document_from_json(source->path, source->text, source->bytes,
                                    &source->document, error);
    else
        status = document_from_yaml(source->path, source->text, source->bytes,
                                    &source->document, error);
    source->root = document_root(source->document);
    if (status == PO_OK)
        status = document_check_keys(source->document, source->path, error);
    return status;
}

void calibration_source_release(struct calibration_source *source)
{
    free(source->text);
    document_destroy(source->document);
    memset(source, 0, sizeof(*source));
}

/* Only the name changes: a folder called left_right stays as it is. */
static bool partner_path(char out[CALIBRATION_PATH], const char *path, const char *from,
                         const char *to)
{
    const char *name = path_name(path);
    const char *found = strstr(name, from);
    if (found == NULL)
        return false;
    int length = snprintf(out, CALIBRATION_PATH, "%.*s%s%s", (int)(found - path), path,
                          to, found + strlen(from));
    return length > 0 && length < CALIBRATION_PATH;
}

enum po_status calibration_source_load_partner(struct calibration_source *partner,
                                               const char *path, const char *from,
                                               const char *to, struct po_error *error)
{
    char other[CALIBRATION_PATH];
    if (!partner_path(other, path, from, to))
        return po_fail(error, PO_NOT_FOUND, "%s: its name has no '%s' to pair it by",
                       path, from);
    enum po_status status = calibration_source_load(partner, other, error);
    if (status == PO_OK)
        status = calibration_source_parse(partner, error);
    return status;
}

enum po_status calibration_source_load_other_side(struct calibration_source *partner,
                                                  const char *path, int *side,
                                                  struct po_error *error)
{
    static const char *const sides[][2] = {
        {"left", "right"}, {"Left", "Right"}, {"LEFT", "RIGHT"}, {"_l.", "_r."},
        {"_L.", "_R."},    {"cam0", "cam1"},  {"_0.", "_1."},    {"camera0", "camera1"}};
    static const size_t COUNT = sizeof(sides) / sizeof(sides[0]);
    char other[CALIBRATION_PATH];
    *side = 0;
    for (size_t i = 0; i < 2 * COUNT; i++) {
        *side = (int)(i % 2);
        const char *const *names = sides[i / 2];
        if (partner_path(other, path, names[*side], names[1 - *side]))
            return calibration_source_load_partner(partner, path, names[*side],
                                                   names[1 - *side], error);
    }
    return po_fail(error, PO_NOT_FOUND,
                   "%s: its name has no 'left' or 'right' to find the other camera's by",
                   path);
}

static bool parse_cameras(const char *text, int chosen[2])
{
    char *end = NULL;
    long first = strtol(text, &end, 10);
    if (end == text || *end != ',')
        return false;
    const char *rest = end + 1;
    long second = strtol(rest, &end, 10);
    if (end == rest || *end != '\0' || first < 0 || second < 0 || first > 999 ||
        second > 999 || first == second)
        return false;
    chosen[0] = (int)first;
    chosen[1] = (int)second;
    return true;
}

enum po_status cameras_choose(const struct calibration_source *source, int count,
                              int chosen[2], struct po_error *error)
{
    const struct calibration_request *request = source->request;
    chosen[0] = 0;
    chosen[1] = 1;
    if (count < 2)
        return po_fail(error, PO_BAD_CALIBRATION, "%s: holds %d camera; stereo needs two",
                       source->path, count);
    if (request != NULL && request->cameras != NULL) {
        if (!parse_cameras(request->cameras, chosen) || chosen[0] >= count ||
            chosen[1] >= count)
            return po_fail(error, PO_BAD_ARGUMENT,
                           "--cameras %s: want two different numbers of 0..%d (%s)",
                           request->cameras, count - 1, source->path);
        return PO_OK;
    }
    if (request != NULL && request->camera_hint != NULL &&
        parse_cameras(request->camera_hint, chosen) && chosen[0] < count &&
        chosen[1] < count)
        return PO_OK;
    chosen[0] = 0;
    chosen[1] = 1;
    if (count > 2)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: holds %d cameras; say which two are left and right, such as "
                       "--cameras 0,1",
                       source->path, count);
    return PO_OK;
}
