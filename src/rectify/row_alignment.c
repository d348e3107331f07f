/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/row_alignment.h"

#include <math.h>
#include <stdlib.h>

#include "base/number.h"
#include "rectify/corner_grid.h"
#include "rectify/patch_match.h"

enum {
    SMALL_WIDTH_PX = 400, /* the pair is halved until it is no wider */
    LEVELS_MAX = 10,
    ROWS_SEARCHED = 10, /* up and down, on the small copy */
    REFINE_PX = 2,      /* around the doubled position on each larger copy */
    MIN_MATCHES = 24,
    FIT_ROUNDS = 12,
};
static const double MIN_CORRELATION = 0.8;
static const double MIN_LEAD = 0.04; /* over the second peak */
static const double AGREE_PX = 1.5;
static const double MIN_AGREEING_SHARE = 0.35;
static const double FIT_SCALE_PX = 0.4; /* Cauchy */
static const double ROW_BEHIND = 0.1;   /* of the width: disparities below zero */
static const double ROW_AHEAD = 0.45;

struct level {
    struct image_view left, right;
};

struct workspace {
    int levels; /* 0 is the full size */
    struct level level[LEVELS_MAX];
    struct image_view valid_small;
    struct corner *corners;
    struct row_match *matches;
    double *sorted;
};

static int level_count(int width_px)
{
    int levels = 1;
    for (; width_px > SMALL_WIDTH_PX && levels < LEVELS_MAX;
         width_px = half_side(width_px))
        levels++;
    return levels;
}

size_t row_alignment_bytes(int width_px, int height_px, int max_corners)
{
    size_t count = (size_t)max_corners;
    size_t bytes = scratch_sum(scratch_array_size(count, sizeof(struct corner)),
                               scratch_array_size(count, sizeof(struct row_match)));
    bytes = scratch_sum(bytes, scratch_array_size(count, sizeof(double)));
    for (int i = 1; i < level_count(width_px); i++) {
        int w = width_px;
        int h = height_px;
        for (int k = 0; k < i; k++) {
            w = half_side(w);
            h = half_side(h);
        }
        bytes = scratch_sum(bytes, scratch_sum(scratch_sum(image_view_bytes(w, h, 1),
                                                           image_view_bytes(w, h, 1)),
                                               image_view_bytes(w, h, 1)));
    }
    return bytes;
}

static enum po_status halve(struct scratch *scratch, const struct image_view *source,
                            struct image_view *half, struct po_error *error)
{
    enum po_status status = image_view_take(scratch, half_side(source->width_px),
                                            half_side(source->height_px), 1, half, error);
    if (status == PO_OK)
        image_halve(source, half);
    return status;
}

static enum po_status workspace_take(const struct row_alignment_request *request,
                                     struct scratch *scratch, struct workspace *work,
                                     struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t count = (size_t)request->max_corners;
    work->levels = level_count(request->left.width_px);
    work->level[0] = (struct level){request->left, request->right};
    work->valid_small = request->left_valid;
    for (int i = 1; i < work->levels && status == PO_OK; i++) {
        status = halve(scratch, &work->level[i - 1].left, &work->level[i].left, error);
        if (status == PO_OK)
            status =
                halve(scratch, &work->level[i - 1].right, &work->level[i].right, error);
        if (status == PO_OK && work->valid_small.pixels != NULL) {
            struct image_view valid = work->valid_small;
            status = halve(scratch, &valid, &work->valid_small, error);
        }
    }
    if (status != PO_OK)
        return status;
    work->corners = scratch_take_array(scratch, count, sizeof(*work->corners));
    work->matches = scratch_take_array(scratch, count, sizeof(*work->matches));
    work->sorted = scratch_take_array(scratch, count, sizeof(*work->sorted));
    if (work->corners == NULL || work->matches == NULL || work->sorted == NULL)
        return scratch_exhausted(scratch, "the row alignment", error);
    return PO_OK;
}

static struct patch_window small_window(const struct row_alignment_request *request,
                                        const struct workspace *work,
                                        struct corner corner)
{
    int shrink = 1 << (work->levels - 1);
    int width = work->level[work->levels - 1].left.width_px;
    int low = -(int)(ROW_BEHIND * width);
    int high = (int)(ROW_AHEAD * width);
    if (request->range.count > 0) {
        low = request->range.min_px / shrink - 2;
        high = (request->range.min_px + request->range.count) / shrink + 2;
    }
    int rows = request->rows_searched > 0 ? request->rows_searched : ROWS_SEARCHED;
    return (struct patch_window){corner.x - high, corner.x - low, corner.y - rows,
                                 corner.y + rows};
}

