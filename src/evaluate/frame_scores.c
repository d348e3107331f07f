/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/frame_scores.h"

const char *score_group_name(int group)
{
    static const char *const names[SCORE_GROUPS] = {
        "dense_all", "dense_nonocc", "dense_in_view", "measured_all", "measured_nonocc"};
    return names[group];
}

struct score *score_group(struct frame_scores *scores, int group)
{
    struct score *const groups[SCORE_GROUPS] = {
        &scores->dense_all, &scores->dense_nonocc, &scores->dense_in_view,
        &scores->measured_all, &scores->measured_nonocc};
    return groups[group];
}

const struct score *score_group_const(const struct frame_scores *scores, int group)
{
    const struct score *const groups[SCORE_GROUPS] = {
        &scores->dense_all, &scores->dense_nonocc, &scores->dense_in_view,
        &scores->measured_all, &scores->measured_nonocc};
    return groups[group];
}

void score_add(struct score *sum, const struct score *score)
{
    if (!score->present)
        return;
    sum->present = true;
    sum->bad05 += score->bad05;
    sum->bad1 += score->bad1;
    sum->bad2 += score->bad2;
    sum->bad3 += score->bad3;
    sum->bad4 += score->bad4;
    sum->mae += score->mae;
    sum->density += score->density;
    sum->bad2_valid += score->bad2_valid;
    sum->pixels += score->pixels;
}

void score_divide(struct score *score, int count)
{
    if (count == 0)
        return;
    score->bad05 /= count;
    score->bad1 /= count;
    score->bad2 /= count;
    score->bad3 /= count;
    score->bad4 /= count;
    score->mae /= count;
    score->density /= count;
    score->bad2_valid /= count;
}

/* A coverage that one frame does not reach, the mean does not either. */
static void add_curve(struct confidence_curve *sum, const struct confidence_curve *curve)
{
    sum->present = true;
    for (int i = 0; i < CURVE_COVERAGES; i++)
        sum->bad2[i] += curve->bad2[i];
    sum->area += curve->area;
}

static void divide_curve(struct confidence_curve *curve, int frames)
{
    for (int i = 0; i < CURVE_COVERAGES; i++)
        curve->bad2[i] /= frames;
    curve->area /= frames;
}

void frame_scores_add(struct frame_scores_sum *sum, const struct frame_scores *scores)
{
    sum->sums.present = true;
    for (int group = 0; group < SCORE_GROUPS; group++) {
        const struct score *score = score_group_const(scores, group);
        score_add(score_group(&sum->sums, group), score);
        sum->frames[group] += score->present;
    }
    if (!scores->curve.present)
        return;
    add_curve(&sum->sums.curve, &scores->curve);
    sum->curve_frames++;
}

struct frame_scores frame_scores_mean(const struct frame_scores_sum *sum)
{
    struct frame_scores mean = sum->sums;
    for (int group = 0; group < SCORE_GROUPS; group++)
        score_divide(score_group(&mean, group), sum->frames[group]);
    if (sum->curve_frames > 0)
        divide_curve(&mean.curve, sum->curve_frames);
    return mean;
}
