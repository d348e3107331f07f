/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every setting of a run, as plain values. Each field says what it trades.
 *
 * Invariant: after po_settings_defaults() all fields are valid; strings are owned by the
 * caller and must outlive the run. Lengths are millimetres, disparities pixels of the
 * rectified left image at full size, times seconds, sizes bytes.
 */
#ifndef PROCESS_OFFLINE_SETTINGS_H
#define PROCESS_OFFLINE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "process_offline/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PO_AUTO = INT32_MIN }; /* an int setting the program chooses itself */

enum po_profile {
    PO_PROFILE_FAST,
    PO_PROFILE_BALANCED,
    PO_PROFILE_QUALITY,
    PO_PROFILE_CLASSIC
};
enum po_matcher {
    PO_MATCHER_SGM,
    PO_MATCHER_OPENCV,
    PO_MATCHER_NETWORK /* a stereo network; sgm where it fails on a frame */
};
enum po_network_device { PO_NETWORK_AUTO, PO_NETWORK_CPU, PO_NETWORK_CUDA };
enum po_opencv_mode { PO_OPENCV_SGBM, PO_OPENCV_3WAY, PO_OPENCV_HH, PO_OPENCV_HH4 };
enum po_sgm_level { PO_SGM_FAST, PO_SGM_BALANCED, PO_SGM_QUALITY };
enum po_cpu_level {
    PO_CPU_AUTO,
    PO_CPU_SCALAR,
    PO_CPU_SSE4,
    PO_CPU_AVX2,
    PO_CPU_AVX512,
    PO_CPU_NEON
};
enum po_refine { PO_REFINE_NONE, PO_REFINE_CLASSIC, PO_REFINE_FULL };
enum po_fill { PO_FILL_AUTO, PO_FILL_NONE, PO_FILL_BACKGROUND, PO_FILL_INPAINT };
enum po_cloud_format {
    PO_CLOUD_PLY,
    PO_CLOUD_PLY_ASCII,
    PO_CLOUD_PCD,
    PO_CLOUD_XYZ,
    PO_CLOUD_LAS, /* 1.4, point format 7 */
    PO_CLOUD_GLB  /* glTF 2.0, binary */
};
/* Of clouds and meshes: x right, y down, z forward; x right, y up, z backward; x forward,
 * y left, z up. */
enum po_axes { PO_AXES_OPENCV, PO_AXES_OPENGL, PO_AXES_ROS };
enum po_mesh_format { PO_MESH_PLY, PO_MESH_OBJ, PO_MESH_GLB };
enum po_length_unit { PO_UNIT_MM, PO_UNIT_M };
enum po_calibration_unit {
    PO_CALIB_UNIT_AUTO,
    PO_CALIB_UNIT_MM,
    PO_CALIB_UNIT_M,
    PO_CALIB_UNIT_SQUARE
};
/* What the four coefficients of a file mean that does not say it. */
enum po_distortion {
    PO_DISTORTION_AUTO,
    PO_DISTORTION_RADTAN,
    PO_DISTORTION_FISHEYE,
    PO_DISTORTION_RATIONAL /* radial-tangential with 8 coefficients */
};
enum po_memory_profile {
    PO_MEMORY_AUTO,
    PO_MEMORY_CONSERVATIVE,
    PO_MEMORY_MODERATE,
    PO_MEMORY_AGGRESSIVE
};
enum po_board_pattern {
    PO_BOARD_CHESSBOARD,
    PO_BOARD_CIRCLES,
    PO_BOARD_ASYMMETRIC_CIRCLES
};
enum po_calibration_format {
    PO_CALIBRATION_OPENCV,
    PO_CALIBRATION_KALIBR,
    PO_CALIBRATION_ROS,
    PO_CALIBRATION_JSON
};
enum po_progress { PO_PROGRESS_AUTO, PO_PROGRESS_ALWAYS, PO_PROGRESS_NEVER };
enum po_log_format { PO_LOG_TEXT, PO_LOG_JSONL };

