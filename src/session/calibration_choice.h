/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the files that may be a session's calibration is it: the nearest that fits the
 * size of the images.
 *
 * Whatever was looked at and cannot be used is named in the warnings. Two files that
 * promise the same by name, lie equally near, fit and disagree are both named, and none
 * is taken.
 */
#ifndef SESSION_CALIBRATION_CHOICE_H
#define SESSION_CALIBRATION_CHOICE_H

#include "session/calibration_candidates.h"

/* Up to here candidates are the session's own. */
enum { NEAR_DISTANCE = 2 };

struct wanted_calibration {
    const struct calibration_request *request;
    int image_px[2]; /* width and height; 0: unknown */
};

/*
 * *chosen is an index into the list, -1: none. An error (PO_BAD_CALIBRATION) when a
 * calibration of the session's own is known in all but its values, and nothing else can
 * take its place: swapped cameras, a missing matrix.
 */
PO_MUST_CHECK enum po_status calibration_choose(const struct candidate_list *list,
                                                const struct wanted_calibration *wanted,
                                                struct calibration *scratch, int *chosen,
                                                struct warning_list *warnings,
                                                struct po_error *error);

/* Whether a file that was not used for this reason is worth a word: it means to be a
 * calibration, or is one but for a fault in it. Other programs' files are not. */
bool calibration_is_meant(const struct calibration_candidate *candidate,
                          enum po_status status);

#endif
