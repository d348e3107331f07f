/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session values: what all frames of a session share and what is chosen once, before the
 * first frame: disparity ranges, vertical fields, lenses, the scale of 16-bit samples,
 * the unit of depth.png, the downscale, and the degradation level of the memory plan.
 *
 * They are kept in .state/session.json under a key of session, settings and version, so
 * that a later run on the same output goes on with the same values; ranges are kept by
 * the calibration they belong to. Ownership: session_values_release.
 */
#ifndef STORE_SESSION_VALUES_H
#define STORE_SESSION_VALUES_H

#include "base/hash.h"
#include "base/json_file.h"
#include "image/image_file.h"
#include "rectify/row_warp.h"
#include "session/manifest.h"
#include "settings/settings_table.h"
#include "stereo/disparity_map.h"

/* Which lens a calibration is read with whose file leaves it open. */
struct lens_kept {
    char name[HASH_TEXT_BYTES]; /* of the calibration as it was read; "": none is open */
    bool known;
    bool changed; /* another lens than it was read with */
    bool told;    /* the images did not make it plain: a warning said so */
};

struct session_values {
    bool loaded;     /* from an earlier run */
    int range_count; /* calibrations + 1: entry 0 is for frames without calibration */
    struct disparity_range *ranges;
    bool *range_known;
    bool *range_by_frame; /* --range-per-frame finds it: `ranges` is not used */
    struct vertical_field *vertical_fields; /* all zero: rows stay */
    bool *rows_known;                       /* always without --rectify-refine */
    struct lens_kept *lenses;               /* by calibration */
    struct image_scale16 scale16[2];        /* by side; white 0: not chosen yet */
    double depth_unit_mm;                   /* 0: not chosen yet */
    int downscale;                          /* before the ladder; 0: not chosen yet */
    int degradation;                        /* of the memory ladder */
    uint64_t frame_budget_bytes; /* what strips must fit into; 0: whole images */
};

PO_MUST_CHECK enum po_status session_values_init(struct session_values *values,
                                                 const struct manifest *manifest,
                                                 struct po_error *error);
void session_values_release(struct session_values *values);

/* Takes what an earlier run kept under the same key; no file, or one of another key or a
 * broken one, leaves the values unchosen. PO_IO: it is there and cannot be read, and new
 * values would not be those of the frames that are done. */
PO_MUST_CHECK enum po_status session_values_load(struct session_values *values,
                                                 const struct manifest *manifest,
                                                 const struct po_settings *settings,
                                                 const char *path,
                                                 struct po_error *error);
/* True when nothing is left to choose for frames of this calibration (-1: none). */
bool session_values_known(const struct session_values *values, int calibration);
PO_MUST_CHECK enum po_status session_values_store(const struct session_values *values,
                                                  const struct manifest *manifest,
                                                  const struct po_settings *settings,
                                                  const char *path,
                                                  struct po_error *error);

/* The same without key and file: as members of `root`. False when they are out of bounds;
 * `values` are then as they were. */
void session_values_to_json(const struct session_values *values,
                            const struct manifest *manifest, struct json *root);
PO_MUST_CHECK bool session_values_from_json(struct session_values *values,
                                            const struct manifest *manifest,
                                            const struct json *root);

/* 1, 2, 5 or 10 mm: the smallest whose 65535 steps reach the far end, which is the depth
 * limit or the depth at one pixel of disparity. */
double session_depth_unit_for(double max_depth_mm, double far_rig_mm);

#endif
