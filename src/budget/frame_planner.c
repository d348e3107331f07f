/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/frame_planner.h"

#include <stdlib.h>

#include "base/number.h"
#include "rectify/rectifier.h"

void frame_planner_init(struct frame_planner *planner,
                        const struct probed_session *session,
                        const struct frame_setup *setup)
{
    *planner = (struct frame_planner){.session = session, .setup = setup};
}

void frame_planner_size(const struct probed_session *session, int frame, int *width_px,
                        int *height_px)
{
    const struct frame_probe *probed = &session->probes[frame];
    bool halves = session->manifest->frames[frame].side_by_side;
    *width_px = 0;
    *height_px = 0;
    if ((probed->known & PROBE_HEADERS) == 0)
        return;
    *width_px = halves ? probed->left.width_px / 2 : probed->left.width_px;
    *height_px = probed->left.height_px;
}

static enum po_status rectify_size(const struct probed_session *session, int calibration,
                                   int width_px, int height_px,
                                   struct rectification *rectification,
                                   struct po_error *error)
{
    *rectification = (struct rectification){.identity = true};
    rectification->rig.width_px = width_px;
    rectification->rig.height_px = height_px;
    if (calibration < 0)
        return PO_OK;
    return rectification_memo_make(session->memo,
                                   &session->manifest->calibrations[calibration],
                                   width_px, height_px, rectification, error);
}

enum po_status frame_planner_plan(struct frame_planner *planner, int frame,
                                  struct frame_plan *plan, struct po_error *error)
{
    const struct probed_session *session = planner->session;
    const struct frame_probe *probed = &session->probes[frame];
    const struct frame_setup *setup = planner->setup;
    int calibration = session->manifest->frames[frame].calibration;
    int width_px;
    int height_px;
    frame_planner_size(session, frame, &width_px, &height_px);
    if (width_px <= 0)
        return po_fail(error, PO_BAD_IMAGE, "the frame's images were not looked at");
    if (!planner->remembers || planner->calibration != calibration ||
        planner->width_px != width_px || planner->height_px != height_px) {
        planner->remembers = false;
        enum po_status status = rectify_size(session, calibration, width_px, height_px,
                                             &planner->rectification, error);
        if (status != PO_OK)
            return status;
        frame_set_vertical_field(setup->context.vertical_fields, calibration,
                                 &planner->rectification);
        planner->remembers = true;
        planner->calibration = calibration;
        planner->width_px = width_px;
        planner->height_px = height_px;
    }
    const struct frame_plan_request request = {
        .settings = &setup->settings,
        .left = &probed->left,
        .right = &probed->right,
        .rectification = &planner->rectification,
        .range = frame_range(&setup->context, frame),
        .downscale = setup->context.downscale,
        .budget_bytes = setup->context.frame_budget_bytes,
        .network = setup->context.network,
        .prior = setup->context.prior,
    };
    return frame_plan_make(&request, plan, error);
}

/* The size of the first frame of the calibration that was looked at. */
static bool size_of_frames(const struct probed_session *session, int calibration,
                           int *width_px, int *height_px)
{
    *width_px = 0;
    for (int i = 0; i < session->manifest->frame_count && *width_px <= 0; i++)
        if (session->manifest->frames[i].calibration == calibration)
            frame_planner_size(session, i, width_px, height_px);
    return *width_px > 0;
}

enum po_status frame_planner_rectifiers(const struct probed_session *session,
                                        struct frame_rectifiers **rectifiers,
                                        struct po_error *error)
{
    const struct manifest *manifest = session->manifest;
    struct image_extent *sizes =
        calloc((size_t)manifest->calibration_count + 1, sizeof(*sizes));
    *rectifiers = NULL;
    if (sizes == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for rectifications");
    for (int i = 0; i < manifest->calibration_count; i++)
        (void)size_of_frames(session, i, &sizes[i].width_px, &sizes[i].height_px);
    enum po_status status = frame_rectifiers_create(
        manifest, sizes, &(struct rectifier_stores){session->memo, session->tables},
        rectifiers, error);
    free(sizes);
    return status;
}

bool frame_planner_rig(const struct probed_session *session, int calibration,
                       struct rectification *rectification)
{
    int width_px;
    int height_px;
    return size_of_frames(session, calibration, &width_px, &height_px) &&
           rectify_size(session, calibration, width_px, height_px, rectification, NULL) ==
               PO_OK;
}

/* Depth is as fine as the rectified focal length is long. */
static void warn_of_short_focal(const struct calibration *fitted,
                                const struct rectification *made,
                                struct warning_list *warnings)
{
    static const double SHORT = 0.695;
    double raw_px = fitted->cameras[0].fx;
    if (fitted->rectified || fitted->rectified_focal > 0 ||
        made->rig.focal_px >= SHORT * raw_px)
        return;
    warning_list_add(warnings,
                     "%s: the rectified focal length is %.1f px, %.0f %% of the raw one: "
                     "depth is coarser for it; --rectified-focal 1 keeps %.1f px and "
                     "shows less of the borders",
                     fitted->path, made->rig.focal_px,
                     100.0 * made->rig.focal_px / raw_px, raw_px);
}

void frame_planner_fit_warnings(const struct probed_session *session, int calibration,
                                struct warning_list *warnings)
{
    int width_px;
    int height_px;
    struct calibration fitted = session->manifest->calibrations[calibration];
    fitted.warnings = (struct warning_list){0};
    warnings->length = 0;
    if (size_of_frames(session, calibration, &width_px, &height_px) &&
        calibration_fit_images(&fitted, width_px, height_px, NULL) == PO_OK) {
        struct rectification made;
        *warnings = fitted.warnings;
        if (rectify_size(session, calibration, width_px, height_px, &made, NULL) == PO_OK)
            warn_of_short_focal(&fitted, &made, warnings);
    }
}

void frame_planner_keep_tables(const struct probed_session *session,
                               struct kept_tables *tables)
{
    size_t largest = 0;
    if (tables->slots != NULL)
        return;
    for (int i = 0; i < session->manifest->calibration_count; i++) {
        struct rectification rectification;
        const struct calibration *calibration = &session->manifest->calibrations[i];
        if (!calibration->rectified && frame_planner_rig(session, i, &rectification))
            largest = size_maximum(largest, rectifier_bytes(&rectification));
    }
    kept_tables_init(tables, session->manifest->calibration_count, largest);
}

uint64_t frame_planner_table_bytes(const struct probed_session *session)
{
    uint64_t sum = 0;
    for (int i = 0; i < session->manifest->calibration_count; i++) {
        struct rectification rectification;
        if (!session->manifest->calibrations[i].rectified &&
            frame_planner_rig(session, i, &rectification))
            sum += rectifier_bytes(&rectification);
    }
    return sum;
}
