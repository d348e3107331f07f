/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/rig_document.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outside_text.h"
#include "calib/matrix3.h"
#include "calibrate/text_stream.h"

void rig_figure_add(struct rig_to_write *rig, const char *name, double value)
{
    if (rig->figure_count < RIG_FIGURES && isfinite(value))
        rig->figures[rig->figure_count++] = (struct rig_figure){name, value};
}

/* --- what the formats share --- */

static bool is_fisheye(const struct calibration *calibration)
{
    return calibration->cameras[0].model == DISTORTION_FISHEYE;
}

static void camera_matrix(const struct camera_model *camera, double k[9])
{
    const double values[9] = {
        camera->fx, camera->skew, camera->cx, 0, camera->fy, camera->cy, 0, 0, 1};
    memcpy(k, values, sizeof(values));
}

/* P of a side, its fourth column in units of `unit_mm` millimetres. */
static void projection(const struct rig_to_write *rig, int side, double unit_mm,
                       double p[12])
{
    const double *k = rig->rectification.projection[side];
    for (int row = 0; row < 3; row++) {
        for (int col = 0; col < 3; col++)
            p[4 * (ptrdiff_t)row + col] = k[3 * (ptrdiff_t)row + col];
        p[4 * (ptrdiff_t)row + 3] = 0;
    }
    if (side == 1)
        p[3] = -k[0] * rig->rectification.rig.baseline_mm / unit_mm;
}

/* Disparity to depth: 1 / Q[3][2] is the baseline (Bradski and Kaehler 2008, ch. 12). */
static void q_matrix(const struct rig_to_write *rig, double q[16])
{
    const struct rectified_rig *r = &rig->rectification.rig;
    const double values[16] = {1,
                               0,
                               0,
                               -r->cx_px,
                               0,
                               1,
                               0,
                               -r->cy_px,
                               0,
                               0,
                               0,
                               r->focal_px,
                               0,
                               0,
                               1 / r->baseline_mm,
                               r->doffs_px / r->baseline_mm};
    memcpy(q, values, sizeof(values));
}

static void write_list(FILE *file, const double *values, int count)
{
    text_part(file, "[ ");
    for (int i = 0; i < count; i++)
        text_part(file, "%s%.17g", i > 0 ? ", " : "", values[i] + 0.0);
    text_part(file, " ]");
}

/* Cameras above each other are rectified on their side here and upright by OpenCV, so
 * that neither may be written for the other. */
static bool is_turned(const struct rig_to_write *rig)
{
    return rig->rectification.rig.turn != RIG_UPRIGHT;
}

static const char *lens_name(const struct calibration *calibration)
{
    if (is_fisheye(calibration))
        return "equidistant";
    return calibration->cameras[0].coefficient_count > 5 ? "rational_polynomial"
                                                         : "plumb_bob";
}

/* --- OpenCV --- */

static void write_matrix(FILE *file, const char *name, int rows, int cols,
                         const double *values)
{
    text_line(file, "%s: !!opencv-matrix", name);
    text_line(file, "   rows: %d", rows);
    text_line(file, "   cols: %d", cols);
    text_line(file, "   dt: d");
    text_part(file, "   data: ");
    write_list(file, values, rows * cols);
    text_end(file);
}

static void write_opencv_cameras(FILE *file, const struct calibration *calibration)
{
    static const char *const matrices[] = {"M1", "M2"};
    static const char *const lenses[] = {"D1", "D2"};
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &calibration->cameras[side];
        double k[9];
        camera_matrix(camera, k);
        write_matrix(file, matrices[side], 3, 3, k);
        if (camera->coefficient_count > 0)
            write_matrix(file, lenses[side], 1, camera->coefficient_count,
                         camera->coefficients);
    }
}

static void write_opencv_rig(FILE *file, const struct rig_to_write *rig)
{
    static const char *const turns[] = {"R1", "R2"};
    static const char *const projections[] = {"P1", "P2"};
    double q[16];
    write_matrix(file, "R", 3, 3, rig->calibration.rotation);
    write_matrix(file, "T", 3, 1, rig->calibration.translation_mm);
    if (is_turned(rig))
        return;
    for (int side = 0; side < 2; side++)
        write_matrix(file, turns[side], 3, 3, rig->rectification.rotation[side]);
    for (int side = 0; side < 2; side++) {
        double p[12];
        projection(rig, side, 1, p);
        write_matrix(file, projections[side], 3, 4, p);
    }
    q_matrix(rig, q);
    write_matrix(file, "Q", 4, 4, q);
}

