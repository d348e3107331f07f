/* SPDX-License-Identifier: Apache-2.0 */
/*
 * camera_parameters/ of a well-known calibration program in Python: camera<N>_intrinsics
 * .dat with the lines "intrinsic:", three rows, "distortion:", one row; and
 * camera<N>_rot_trans.dat with "R:", three rows, "T:", three rows, from the world to the
 * camera. The unit is that of the board's squares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/format.h"
#include "calib/matrix3.h"

static const char *section(const char *text, const char *name)
{
    const char *found = strstr(text, name);
    if (found == NULL || (found != text && found[-1] != '\n'))
        return NULL;
    found += strlen(name);
    return found + strcspn(found, "\n") + (found[strcspn(found, "\n")] == '\n');
}

/* How many numbers stand in the lines after "name:" up to a line that is none, and the
 * first `max` of them; -1: no such line. */
static int section_numbers(const char *text, const char *name, double *numbers, int max)
{
    int count = 0;
    const char *line = section(text, name);
    if (line == NULL)
        return -1;
    while (*line != '\0' && count <= max) {
        int got = line_numbers(line, numbers + count, max - count);
        if (got < 0)
            break;
        count += got;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return count;
}

static bool recognise(const struct calibration_source *source)
{
    return (section(source->text, "intrinsic:") != NULL &&
            section(source->text, "distortion:") != NULL) ||
           (section(source->text, "R:") != NULL && section(source->text, "T:") != NULL &&
            strstr(path_name(source->path), "rot_trans") != NULL);
}

/* Loads camera<number>_<what>.dat beside `path`. */
static enum po_status load(struct calibration_source *other, const char *path, int number,
                           const char *what, struct po_error *error)
{
    char folder[CALIBRATION_PATH];
    char file[CALIBRATION_PATH];
    char name[64];
    (void)snprintf(name, sizeof(name), "camera%d_%s.dat", number, what);
    if (!path_directory(folder, sizeof(folder), path) ||
        !path_join(file, sizeof(file), folder, name))
        return po_fail(error, PO_NOT_FOUND, "%s: the path is too long", path);
    struct po_error cause = {0};
    enum po_status status = calibration_source_load(other, file, &cause);
    if (status == PO_OK)
        return PO_OK;
    return po_fail(error, input_status_is_passing(status) ? status : PO_BAD_CALIBRATION,
                   "%s: a part of the rig cannot be read: %s", path, cause.message);
}

static enum po_status read_intrinsics(const struct calibration_source *source, int number,
                                      struct parsed_camera *camera,
                                      struct po_error *error)
{
    struct calibration_source other = {0};
    enum po_status status = load(&other, source->path, number, "intrinsics", error);
    if (status == PO_OK) {
        int matrix = section_numbers(other.text, "intrinsic:", camera->matrix, 9);
        int count = section_numbers(other.text, "distortion:", camera->coefficients,
                                    DISTORTION_MAX);
        if (matrix != 9 || count < 1 || count > DISTORTION_MAX)
            status =
                po_fail(error, PO_BAD_CALIBRATION,
                        "%s: want nine numbers after 'intrinsic:' and a row of at most "
                        "%d after 'distortion:'",
                        other.path, DISTORTION_MAX);
        camera->has_matrix = matrix == 9;
        camera->model = DISTORTION_RADTAN;
        camera->coefficient_count = status == PO_OK ? count : 0;
    }
    calibration_source_release(&other);
    return status;
}

static enum po_status read_pose(const struct calibration_source *source, int number,
                                double rotation[9], double translation[3],
                                struct po_error *error)
{
    struct calibration_source other = {0};
    enum po_status status = load(&other, source->path, number, "rot_trans", error);
    if (status == PO_OK && (section_numbers(other.text, "R:", rotation, 9) != 9 ||
                            section_numbers(other.text, "T:", translation, 3) != 3))
        status =
            po_fail(error, PO_BAD_CALIBRATION,
                    "%s: want nine numbers after 'R:' and three after 'T:'", other.path);
    calibration_source_release(&other);
    return status;
}

/* X0 = R0 W + T0 and X1 = R1 W + T1: R = R1 R0', T = T1 - R T0. */
static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    int chosen[2] = {0, 1};
    double rotations[2][9] = {{0}, {0}};
    double places[2][3] = {{0}, {0}};
    enum po_status status = PO_OK;
    if (source->request != NULL && source->request->cameras != NULL)
        status = cameras_choose(source, 1000, chosen, error);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        status = read_intrinsics(source, chosen[side], &parsed->cameras[side], error);
        if (status == PO_OK)
            status =
                read_pose(source, chosen[side], rotations[side], places[side], error);
    }
    if (status != PO_OK)
        return status;
    double back[9];
    double moved[3];
    matrix3_transpose(back, rotations[0]);
    matrix3_multiply(parsed->rotation, rotations[1], back);
    matrix3_apply(moved, parsed->rotation, places[0]);
    for (int i = 0; i < 3; i++)
        parsed->translation[i] = places[1][i] - moved[i];
    parsed->has_rotation = parsed->has_translation = true;
    parsed->numbered = true;
    return PO_OK;
}

const struct calibration_format format_camera_parameters = {
    "camera-parameters", SYNTAX_LINES, recognise, read};
