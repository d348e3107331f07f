/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/plane_fit.h"

#include <math.h>

#include "base/number.h"
#include "refine/plane_samples.h"

enum {
    VOTERS = 128, /* of the samples, those that count a draw's inliers */
    DRAWS = 120,
    BEST_DRAWS = 4,
    LOCAL_REFITS = 8,
    FLAT_DRAW_EVERY = 6, /* every sixth draw is a constant */
    REFITS = 3,
    MIN_INLIERS = 8,
    SECOND_SEED = 777,
};

/* Disparities are in sixteenths here too. */
static const float SLOPE_X_LIMIT = 0.6F * 16;
static const float SLOPE_Y_LIMIT = 1.0F * 16;
static const float MIN_TRIANGLE = 20.0F; /* twice the area of a draw's triangle */
static const float CLAMP_MARGIN = 8.0F;  /* around the inliers' values */
static const double MIN_COVER = 0.1;     /* inliers among all pixels of the segment */
/* Of the samples: where so many agree fewer inliers will do, as on a wall with a few
 * marks. */
static const double CONSENSUS_SHARE = 0.9;
static const double MIN_COVER_BY_CONSENSUS = 0.03;
/* Of the samples: fewer than are asked for will do where the others agree on nothing, as
 * the chance matches of a bare wall: no second plane has more than this part of its
 * inliers. */
static const double LONE_SHARE = 0.3;
static const double SECOND_PART = 1.0 / 3;
static const float OFF_PLANE = 24.0F; /* twice what an inlier may be off */
static const double SURE_SHARE = 0.7; /* of the samples: holds wherever it reaches */
static const double RIDGE = 0.01;     /* px^2 a pixel: slopes need support */

static uint32_t draw(uint32_t *state, uint32_t below)
{
    /* Linear congruential generator, constants of Numerical Recipes. */
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)(*state >> 8) * below) >> 24);
}

/* False when the three points lie too close to a line or the plane is too steep. */
static bool plane_through(const struct plane_samples *set, const uint32_t drawn[3],
                          struct plane *plane)
{
    uint32_t i = drawn[0], j = drawn[1], k = drawn[2];
    float x1 = set->x[j] - set->x[i], y1 = set->y[j] - set->y[i];
    float x2 = set->x[k] - set->x[i], y2 = set->y[k] - set->y[i];
    float d1 = set->d[j] - set->d[i], d2 = set->d[k] - set->d[i];
    float area = x1 * y2 - x2 * y1;
    if (fabsf(area) < MIN_TRIANGLE)
        return false;
    plane->a = (d1 * y2 - d2 * y1) / area;
    plane->b = (x1 * d2 - x2 * d1) / area;
    plane->c = set->d[i] - plane->a * set->x[i] - plane->b * set->y[i];
    return fabsf(plane->a) <= SLOPE_X_LIMIT && fabsf(plane->b) <= SLOPE_Y_LIMIT;
}

/* How many draws make it all but sure (e^-12) that one of them had only inliers, when
 * `most` of `count` samples are inliers. */
static int draws_wanted(int most, int count)
{
    float share = (float)most / (float)count;
    return most <= 0 ? DRAWS : minimum(DRAWS, (int)(12.0F / (share * share * share)));
}

/* The drawn planes of most votes, best first. */
struct drawn_planes {
    struct plane planes[BEST_DRAWS];
    int votes[BEST_DRAWS];
    int count;
};

/* Votes that another plane has to exceed to be kept. */
static int votes_to_beat(const struct drawn_planes *kept)
{
    return kept->count < BEST_DRAWS ? -1 : kept->votes[BEST_DRAWS - 1];
}

static int most_votes(const struct drawn_planes *kept)
{
    return kept->count > 0 ? kept->votes[0] : -1;
}

/* Of planes with as many votes the earlier one comes first. */
static void keep_plane(struct drawn_planes *kept, const struct plane *plane, int votes)
{
    int at = kept->count < BEST_DRAWS ? kept->count++ : BEST_DRAWS - 1;
    for (; at > 0 && kept->votes[at - 1] < votes; at--) {
        kept->planes[at] = kept->planes[at - 1];
        kept->votes[at] = kept->votes[at - 1];
    }
    kept->planes[at] = *plane;
    kept->votes[at] = votes;
}

