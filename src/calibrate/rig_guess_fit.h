/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of a rig guess that bring the rows of matches together, some of them or
 * all; robust against a third of wrong matches. What rows hardly tell stays near what
 * rigs usually are.
 */
#ifndef CALIBRATE_RIG_GUESS_FIT_H
#define CALIBRATE_RIG_GUESS_FIT_H

#include "calibrate/rig_guess.h"

/* Starts from `guess` and changes its first `unknowns` numbers. `independent`: matches of
 * a frame share what hides from a matcher, so all of them count as so many. Errors:
 * PO_BAD_CALIBRATION, the matches do not determine it. */
PO_MUST_CHECK enum po_status rig_guess_fit_make(const struct pixel_match *matches,
                                                int count, double independent,
                                                int unknowns, struct rig_guess *guess,
                                                struct po_error *error);

/* The middle of |rows|; sorts them. 0 for none. */
double median_row_px(double *rows_px, int count);

#endif