/* Vertex of the parabola through three correlations one row apart. */
static double sub_row(const struct level *level, struct corner corner,
                      const struct patch_peak *peak)
{
    double above = patch_correlation(&level->left, corner.x, corner.y, &level->right,
                                     peak->x, peak->y - 1);
    double below = patch_correlation(&level->left, corner.x, corner.y, &level->right,
                                     peak->x, peak->y + 1);
    double curvature = above - 2.0 * peak->correlation + below;
    return curvature < -1e-6 ? 0.5 * (above - below) / curvature : 0.0;
}

static bool inside(const struct image_view *image, struct corner corner)
{
    return corner.x >= PATCH_RADIUS && corner.y >= PATCH_RADIUS &&
           corner.x < image->width_px - PATCH_RADIUS &&
           corner.y < image->height_px - PATCH_RADIUS;
}

/* From the smallest level down to the full size. */
static bool match_corner(const struct row_alignment_request *request,
                         const struct workspace *work, struct corner corner,
                         struct row_match *match)
{
    struct patch_peak peak;
    int smallest = work->levels - 1;
    if (!patch_search(request->cpu, &work->level[smallest].left,
                      (struct patch_centre){corner.x, corner.y},
                      &work->level[smallest].right, small_window(request, work, corner),
                      &peak) ||
        !peak.interior || peak.correlation < MIN_CORRELATION ||
        peak.correlation - peak.second < MIN_LEAD)
        return false;
    for (int i = smallest - 1; i >= 0; i--) {
        const struct level *level = &work->level[i];
        corner = (struct corner){2 * corner.x, 2 * corner.y};
        struct patch_window window = {2 * peak.x - REFINE_PX, 2 * peak.x + REFINE_PX + 1,
                                      2 * peak.y - REFINE_PX, 2 * peak.y + REFINE_PX + 1};
        if (!inside(&level->left, corner) ||
            !patch_search(request->cpu, &level->left,
                          (struct patch_centre){corner.x, corner.y}, &level->right,
                          window, &peak) ||
            !peak.interior || peak.correlation < MIN_CORRELATION)
            return false;
    }
    const struct image_view *left = &work->level[0].left;
    match->x = 2.0 * corner.x / left->width_px - 1.0;
    match->y = 2.0 * corner.y / left->height_px - 1.0;
    match->offset_px = peak.y + sub_row(&work->level[0], corner, &peak) - corner.y;
    match->disparity_px = corner.x - peak.x;
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double quantile(double *values, int count, double share)
{
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    return values[(int)(share * (count - 1) + 0.5)];
}

static double residual(const struct row_alignment *fit, const struct row_match *match)
{
    return match->offset_px - (fit->a_px + fit->b_px * match->x + fit->c_px * match->y);
}

/* Solves the 3x3 normal equations by Cramer's rule; false when they are singular. */
static bool solve3(const double m[6], const double v[3], double out[3])
{
    double c00 = m[3] * m[5] - m[4] * m[4];
    double c01 = m[4] * m[2] - m[1] * m[5];
    double c02 = m[1] * m[4] - m[3] * m[2];
    double determinant = m[0] * c00 + m[1] * c01 + m[2] * c02;
    if (fabs(determinant) < 1e-9)
        return false;
    double c11 = m[0] * m[5] - m[2] * m[2];
    double c12 = m[1] * m[2] - m[0] * m[4];
    double c22 = m[0] * m[3] - m[1] * m[1];
    out[0] = (c00 * v[0] + c01 * v[1] + c02 * v[2]) / determinant;
    out[1] = (c01 * v[0] + c11 * v[1] + c12 * v[2]) / determinant;
    out[2] = (c02 * v[0] + c12 * v[1] + c22 * v[2]) / determinant;
    return true;
}

/* One round of least squares, each match weighted by 1 / (1 + (r / s)^2)^2. */
static void fit_round(struct row_alignment *fit, const struct row_match *matches,
                      int count, double scale_px)
{
    double m[6] = {0};
    double v[3] = {0};
    for (int i = 0; i < count; i++) {
        double r = residual(fit, &matches[i]) / scale_px;
        double weight = 1.0 / ((1.0 + r * r) * (1.0 + r * r));
        double x = matches[i].x;
        double y = matches[i].y;
        m[0] += weight;
        m[1] += weight * x;
        m[2] += weight * y;
        m[3] += weight * x * x;
        m[4] += weight * x * y;
        m[5] += weight * y * y;
        v[0] += weight * matches[i].offset_px;
        v[1] += weight * x * matches[i].offset_px;
        v[2] += weight * y * matches[i].offset_px;
    }
    m[3] += 1.0; /* few matches in a corner must not tilt the plane */
    m[5] += 1.0;
    double out[3];
    if (solve3(m, v, out)) {
        fit->a_px = out[0];
        fit->b_px = out[1];
        fit->c_px = out[2];
    }
}

/* The densest offset: the median of the matches in the fullest window of 3 px. */
static double mode_of(const struct row_match *matches, int count, double *sorted)
{
    for (int i = 0; i < count; i++)
        sorted[i] = matches[i].offset_px;
    qsort(sorted, (size_t)count, sizeof(*sorted), compare_doubles);
    int best = 0;
    int best_first = 0;
    for (int first = 0, last = 0; first < count; first++) {
        while (last < count && sorted[last] <= sorted[first] + 2.0 * AGREE_PX)
            last++;
        if (last - first > best) {
            best = last - first;
            best_first = first;
        }
    }
    return sorted[best_first + best / 2];
}

static void fit(struct workspace *work, struct row_alignment *alignment)
{
    int count = alignment->matches;
    alignment->a_px = mode_of(work->matches, count, work->sorted);
    for (int round = 0; round < FIT_ROUNDS; round++)
        fit_round(alignment, work->matches, count,
                  round < FIT_ROUNDS / 2 ? 4.0 * FIT_SCALE_PX : FIT_SCALE_PX);
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (fabs(residual(alignment, &work->matches[i])) <= AGREE_PX)
            work->matches[kept++] = work->matches[i];
    alignment->agreeing = kept;
    alignment->found = kept >= MIN_MATCHES && kept >= MIN_AGREEING_SHARE * count;
    if (!alignment->found)
        return;
    for (int i = 0; i < kept; i++)
        work->sorted[i] = work->matches[i].offset_px;
    alignment->median_px = quantile(work->sorted, kept, 0.5);
    for (int i = 0; i < kept; i++)
        work->sorted[i] =
            fabs(work->matches[i].offset_px - residual(alignment, &work->matches[i]));
    alignment->spread_px = quantile(work->sorted, kept, 0.75);
    for (int i = 0; i < kept; i++)
        work->sorted[i] = fabs(residual(alignment, &work->matches[i]));
    alignment->residual_px = quantile(work->sorted, kept, 0.5);
    for (int i = 0; i < kept; i++)
        work->sorted[i] = work->matches[i].disparity_px;
    alignment->disparity_low_px = quantile(work->sorted, kept, 0.05);
    alignment->disparity_high_px = quantile(work->sorted, kept, 0.95);
}

enum po_status row_alignment_measure(const struct row_alignment_request *request,
                                     struct scratch *scratch,
                                     struct row_alignment *alignment,
                                     struct po_error *error)
{
    struct workspace work = {0};
    size_t mark = scratch_mark(scratch);
    *alignment = (struct row_alignment){0};
    enum po_status status = workspace_take(request, scratch, &work, error);
    if (status != PO_OK)
        goto cleanup;
    const struct image_view *small = &work.level[work.levels - 1].left;
    alignment->corners = corner_grid(small, &work.valid_small, PATCH_RADIUS + 1,
                                     request->max_corners, work.corners);
    for (int i = 0; i < alignment->corners; i++)
        alignment->matches += match_corner(request, &work, work.corners[i],
                                           &work.matches[alignment->matches]);
    for (int i = 0; request->every != NULL && i < alignment->matches; i++)
        request->every[i] = work.matches[i];
    if (alignment->matches >= MIN_MATCHES)
        fit(&work, alignment);
    for (int i = 0; request->found != NULL && i < alignment->agreeing; i++)
        request->found[i] = work.matches[i];

cleanup:
    scratch_rewind(scratch, mark);
    return status;
}

bool row_alignment_is_sure(const struct row_alignment *alignment)
{
    static const double sure_share = 0.7;
    return alignment->found && alignment->agreeing >= sure_share * alignment->matches;
}

bool row_alignment_is_ahead(const struct row_alignment *alignment)
{
    static const double least_px = 1.0; /* a picture beside itself has none */
    return alignment->found &&
           alignment->disparity_low_px + alignment->disparity_high_px > 2 * least_px;
}

bool row_offset_is_off(double offset_px)
{
    static const double most_px = 2.0;
    return fabs(offset_px) > most_px;
}

bool row_alignment_is_off(const struct row_alignment *alignment)
{
    return alignment->found && row_offset_is_off(alignment->median_px);
}

double row_alignment_worst_px(const struct row_alignment *alignment)
{
    return fabs(alignment->a_px) + fabs(alignment->b_px) + fabs(alignment->c_px);
}