/* The best of DRAWS planes by the votes of `voters`; none when none could be drawn. */
static void vote_planes(const struct plane_samples *set,
                        const struct plane_samples *voters, uint32_t seed,
                        const struct row_kernels *kernels, struct drawn_planes *kept)
{
    uint32_t state = seed;
    int draws = DRAWS;
    kept->count = 0;
    for (int i = 0; i < draws && most_votes(kept) < voters->count; i++) {
        struct plane plane = {0};
        uint32_t drawn[3];
        for (int k = 0; k < 3; k++)
            drawn[k] = draw(&state, (uint32_t)set->count);
        if (i % FLAT_DRAW_EVERY == FLAT_DRAW_EVERY - 1)
            plane.c = set->d[drawn[0]];
        else if (!plane_through(set, drawn, &plane))
            continue;
        int votes = kernels->plane_votes(voters, &plane, votes_to_beat(kept));
        if (votes > votes_to_beat(kept)) {
            keep_plane(kept, &plane, votes);
            draws = draws_wanted(kept->votes[0], voters->count);
        }
    }
}

/* Least squares about the mean, with a ridge on the slopes. */
static struct plane solve_plane(const struct plane_moments *sums)
{
    double n = sums->n;
    double mean_x = sums->x / n, mean_y = sums->y / n, mean_d = sums->d / n;
    double xx = sums->xx - n * mean_x * mean_x + RIDGE * n;
    double yy = sums->yy - n * mean_y * mean_y + RIDGE * n;
    double xy = sums->xy - n * mean_x * mean_y;
    double xd = sums->xd - n * mean_x * mean_d;
    double yd = sums->yd - n * mean_y * mean_d;
    double determinant = xx * yy - xy * xy;
    double a = (xd * yy - yd * xy) / determinant;
    double b = (xx * yd - xy * xd) / determinant;
    return (struct plane){(float)a, (float)b, (float)(mean_d - a * mean_x - b * mean_y)};
}

/* Refits the plane to its inliers as long as they become more. */
static struct plane locally_optimized(const struct plane *drawn,
                                      const struct plane_samples *set,
                                      const struct row_kernels *kernels)
{
    struct plane plane = *drawn, next = *drawn;
    struct plane_moments sums = {0};
    double most = 0;
    for (int i = 0; i < LOCAL_REFITS; i++) {
        kernels->plane_sums(set, &next, &sums);
        if (sums.n < MIN_INLIERS || sums.n <= most)
            break;
        most = sums.n;
        plane = next;
        next = solve_plane(&sums);
    }
    return plane;
}

static bool is_among(const struct plane *plane, const struct plane *others, int count)
{
    for (int i = 0; i < count; i++)
        if (plane->a == others[i].a && plane->b == others[i].b && plane->c == others[i].c)
            return true;
    return false;
}

/* Of the drawn planes, each optimized among the voters, the one of most inliers in the
 * whole set, and the sums of these: a draw of three pixels has their noise, and the best
 * of them need not lead to the best fit (Chum, Matas, Kittler, Locally optimized RANSAC,
 * 2003). Several often end in one plane, which is counted once. */
static void best_optimized(const struct drawn_planes *kept,
                           const struct plane_samples *set,
                           const struct plane_samples *voters,
                           const struct row_kernels *kernels, struct plane_moments *best)
{
    struct plane tried[BEST_DRAWS];
    *best = (struct plane_moments){0};
    for (int i = 0; i < kept->count; i++) {
        struct plane_moments sums;
        tried[i] = locally_optimized(&kept->planes[i], voters, kernels);
        if (is_among(&tried[i], tried, i))
            continue;
        kernels->plane_sums(set, &tried[i], &sums);
        if (i == 0 || sums.n > best->n)
            *best = sums;
    }
}

/* The samples that do not lie on the plane. */
static void pick_others(const struct plane_samples *set, const struct plane *plane,
                        struct plane_samples *others)
{
    int count = 0;
    for (int i = 0; i < set->count; i++) {
        float apart = fabsf(plane_at(plane, set->x[i], set->y[i]) - set->d[i]);
        others->x[count] = set->x[i];
        others->y[count] = set->y[i];
        others->d[count] = set->d[i];
        count += apart > OFF_PLANE;
    }
    others->count = count;
    others->summed_at_once = set->summed_at_once;
}

