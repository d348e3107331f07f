/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_rows.h"

#define TEXT(m) .kind = SETTING_TEXT, .field = SETTING_FIELD(const char *, m)
#define FLAG(m) .kind = SETTING_FLAG, .field = SETTING_FIELD(bool, m)
#define GROUP .group = "Input"

static const char *const distortions[] = {"auto", "radtan", "fisheye", "rational", NULL};

static const struct setting_row rows[] = {
    {.name = "input",
     TEXT(input.input),
     GROUP,
     .argument = "DIR",
     .help = "Session directory: the captures of both cameras and their calibration."},
    {.name = "left",
     TEXT(input.left),
     GROUP,
     .argument = "FILE",
     .help = "Left image of a single pair; needs --right."},
    {.name = "right",
     TEXT(input.right),
     GROUP,
     .argument = "FILE",
     .help = "Right image of a single pair; needs --left."},
    {.name = "calibration",
     TEXT(input.calibration),
     GROUP,
     .argument = "FILE",
     .help = "Calibration that wins over those found in the session and the folders "
             "above; none: take none at all, disparity only."},
    {.name = "calibration-unit",
     .kind = SETTING_CUSTOM,
     .effect = SETTING_MATCH,
     .custom = &setting_custom_calibration_unit,
     GROUP,
     .argument = "auto|mm|m|square:MM",
     .help = "Unit of the translation where the format does not fix it: millimetres, "
             "metres, or chessboard squares of MM millimetres."},
    {.name = "distortion",
     .kind = SETTING_CHOICE,
     .effect = SETTING_MATCH,
     .field = SETTING_CHOICE_FIELD(input.distortion),
     .choices = distortions,
     GROUP,
     .argument = "auto|radtan|fisheye|rational",
     .help =
         "Lens model of four coefficients: radial-tangential or fisheye; auto: as the "
         "file says, or the rows of the images. With --calibrate 5, 4 or 8 coefficients; "
         "auto: the simplest that predicts views held out."},
    {.name = "rectified-focal",
     .kind = SETTING_REAL,
     .effect = SETTING_MATCH,
     GROUP,
     .argument = "SCALE",
     .field = SETTING_FIELD(double, input.rectified_focal),
     .min = 0,
     .max = 4,
     .help = "Focal length of the rectified images over that of the raw ones. Larger "
             "measures the middle finer and loses the borders; 0: as the calibration "
             "holds it, else what shows the common view."},
    {.name = "layout",
     TEXT(input.layout),
     GROUP,
     .argument = "NAME",
     .help = "Layout of the session directory instead of recognising it; --list shows "
             "the one in use."},
    {.name = "left-glob",
     TEXT(input.left_glob),
     GROUP,
     .argument = "GLOB",
     .help = "File names of left images, such as 'cam_a_*.png', for folders no layout "
             "knows; needs --right-glob."},
    {.name = "right-glob",
     TEXT(input.right_glob),
     GROUP,
     .argument = "GLOB",
     .help = "File names of right images; needs --left-glob."},
    {.name = "cameras",
     TEXT(input.cameras),
     .effect = SETTING_MATCH,
     GROUP,
     .argument = "L,R",
     .help = "Which two cameras of a calibration with more than two, such as 0,1."},
    {.name = "frames",
     TEXT(input.frames),
     GROUP,
     .argument = "LIST",
     .help = "Frames to process, by position from 0: 0-9,15."},
    {.name = "single-frame",
     FLAG(input.single_frame),
     GROUP,
     .help = "Only the first pair: a quick look before the whole session."},
    {.name = "strict",
     FLAG(input.strict),
     GROUP,
     .help = "Files without a partner make the exit status 3."},
    {.name = "pair-tolerance",
     .kind = SETTING_REAL,
     GROUP,
     .argument = "S",
     .field = SETTING_FIELD(double, input.pair_tolerance_s),
     .min = 0,
     .max = 60,
     .help = "Time stamps that differ by at most S seconds form a pair. Larger pairs "
             "cameras that are triggered badly, and blurs motion into depth."},
    {.name = "swap",
     FLAG(input.swap),
     .effect = SETTING_MATCH,
     GROUP,
     .help = "Exchange left and right."},
    {.name = "rectified",
     FLAG(input.rectified),
     .effect = SETTING_MATCH,
     GROUP,
     .help = "The images are rectified already, though the calibration describes raw "
             "cameras: its P1 and P2 count, and nothing is remapped."},
    {.name = "rectify-refine",
     FLAG(input.rectify_refine),
     .effect = SETTING_MATCH,
     GROUP,
     .help = "Estimate a smooth vertical disparity from the images and remove it: "
             "rescues a rig "
             "whose calibration has drifted, costs a few percent of a frame."},
    {.name = "rectify-uncalibrated",
     FLAG(input.rectify_uncalibrated),
     .effect = SETTING_MATCH,
     GROUP,
     .help = "Rectify frames that have no calibration by points that both images show. "
             "Disparities have no scale then: no clouds, no depth. Refused where it "
             "cannot be sure."},
    {.name = "allow-misaligned",
     FLAG(input.allow_misaligned),
     GROUP,
     .help = "Go on where rows are off by more than 2 px; expect holes and noise."},
    {.name = "follow-outside",
     FLAG(input.follow_outside),
     GROUP,
     .help = "Allow paths in session files to leave the session directory."},
};

const struct setting_part settings_rows_input = {rows, sizeof(rows) / sizeof(*rows)};
