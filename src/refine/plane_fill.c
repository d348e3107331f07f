/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planes for holes: in each segment of similar colour, the measured pixels vote for a
 * plane d = a x + b y + c (Fischler and Bolles, Random sample consensus, 1981), refined
 * by least squares over its inliers. A plane that enough pixels support fills the
 * segment's holes; one that just enough supports, only those beside pixels that lie on it
 * (plane_beside.c).
 *
 * Only segments with holes are looked at, each through at most SAMPLES_PER_SEGMENT pixels
 * taken evenly in raster order. The draws come from a fixed generator seeded by the
 * segment's number, and the sums are exact, so the result is one for any machine.
 */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "refine/plane_segment.h"
#include "refine/row_scan.h"

enum {
    SAMPLES_PER_SEGMENT = 512,
    AT_ONCE = 32,
    SUMMED_AT_ONCE = 16,
    VOTERS = 128, /* of the samples, those that count a draw's inliers */
    DRAWS = 120,
    FLAT_DRAW_EVERY = 6, /* every sixth draw is a constant */
    REFITS = 3,
    MIN_MEASURED = 12,
    MIN_INLIERS = 8,
    MIN_SEGMENT_PX = 20, /* what segmentation promises, on its image */
};

/* Disparities are in sixteenths here too. */
static const float INLIER_TOLERANCE = 12.0F; /* 0.75 px */
static const float SLOPE_X_LIMIT = 0.6F * 16;
static const float SLOPE_Y_LIMIT = 1.0F * 16;
static const float MIN_TRIANGLE = 20.0F; /* twice the area of a draw's triangle */
static const float CLAMP_MARGIN = 8.0F;  /* around the inliers' values */
static const double MIN_COVER = 0.1;     /* inliers among all pixels of the segment */
static const double SURE_SHARE = 0.7;    /* of the samples: holds wherever it reaches */
static const double RIDGE = 0.01;        /* px^2 a pixel: slopes need support */

struct sample {
    uint16_t x, y;
    int16_t d;
};

/* One segment's samples, laid out for vector loops. */
struct sample_set {
    int count;
    float x[SAMPLES_PER_SEGMENT], y[SAMPLES_PER_SEGMENT], d[SAMPLES_PER_SEGMENT];
};

static size_t segment_limit(int width_px, int height_px, int shift)
{
    size_t width = ((size_t)width_px + (1U << shift) - 1) >> shift;
    size_t height = ((size_t)height_px + (1U << shift) - 1) >> shift;
    return width * height / MIN_SEGMENT_PX + 1;
}

size_t plane_fill_bytes(int width_px, int height_px, int shift)
{
    size_t segments = scratch_array_size(segment_limit(width_px, height_px, shift),
                                         sizeof(struct segment));
    size_t samples =
        scratch_array_size((size_t)width_px * (size_t)height_px, sizeof(struct sample));
    return scratch_sum(scratch_sum(segments, samples),
                       scratch_sum(scratch_size((size_t)width_px + ROW_SCAN_PAD),
                                   plane_beside_bytes(width_px)));
}

/* Columns first .. end - 1 of the rows that share a row of labels: one segment's. */
struct stretch {
    int first;
    int end;
    struct segment *segment;
};

/* The stretch that begins at column x. */
static struct stretch stretch_at(const int32_t *labels, int shift, int x, int width_px,
                                 struct segment *segments)
{
    int at = x >> shift;
    int last = (width_px - 1) >> shift;
    int32_t label = labels[at];
    while (at < last && labels[at + 1] == label)
        at++;
    return (struct stretch){x, minimum((at + 1) << shift, width_px), &segments[label]};
}

/* How many rows from y on share a row of labels, y being the first of them. */
static int rows_of_label(const struct disparity_map *map, int shift, int y)
{
    return minimum(1 << shift, map->height_px - y);
}

static void count_areas(const struct disparity_map *map,
                        const struct segmentation *segmentation, struct segment *segments)
{
    int shift = segmentation->shift;
    for (int y = 0; y < map->height_px; y += 1 << shift) {
        const int32_t *labels = label_row(segmentation, y);
        int rows = rows_of_label(map, shift, y);
        for (int x = 0; x < map->width_px;) {
            struct stretch stretch =
                stretch_at(labels, shift, x, map->width_px, segments);
            stretch.segment->area_px += (uint32_t)((stretch.end - x) * rows);
            x = stretch.end;
        }
    }
}

