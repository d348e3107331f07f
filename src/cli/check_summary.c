/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_summary.h"

#include <math.h>
#include <string.h>

#include "supervise/exit_status.h"

const char *check_severity_name(enum check_severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

static bool nothing_is_left(const struct session_run *run)
{
    return run->state.ended == run->state.frame_count;
}

static bool manifest_is_doubtful(const struct manifest *manifest)
{
    bool doubtful = manifest->warnings.length + manifest->unmatched_count > 0;
    for (int i = 0; i < manifest->calibration_count; i++) {
        const struct calibration *calibration = &manifest->calibrations[i];
        /* A file that leaves the unit open is asked about it; that is no fault. */
        int asked = strcmp(calibration->unit_origin, "guessed") == 0 ? 1 : 0;
        doubtful |= calibration->warnings.length > asked;
    }
    return doubtful;
}

const char *check_verdict(const struct session_run *run)
{
    static const char *const names[] = {"good", "usable, with warnings", "not usable"};
    enum check_severity worst = session_check_worst(&run->check);
    if (nothing_is_left(run))
        worst = CHECK_ERROR;
    else if (worst == CHECK_NOTE &&
             (run->state.ended > 0 || manifest_is_doubtful(run->manifest)))
        worst = CHECK_WARNING;
    return names[worst];
}

int check_exit_status(const struct session_run *run)
{
    return exit_status_foretold(&run->state, run->manifest, &run->effective.values);
}

/* Depths at the largest disparity searched, and at a half, a quarter ... of it. */
static void make_depth_rows(struct rig_summary *summary)
{
    const struct rectified_rig *rig = &summary->rig;
    double disparity_px = summary->range.min_px + summary->range.count - 1;
    for (; summary->row_count < CHECK_DEPTH_ROWS && disparity_px >= 1;
         disparity_px /= 2) {
        double depth = rectified_rig_depth(rig, disparity_px);
        if (!isfinite(depth))
            break;
        summary->rows[summary->row_count++] =
            (struct depth_row){depth, depth * depth / (rig->focal_px * rig->baseline_mm)};
    }
}

void rig_summary_make(const struct session_run *run, int calibration,
                      struct rig_summary *summary)
{
    struct rectification rectification;
    *summary = (struct rig_summary){.range = run->values.ranges[calibration + 1]};
    summary->frames =
        run->groups.first[calibration + 2] - run->groups.first[calibration + 1];
    const struct probed_session session = session_probed(run);
    summary->known = frame_planner_rig(&session, calibration, &rectification);
    if (!summary->known)
        return;
    summary->rig = rectification.rig;
    if (summary->rig.unit != RIG_NONE)
        make_depth_rows(summary);
}
