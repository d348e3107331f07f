/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fits disparity = field(prior, x, y) to the measured pixels by iteratively reweighted
 * least squares with Cauchy weights (Holland and Welsch 1977). Scale and shift come
 * first, as relative inverse depth has neither (Ranftl et al. 2020); a field of higher
 * order must pay on the pixels held out.
 */
#include "refine/depth_prior.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

enum {
    SAMPLES_MAX = 20000,
    SAMPLES_MIN = 400,
    TERMS_MAX = 9,
    ROUNDS = 10,
    HELD_OUT_EVERY = 4,
    HISTOGRAM_BINS = 2048,
    BINS_PER_PX = 32,
};

static const double inlier_px = 1.5;
static const double min_inlier_share = 0.5;
static const double error_cap_px = 4.0;
static const double least_scale_px = 0.5;
/* A higher order must lower the error of the pixels held out to this share. */
static const double gain_share = 0.95;
/* And the prior that of one distance for all to this. */
static const double least_gain_share = 0.8;

static const int terms_of_order[PRIOR_ORDERS] = {2, 4, 6, 9};

struct sample {
    float prior; /* less its mean, over its deviation */
    float x, y;  /* -1 .. 1 */
    float disparity_px;
    float trust; /* weight by confidence */
};

/* The terms of a field, those of order 0 first. */
static void make_terms(double p, double x, double y, double *terms)
{
    terms[0] = p;
    terms[1] = 1.0;
    terms[2] = x;
    terms[3] = y;
    terms[4] = p * x;
    terms[5] = p * y;
    terms[6] = x * y;
    terms[7] = x * x;
    terms[8] = y * y;
}

struct field {
    int terms;
    double coefficients[TERMS_MAX];
};

/* From a prior's values to those that fields take. */
struct scaling {
    double mean;
    double deviation;
};

struct fitting {
    struct sample *samples;
    int count;
    struct scaling scaling;
};

static double field_at(const struct field *field, double p, double x, double y)
{
    double terms[TERMS_MAX];
    double sum = 0.0;
    make_terms(p, x, y, terms);
    for (int i = 0; i < field->terms; i++)
        sum += field->coefficients[i] * terms[i];
    return sum;
}

static double residual_of(const struct field *field, const struct sample *sample)
{
    return fabs((double)sample->disparity_px -
                field_at(field, sample->prior, sample->x, sample->y));
}

static bool is_held_out(int index)
{
    return index % HELD_OUT_EVERY == 0;
}

/* A symmetric system, by Gaussian elimination with pivots. */
struct normal_equations {
    double rows[TERMS_MAX][TERMS_MAX + 1];
};

static void swap_rows(struct normal_equations *equations, int a, int b)
{
    double kept[TERMS_MAX + 1];
    memcpy(kept, equations->rows[a], sizeof(kept));
    memcpy(equations->rows[a], equations->rows[b], sizeof(kept));
    memcpy(equations->rows[b], kept, sizeof(kept));
}

static bool eliminate(struct normal_equations *equations, int column, int terms)
{
    int pivot = column;
    for (int i = column + 1; i < terms; i++)
        if (fabs(equations->rows[i][column]) > fabs(equations->rows[pivot][column]))
            pivot = i;
    if (!(fabs(equations->rows[pivot][column]) > 1e-12))
        return false;
    swap_rows(equations, column, pivot);
    for (int i = column + 1; i < terms; i++) {
        double factor = equations->rows[i][column] / equations->rows[column][column];
        for (int j = column; j <= terms; j++)
            equations->rows[i][j] -= factor * equations->rows[column][j];
    }
    return true;
}

static bool solve(struct normal_equations *equations, struct field *field)
{
    int terms = field->terms;
    for (int column = 0; column < terms; column++)
        if (!eliminate(equations, column, terms))
            return false;
    for (int i = terms - 1; i >= 0; i--) {
        double sum = equations->rows[i][terms];
        for (int j = i + 1; j < terms; j++)
            sum -= equations->rows[i][j] * field->coefficients[j];
        field->coefficients[i] = sum / equations->rows[i][i];
    }
    return true;
}

static void add_sample(const struct sample *sample, double weight, int terms,
                       struct normal_equations *equations)
{
    double values[TERMS_MAX];
    make_terms(sample->prior, sample->x, sample->y, values);
    for (int i = 0; i < terms; i++) {
        double weighted = weight * values[i];
        for (int j = i; j < terms; j++)
            equations->rows[i][j] += weighted * values[j];
        equations->rows[i][TERMS_MAX] += weighted * (double)sample->disparity_px;
    }
}

