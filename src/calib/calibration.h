/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calibration: one model for every file format, in millimetres and pixels.
 *
 * Either the images are already rectified (`rectified`, only `rig` counts) or the model
 * holds two cameras with distortion and the pose X_right = R X_left + T (OpenCV's
 * convention, T[0] below zero for a left-right rig). Whatever the file says twice (T, P2,
 * Q, baseline) has been compared; disagreements are in `warnings`. Ownership: plain
 * value, no pointers.
 */
#ifndef CALIB_CALIBRATION_H
#define CALIB_CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/warning_list.h"
#include "calib/rectified_rig.h"
#include "process_offline/settings.h"
#include "process_offline/status.h"

enum distortion_model { DISTORTION_NONE, DISTORTION_RADTAN, DISTORTION_FISHEYE };

enum {
    DISTORTION_MAX = 14,
    CALIBRATION_TEXT = 64,
    CALIBRATION_PATH = 4096,
    CALIBRATION_SIZES = 6
};

struct camera_model {
    double fx, fy, cx, cy, skew; /* pixels */
    enum distortion_model model;
    int coefficient_count; /* OpenCV's order: k1 k2 p1 p2 k3 ... (4, 5, 8, 12, 14) */
    double coefficients[DISTORTION_MAX];
};

/* The same cameras read out at another image size (ZED files hold several). */
struct calibration_size {
    int width_px;
    int height_px;
    struct camera_model cameras[2];
    double rotation[9];
};

/* What of the sensor an image shows: columns and rows cut off before it, then so many
 * pixels made one. `width_px` x `height_px` before binning; width 0: the whole sensor. */
struct calibration_window {
    int x_px;
    int y_px;
    int width_px;
    int height_px;
    int binning_x;
    int binning_y;
};

/* Where one remap table lies: a file of the calibration's folder, and in it a member of
 * an .npz, a run of text, or all of a .npy. */
struct remap_array {
    char file[256];
    char member[80];
    uint64_t text_offset;
    uint64_t text_bytes;
};

/* Tables that say where each rectified pixel lies in the raw image; the rig then stands
 * in `rig`, and the cameras are the rectified ones. See remap_tables.h. */
struct calibration_maps {
    bool present;
    int width_px; /* of the tables, so of the rectified images */
    int height_px;
    int channels;        /* of the first table: 2 holds x and y */
    bool is_fixed_point; /* whole pixels and fractions; else floats */
    int array_count;
    struct remap_array arrays[2][2]; /* [side] */
    struct hash content;
};

struct calibration {
    char format[CALIBRATION_TEXT]; /* a row's name in calibration_formats: "middlebury" */
    char path[CALIBRATION_PATH];
    bool rectified;
    int width_px; /* of the raw images; 0: the file does not say */
    int height_px;
    enum rig_unit unit;
    char unit_origin[CALIBRATION_TEXT]; /* "format", "guessed", "--calibration-unit" */
    char baseline_origin[CALIBRATION_TEXT]; /* "T", "P2", "baseline", "Q" */
    struct camera_model cameras[2];         /* left, right */
    double rotation[9];                     /* row-major */
    double translation_mm[3];
    bool has_file_rectification;   /* R1 R2 P1 P2 were given and agree */
    double file_rotation[2][9];    /* R1, R2 */
    double file_projection[2][12]; /* P1, P2; translation column in millimetres */
    int size_count;                /* calibration_fit_images chooses among these first */
    struct calibration_size sizes[CALIBRATION_SIZES];
    struct calibration_maps maps;
    enum rig_turn turn; /* how rectified images lie to the raw ones; raw cameras only */
    bool lens_in_doubt; /* four coefficients that may be of two models, which differ */
    double rectified_focal; /* over the raw focal length; 0: by the common view */
    struct calibration_window window; /* binning_x 0: the file states none */
    bool swapped;             /* left and right exchanged: what is named left is right */
    struct rectified_rig rig; /* when `rectified` */
    struct warning_list warnings;
};

struct calibration_request {
    enum po_calibration_unit unit;
    enum po_distortion distortion;
    double rectified_focal; /* over the raw one; 0: not asked for */
    double square_mm;
    bool swap;
    bool rectified;      /* the images are: P1 and P2 count, whatever else there is */
    const char *cameras; /* "0,1" or NULL */
    /* The pair that the layout stands for where the user named none: "2,3" for KITTI's
     * colour folders; a file that does not hold them ignores it. May be NULL. */
    const char *camera_hint;
};

/*
 * Checks the model against the size of the images: a pure scaling (binning) scales K and
 * says so in warnings; any other difference is PO_BAD_CALIBRATION naming both sizes.
 */
PO_MUST_CHECK enum po_status calibration_fit_images(struct calibration *calibration,
                                                    int width_px, int height_px,
                                                    struct po_error *error);

/* Reads the four coefficients of both cameras in the other of the two meanings; a
 * rectification of the file's own was made with the one it was read with. */
void calibration_change_lens(struct calibration *calibration);

/* Everything a result depends on, unit and scale included; not the path. */
struct hash calibration_hash(const struct calibration *calibration);

/* One sentence on how two calibrations differ, for files present but not used. */
void calibration_difference(const struct calibration *used,
                            const struct calibration *other, char *text, int text_bytes);

#endif