/* Bits of po_output_settings.artefacts. */
enum po_artefact {
    PO_OUT_CLOUD = 1 << 0,      /* cloud.ply / .pcd / .xyz */
    PO_OUT_DISPARITY = 1 << 1,  /* disparity.pfm */
    PO_OUT_DEPTH = 1 << 2,      /* depth.png */
    PO_OUT_CONFIDENCE = 1 << 3, /* confidence.png */
    PO_OUT_CLASS = 1 << 4,      /* class.png */
    PO_OUT_PREVIEW = 1 << 5,    /* preview.png */
    PO_OUT_VIEW = 1 << 6,  /* view.html: pictures and thinned points, for the report */
    PO_OUT_PRIOR = 1 << 7, /* prior.pfm, and prior.png to look at */
    PO_OUT_ALL = (1 << 8) - 1,
};

/* Optional per-point fields of the cloud, bits of po_cloud_settings.fields. */
enum po_cloud_field {
    PO_FIELD_CONFIDENCE = 1 << 0, /* 0..1 */
    PO_FIELD_SIGMA = 1 << 1,      /* standard deviation of Z, in the cloud's unit */
    PO_FIELD_CLASS = 1 << 2,
    PO_FIELD_DISPARITY = 1 << 3,
};

struct po_input_settings {
    const char *input; /* session directory, or NULL */
    const char *left;  /* with right: one pair of files */
    const char *right;
    const char *calibration; /* file that wins over what the session holds, "none" to take
                                none at all, or NULL */
    enum po_calibration_unit calibration_unit;
    enum po_distortion distortion;
    double rectified_focal; /* rectified over raw focal length; 0: the program's choice */
    double square_mm;       /* with PO_CALIB_UNIT_SQUARE */
    const char *layout;     /* name of a layout, or NULL: recognise it */
    const char *left_glob;  /* for folders no layout knows */
    const char *right_glob;
    const char *cameras; /* "0,1": which two of more cameras, or NULL */
    const char *frames;  /* "0-9,15", or NULL: all */
    bool single_frame;
    bool strict;             /* unmatched files make the exit status 3 */
    double pair_tolerance_s; /* time stamps that differ by less form a pair */
    bool allow_misaligned;   /* go on when rows are off by more than 2 px */
    bool rectified;      /* images are rectified already, by the calibration's P1, P2 */
    bool rectify_refine; /* estimate and remove a smooth vertical disparity from the
                            images */
    bool rectify_uncalibrated; /* frames without a calibration by what they show */
    bool swap;                 /* exchange left and right */
    bool follow_outside;       /* allow paths in session files to leave the session */
};

/* For --calibrate and --recalibrate alone. */
struct po_calibrate_settings {
    enum po_board_pattern pattern;
    int board_cols; /* inner corners along a row, or circles; 0: from the pictures */
    int board_rows;
    double square_mm; /* side of a square, spacing of circles; 0: lengths in squares */
    enum po_calibration_format format;
};

struct po_match_settings {
    enum po_matcher matcher;
    enum po_sgm_level
        level; /* sgm: fast and balanced need one sweep, quality two passes */
    enum po_opencv_mode opencv_mode;
    int min_disparity_px; /* PO_AUTO */
    int num_disparities;  /* PO_AUTO; multiple of 16 */
    bool range_per_frame;
    double min_depth_mm;           /* 0: no limit */
    double max_depth_mm;           /* 0: no limit */
    int block_size_px;             /* opencv; odd, 1..11 */
    int p1;                        /* PO_AUTO: the matcher's own */
    int p2;                        /* PO_AUTO */
    int uniqueness_ratio_percent;  /* the second best costs so much more; 0: off */
    double left_right_max_diff_px; /* negative: off */
    int speckle_size_px;           /* 0: off; PO_AUTO: the matcher's own */
    double speckle_range_px;
    enum po_cpu_level cpu;
    int downscale; /* 1, 2, 4 or PO_AUTO */
};

struct po_refine_settings {
    enum po_refine refine;
    enum po_fill fill;
    int bilateral_diameter_px;    /* classic */
    double bilateral_sigma_color; /* classic; pixels of disparity */
    double bilateral_sigma_space_px;
    double inpaint_radius_px;
    bool vertical_correction; /* balanced, quality: remove a small vertical disparity */
};