static void count_holes(const struct disparity_map *map,
                        const struct segmentation *segmentation, uint8_t *marks,
                        struct segment *segments)
{
    int width_px = map->width_px;
    for (int y = 0; y < map->height_px; y++) {
        const int32_t *labels = label_row(segmentation, y);
        mark_holes(disparity_row(map, y), width_px, marks);
        for (int x = next_marked(marks, 0, width_px); x < width_px;
             x = next_marked(marks, x + 1, width_px))
            segments[labels[x >> segmentation->shift]].holes++;
    }
}

/* Gives the segments worth a look their room for samples. */
static void plan_samples(struct segment *segments, int count, uint32_t min_area_px)
{
    uint32_t next = 0;
    for (int i = 0; i < count; i++) {
        struct segment *segment = &segments[i];
        segment->first = next;
        segment->measured = segment->area_px - segment->holes;
        if (segment->holes == 0 || segment->measured < MIN_MEASURED ||
            segment->area_px < min_area_px)
            continue;
        segment->stride =
            (segment->measured + SAMPLES_PER_SEGMENT - 1) / SAMPLES_PER_SEGMENT;
        next += (segment->measured + segment->stride - 1) / segment->stride;
    }
}

/* Of the stretch's columns of row y; between its holes the next sample is a leap. */
static void sample_stretch(const int16_t *row, const uint8_t *holes,
                           const struct stretch *stretch, int y, struct sample *samples)
{
    struct segment *segment = stretch->segment;
    struct sample *next = samples + segment->first + segment->samples;
    struct sample *start = next;
    int stride = (int)segment->stride, skip = (int)segment->skip;
    for (int x = stretch->first; x < stretch->end;) {
        int end = next_marked(holes, x, stretch->end);
        for (x += skip; x < end; x += stride)
            *next++ = (struct sample){(uint16_t)x, (uint16_t)y, row[x]};
        skip = x - end;
        x = end + 1;
        while (x < stretch->end && holes[x])
            x++;
    }
    segment->samples += (uint32_t)(next - start);
    segment->skip = (uint32_t)skip;
}

static void take_samples(const struct disparity_map *map,
                         const struct segmentation *segmentation, uint8_t *holes,
                         struct segment *segments, struct sample *samples)
{
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        const int32_t *labels = label_row(segmentation, y);
        mark_holes(row, map->width_px, holes);
        for (int x = 0; x < map->width_px;) {
            struct stretch stretch =
                stretch_at(labels, segmentation->shift, x, map->width_px, segments);
            if (stretch.segment->stride > 0)
                sample_stretch(row, holes, &stretch, y, samples);
            x = stretch.end;
        }
    }
}

static uint32_t draw(uint32_t *state, uint32_t below)
{
    /* Linear congruential generator, constants of Numerical Recipes. */
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)(*state >> 8) * below) >> 24);
}

