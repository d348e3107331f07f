/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdict: what a calibration is worth, and what to photograph to make it better.
 *
 * Ownership: plain values.
 */
#ifndef CALIBRATE_VERDICT_H
#define CALIBRATE_VERDICT_H

#include "calibrate/choose_model.h"

enum { COVERAGE_COLS = 8, COVERAGE_ROWS = 6, VERDICT_FINDINGS = 24, LEAST_VIEWS = 5 };

enum verdict_grade { VERDICT_GOOD, VERDICT_USABLE, VERDICT_REFUSED };

struct verdict_finding {
    enum verdict_grade grade;
    char text[400];
};

struct verdict {
    enum verdict_grade grade; /* the worst of the findings */
    int finding_count;
    struct verdict_finding findings[VERDICT_FINDINGS];
    /* What it rests on. */
    int views_both; /* used, seen by both cameras */
    int views_one;
    int views_dropped;
    double coverage[2]; /* share of the cells of an image with a corner in it */
    bool cells[2][COVERAGE_ROWS][COVERAGE_COLS];
    double tilt_degrees;      /* largest angle between two boards */
    double distance_ratio;    /* of the farthest board and the nearest */
    double nearest, farthest; /* in squares */
    /* Standard deviations; lengths as a share of the baseline. */
    double camera_sigma[2][BUNDLE_CAMERA];
    double focal_share;
    double baseline_share;
    double turn_sigma_degrees[3];
    double row_rms_px; /* on views held out */
    double row_q95_px;
};

void verdict_make(const struct view_set *views, const struct model_trial *trial,
                  struct verdict *verdict);

/* Before any fit: too few different views. PO_BAD_CALIBRATION says what to photograph. */
PO_MUST_CHECK enum po_status verdict_check_views(const struct view_set *views,
                                                 struct po_error *error);

const char *verdict_grade_name(enum verdict_grade grade);

#endif