/* The lower triangle mirrors the upper one; the right side follows the last term. */
static void complete(struct normal_equations *equations, int terms)
{
    for (int i = 0; i < terms; i++) {
        for (int j = 0; j < i; j++)
            equations->rows[i][j] = equations->rows[j][i];
        equations->rows[i][terms] = equations->rows[i][TERMS_MAX];
    }
}

/* Scale of the residuals: 1.5 times their median, by a histogram. */
static double residual_scale(const struct fitting *fitting, const struct field *field)
{
    uint32_t bins[HISTOGRAM_BINS] = {0};
    uint32_t total = 0, below = 0;
    int bin = 0;
    for (int i = 0; i < fitting->count; i++) {
        if (is_held_out(i))
            continue;
        double at = residual_of(field, &fitting->samples[i]) * BINS_PER_PX;
        bins[at < HISTOGRAM_BINS - 1 ? (int)at : HISTOGRAM_BINS - 1]++;
        total++;
    }
    while (bin < HISTOGRAM_BINS - 1 && 2 * (below + bins[bin]) < total)
        below += bins[bin++];
    return fmax(least_scale_px, 1.5 * (bin + 0.5) / BINS_PER_PX);
}

/* Weights of the first round are those of confidence alone. */
static bool fit_field(const struct fitting *fitting, struct field *field)
{
    double scale_px = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        struct normal_equations equations = {0};
        for (int i = 0; i < fitting->count; i++) {
            const struct sample *sample = &fitting->samples[i];
            if (is_held_out(i))
                continue;
            double ratio = round == 0 ? 0.0 : residual_of(field, sample) / scale_px;
            add_sample(sample, sample->trust / (1.0 + ratio * ratio), field->terms,
                       &equations);
        }
        complete(&equations, field->terms);
        if (!solve(&equations, field))
            return false;
        scale_px = residual_scale(fitting, field);
    }
    return true;
}

static void judge_field(const struct fitting *fitting, const struct field *field,
                        struct prior_fit *judged)
{
    double sum = 0.0;
    int inliers = 0, count = 0;
    for (int i = 0; i < fitting->count; i += HELD_OUT_EVERY) {
        double residual_px = residual_of(field, &fitting->samples[i]);
        sum += fmin(residual_px, error_cap_px);
        inliers += residual_px < inlier_px;
        count++;
    }
    judged->residual_px = sum / count;
    judged->inlier_share = (double)inliers / count;
}

/* One disparity for all: that half of the samples lie below. */
static struct field constant_field(const struct fitting *fitting)
{
    double low = -DISPARITY_LIMIT_PX, high = DISPARITY_LIMIT_PX;
    while (high - low > 1.0 / DISPARITY_SCALE) {
        double middle = 0.5 * (low + high);
        int below = 0;
        for (int i = 0; i < fitting->count; i++)
            below += (double)fitting->samples[i].disparity_px < middle;
        if (2 * below < fitting->count)
            low = middle;
        else
            high = middle;
    }
    return (struct field){.terms = 2, .coefficients = {0.0, low}};
}

/* The lowest order that no higher one beats clearly. False: none can be fitted. */
static bool choose_field(const struct fitting *fitting, struct field *best,
                         struct prior_fit *fit)
{
    bool found = false;
    for (int order = 0; order < PRIOR_ORDERS; order++) {
        struct field field = {.terms = terms_of_order[order]};
        struct prior_fit judged = *fit;
        if (!fit_field(fitting, &field))
            continue;
        judge_field(fitting, &field, &judged);
        if (found && judged.residual_px >= gain_share * fit->residual_px)
            continue;
        found = true;
        *best = field;
        *fit = judged;
        fit->order = order;
    }
    return found;
}

static bool is_usable(const struct prior_target *target, int x, int y)
{
    return image_row(target->classes, y)[x] == PIXEL_MEASURED &&
           image_row(target->confidence, y)[x] > 0 &&
           isfinite(target->prior[(size_t)y * (size_t)target->map->width_px + (size_t)x]);
}

static int count_usable(const struct prior_target *target)
{
    int count = 0;
    for (int y = 0; y < target->map->height_px; y++)
        for (int x = 0; x < target->map->width_px; x++)
            count += is_usable(target, x, y);
    return count;
}

static double place_of(int at, int length)
{
    return 2.0 * at / length - 1.0;
}

