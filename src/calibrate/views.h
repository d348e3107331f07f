/* SPDX-License-Identifier: Apache-2.0 */
/*
 * View set: the sightings of a board that a calibration can use, one view a pair, and a
 * word on each pair that it cannot.
 *
 * Ownership: view_set_release frees all; a bundle made of it borrows.
 */
#ifndef CALIBRATE_VIEWS_H
#define CALIBRATE_VIEWS_H

#include "calibrate/board.h"
#include "calibrate/bundle.h"

enum pair_use {
    PAIR_USED,
    PAIR_ONE_CAMERA, /* the board is in one picture only: for that camera's lens */
    PAIR_NO_BOARD,
    PAIR_BROKEN,     /* a picture cannot be read, or its child hung or crashed */
    PAIR_OTHER_SIZE, /* pictures of another size than most */
    PAIR_REPEATED,   /* the same view as an earlier pair */
    PAIR_DROPPED,    /* does not fit the others */
    PAIR_SMEARED,    /* edges far wider than those of the other pictures */
};

struct pair_note {
    enum pair_use use;
    int view;       /* index, -1: none */
    int dropped[2]; /* corners left out */
    double rms_px[2];
    char text[SIGHTING_TEXT_BYTES];
};

struct view_set {
    struct board board;
    int width_px;
    int height_px;
    int corner_count;
    double *board_xy;
    int smeared;           /* pairs, left out or not */
    bool smeared_are_used; /* as too few would be left */
    double usual_blur_px;  /* of the sharper pictures */
    int pair_count;
    struct pair_note *notes; /* by pair */
    int view_count;
    struct bundle_view *views;
    int *pair_of_view;
    double *pixels;      /* of all views */
    unsigned char *kept; /* likewise */
};

/* From sightings whose corners have been ordered. Errors: PO_BAD_SESSION (left and right
 * differ in size), PO_OUT_OF_MEMORY. */
PO_MUST_CHECK enum po_status view_set_make(const struct board *board,
                                           const struct board_sighting *sightings,
                                           int pair_count, struct view_set *set,
                                           struct po_error *error);
void view_set_release(struct view_set *set); /* a zeroed set is fine */

/*
 * How far the shapes of the board differ over the views of a camera, the larger of both:
 * the largest share of a board's extent that is left between two views when one is moved,
 * turned and enlarged onto the other. Tilt alone leaves any: 0.1 for some 30 degrees.
 */
double view_set_spread(const struct view_set *set);

/* A bundle over copies of the views (kept, used, poses are its own; pixels are shared).
 */
PO_MUST_CHECK enum po_status view_set_bundle(const struct view_set *set,
                                             struct bundle *bundle,
                                             struct po_error *error);
PO_MUST_CHECK enum po_status bundle_copy(const struct bundle *from, struct bundle *to,
                                         struct po_error *error);
void bundle_release(struct bundle *bundle);

#endif