/* Whether the samples hold no second plane beside this one of `inliers`. */
static bool is_lone(const struct plane_samples *set, const struct plane *plane,
                    double inliers, const struct row_kernels *kernels)
{
    struct plane_samples others = {0};
    struct drawn_planes second;
    pick_others(set, plane, &others);
    if (others.count < MIN_INLIERS)
        return true;
    vote_planes(&others, &others, SECOND_SEED, kernels, &second);
    return most_votes(&second) <= SECOND_PART * inliers;
}

/* Fits the segment's plane, from the sums over the inliers of a first one, and says
 * whether enough pixels support it. */
static void fit_segment(struct segment *segment, const struct plane_samples *set,
                        const struct plane_moments *first, double demand,
                        const struct row_kernels *kernels)
{
    struct plane_moments sums = *first;
    struct plane plane = {0};
    for (int i = 0; i < REFITS; i++) {
        if (i > 0)
            kernels->plane_sums(set, &plane, &sums);
        if (sums.n < MIN_INLIERS)
            return;
        plane = solve_plane(&sums);
    }
    double share = sums.n / set->count;
    double cover = share >= CONSENSUS_SHARE ? MIN_COVER_BY_CONSENSUS : MIN_COVER;
    segment->plane = plane;
    segment->low = (float)sums.low - CLAMP_MARGIN;
    segment->high = (float)sums.high + CLAMP_MARGIN;
    segment->doubtful = share < SURE_SHARE;
    segment->accepted = share * segment->measured >= cover * segment->area_px &&
                        (share >= demand ||
                         (share >= LONE_SHARE && is_lone(set, &plane, sums.n, kernels)));
}

/* Bits of `most`, and of the value without its sign (less 1 where it had one). */
static inline int with_bits(int most, int value)
{
    return most | (value ^ (value >> 31));
}

/* All samples into `set`, positions from the first one. */
static void load_samples(const struct plane_sample *samples, uint32_t count,
                         struct plane_samples *set)
{
    int position = 1, disparity = 1; /* bits of all of them */
    for (uint32_t i = 0; i < count; i++) {
        int x = samples[i].x - samples[0].x, y = samples[i].y - samples[0].y;
        set->x[i] = (float)x;
        set->y[i] = (float)y;
        set->d[i] = (float)samples[i].d;
        position = with_bits(with_bits(position, x), y);
        disparity = with_bits(disparity, samples[i].d);
    }
    set->count = (int)count;
    set->summed_at_once = plane_samples_bound(position + 1, disparity + 1);
}

/* Every step-th of them. */
static void pick_voters(const struct plane_samples *set, int step,
                        struct plane_samples *voters)
{
    int count = 0;
    for (int i = 0; i < set->count; i += step, count++) {
        voters->x[count] = set->x[i];
        voters->y[count] = set->y[i];
        voters->d[count] = set->d[i];
    }
    voters->count = count;
    voters->summed_at_once = set->summed_at_once;
}

void plane_fit_segments(struct segment *segments, int count,
                        const struct plane_sample *samples, double demand,
                        const struct row_kernels *kernels)
{
    struct plane_samples set = {0}, voters = {0};
    struct drawn_planes kept;
    struct plane_moments first;
    for (int i = 0; i < count; i++) {
        struct segment *segment = &segments[i];
        if (segment->stride == 0)
            continue;
        const struct plane_sample *own = &samples[segment->first];
        segment->origin_x = own->x;
        segment->origin_y = own->y;
        load_samples(own, segment->samples, &set);
        pick_voters(&set, (set.count + VOTERS - 1) / VOTERS, &voters);
        vote_planes(&set, &voters, (uint32_t)i * 2654435761U + 12345U, kernels, &kept);
        if (kept.count == 0)
            continue;
        best_optimized(&kept, &set, &voters, kernels, &first);
        fit_segment(segment, &set, &first, demand, kernels);
    }
}
