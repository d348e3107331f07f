/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Board search: looks for a calibration board in every pair of a session, in child
 * processes. A broken picture costs that picture; one that cannot be looked at for
 * another reason, or hangs or crashes its process, is an error (left_out.h).
 *
 * The table of sightings is shared memory: the child that looks at a pair fills its row.
 * Ownership: board_search_release.
 */
#ifndef CALIBRATE_BOARD_SEARCH_H
#define CALIBRATE_BOARD_SEARCH_H

#include "calibrate/board.h"
#include "process/run_control.h"
#include "process/run_state.h"
#include "session/manifest.h"

struct board_search {
    const struct po_run_settings *settings;
    const struct manifest *manifest;
    struct run_control *control;
    struct board board; /* cols 0: measured first, by the vote of the pictures */
    bool size_was_found;
    const struct camera_model *lenses[2]; /* NULL: not known; see board_search_again */
    struct run_state state;               /* how each pair ended: done, crashed, ... */
    struct board_sighting *sightings;     /* by pair */
    size_t bytes;
};

/* `search` zeroed but for the first four members. Errors: PO_BAD_SESSION when the size is
 * not given and the pictures do not show it; PO_CANCELLED when the run was stopped. */
PO_MUST_CHECK enum po_status board_search_run(struct board_search *search,
                                              struct po_error *error);
/* A second look at chessboards that were not found, by `lenses`; NULL for a side that is
 * left alone. Pairs looked at keep how they ended the first time. */
PO_MUST_CHECK enum po_status board_search_again(struct board_search *search,
                                                struct po_error *error);
/* Readable pictures in which no board was found. */
int board_search_missing(const struct board_search *search, int side);
void board_search_release(struct board_search *search);

/* The size that most pictures show, whatever was asked for: for a message when the board
 * asked for is nowhere. False when there is none. */
bool board_search_other_size(struct board_search *search, int *cols, int *rows);

#endif
