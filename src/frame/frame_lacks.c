/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame is done without. Asked for and not delivered: a file that holds nothing is
 * no result, whatever emptied it.
 */
#include "frame/frame_views.h"

static bool asks(const struct frame *frame, enum po_artefact artefact)
{
    return (frame->context->settings->output.artefacts & (unsigned)artefact) != 0;
}

static bool lacks_points(const struct frame *frame)
{
    return frame->rig.unit != RIG_NONE && frame->result->points == 0 &&
           (asks(frame, PO_OUT_CLOUD) || asks(frame, PO_OUT_VIEW) ||
            frame->context->settings->cloud.surface_reconstruction);
}

/* A warning of the cloud says why, where it is empty; a surface may be without one. */
static bool lacks_surface(const struct frame *frame)
{
    if (frame->rig.unit == RIG_NONE ||
        !frame->context->settings->cloud.surface_reconstruction ||
        frame->record->triangles > 0)
        return false;
    if (frame->result->points > 0)
        warning_list_add(&frame->result->warnings,
                         "the surface is empty: no three neighbours of the %llu points "
                         "of the cloud are near enough to each other",
                         (unsigned long long)frame->result->points);
    return true;
}

/* Limits that were asked for may leave little: it is told, and no lack. */
static void tell_few_depths(const struct frame *frame)
{
    const struct depth_loss *loss = &frame->depth_loss;
    uint64_t left = loss->measured - loss->outside_limits - loss->beyond;
    if (left < loss->measured / 100)
        warning_list_add(&frame->result->warnings,
                         "depth.png holds %llu of %llu measured pixels: %llu are outside "
                         "the depth limits (--min-depth, --max-depth)",
                         (unsigned long long)left, (unsigned long long)loss->measured,
                         (unsigned long long)loss->outside_limits);
}

static bool lacks_depth(const struct frame *frame)
{
    const struct depth_loss *loss = &frame->depth_loss;
    if (!asks(frame, PO_OUT_DEPTH) || frame->rig.unit != RIG_MM)
        return false;
    if (loss->measured > loss->outside_limits + loss->beyond) {
        tell_few_depths(frame);
        return false;
    }
    warning_list_add(&frame->result->warnings,
                     "depth.png is empty: of %llu measured pixels %llu are outside the "
                     "depth limits (--min-depth, --max-depth)",
                     (unsigned long long)loss->measured,
                     (unsigned long long)loss->outside_limits);
    return true;
}

enum po_status frame_note_points(struct frame *frame, struct po_error *error)
{
    (void)error;
    if (lacks_points(frame))
        frame->result->lacks |= LACKS_POINTS;
    return PO_OK;
}

void frame_note_lacks(struct frame *frame)
{
    struct frame_result *result = frame->result;
    const struct {
        uint32_t bit;
        bool lacks;
    } parts[] = {
        {LACKS_NETWORK, result->network_failed},
        {LACKS_PRIOR, result->prior_failed},
        {LACKS_MEASUREMENT, count_list_get(&result->counts, FRAME_MEASURED_COUNT) == 0},
        {LACKS_SURFACE, lacks_surface(frame)},
        {LACKS_DEPTH, lacks_depth(frame)},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        result->lacks |= parts[i].lacks ? parts[i].bit : 0;
}