static void write_opencv(FILE *file, const struct rig_to_write *rig, int part)
{
    const struct calibration *calibration = &rig->calibration;
    (void)part;
    text_line(file, "%%YAML:1.0");
    text_line(file, "---");
    text_line(file, "# " RIG_DOCUMENT_MARK "; X_right = R X_left + T");
    text_line(file, "image_width: %d", calibration->width_px);
    text_line(file, "image_height: %d", calibration->height_px);
    text_line(file, "unit: %s", calibration->unit == RIG_SQUARES ? "squares" : "mm");
    if (rig->square_mm > 0)
        text_line(file, "square_size_mm: %.17g", rig->square_mm);
    text_line(file, "distortion_model: %s", lens_name(calibration));
    write_opencv_cameras(file, calibration);
    write_opencv_rig(file, rig);
    for (int i = 0; i < rig->figure_count; i++)
        text_line(file, "%s: %.6g", rig->figures[i].name, rig->figures[i].value);
}

/* --- Kalibr --- */

static void write_kalibr_pose(FILE *file, const struct calibration *calibration)
{
    const double *r = calibration->rotation;
    text_line(file, "  T_cn_cnm1:");
    for (int row = 0; row < 4; row++) {
        double line[4] = {0, 0, 0, 1};
        for (int col = 0; col < 3 && row < 3; col++)
            line[col] = r[3 * (ptrdiff_t)row + col];
        if (row < 3)
            line[3] = calibration->translation_mm[row] / 1000;
        text_part(file, "  - ");
        write_list(file, line, 4);
        text_end(file);
    }
}

static void write_kalibr(FILE *file, const struct rig_to_write *rig, int part)
{
    const struct calibration *calibration = &rig->calibration;
    (void)part;
    text_line(file, "# " RIG_DOCUMENT_MARK);
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &calibration->cameras[side];
        const double k[4] = {camera->fx, camera->fy, camera->cx, camera->cy};
        text_line(file, "cam%d:", side);
        text_line(file, "  camera_model: pinhole");
        text_part(file, "  intrinsics: ");
        write_list(file, k, 4);
        text_end(file);
        text_line(file, "  distortion_model: %s",
                  is_fisheye(calibration) ? "equidistant" : "radtan");
        text_part(file, "  distortion_coeffs: ");
        write_list(file, camera->coefficients, 4);
        text_end(file);
        text_line(file, "  resolution: [ %d, %d ]", calibration->width_px,
                  calibration->height_px);
        if (side == 1)
            write_kalibr_pose(file, calibration);
    }
}

/* --- ROS camera_info --- */

static void write_ros_matrix(FILE *file, const char *name, int rows, int cols,
                             const double *values)
{
    text_line(file, "%s:", name);
    text_line(file, "  rows: %d", rows);
    text_line(file, "  cols: %d", cols);
    text_part(file, "  data: ");
    write_list(file, values, rows * cols);
    text_end(file);
}

static void write_ros(FILE *file, const struct rig_to_write *rig, int part)
{
    const struct calibration *calibration = &rig->calibration;
    const struct camera_model *camera = &calibration->cameras[part];
    double k[9];
    double p[12];
    camera_matrix(camera, k);
    projection(rig, part, 1000, p);
    text_line(file, "# " RIG_DOCUMENT_MARK);
    text_line(file, "image_width: %d", calibration->width_px);
    text_line(file, "image_height: %d", calibration->height_px);
    text_line(file, "camera_name: %s", part == 0 ? "left" : "right");
    write_ros_matrix(file, "camera_matrix", 3, 3, k);
    text_line(file, "distortion_model: %s", lens_name(calibration));
    write_ros_matrix(file, "distortion_coefficients", 1, camera->coefficient_count,
                     camera->coefficients);
    write_ros_matrix(file, "rectification_matrix", 3, 3,
                     rig->rectification.rotation[part]);
    write_ros_matrix(file, "projection_matrix", 3, 4, p);
}

/* --- JSON --- */

static void write_json_matrix(FILE *file, const char *name, int rows, int cols,
                              const double *values)
{
    text_part(file, "  \"%s\": [", name);
    for (int row = 0; row < rows; row++) {
        text_part(file, "%s", row > 0 ? ", " : "");
        write_list(file, values + (ptrdiff_t)row * cols, cols);
    }
    text_line(file, "],");
}

static void write_json_cameras(FILE *file, const struct rig_to_write *rig)
{
    static const char *const names[2][4] = {{"K1", "D1", "R1", "P1"},
                                            {"K2", "D2", "R2", "P2"}};
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &rig->calibration.cameras[side];
        double k[9];
        double p[12];
        camera_matrix(camera, k);
        projection(rig, side, 1, p);
        write_json_matrix(file, names[side][0], 3, 3, k);
        write_json_matrix(file, names[side][1], 1, camera->coefficient_count,
                          camera->coefficients);
        if (is_turned(rig))
            continue;
        write_json_matrix(file, names[side][2], 3, 3, rig->rectification.rotation[side]);
        write_json_matrix(file, names[side][3], 3, 4, p);
    }
}

