/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differences on one surface are at most a pixel, so the sums of a window fit 16 bits:
 * they are gathered for LANES pixels of a row at once, in loops that compilers turn into
 * vector code; only the solution is a pixel's own.
 */
#include "cloud/normals.h"

#include <math.h>

#include "cloud/surface_step.h"

enum { REACH_PX = 4, STEP_PX = 2, MIN_SAMPLES = 5, LANES = 16, PAD = REACH_PX + LANES };

/* Sums of least-squares planes through differences to the centre pixel. */
struct plane_sums {
    int16_t n[LANES], x[LANES], y[LANES];
    int16_t xx[LANES], xy[LANES], yy[LANES];
    int16_t d[LANES], xd[LANES], yd[LANES];
};

static size_t padded(int width_px)
{
    return (size_t)width_px + REACH_PX + PAD;
}

size_t normal_rows_bytes(int width_px)
{
    size_t row = scratch_array_size(padded(width_px), sizeof(int16_t));
    size_t bytes = 0;
    for (int i = 0; i < NORMAL_ROWS; i++)
        bytes = scratch_sum(bytes, row);
    return bytes;
}

enum po_status normal_rows_take(struct scratch *scratch, int width_px,
                                struct normal_rows *rows, struct po_error *error)
{
    for (int i = 0; i < NORMAL_ROWS; i++) {
        rows->rows[i] = scratch_take_array(scratch, padded(width_px), sizeof(int16_t));
        if (rows->rows[i] == NULL)
            return scratch_exhausted(scratch, "normals", error);
    }
    return PO_OK;
}

/* Row y of kept disparities, REACH_PX from the start of `row`; none beyond the image. */
static void load_row(const struct cloud_input *input, const struct image_view *keep,
                     int y, int16_t *row)
{
    int width = keep->width_px;
    for (int x = 0; x < REACH_PX; x++)
        row[x] = DISPARITY_INVALID;
    row += REACH_PX;
    for (int x = 0; x < PAD; x++)
        row[width + x] = DISPARITY_INVALID;
    bool inside = y >= 0 && y < keep->height_px;
    const int16_t *values = disparity_row(&input->map, inside ? y : 0);
    const uint8_t *kept = image_row(keep, inside ? y : 0);
    for (int x = 0; x < width; x++)
        row[x] = kept[x] && inside ? values[x] : (int16_t)DISPARITY_INVALID;
}

/* Adds a sample of each lane; a missing one differs by more than any step. */
static void add_samples(const int16_t *samples, const int16_t *centre,
                        const int16_t *steps, int16_t dx, int16_t dy,
                        struct plane_sums *sums)
{
    for (int i = 0; i < LANES; i++) {
        int16_t d = (int16_t)(samples[i] - centre[i]);
        int16_t use = (int16_t) - ((d <= steps[i]) & (d >= (int16_t)-steps[i]));
        d &= use;
        sums->n[i] = (int16_t)(sums->n[i] - use);
        sums->x[i] = (int16_t)(sums->x[i] + (dx & use));
        sums->y[i] = (int16_t)(sums->y[i] + (dy & use));
        sums->xx[i] = (int16_t)(sums->xx[i] + ((dx * dx) & use));
        sums->xy[i] = (int16_t)(sums->xy[i] + ((dx * dy) & use));
        sums->yy[i] = (int16_t)(sums->yy[i] + ((dy * dy) & use));
        sums->d[i] = (int16_t)(sums->d[i] + d);
        sums->xd[i] = (int16_t)(sums->xd[i] + (int16_t)(dx * d));
        sums->yd[i] = (int16_t)(sums->yd[i] + (int16_t)(dy * d));
    }
}

/* The sums of LANES pixels from column x on. */
static void gather(const struct normal_rows *rows, int x, int doffs,
                   struct plane_sums *sums)
{
    const int16_t *middle = rows->rows[NORMAL_ROWS / 2] + REACH_PX + x;
    int16_t centre[LANES];
    int16_t steps[LANES];
    *sums = (struct plane_sums){.n = {0}};
    for (int i = 0; i < LANES; i++) {
        centre[i] = middle[i];
        steps[i] = (int16_t)surface_step_limit(centre[i], centre[i], doffs);
    }
    for (int row = 0; row < NORMAL_ROWS; row++)
        for (int dx = -REACH_PX; dx <= REACH_PX; dx += STEP_PX)
            add_samples(rows->rows[row] + REACH_PX + x + dx, centre, steps, (int16_t)dx,
                        (int16_t)(row * STEP_PX - REACH_PX), sums);
}

/* Slopes of d over x and y, sixteenths a pixel; false when the samples are too few or on
 * one line. */
static bool fit_slopes(const struct plane_sums *s, int i, double *slope_x,
                       double *slope_y)
{
    int n = s->n[i];
    double xx = n * s->xx[i] - s->x[i] * s->x[i];
    double yy = n * s->yy[i] - s->y[i] * s->y[i];
    double xy = n * s->xy[i] - s->x[i] * s->y[i];
    double xd = n * s->xd[i] - s->x[i] * s->d[i];
    double yd = n * s->yd[i] - s->y[i] * s->d[i];
    double determinant = xx * yy - xy * xy;
    if (n < MIN_SAMPLES || determinant <= 0)
        return false;
    *slope_x = (xd * yy - yd * xy) / determinant;
    *slope_y = (yd * xx - xd * xy) / determinant;
    return true;
}

/*
 * The plane d + doffs = a x + b y + c of disparities is, with d + doffs = f B / Z and
 * x = f X / Z + cx, the plane a f X + b f Y + e Z = f B in space, where e is d + doffs at
 * the principal point: so (a f, b f, e) is its normal. A point without a plane faces the
 * camera.
 */
static void solve(const struct rectified_rig *rig, const struct plane_sums *sums,
                  int lane, const double ray[2], int disparity, float normal[3])
{
    double v[3] = {-ray[0] / rig->focal_px, -ray[1] / rig->focal_y_px, -1.0};
    double a;
    double b;
    if (fit_slopes(sums, lane, &a, &b)) {
        v[0] = -a * rig->focal_px;
        v[1] = -b * rig->focal_y_px;
        v[2] = a * ray[0] + b * ray[1] - disparity - rig->doffs_px * DISPARITY_SCALE;
    }
    double per_length = 1.0 / sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int axis = 0; axis < 3; axis++)
        normal[axis] = (float)(v[axis] * per_length);
}

void normal_rows_fit(const struct normal_rows *rows, const struct cloud_input *input,
                     const struct image_view *keep, int y,
                     const struct row_normals *wanted)
{
    const struct rectified_rig *rig = &input->rig;
    const int16_t *values = disparity_row(&input->map, y);
    int doffs = (int)lround(rig->doffs_px * DISPARITY_SCALE);
    struct plane_sums sums;
    int first = -LANES; /* column of the first lane */
    for (int row = 0; row < NORMAL_ROWS; row++)
        load_row(input, keep, y + row * STEP_PX - REACH_PX, rows->rows[row]);
    for (int i = 0; i < wanted->count; i++) {
        int x = wanted->columns[i];
        double ray[2] = {x - rig->cx_px, y - rig->cy_px};
        if (x >= first + LANES) {
            first = x;
            gather(rows, first, doffs, &sums);
        }
        solve(rig, &sums, x - first, ray, values[x], wanted->normals[i]);
    }
}