/* Neural networks, evaluated by ONNX Runtime; none is part of this program. */
struct po_network_settings {
    const char *network;        /* .onnx of PO_MATCHER_NETWORK, or NULL */
    const char *network_config; /* JSON file or text; NULL: the .json beside the model */
    bool network_check;         /* run it on the mirrored pair, too, and compare */
    const char *prior;          /* .onnx or a folder of maps of inverse depth, or NULL */
    const char *prior_config;   /* as network_config, of the prior's network */
    int prior_every; /* a prior of its own for one frame in so many; the rest carry it */
    const char *onnxruntime; /* the library; NULL: where it usually lies */
    enum po_network_device device;
};

struct po_cloud_settings {
    enum po_cloud_format format;
    enum po_length_unit unit;
    enum po_axes axes;
    bool include_filled;
    unsigned fields; /* po_cloud_field bits */
    bool normals;
    double edge_jump_px;    /* drop points at disparity jumps above this; 0: off */
    int outlier_neighbours; /* statistical outlier removal; 0: off */
    double outlier_sigma;
    int min_component_points; /* 3D speckle; 0: off */
    double voxel_mm;          /* 0: off */
    int decimate;             /* keep one point in so many; 1: all */
    bool roi_given;
    double roi_mm[6];               /* x0 x1 y0 y1 z0 z1 */
    double min_confidence;          /* 0..1; 0: off */
    double edge_confidence;         /* the same of points beside a hole; 0: off */
    double max_depth_error_percent; /* one sigma of depth against depth; 0: off */
    bool surface_reconstruction;
    enum po_mesh_format mesh_format;
};

struct po_run_settings {
    int workers;                 /* PO_AUTO: as many as cores and memory allow */
    int batch_size;              /* frames a worker takes at once; PO_AUTO */
    bool parallel;               /* false: one frame a child at a time */
    bool in_process;             /* no supervisor: debugger and library */
    uint64_t memory_limit_bytes; /* 0: 75 % of what is there */
    double memory_limit_percent; /* of what is there; 0: use bytes */
    enum po_memory_profile memory_profile;
    double frame_timeout_s;
    double pool_timeout_s;    /* 0: none */
    double session_timeout_s; /* 0: none */
    int pool_restarts;
    int max_failures;            /* 0: no limit */
    double min_measured_percent; /* of the left image, or the frame fails; not asked with
                                    depth limits */
    double grace_s;
    bool force;
    bool verify;
    bool sandbox; /* children can touch only what they need; where the kernel has it */
    bool no_lock;
    int shard;       /* of a planned session, from 1; PO_AUTO: as the array job says */
    int shard_count; /* 0: the whole session */
    uint64_t cache_bytes; /* raw matches kept in .state/; 0: none */
};

struct po_output_settings {
    const char *output;        /* NULL: <session>/reconstruction */
    unsigned artefacts;        /* po_artefact bits */
    const char *ground_truth;  /* NULL, "auto" or a directory */
    double ground_truth_scale; /* of 8-bit maps; 0: by layout */
    double quality_percent;   /* a flat target in the middle, so much of width and height;
                                 0: by the region */
    int quality_region_px[4]; /* x y width height in the rectified left image; width 0:
                                 no flat target */
    double true_distance_mm;  /* of the target at the region's centre; 0: not known */
    const char *baseline;     /* an earlier report.json */
    const char *tolerance;    /* "bad2=0.2,time=1.3": see --help */
    const char *junit;
    enum po_progress progress;
    enum po_log_format log_format;
    bool quiet;
    int verbose;
};

struct po_settings {
    enum po_profile profile;
    struct po_input_settings input;
    struct po_calibrate_settings calibrate;
    struct po_match_settings match;
    struct po_refine_settings refine;
    struct po_network_settings network;
    struct po_cloud_settings cloud;
    struct po_run_settings run;
    struct po_output_settings output;
};

/* The defaults of profile `balanced`. */
PO_EXPORT void po_settings_defaults(struct po_settings *settings);

#ifdef __cplusplus
}
#endif
#endif
