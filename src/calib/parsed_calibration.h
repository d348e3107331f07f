/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts: what a calibration file says, before anybody believed it.
 *
 * A format fills what its file holds, in the file's own unit and order; parsed_assemble
 * checks the whole and makes the one model of calibration.h from it. Ownership: plain
 * value, no pointers.
 */
#ifndef CALIB_PARSED_CALIBRATION_H
#define CALIB_PARSED_CALIBRATION_H

#include "calib/calibration.h"

enum parsed_unit {
    PARSED_UNIT_UNKNOWN,
    PARSED_UNIT_MM,
    PARSED_UNIT_M,
    PARSED_UNIT_SQUARES
};

struct parsed_camera {
    bool has_matrix;
    double matrix[9];
    enum distortion_model model;
    bool lens_stated; /* the file names the model; else four coefficients fit two */
    int coefficient_count;
    double coefficients[DISTORTION_MAX];
    bool has_rectification;
    double rectification[9]; /* OpenCV's R1, R2 */
    bool has_projection;
    double projection[12]; /* OpenCV's P1, P2 */
};

struct parsed_calibration {
    /* The images are rectified already and the two projections alone count. */
    bool rectified;
    /* Cameras go by number: neither name claims to be the left one. */
    bool numbered;
    bool has_rotation;
    bool has_translation;
    bool has_q;
    bool has_baseline;
    bool has_doffs;
    enum parsed_unit unit; /* of translation, projection and q */
    int width_px;          /* 0: not stated */
    int height_px;
    struct parsed_camera cameras[2];
    double rotation[9];
    double translation[3];
    double q[16];
    const char *baseline_origin; /* a literal; NULL: "P2" or "T" */
    double baseline_mm;          /* always millimetres */
    double doffs_px;
    double square_mm; /* side of the calibration target's squares; 0: not stated */
    int disparity_count;
    struct calibration_maps maps;
    struct calibration_window window; /* binning_x 0: not stated */
    int size_count;                   /* the same cameras at other image sizes */
    struct calibration_size sizes[CALIBRATION_SIZES];
    struct warning_list warnings;
};

/* Checks the values and makes the model; `calibration` has its path and format set. */
PO_MUST_CHECK enum po_status parsed_assemble(struct parsed_calibration *parsed,
                                             const struct calibration_request *request,
                                             struct calibration *calibration,
                                             struct po_error *error);

/* The two halves of it: already rectified images, and raw cameras. */
PO_MUST_CHECK enum po_status
parsed_assemble_rectified(struct parsed_calibration *parsed,
                          const struct calibration_request *request,
                          struct calibration *calibration, struct po_error *error);
void parsed_assemble_raw(struct parsed_calibration *parsed,
                         const struct calibration_request *request,
                         struct calibration *calibration);

/* Cameras, matrices and rotations checked for what no arithmetic survives. */
PO_MUST_CHECK enum po_status parsed_check_values(struct parsed_calibration *parsed,
                                                 const char *path,
                                                 struct po_error *error);

/* What one unit of the file is in millimetres, and where that is known from. */
struct parsed_scale {
    double mm; /* 1 for squares of unknown size */
    enum rig_unit unit;
};
struct parsed_scale parsed_scale_find(const struct parsed_calibration *parsed,
                                      const struct calibration_request *request,
                                      double length, struct calibration *calibration);

/* --distortion, where there are coefficients. */
void parsed_apply_distortion(struct parsed_calibration *parsed,
                             const struct calibration_request *request);
/* Whether nobody says which of two lens models four coefficients are of, and it matters
 * to pixels of the assembled calibration. */
bool lens_is_in_doubt(const struct parsed_calibration *parsed,
                      const struct calibration *calibration);

/* Exchanges the cameras and inverts the pose. */
void parsed_swap(struct parsed_calibration *parsed);

/* Compares T, P2, Q and the baseline; warns with all values when they disagree. */
void parsed_compare_baselines(const struct parsed_calibration *parsed,
                              const struct parsed_scale *scale, double used_mm,
                              const char *used_name, struct calibration *calibration);

/* Whether R1 R2 P1 P2 rectify the pair that K, R and T describe; warns when not. */
bool parsed_rectification_agrees(const struct parsed_calibration *parsed,
                                 const double rotation[9], const double translation[3],
                                 struct warning_list *warnings);

#endif
