/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Own files: the one table of the names this program gives to what it writes below an
 * output directory, and how each is told from another program's file of that name.
 *
 * Invariant: what is not in the table is somebody else's and stays; a new artefact is one
 * row. What is ours also shows in its content: our schema in frame.json, our name in the
 * reports, our lock in .state.
 */
#ifndef RECORD_OWN_FILES_H
#define RECORD_OWN_FILES_H

#include "base/own_directory.h"

/* The folders below the output directory, and the places in them. */
enum own_place {
    OWN_OUTPUT, /* <output> itself */
    OWN_STATE,  /* <output>/.state */
    OWN_FRAME,  /* <output>/frames/<id> */
};

/* Whether this program writes a file or folder of this name there. */
bool own_name(enum own_place place, const char *name);

/* The names of clouds and surfaces, which only a calibration gives; NULL behind the last.
 */
const char *own_cloud_name(int index);

/* For atomic_directory_*: a frame's folder. */
extern const struct directory_names own_frame_names;
/* What killed runs leave in <output>, in <output>/frames, in .state and in its folders.
 */
extern const struct leftover_names own_output_leftovers;
extern const struct leftover_names own_frames_leftovers;
extern const struct leftover_names own_state_leftovers;
extern const struct leftover_names own_kept_leftovers;

/*
 * Each is PO_OK when nothing is there or what is there is ours, so that it may be
 * replaced; else PO_BAD_ARGUMENT, which names what is not, or PO_IO.
 */
/* `note`: a file in .state that is only there when this program made the folder, for one
 * whose frame.json was damaged; NULL: none. */
PO_MUST_CHECK enum po_status own_frame_check(const char *folder, const char *note,
                                             struct po_error *error);
PO_MUST_CHECK enum po_status own_reports_check(const char *output_directory,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status own_state_check(const char *state_directory,
                                             struct po_error *error);

#endif
