/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a frame's depth prior: that it failed, and how it lay on what is
 * measured.
 */
#include "frame/frame_views.h"

bool frame_prior_wanted(const struct frame *frame)
{
    const struct prior_use *use = frame->context->prior;
    return use != NULL && use->source != PRIOR_NONE && !frame->result->prior_failed;
}

void frame_prior_release(struct frame *frame)
{
    thread_join(frame->prior.beside.thread);
    frame->prior.beside.thread = NULL;
}

void frame_prior_fail(struct frame *frame, const char *reason)
{
    frame->result->prior_failed = true;
    frame->prior.values = NULL;
    count_list_add(&frame->result->counts, "prior_failed", 1);
    warning_list_add(&frame->result->warnings, "done without a depth prior: %.250s",
                     reason);
}

struct depth_prior *frame_prior_of_strip(struct frame *frame)
{
    struct frame_prior *prior = &frame->prior;
    if (prior->values == NULL)
        return NULL;
    size_t row = (size_t)frame->job->plan.match_width_px;
    prior->of_strip =
        (struct depth_prior){.values = prior->values + (size_t)frame->strip.top * row};
    return &prior->of_strip;
}

/* The fit that a frame in strips answers for: a refused one, or the loosest. */
static bool is_worse(const struct prior_fit *fit, const struct prior_fit *than)
{
    if (fit->accepted != than->accepted)
        return !fit->accepted;
    return fit->inlier_share < than->inlier_share;
}

static void warn_of_refusal(struct frame *frame)
{
    const struct prior_fit *fit = &frame->prior.worst;
    if (fit->accepted)
        return;
    warning_list_add(&frame->result->warnings,
                     "the depth prior is not used: %s (%.0f %% of %d within 1.5 px, %.2f "
                     "px off)",
                     fit->refusal, 100.0 * fit->inlier_share, fit->samples,
                     fit->residual_px);
}

void frame_prior_note(struct frame *frame)
{
    struct frame_prior *prior = &frame->prior;
    if (prior->values == NULL)
        return;
    if (!prior->begun || is_worse(&prior->of_strip.fit, &prior->worst))
        prior->worst = prior->of_strip.fit;
    prior->begun = true;
    prior->filled += prior->of_strip.filled;
    if (!prior->of_strip.fit.accepted)
        count_list_add(&frame->result->counts, "prior_refused", 1);
    if (frame->strip.last)
        warn_of_refusal(frame);
}
