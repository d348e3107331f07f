/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --check says, whichever way it is written: values out of a session that was
 * surveyed, for check_text.h and check_json.h.
 */
#ifndef CLI_CHECK_SUMMARY_H
#define CLI_CHECK_SUMMARY_H

#include "supervise/session_run.h"

enum { CHECK_DEPTH_ROWS = 5 };

/* What one pixel of disparity means at a depth. */
struct depth_row {
    double depth;
    double step; /* Z^2 / (f B): the depth between two neighbouring disparities */
};

struct rig_summary {
    bool known; /* false: no frame of the calibration could be read */
    struct rectified_rig rig;
    struct disparity_range range; /* searched */
    int frames;
    int row_count;
    struct depth_row rows[CHECK_DEPTH_ROWS]; /* from near to far */
};

void rig_summary_make(const struct session_run *run, int calibration,
                      struct rig_summary *summary);

const char *check_severity_name(enum check_severity severity);
/* "good", "usable, with warnings", "not usable". */
const char *check_verdict(const struct session_run *run);
/* As a run would end for the same reasons. */
int check_exit_status(const struct session_run *run);

#endif
