/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_choose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "survey/range_choice.h"

/* Above this many pixels OpenCV's matcher runs at half resolution, unless set. */
static const int64_t full_resolution_pixels = 2000000;

/* Which samples of 16 bits become black and white. */
static void tell_scales(struct session_run *run, const char *origin)
{
    const struct image_scale16 *scales = run->values.scale16;
    char text[WARNING_BYTES];
    (void)snprintf(text, sizeof(text),
                   "16-bit images: black %d and white %d on the left, %d and %d on the "
                   "right, %s",
                   scales[0].black, scales[0].white, scales[1].black, scales[1].white,
                   origin);
    if (scales[0].black > 0 || scales[1].black > 0)
        log_info("%s", text);
    run_journal_add(&run->journal, "%s", text);
}

/* They are kept for frames that come later; only images of 16 bits need them. */
static void tell_kept_scales(struct session_run *run)
{
    for (int i = 0; i < run->manifest->frame_count; i++)
        if ((run->probes.frames[i].known & PROBE_HEADERS) != 0 &&
            run->probes.frames[i].left.bits > 8) {
            tell_scales(run, "kept from an earlier run");
            return;
        }
}

/* From the 16-bit samples that were seen; where no image has 16 bits the scale is unused,
 * and full range. */
static enum po_status choose_scales(struct session_run *run, struct po_error *error)
{
    int frames = run->manifest->frame_count;
    struct sample_bounds *bounds = calloc(2 * (size_t)frames + 2, sizeof(*bounds));
    int count = 0;
    if (bounds == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for samples of %d frames",
                       frames);
    for (int i = 0; i < frames; i++) {
        const struct frame_probe *probed = &run->probes.frames[i];
        if ((probed->known & PROBE_SAMPLE) == 0 || probed->left.bits <= 8 ||
            probed->right.bits <= 8)
            continue;
        memcpy(&bounds[2 * (size_t)count++], probed->samples, sizeof(probed->samples));
    }
    image_scale16_choose(bounds, count, run->values.scale16);
    free(bounds);
    if (count > 0)
        tell_scales(run, "found on sampled frames");
    return PO_OK;
}

static int choose_downscale(const struct session_run *run)
{
    const struct po_match_settings *match = &run->effective.values.match;
    int64_t largest = 0;
    if (match->downscale != PO_AUTO)
        return match->downscale;
    if (match->matcher != PO_MATCHER_OPENCV)
        return 1;
    const struct probed_session session = session_probed(run);
    for (int i = 0; i < run->manifest->frame_count; i++) {
        int width_px;
        int height_px;
        frame_planner_size(&session, i, &width_px, &height_px);
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
                    "again",
                    range->min_px, last);
}

static void choose_ranges(struct session_run *run)
{
    const struct po_match_settings *match = &run->effective.values.match;
    const struct probed_session session = session_probed(run);
    bool asks_images = range_is_asked_of_images(run);
    for (int slot = 0; slot < run->values.range_count; slot++) {
        struct rectification rectification;
        if (!run->effective.values.input.rectify_refine)
            run->values.rows_known[slot] = true;
        bool has_rig = slot > 0 && frame_planner_rig(&session, slot - 1, &rectification);
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

/* The farthest depth that one pixel of disparity still resolves, over all rigs. */
static double far_depth_mm(const struct session_run *run)
{
    const struct probed_session session = session_probed(run);
    double far_mm = 0;
    for (int i = 0; i < run->manifest->calibration_count; i++) {
        struct rectification rectification;
        if (!frame_planner_rig(&session, i, &rectification) ||
            rectification.rig.unit != RIG_MM)
            continue;
        double depth_mm = rectified_rig_depth(&rectification.rig, 1.0);
        if (isfinite(depth_mm) && depth_mm > far_mm)
            far_mm = depth_mm;
    }
    return far_mm;
}

enum po_status session_choose(struct session_run *run, struct po_error *error)
{
    struct session_values *values = &run->values;
    enum po_status status = PO_OK;
    if (values->scale16[0].white == 0)
        status = choose_scales(run, error);
    else
        tell_kept_scales(run);
    if (status != PO_OK)
        return status;
    if (values->downscale == 0)
        values->downscale = choose_downscale(run);
    choose_ranges(run);
    if (values->depth_unit_mm <= 0)
        values->depth_unit_mm = session_depth_unit_for(
            run->effective.values.match.max_depth_mm, far_depth_mm(run));
    log_debug("session values: downscale %d, depth unit %g mm", values->downscale,
              values->depth_unit_mm);
    return PO_OK;
}