static void write_json(FILE *file, const struct rig_to_write *rig, int part)
{
    const struct calibration *calibration = &rig->calibration;
    double q[16];
    (void)part;
    q_matrix(rig, q);
    text_line(file, "{");
    text_line(file, "  \"comment\": \"" RIG_DOCUMENT_MARK "\",");
    text_line(file, "  \"unit\": \"%s\",",
              calibration->unit == RIG_SQUARES ? "squares" : "mm");
    text_line(file, "  \"distortion_model\": \"%s\",", lens_name(calibration));
    write_json_cameras(file, rig);
    write_json_matrix(file, "R", 3, 3, calibration->rotation);
    write_json_matrix(file, "T", 3, 1, calibration->translation_mm);
    if (!is_turned(rig))
        write_json_matrix(file, "Q", 4, 4, q);
    for (int i = 0; i < rig->figure_count; i++)
        text_line(file, "  \"%s\": %.6g,", rig->figures[i].name, rig->figures[i].value);
    if (calibration->unit != RIG_SQUARES)
        text_line(file, "  \"baseline_mm\": %.17g,",
                  vector3_length(calibration->translation_mm));
    text_line(file, "  \"image_size\": [%d, %d]", calibration->width_px,
              calibration->height_px);
    text_line(file, "}");
}

/* --- the table --- */

struct rig_writer {
    const char *name;
    int files;
    bool upright;          /* the format holds a rectification */
    bool metres;           /* the format fixes metres: squares cannot be written */
    int most_coefficients; /* of a lens that is no fisheye */
    void (*write)(FILE *file, const struct rig_to_write *rig, int part);
};

static const struct rig_writer writers[] = {
    [PO_CALIBRATION_OPENCV] = {"opencv", 1, false, false, DISTORTION_MAX, write_opencv},
    [PO_CALIBRATION_KALIBR] = {"kalibr", 1, false, true, 4, write_kalibr},
    [PO_CALIBRATION_ROS] = {"ros", 2, true, true, 8, write_ros},
    [PO_CALIBRATION_JSON] = {"json", 1, false, false, DISTORTION_MAX, write_json},
};

static enum po_status check_rig(const struct rig_writer *writer,
                                const struct rig_to_write *rig, struct po_error *error)
{
    const struct calibration *calibration = &rig->calibration;
    if (writer->upright && is_turned(rig))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--calibration-format %s: the cameras stand above each other, and "
                       "the rectification that belongs into this format is not made for "
                       "columns; write opencv, kalibr or json",
                       writer->name);
    if (writer->metres && calibration->unit == RIG_SQUARES)
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "--calibration-format %s is in metres, and the size of the squares "
            "is not known; give --square MM",
            writer->name);
    for (int side = 0; side < 2 && !is_fisheye(calibration); side++)
        for (int i = writer->most_coefficients; i < DISTORTION_MAX; i++)
            if (calibration->cameras[side].coefficients[i] != 0)
                return po_fail(error, PO_BAD_ARGUMENT,
                               "--calibration-format %s holds %d coefficients of "
                               "distortion, and this lens has %d; use opencv or ros",
                               writer->name, writer->most_coefficients,
                               calibration->cameras[side].coefficient_count);
    return PO_OK;
}

enum po_status rig_document_make(const struct rig_to_write *rig,
                                 enum po_calibration_format format,
                                 struct rig_document *document, struct po_error *error)
{
    static const char *const sides[RIG_FILES] = {"_left", "_right"};
    const struct rig_writer *writer = &writers[format];
    *document = (struct rig_document){0};
    enum po_status status = check_rig(writer, rig, error);
    for (int i = 0; i < writer->files && i < RIG_FILES && status == PO_OK; i++) {
        size_t bytes = 0;
        struct text_stream to;
        status = text_stream_open(&to, error);
        if (status != PO_OK)
            return status;
        writer->write(to.stream, rig, i);
        status = text_stream_close(&to, &document->texts[i], &bytes, error);
        document->suffixes[i] = writer->files > 1 ? sides[i] : "";
        document->file_count = i + 1;
    }
    return status;
}

void rig_document_release(struct rig_document *document)
{
    for (int i = 0; i < RIG_FILES; i++)
        free(document->texts[i]);
    *document = (struct rig_document){0};
}