static struct sample sample_at(const struct prior_target *target, int x, int y)
{
    int width = target->map->width_px;
    float trust = (float)image_row(target->confidence, y)[x] / 255.0F;
    return (struct sample){
        .prior = target->prior[(size_t)y * (size_t)width + (size_t)x],
        .x = (float)place_of(x, width),
        .y = (float)place_of(y, target->map->height_px),
        .disparity_px = (float)disparity_row(target->map, y)[x] / DISPARITY_SCALE,
        .trust = trust * trust,
    };
}

/* Spread evenly over the usable pixels, in raster order. */
static void take_samples(const struct prior_target *target, int usable,
                         struct fitting *fitting)
{
    int step = maximum(1, (usable + SAMPLES_MAX - 1) / SAMPLES_MAX);
    int seen = 0;
    fitting->count = 0;
    for (int y = 0; y < target->map->height_px; y++)
        for (int x = 0; x < target->map->width_px; x++)
            if (is_usable(target, x, y) && seen++ % step == 0)
                fitting->samples[fitting->count++] = sample_at(target, x, y);
}

/* False where the prior says the same everywhere. */
static bool scale_samples(struct fitting *fitting)
{
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < fitting->count; i++)
        sum += (double)fitting->samples[i].prior;
    fitting->scaling.mean = sum / fitting->count;
    for (int i = 0; i < fitting->count; i++) {
        double off = (double)fitting->samples[i].prior - fitting->scaling.mean;
        squares += off * off;
    }
    fitting->scaling.deviation = sqrt(squares / fitting->count);
    if (!(fitting->scaling.deviation > 1e-9 * fabs(fitting->scaling.mean)) ||
        !isfinite(fitting->scaling.deviation))
        return false;
    for (int i = 0; i < fitting->count; i++)
        fitting->samples[i].prior =
            (float)(((double)fitting->samples[i].prior - fitting->scaling.mean) /
                    fitting->scaling.deviation);
    return true;
}

static void judge_fit(const struct fitting *fitting, const struct field *field,
                      struct prior_fit *fit)
{
    struct prior_fit constant = {0};
    struct field same_everywhere = constant_field(fitting);
    judge_field(fitting, &same_everywhere, &constant);
    if (!(fit->inlier_share >= min_inlier_share))
        fit->refusal = "too few of the measured pixels agree with it";
    else if (!(field->coefficients[0] > 0.0))
        fit->refusal = "its values fall where disparities grow; inverse depth is wanted, "
                       "not depth";
    else if (!(fit->residual_px < least_gain_share * constant.residual_px))
        fit->refusal = "it says no more of what is measured than one distance would";
    fit->accepted = fit->refusal == NULL;
}

static int16_t to_disparity(double value_px)
{
    double scaled = floor(value_px * DISPARITY_SCALE + 0.5);
    bool inside = fabs(scaled) <= (double)DISPARITY_LIMIT_PX * DISPARITY_SCALE;
    return inside ? (int16_t)scaled : (int16_t)DISPARITY_INVALID;
}

static void apply_field(const struct prior_target *target, const struct field *field,
                        const struct scaling *scaling, struct disparity_map *aligned)
{
    int width = aligned->width_px;
    for (int y = 0; y < aligned->height_px; y++) {
        const float *from = target->prior + (size_t)y * (size_t)width;
        int16_t *to = disparity_row(aligned, y);
        double at_y = place_of(y, aligned->height_px);
        for (int x = 0; x < width; x++) {
            double p = ((double)from[x] - scaling->mean) / scaling->deviation;
            to[x] = to_disparity(field_at(field, p, place_of(x, width), at_y));
        }
    }
}

size_t depth_prior_align_bytes(void)
{
    return scratch_array_size(SAMPLES_MAX, sizeof(struct sample));
}

enum po_status depth_prior_align(const struct prior_target *target,
                                 struct scratch *scratch, struct prior_fit *fit,
                                 struct disparity_map *aligned, struct po_error *error)
{
    struct field field = {0};
    size_t mark = scratch_mark(scratch);
    struct fitting fitting = {
        .samples = scratch_take_array(scratch, SAMPLES_MAX, sizeof(struct sample))};
    *fit = (struct prior_fit){0};
    if (fitting.samples == NULL)
        return scratch_exhausted(scratch, "a prior's samples", error);
    take_samples(target, count_usable(target), &fitting);
    fit->samples = fitting.count;
    if (fitting.count < SAMPLES_MIN)
        fit->refusal = "too few pixels are measured to compare it with";
    else if (!scale_samples(&fitting) || !choose_field(&fitting, &field, fit))
        fit->refusal = "it says the same everywhere";
    else
        judge_fit(&fitting, &field, fit);
    if (fit->accepted)
        apply_field(target, &field, &fitting.scaling, aligned);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
