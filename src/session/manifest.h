/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifest: a session directory as a list of frame pairs, each with the index of its
 * calibration. Read-only after manifest_load; workers take paths from here.
 *
 * Invariant: frames are in natural order, ids are unique and made of [A-Za-z0-9._-] and
 * %XX, at most 150 bytes. No image is opened: only directory entries and small text files
 * are read. Ownership: manifest_destroy frees everything.
 */
#ifndef SESSION_MANIFEST_H
#define SESSION_MANIFEST_H

#include <stdbool.h>

#include "base/warning_list.h"
#include "calib/calibration.h"
#include "process_offline/settings.h"

enum { FRAME_ID_BYTES = 160, MANIFEST_MAX_FRAMES = 10000000 };

struct frame_entry {
    char id[FRAME_ID_BYTES];
    char *left_path;
    char *right_path; /* equal to left_path for side-by-side images */
    bool side_by_side;
    bool halves_swapped;    /* side_by_side: the right half is the left camera's */
    int calibration;        /* index, -1: none, disparity only */
    char *calibration_path; /* the frame's own file, whose values an earlier one may hold
                               too; NULL: that of the calibration */
    char *problem; /* why the frame cannot be processed (its own calibration is broken,
                      its folder cannot be listed): it fails with this text; NULL: nothing
                      known */
    enum po_status problem_cause;
    char *ground_truth_path;      /* NULL: none known */
    char *ground_truth_mask_path; /* 255: visible in both; NULL: none */
    double ground_truth_scale;    /* file value / scale = pixels */
    int prior_frame; /* whose depth prior it takes: its own index where none is carried */
    char *prior_path; /* what that is made from beside the left image: prior_source.h */
};

/* The files a frame is made from, in the order of their hashes in its key. */
enum { FRAME_INPUTS_MAX = 3 };
int frame_entry_inputs(const struct frame_entry *frame,
                       const char *paths[FRAME_INPUTS_MAX]);

/* A calibration that was found but not used. */
struct unused_calibration {
    char *path;
    char *difference; /* one sentence, or why it could not be read */
};

struct manifest {
    char *root;
    char layout[64];       /* row of the table of layouts: "left-right-folders" */
    bool sides_are_digits; /* only 0 and 1 in the names distinguish left from right */
    int frame_count;
    struct frame_entry *frames;
    int calibration_count;
    struct calibration *calibrations;
    int unused_count;
    struct unused_calibration *unused;
    int unmatched_count;
    char **unmatched;  /* paths of files without a partner */
    int skipped_count; /* frames left out by --frames or --single-frame */
    struct warning_list warnings;
};

void manifest_destroy(struct manifest *manifest); /* NULL allowed */

/* Leaves frames first, first + step, ... and counts the others as left out; `unit` frames
 * at a time, so that frames which share a depth prior stay together. */
void manifest_keep_every(struct manifest *manifest, int first, int step, int unit);

/* Whether the frame's disparities are lengths: it has a calibration, and that has a unit.
 */
static inline bool manifest_frame_has_unit(const struct manifest *manifest, int frame)
{
    int index = manifest->frames[frame].calibration;
    return index >= 0 && manifest->calibrations[index].unit != RIG_NONE;
}

/* The names of the layouts, NULL-terminated, for --layout and --help. */
const char *const *layout_names(void);

#endif
