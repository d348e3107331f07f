/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stereolabs ZED SN<serial>.conf: INI sections [LEFT_CAM_HD] [RIGHT_CAM_HD] a resolution
 * and [STEREO] with Baseline TY TZ and the rotation vector RX CV RZ a resolution.
 * Millimetres, some dumps metres; T = -(Baseline, TY, TZ) in OpenCV's sense.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "calib/format.h"
#include "calib/matrix3.h"

struct zed_mode {
    const char *name;
    int width_px;
    int height_px;
};

static const struct zed_mode modes[] = {
    {"HD", 1280, 720}, {"FHD", 1920, 1080},     {"2K", 2208, 1242},
    {"VGA", 672, 376}, {"FHD1200", 1920, 1200}, {"SVGA", 960, 600},
};

enum { MODE_COUNT = sizeof(modes) / sizeof(modes[0]) };

static const char *find_section(const char *text, const char *section)
{
    size_t length = strlen(section);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, " \t\n");
        if (*line == '[' && strncasecmp(line + 1, section, length) == 0 &&
            line[1 + length] == ']')
            return line + length + 2;
    }
    return NULL;
}

/* A number of one section; keys compare without case. */
static bool find_number(const char *text, const char *section, const char *key,
                        double *value)
{
    const char *line = find_section(text, section);
    size_t length = strlen(key);
    while (line != NULL && (line = strchr(line, '\n')) != NULL) {
        line += strspn(line, " \t\n");
        if (*line == '[')
            return false;
        if (strncasecmp(line, key, length) != 0)
            continue;
        const char *after = line + length + strspn(line + length, " \t");
        if (*after != '=')
            continue;
        char *end = NULL;
        *value = strtod(after + 1, &end);
        return end != after + 1;
    }
    return false;
}

static bool recognise(const struct calibration_source *source)
{
    return find_section(source->text, "STEREO") != NULL &&
           strcasestr(source->text, "[LEFT_CAM_") != NULL;
}

static enum po_status read_camera(const struct calibration_source *source,
                                  const char *section, struct camera_model *camera,
                                  struct po_error *error)
{
    const char *text = source->text;
    const struct {
        const char *key;
        double *value;
    } needed[] = {{"fx", &camera->fx},
                  {"fy", &camera->fy},
                  {"cx", &camera->cx},
                  {"cy", &camera->cy},
                  {"k1", &camera->coefficients[0]},
                  {"k2", &camera->coefficients[1]}};
    static const struct {
        const char *key;
        int place;
    } OPTIONAL[] = {{"p1", 2}, {"p2", 3}, {"k3", 4}, {"k4", 5}, {"k5", 6}, {"k6", 7}};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (!find_number(text, section, needed[i].key, needed[i].value))
            return po_fail(error, PO_BAD_CALIBRATION, "%s: no %s in section [%s]",
                           source->path, needed[i].key, section);
    camera->model = DISTORTION_RADTAN;
    camera->coefficient_count = 5;
    for (size_t i = 0; i < sizeof(OPTIONAL) / sizeof(OPTIONAL[0]); i++)
        if (find_number(text, section, OPTIONAL[i].key,
                        &camera->coefficients[OPTIONAL[i].place]) &&
            OPTIONAL[i].place > 4)
            camera->coefficient_count = 8;
    if (!(camera->fx > 0) || !(camera->fy > 0) || !isfinite(camera->fx) ||
        !isfinite(camera->fy) || !isfinite(camera->cx) || !isfinite(camera->cy) ||
        !all_finite(camera->coefficients, DISTORTION_MAX))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: [%s] holds NaN, infinity or a focal length of 0",
                       source->path, section);
    return PO_OK;
}

static enum po_status read_rotation(const struct calibration_source *source,
                                    const char *mode, double rotation[9],
                                    struct po_error *error)
{
    static const char *const axes[3] = {"RX", "CV", "RZ"};
    double vector[3] = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        char key[24];
        (void)snprintf(key, sizeof(key), "%s_%s", axes[i], mode);
        if (!find_number(source->text, "STEREO", key, &vector[i]))
            return po_fail(error, PO_BAD_CALIBRATION, "%s: no %s in section [STEREO]",
                           source->path, key);
    }
    if (!all_finite(vector, 3) || vector3_length(vector) > 3)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: RX, CV, RZ of %s are no rotation: %g %g %g", source->path,
                       mode, vector[0], vector[1], vector[2]);
    rotation_from_vector(rotation, vector);
    return PO_OK;
}

static enum po_status read_mode(const struct calibration_source *source,
                                const struct zed_mode *mode,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    char section[40];
    struct calibration_size *size = &parsed->sizes[parsed->size_count];
    (void)snprintf(section, sizeof(section), "LEFT_CAM_%s", mode->name);
    if (find_section(source->text, section) == NULL)
        return PO_OK;
    size->width_px = mode->width_px;
    size->height_px = mode->height_px;
    enum po_status status = read_camera(source, section, &size->cameras[0], error);
    (void)snprintf(section, sizeof(section), "RIGHT_CAM_%s", mode->name);
    if (status == PO_OK)
        status = read_camera(source, section, &size->cameras[1], error);
    if (status == PO_OK)
        status = read_rotation(source, mode->name, size->rotation, error);
    if (status == PO_OK)
        parsed->size_count++;
    return status;
}

static enum po_status read_translation(const struct calibration_source *source,
                                       struct parsed_calibration *parsed,
                                       struct po_error *error)
{
    static const char *const keys[3] = {"Baseline", "TY", "TZ"};
    for (int i = 0; i < 3; i++) {
        double value = 0;
        if (!find_number(source->text, "STEREO", keys[i], &value) && i == 0)
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s: no Baseline in section [STEREO]", source->path);
        parsed->translation[i] = -value;
    }
    parsed->has_translation = true;
    parsed->unit = fabs(parsed->translation[0]) < 1 ? PARSED_UNIT_M : PARSED_UNIT_MM;
    return PO_OK;
}

/* The first mode stands for all until the size of the images chooses one. */
static void use_first_size(struct parsed_calibration *parsed)
{
    const struct calibration_size *size = &parsed->sizes[0];
    parsed->width_px = size->width_px;
    parsed->height_px = size->height_px;
    memcpy(parsed->rotation, size->rotation, sizeof(parsed->rotation));
    parsed->has_rotation = true;
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &size->cameras[side];
        struct parsed_camera *made = &parsed->cameras[side];
        matrix_set(made, camera->fx, camera->fy, camera->cx, camera->cy);
        made->model = camera->model;
        made->coefficient_count = camera->coefficient_count;
        memcpy(made->coefficients, camera->coefficients, sizeof(made->coefficients));
    }
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    enum po_status status = read_translation(source, parsed, error);
    for (int i = 0; i < MODE_COUNT && status == PO_OK; i++)
        if (parsed->size_count < CALIBRATION_SIZES)
            status = read_mode(source, &modes[i], parsed, error);
    if (status != PO_OK)
        return status;
    if (parsed->size_count == 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: none of the sections LEFT_CAM_HD, LEFT_CAM_FHD, LEFT_CAM_2K, "
                       "LEFT_CAM_VGA, LEFT_CAM_FHD1200, LEFT_CAM_SVGA is there",
                       source->path);
    use_first_size(parsed);
    return PO_OK;
}

const struct calibration_format format_zed = {"zed", SYNTAX_LINES, recognise, read};