/* False when the three points lie too close to a line or the plane is too steep. */
static bool plane_through(const struct sample_set *set, uint32_t i, uint32_t j,
                          uint32_t k, struct plane *plane)
{
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

/* Up to where more than `most` can no longer be reached. */
static int count_inliers(const struct sample_set *set, const struct plane *plane,
                         int most)
{
    int inliers = 0;
    for (int first = 0; first < set->count && inliers + set->count - first > most;
         first += AT_ONCE) {
        int end = set->count - first < AT_ONCE ? set->count : first + AT_ONCE;
        for (int i = first; i < end; i++)
            inliers += fabsf(plane_at(plane, set->x[i], set->y[i]) - set->d[i]) <
                       INLIER_TOLERANCE;
    }
    return inliers;
}

/* How many draws make it all but sure (e^-12) that one of them had only inliers, when
 * `most` of `count` samples are inliers. */
static int draws_wanted(int most, int count)
{
    float share = (float)most / (float)count;
    return most <= 0 ? DRAWS : (int)(12.0F / (share * share * share));
}

/* The best of DRAWS planes by the votes of `voters`; false when none could be drawn. */
static bool vote_plane(const struct sample_set *set, const struct sample_set *voters,
                       uint32_t seed, struct plane *best)
{
    uint32_t state = seed;
    int most = -1;
    uint32_t count = (uint32_t)set->count;
    int draws = DRAWS;
    for (int i = 0; i < draws && most < voters->count; i++) {
        struct plane plane = {0};
        uint32_t first = draw(&state, count);
        uint32_t second = draw(&state, count);
        uint32_t third = draw(&state, count);
        if (i % FLAT_DRAW_EVERY == FLAT_DRAW_EVERY - 1)
            plane.c = set->d[first];
        else if (!plane_through(set, first, second, third, &plane))
            continue;
        int inliers = count_inliers(voters, &plane, most);
        if (inliers > most) {
            most = inliers;
            *best = plane;
            draws = minimum(DRAWS, draws_wanted(most, voters->count));
        }
    }
    return most >= 0;
}

/* Sums over inliers: whole numbers, so exact in any order. */
struct moments {
    double n, x, y, d, xx, xy, yy, xd, yd;
    int low, high;
};

/* The same of a few samples, in lanes: 16 products of a side and a disparity stay below
 * 2^31 for sides of up to PLANE_SIDE_MAX_PX. */
struct few_moments {
    int32_t n, x, y, d, xx, xy, yy, xd, yd;
    int32_t low, high;
};

static void sum_few(const struct sample_set *set, int first, int end,
                    const struct plane *plane, struct few_moments *sums)
{
    struct few_moments few = {.low = INT16_MAX, .high = INT16_MIN};
    for (int i = first; i < end; i++) {
        float apart = fabsf(plane_at(plane, set->x[i], set->y[i]) - set->d[i]);
        int32_t in = -(int32_t)(apart < INLIER_TOLERANCE);
        int32_t x = (int32_t)set->x[i] & in, y = (int32_t)set->y[i] & in;
        int32_t value = (int32_t)set->d[i], d = value & in;
        int32_t low = d | (INT16_MAX & ~in), high = d | (INT16_MIN & ~in);
        few.low = low < few.low ? low : few.low;
        few.high = high > few.high ? high : few.high;
        few.n -= in;
        few.x += x;
        few.y += y;
        few.d += d;
        few.xx += x * x;
        few.xy += x * y;
        few.yy += y * y;
        few.xd += x * d;
        few.yd += y * d;
    }
    *sums = few;
}

static void sum_inliers(const struct sample_set *set, const struct plane *plane,
                        struct moments *sums)
{
    *sums = (struct moments){.low = INT16_MAX, .high = INT16_MIN};
    for (int first = 0; first < set->count; first += SUMMED_AT_ONCE) {
        struct few_moments few;
        sum_few(set, first, minimum(first + SUMMED_AT_ONCE, set->count), plane, &few);
        sums->low = minimum(sums->low, few.low);
        sums->high = maximum(sums->high, few.high);
        sums->n += few.n;
        sums->x += few.x;
        sums->y += few.y;
        sums->d += few.d;
        sums->xx += few.xx;
        sums->xy += few.xy;
        sums->yy += few.yy;
        sums->xd += few.xd;
        sums->yd += few.yd;
    }
}

/* Least squares about the mean, with a ridge on the slopes. */
static struct plane solve_plane(const struct moments *sums)
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

/* Fits the segment's plane and says whether enough pixels support it. */
static void fit_segment(struct segment *segment, const struct sample_set *set,
                        const struct sample_set *voters, double demand, uint32_t seed)
{
    struct plane plane;
    struct moments sums = {0};
    if (!vote_plane(set, voters, seed, &plane))
        return;
    for (int i = 0; i < REFITS; i++) {
        sum_inliers(set, &plane, &sums);
        if (sums.n < MIN_INLIERS)
            return;
        plane = solve_plane(&sums);
    }
    double share = sums.n / set->count;
    segment->plane = plane;
    segment->low = (float)sums.low - CLAMP_MARGIN;
    segment->high = (float)sums.high + CLAMP_MARGIN;
    segment->doubtful = share < SURE_SHARE;
    segment->accepted =
        share >= demand && share * segment->measured >= MIN_COVER * segment->area_px;
}

/* Every step-th sample into `set`, positions from the segment's first sample. */
static void load_samples(const struct sample *samples, uint32_t count, uint32_t step,
                         struct sample_set *set)
{
    set->count = 0;
    for (uint32_t i = 0; i < count; i += step) {
        int at = set->count++;
        set->x[at] = (float)(samples[i].x - samples[0].x);
        set->y[at] = (float)(samples[i].y - samples[0].y);
        set->d[at] = (float)samples[i].d;
    }
}

static void fit_segments(struct segment *segments, int count,
                         const struct sample *samples, double demand)
{
    struct sample_set set = {0}, voters = {0};
    for (int i = 0; i < count; i++) {
        struct segment *segment = &segments[i];
        if (segment->stride == 0)
            continue;
        const struct sample *own = &samples[segment->first];
        segment->origin_x = own->x;
        segment->origin_y = own->y;
        load_samples(own, segment->samples, 1, &set);
        load_samples(own, segment->samples, (segment->samples + VOTERS - 1) / VOTERS,
                     &voters);
        fit_segment(segment, &set, &voters, demand, (uint32_t)i * 2654435761U + 12345U);
    }
}

static float clamp_value(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

/* A row being filled. */
struct filled_row {
    int y;
    int width_px;
    int16_t *values;
    uint8_t *classes;
    uint8_t *holes; /* marks */
};

static uint64_t fill_row(const struct segment *segments,
                         const struct segmentation *segmentation,
                         struct disparity_range range, const struct filled_row *filling)
{
    const int y = filling->y;
    const int width_px = filling->width_px;
    int16_t *row = filling->values;
    uint8_t *holes = filling->holes;
    const int32_t *labels = label_row(segmentation, y);
    float first = (float)(range.min_px * DISPARITY_SCALE);
    float last = (float)((range.min_px + range.count - 1) * DISPARITY_SCALE);
    uint64_t filled = 0;
    mark_holes(row, width_px, holes);
    for (int x = next_marked(holes, 0, width_px); x < width_px;
         x = next_marked(holes, x + 1, width_px)) {
        const struct segment *segment = &segments[labels[x >> segmentation->shift]];
        bool beside = (filling->classes[x] & PIXEL_BESIDE_PLANE) != 0;
        filling->classes[x] &= (uint8_t)~PIXEL_BESIDE_PLANE;
        if (!segment->accepted || (segment->doubtful && !beside))
            continue;
        float value = plane_at(&segment->plane, (float)(x - segment->origin_x),
                               (float)(y - segment->origin_y));
        value = clamp_value(clamp_value(value, segment->low, segment->high), first, last);
        row[x] = (int16_t)floorf(value + 0.5F);
        filling->classes[x] |= PIXEL_ON_PLANE;
        filled++;
    }
    return filled;
}

enum po_status plane_fill(struct disparity_map *map, struct image_view *classes,
                          const struct plane_demand *demand, struct scratch *scratch,
                          uint64_t *filled, struct po_error *error)
{
    const struct segmentation *segmentation = demand->segmentation;
    size_t mark = scratch_mark(scratch);
    size_t limit = segment_limit(map->width_px, map->height_px, segmentation->shift);
    struct segment *segments = scratch_take_array(scratch, limit, sizeof(struct segment));
    struct sample *samples = scratch_take_array(
        scratch, (size_t)map->width_px * (size_t)map->height_px, sizeof(struct sample));
    uint8_t *holes = scratch_take(scratch, (size_t)map->width_px + ROW_SCAN_PAD);
    if (segments == NULL || samples == NULL || holes == NULL)
        return scratch_exhausted(scratch, "the planes of holes", error);
    memset(segments, 0, (size_t)segmentation->count * sizeof(struct segment));
    count_areas(map, segmentation, segments);
    count_holes(map, segmentation, holes, segments);
    plan_samples(segments, segmentation->count, demand->min_area_px);
    take_samples(map, segmentation, holes, segments, samples);
    fit_segments(segments, segmentation->count, samples, demand->share);
    enum po_status status = plane_beside_mark(
        &(struct plane_holes){map, segmentation, segments, classes}, scratch, error);
    *filled = 0;
    for (int y = 0; y < map->height_px && status == PO_OK; y++) {
        const struct filled_row row = {y, map->width_px, disparity_row(map, y),
                                       image_row(classes, y), holes};
        *filled += fill_row(segments, segmentation, demand->range, &row);
    }
    scratch_rewind(scratch, mark);
    return status;
}
