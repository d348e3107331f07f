/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of manifest_load: folders to pairs, pairs to frames, calibrations. */
#ifndef SESSION_MANIFEST_PARTS_H
#define SESSION_MANIFEST_PARTS_H

#include "session/layout.h"
#include "session/manifest.h"

/* A folder as deep as it was found, and what it holds. */
struct found_session {
    char base[SESSION_PATH_BYTES]; /* the folder whose layout was recognised */
    const struct layout *layout;
    struct pair_list pairs;
    bool without_calibrations;    /* pairs alone are wanted */
    const struct size_peek *peek; /* NULL: image_size_peek itself */
};

/* Recognises the input folder, or the only one below it that is a session. */
PO_MUST_CHECK enum po_status session_find(const struct po_input_settings *input,
                                          bool want_ground_truth,
                                          struct found_session *found,
                                          struct po_error *error);
/* --left and --right. */
PO_MUST_CHECK enum po_status session_find_pair(const struct po_input_settings *input,
                                               bool want_ground_truth,
                                               struct found_session *found,
                                               struct po_error *error);

/* An id of [A-Za-z0-9._-] and %XX for a key; the six-digit index for an empty one. */
void frame_id_make(const char *key, int index, char id[FRAME_ID_BYTES]);

/* Ground truth beside a pair's left image or in `base`, there or in a folder gt/: named
 * after the image or the frame with _gt or _GT behind it, or, for an only pair,
 * disp0GT.pfm and disp0.pfm. */
PO_MUST_CHECK enum po_status ground_truth_beside(const char *base, bool is_only,
                                                 struct pair *pair,
                                                 struct warning_list *warnings,
                                                 struct po_error *error);

/* Ground truth of `directory` by a frame's key, for --ground-truth DIR. */
PO_MUST_CHECK enum po_status ground_truth_of_directory(const char *directory,
                                                       struct pair *pair,
                                                       struct po_error *error);

/*
 * Gives every frame its calibration and lists those not used. `calibrations` of the
 * pairs run beside the manifest's frames.
 */
PO_MUST_CHECK enum po_status manifest_calibrate(struct manifest *manifest,
                                                const struct po_input_settings *input,
                                                const struct found_session *found,
                                                const int *pair_of_frame,
                                                struct po_error *error);

#endif
