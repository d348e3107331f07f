/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_choose.h"

#include <math.h>

#include "base/log.h"
#include "budget/frame_planner.h"
#include "survey/range_choice.h"

/* Above this many pixels OpenCV's matcher runs at half resolution, unless told. */
static const int64_t full_resolution_pixels = 2000000;

/* The largest 16-bit sample that was seen; where no image has 16 bits the scale is
 * unused, and full range. */
static int choose_white(const struct session_run *run)
{
    int most = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct frame_probe *probed = &run->probes.frames[i];
        if ((probed->known & PROBE_SAMPLE) != 0 && probed->left.bits > 8 &&
            probed->max_sample > most)
            most = probed->max_sample;
    }
    return most > 0 ? session_white_for(most) : 65535;
}

static int choose_downscale(const struct session_run *run)
{
    const struct po_match_settings *match = &run->effective.values.match;
    int64_t largest = 0;
    if (match->downscale != PO_AUTO)
        return match->downscale;
    if (match->matcher != PO_MATCHER_OPENCV)
        return 1;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        int width_px;
        int height_px;
        frame_planner_size(run, i, &width_px, &height_px);
        int64_t pixels = (int64_t)width_px * height_px;
        if (pixels > largest)
            largest = pixels;
    }
    if (largest <= full_resolution_pixels)
        return 1;
    return largest <= 4 * full_resolution_pixels ? 2 : 4;
}

/* Whether somebody said --num-disparities auto: then the format's ndisp does not count.
 */
static bool range_is_asked_of_images(const struct session_run *run)
{
    int index;
    return run->effective.values.match.num_disparities == PO_AUTO &&
           settings_find("num-disparities", &index) != NULL &&
           run->effective.origins[index] >= ORIGIN_FILE;
}

/* A range that an earlier run found in the images. */
static void report_kept_range(struct session_run *run, int slot,
                              const struct rectified_rig *rig)
{
    struct disparity_range chosen;
    const struct disparity_range *range = &run->values.ranges[slot];
    if (run->values.range_by_frame[slot] ||
        range_choose(&run->effective.values.match, rig, &chosen))
        return;
    int last = range->min_px + range->count - 1;
    log_info("disparities %d to %d, kept from an earlier run", range->min_px, last);
    run_journal_add(&run->journal,
                    "disparities %d to %d, kept from an earlier run; --force finds them "
                    "anew",
                    range->min_px, last);
}

static void choose_ranges(struct session_run *run)
{
    const struct po_match_settings *match = &run->effective.values.match;
    bool asks_images = range_is_asked_of_images(run);
    for (int slot = 0; slot < run->values.range_count; slot++) {
        struct rectification rectification;
        if (!run->effective.values.input.rectify_refine)
            run->values.rows_known[slot] = true;
        bool has_rig = slot > 0 && frame_planner_rig(run, slot - 1, &rectification);
        if (has_rig && asks_images)
            rectification.rig.disparity_count_hint = 0;
        const struct rectified_rig *rig = has_rig ? &rectification.rig : NULL;
        if (run->values.range_known[slot]) {
            report_kept_range(run, slot, rig);
            continue;
        }
        run->values.range_known[slot] =
            range_choose(match, rig, &run->values.ranges[slot]);
        run->values.range_by_frame[slot] =
            match->range_per_frame && !run->values.range_known[slot];
        run->values.range_known[slot] |= run->values.range_by_frame[slot];
    }
}

/* The farthest depth that one pixel of disparity still tells apart, over all rigs. */
static double far_depth_mm(const struct session_run *run)
{
    double far_mm = 0;
    for (int i = 0; i < run->manifest->calibration_count; i++) {
        struct rectification rectification;
        if (!frame_planner_rig(run, i, &rectification) ||
            rectification.rig.unit != RIG_MM)
            continue;
        double depth_mm = rectified_rig_depth(&rectification.rig, 1.0);
        if (isfinite(depth_mm) && depth_mm > far_mm)
            far_mm = depth_mm;
    }
    return far_mm;
}

void session_choose(struct session_run *run)
{
    struct session_values *values = &run->values;
    if (values->scale16.white == 0)
        values->scale16.white = choose_white(run);
    if (values->downscale == 0)
        values->downscale = choose_downscale(run);
    choose_ranges(run);
    if (values->depth_unit_mm <= 0)
        values->depth_unit_mm = session_depth_unit_for(
            run->effective.values.match.max_depth_mm, far_depth_mm(run));
    log_debug("session values: white %d, downscale %d, depth unit %g mm",
              values->scale16.white, values->downscale, values->depth_unit_mm);
}
