/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fit report: what a person reads of a calibration, as text for the terminal and as
 * calibration.html, one file that needs nothing beside it.
 *
 * Ownership: borrows everything.
 */
#ifndef CALIBRATE_FIT_REPORT_H
#define CALIBRATE_FIT_REPORT_H

#include <stdio.h>

#include "calibrate/preview.h"
#include "calibrate/rig_document.h"
#include "calibrate/verdict.h"
#include "session/manifest.h"

struct fit_report {
    const struct manifest *manifest;
    const struct view_set *views;
    const struct model_choice *choice;
    const struct verdict *verdict;
    const struct rig_to_write *rig;
    const struct preview *preview;
    bool size_was_found; /* of the board, from the pictures */
    const char *program_version;
};

/* The result in the terminal: figures, pairs that were left out, verdict. */
void fit_report_print(const struct fit_report *report, FILE *stream);
void fit_report_html(const struct fit_report *report, FILE *stream);

/* "mm" or "squares". */
const char *fit_report_unit(const struct fit_report *report);

#endif
