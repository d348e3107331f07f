/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame record: what frame.json says of a frame that was done, and what proves the folder
 * around it complete.
 *
 * Invariant: it holds no times, measured bytes, host, directory or worker count, so the
 * same inputs and settings give the same bytes. Numbers survive a write and a read
 * unchanged; NaN is written as null. Ownership: plain value, no pointers; large (about
 * 16 KB), so keep it in scratch or on the heap, not in arrays.
 */
#ifndef RECORD_FRAME_RECORD_H
#define RECORD_FRAME_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic_file.h"
#include "base/count_list.h"
#include "base/hash.h"
#include "base/warning_list.h"
#include "calib/rectified_rig.h"
#include "evaluate/frame_scores.h"
#include "evaluate/plane_quality.h"
#include "process_offline/status.h"
#include "record/frame_lack.h"

enum {
    RECORD_ID_BYTES = 160,
    RECORD_NAME_BYTES = 256,
    RECORD_LABEL_BYTES = 48,
    RECORD_INPUTS_MAX = 4,
    RECORD_ARTEFACTS_MAX = 12,
    FRAME_RECORD_MAX_FILE_BYTES = 1 << 20,
};

#define FRAME_RECORD_FILE "frame.json"

/* A file the frame was made from: its name without directory, and what was in it. */
struct record_input {
    char role[RECORD_LABEL_BYTES]; /* "left", "right" */
    char name[RECORD_NAME_BYTES];
    uint64_t size_bytes;
    char hash[HASH_TEXT_BYTES];
};

/* A file of the frame's folder, frame.json itself left out. */
struct record_artefact {
    char name[RECORD_NAME_BYTES];
    uint64_t size_bytes;
    char hash[HASH_TEXT_BYTES]; /* "": only the size is known */
};

struct record_count {
    char name[RECORD_LABEL_BYTES];
    uint64_t value;
};

/* In millimetres whatever the unit of the cloud file, in squares where the rig's unit is
 * that; NaN for an empty cloud. */
struct record_extent {
    double min_mm[3];
    double max_mm[3];
    double p1_mm[3]; /* of the points, 1 % and 99 % */
    double p99_mm[3];
    double centroid_mm[3];
    double median_depth_mm;
    double median_sigma_mm; /* one sigma of a point there */
};

/* The depth prior of a frame, and how it lay on what is measured. */
struct record_prior {
    bool present;
    char source[RECORD_LABEL_BYTES];    /* "map", "network" */
    char carried_from[RECORD_ID_BYTES]; /* the frame it was made for; "": this one */
    bool used;                          /* false: refused, and the warnings say why */
    int order;                          /* of the field it was aligned by, 0..3 */
    double inlier_share;                /* of measured pixels held out: within 1.5 px */
    double residual_px;                 /* mean of theirs, each at most 4 px */
    uint64_t filled;                    /* pixels, at the matching resolution */
};

struct frame_record {
    char id[RECORD_ID_BYTES];
    char version[RECORD_LABEL_BYTES]; /* of the program */
    char key[HASH_TEXT_BYTES]; /* inputs, calibration, effective settings, version */
    int input_count;
    struct record_input inputs[RECORD_INPUTS_MAX];
    bool has_rig;                          /* false: disparity only */
    char rectified_by[RECORD_LABEL_BYTES]; /* "calibration", "images", "nothing" */
    struct rectified_rig rig;              /* full size */
    char calibration_format[RECORD_LABEL_BYTES];
    int width_px, height_px;       /* of the rectified left image */
    int downscale;                 /* the matching ran at 1/downscale */
    int range_min_px, range_count; /* in pixels at full size */
    bool has_vertical_field; /* --rectify-refine moved the right image's rows by a + b x'
                           + c y' */
    double vertical_field_px[3];
    char profile[RECORD_LABEL_BYTES];
    char matcher[RECORD_LABEL_BYTES]; /* "sgm balanced", "opencv 3way" */
    uint32_t lacks;                   /* bits of enum frame_lack */
    uint64_t points;
    uint64_t triangles; /* 0: no mesh */
    char cloud_unit[RECORD_LABEL_BYTES];
    char cloud_axes[RECORD_LABEL_BYTES]; /* of clouds and meshes: "opencv", ... */
    double depth_unit_mm;                /* one step of depth.png; 0: none written */
    double scale16;    /* 16-bit grey less black, times this, is 8-bit; 0: 8-bit images */
    double black16[2]; /* of the left and the right camera */
    struct record_extent extent;
    struct frame_scores scores;
    struct record_prior prior;
    struct plane_quality plane;
    int count_count;
    struct record_count counts[COUNT_LIST_MAX];
    struct warning_list warnings;
    int artefact_count;
    struct record_artefact artefacts[RECORD_ARTEFACTS_MAX];
};

/* Everything zero, texts empty, extent NaN, version set. */
void frame_record_init(struct frame_record *record);
void record_extent_clear(struct record_extent *extent); /* NaN */
void frame_record_set_counts(struct frame_record *record,
                             const struct count_list *counts);
/* False when the list is full; `hash` NULL: unknown. */
bool frame_record_add_artefact(struct frame_record *record, const char *name,
                               uint64_t size_bytes, const char *hash);
bool frame_record_add_input(struct frame_record *record, const char *role,
                            const char *path, uint64_t size_bytes, const char *hash);
/* 0 when there is no such count. */
uint64_t frame_record_count(const struct frame_record *record, const char *name);

/* Writes frame.json into an open file, which stays the caller's; nothing is allocated. */
PO_MUST_CHECK enum po_status frame_record_write(const struct frame_record *record,
                                                struct atomic_file *file,
                                                struct po_error *error);
/* Bounded and checked: a broken or foreign file is PO_BAD_FORMAT naming it. */
PO_MUST_CHECK enum po_status
frame_record_read(const char *path, struct frame_record *record, struct po_error *error);
/*
 * Whether `folder` holds every artefact of the record with its size, and with `contents`
 * its hash too (reads everything: only in a child). PO_OK, or PO_BAD_FORMAT that names
 * what is missing or changed; PO_IO: it cannot be looked at.
 */
PO_MUST_CHECK enum po_status frame_record_verify(const struct frame_record *record,
                                                 const char *folder, bool contents,
                                                 struct po_error *error);

#endif
