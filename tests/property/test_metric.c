/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clouds in millimetres against surfaces that are known exactly: a plane, a sphere, and
 * distances between points. First with exact disparities, where only the sixteenths of
 * the map are between a point and the truth; then through rendering, rectification,
 * matching and refinement. Figures are printed, bounds are asserted.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cloud/triangulation.h"
#include "cv_shim/cv_shim.h"
#include "support/reconstruction.h"

enum { WIDTH = 640, HEIGHT = 480, EDGE_PX = 6 };

static const struct disparity_range range = {0, 96};
static const double ASSUMED_SIGMA_PX = 0.25; /* where the map brings no sigma */

struct residuals {
    int count;
    double *values;
};

static void add_residual(struct residuals *residuals, double value)
{
    residuals->values[residuals->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Quantile of the absolute values; sorts them. */
static double quantile(struct residuals *residuals, double share)
{
    for (int i = 0; i < residuals->count; i++)
        residuals->values[i] = fabs(residuals->values[i]);
    qsort(residuals->values, (size_t)residuals->count, sizeof(double), compare);
    return residuals->values[(int)(share * (residuals->count - 1))];
}

static double mean(const struct residuals *residuals)
{
    double sum = 0;
    for (int i = 0; i < residuals->count; i++)
        sum += residuals->values[i];
    return sum / residuals->count;
}

static double norm(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

static struct residuals take_residuals(void)
{
    struct residuals residuals = {0};
    residuals.values = calloc((size_t)WIDTH * HEIGHT, sizeof(double));
    assert_non_null(residuals.values);
    return residuals;
}

static struct po_settings settings_of(enum po_matcher matcher)
{
    struct po_settings settings;
    po_settings_defaults(&settings);
    settings.match.matcher = matcher;
    return settings;
}

static void exact_plane_lies_on_its_plane(void **state)
{
    (void)state;
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_PLANE, WIDTH, HEIGHT, 0);
    struct rectified_rig rig = synthetic_scene_rig(&scene);
    struct triangulation triangulation;
    struct residuals residuals = take_residuals();
    double normal[3];
    double distance_mm;
    assert_int_equal(triangulation_make(&rig, PO_UNIT_MM, &triangulation, NULL), PO_OK);
    synthetic_scene_plane(&scene, normal, &distance_mm);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double exact = synthetic_scene_disparity(&scene, x, y);
            double point[3];
            triangulation_point(&triangulation, x, y, (int)lround(exact * 16), point);
            double residual_mm = normal[0] * point[0] + normal[1] * point[1] +
                                 normal[2] * point[2] - distance_mm;
            /* Half a sixteenth of a pixel moves a point along its ray by
             * Z^2 / (f B) / 32 of depth. */
            double slant = norm(point) / point[2];
            double bound_mm =
                slant * point[2] * point[2] / (rig.focal_px * rig.baseline_mm) / 32;
            assert_true(fabs(residual_mm) <= 1.01 * bound_mm);
            add_residual(&residuals, residual_mm);
        }
    double bias_mm = mean(&residuals);
    print_message("exact plane: mean %.4f mm, 99 %% below %.3f mm\n", bias_mm,
                  quantile(&residuals, 0.99));
    assert_true(fabs(bias_mm) < 0.02);
    free(residuals.values);
}

static void matched_plane(enum po_matcher matcher, double rms_bound_px)
{
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_PLANE, WIDTH, HEIGHT, 1);
    struct po_settings settings = settings_of(matcher);
    struct reconstruction r;
    struct residuals pixels = take_residuals();
    struct residuals millimetres = take_residuals();
    double normal[3];
    double distance_mm;
    reconstruction_make(&r, &scene, &settings, range);
    synthetic_scene_plane(&scene, normal, &distance_mm);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double point[3];
            if (!reconstruction_point(&r, x, y, point))
                continue;
            add_residual(&millimetres, normal[0] * point[0] + normal[1] * point[1] +
                                           normal[2] * point[2] - distance_mm);
            add_residual(&pixels, disparity_row(&r.refined.map, y)[x] / 16.0 -
                                      synthetic_scene_disparity(&scene, x, y));
        }
    double kept = (double)pixels.count / (WIDTH * HEIGHT);
    double bias_mm = mean(&millimetres);
    double bias_px = mean(&pixels);
    double median_mm = quantile(&millimetres, 0.5);
    double median_px = quantile(&pixels, 0.5);
    double tail_px = quantile(&pixels, 0.95);
    print_message("matched plane: %.1f %% of pixels, mean %.3f mm (%.4f px), median "
                  "%.3f mm (%.4f px), 95 %% below %.3f px\n",
                  100 * kept, bias_mm, bias_px, median_mm, median_px, tail_px);
    assert_true(kept > 0.85);
    assert_true(fabs(bias_px) < 0.05);
    assert_true(median_px < rms_bound_px);
    assert_true(tail_px < 3 * rms_bound_px);
    free(pixels.values);
    free(millimetres.values);
    reconstruction_release(&r);
}

/* What a pixel of the rectified left image really sees, in the raw left frame. */
static enum synthetic_surface truth_at(const struct reconstruction *r, int x, int y,
                                       double point_mm[3])
{
    const struct rectified_rig *rig = &r->rectification.rig;
    double ray[3] = {(x - rig->cx_px) / rig->focal_px, (y - rig->cy_px) / rig->focal_y_px,
                     1.0};
    double raw[3];
    double origin[3] = {0};
    reconstruction_to_raw(r, ray, raw);
    return synthetic_scene_hit(&r->scene, origin, raw, point_mm);
}

/* The surface seen around a pixel, SURFACE_NOTHING beside an outline. */
static enum synthetic_surface surface_around(const struct reconstruction *r, int x, int y)
{
    double point_mm[3];
    enum synthetic_surface here = truth_at(r, x, y, point_mm);
    for (int dy = -EDGE_PX; dy <= EDGE_PX; dy += EDGE_PX)
        for (int dx = -EDGE_PX; dx <= EDGE_PX; dx += EDGE_PX)
            if (truth_at(r, x + dx, y + dy, point_mm) != here)
                return SURFACE_NOTHING;
    return here;
}

static double distance(const double a[3], const double b[3])
{
    double difference[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
    return norm(difference);
}

/* Solves the symmetric 4x4 system of normal equations by Gaussian elimination. */
static void solve4(double m[4][5], double out[4])
{
    for (int i = 0; i < 4; i++)
        for (int j = i + 1; j < 4; j++) {
            double factor = m[j][i] / m[i][i];
            for (int k = i; k < 5; k++)
                m[j][k] -= factor * m[i][k];
        }
    for (int i = 3; i >= 0; i--) {
        out[i] = m[i][4];
        for (int k = i + 1; k < 4; k++)
            out[i] -= m[i][k] * out[k];
        out[i] /= m[i][i];
    }
}

/* Least-squares sphere |p|^2 = 2 c.p + (r^2 - |c|^2) (Coope 1993), with coordinates
 * around `near` to keep it well conditioned. */
struct sphere_fit {
    double sums[4][5];
    double near[3];
};

static void sphere_fit_add(struct sphere_fit *fit, const double point[3])
{
    double row[4] = {point[0] - fit->near[0], point[1] - fit->near[1],
                     point[2] - fit->near[2], 1.0};
    double square = row[0] * row[0] + row[1] * row[1] + row[2] * row[2];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++)
            fit->sums[i][j] += row[i] * row[j];
        fit->sums[i][4] += row[i] * square;
    }
}

static double sphere_fit_radius(struct sphere_fit *fit, double centre[3])
{
    double solution[4];
    solve4(fit->sums, solution);
    double square = solution[3];
    for (int i = 0; i < 3; i++) {
        square += solution[i] * solution[i] / 4;
        centre[i] = fit->near[i] + solution[i] / 2;
    }
    return sqrt(square);
}

struct sphere_figures {
    double median_mm[3]; /* by surface: distance of a point from its surface */
    double tail_mm[3];
    double bias_mm[3];
    double kept;  /* share of the pixels that see a surface away from outlines */
    double wrong; /* share of points off by more than 2 % of their depth */
    double radius_mm;
    double centre_off_mm;
};

static double off_surface(const struct synthetic_scene *scene,
                          enum synthetic_surface surface, const double raw[3])
{
    if (surface == SURFACE_SPHERE)
        return distance(raw, scene->sphere_centre_mm) - scene->sphere_radius_mm;
    const double *n = scene->plane_normal;
    return n[0] * raw[0] + n[1] * raw[1] + n[2] * raw[2] - scene->plane_distance_mm;
}

static void measure_sphere(const struct reconstruction *r, struct sphere_figures *figures)
{
    struct residuals residuals[3];
    struct sphere_fit fit = {0};
    int seen = 0;
    int points = 0;
    int wrong = 0;
    memcpy(fit.near, r->scene.sphere_centre_mm, sizeof(fit.near));
    for (int i = 0; i < 3; i++)
        residuals[i] = take_residuals();
    for (int y = EDGE_PX; y < HEIGHT - EDGE_PX; y++)
        for (int x = range.count; x < WIDTH - EDGE_PX; x++) {
            double point[3];
            double raw[3];
            enum synthetic_surface surface = surface_around(r, x, y);
            seen += surface != SURFACE_NOTHING;
            if (surface == SURFACE_NOTHING || !reconstruction_point(r, x, y, point))
                continue;
            points++;
            reconstruction_to_raw(r, point, raw);
            double off_mm = off_surface(&r->scene, surface, raw);
            wrong += fabs(off_mm) > 0.02 * raw[2];
            add_residual(&residuals[surface], off_mm);
            if (surface == SURFACE_SPHERE && fabs(off_mm) < 0.02 * raw[2])
                sphere_fit_add(&fit, raw);
        }
    figures->kept = (double)points / seen;
    figures->wrong = (double)wrong / points;
    double centre[3];
    figures->radius_mm = sphere_fit_radius(&fit, centre);
    figures->centre_off_mm = distance(centre, r->scene.sphere_centre_mm);
    for (int i = SURFACE_PLANE; i <= SURFACE_SPHERE; i++) {
        figures->bias_mm[i] = mean(&residuals[i]);
        figures->median_mm[i] = quantile(&residuals[i], 0.5);
        figures->tail_mm[i] = quantile(&residuals[i], 0.95);
    }
    for (int i = 0; i < 3; i++)
        free(residuals[i].values);
}

/* Distances between pairs of points against the truth along the same rays: in
 * millimetres and in standard deviations of what was predicted. */
static void measure_distances(const struct reconstruction *r, struct residuals *mm,
                              struct residuals *sigmas)
{
    enum { STEP = 37, PAIR_X = 230, PAIR_Y = 110 };
    for (int y = 20; y + PAIR_Y < HEIGHT - 20; y += STEP)
        for (int x = range.count; x + PAIR_X < WIDTH - 20; x += STEP) {
            double p[2][3];
            double truth[2][3];
            int at[2][2] = {{x, y}, {x + PAIR_X, y + PAIR_Y}};
            double variance = 0;
            bool usable = true;
            for (int i = 0; i < 2 && usable; i++) {
                usable = surface_around(r, at[i][0], at[i][1]) != SURFACE_NOTHING &&
                         reconstruction_point(r, at[i][0], at[i][1], p[i]) &&
                         truth_at(r, at[i][0], at[i][1], truth[i]) != SURFACE_NOTHING;
                if (usable)
                    variance += pow(
                        reconstruction_sigma_mm(r, at[i][0], at[i][1], ASSUMED_SIGMA_PX),
                        2);
            }
            if (!usable)
                continue;
            double error_mm = distance(p[0], p[1]) - distance(truth[0], truth[1]);
            add_residual(mm, error_mm);
            add_residual(sigmas, error_mm / sqrt(variance));
        }
}

static void matched_sphere(enum po_matcher matcher)
{
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_SPHERE, WIDTH, HEIGHT, 0);
    struct po_settings settings = settings_of(matcher);
    struct reconstruction r;
    struct sphere_figures figures;
    struct residuals mm = take_residuals();
    struct residuals sigmas = take_residuals();
    reconstruction_make(&r, &scene, &settings, range);
    measure_sphere(&r, &figures);
    measure_distances(&r, &mm, &sigmas);
    const struct rectified_rig *rig = &r.rectification.rig;
    double pixel_mm = 1500.0 * 1500.0 / (rig->focal_px * rig->baseline_mm);
    print_message("raw rig: %.1f %% of pixels, %.2f %% wrong; one pixel is %.0f mm at "
                  "1.5 m\n",
                  100 * figures.kept, 100 * figures.wrong, pixel_mm);
    print_message("plane:  mean %.2f mm, median %.2f mm, 95 %% below %.2f mm\n",
                  figures.bias_mm[SURFACE_PLANE], figures.median_mm[SURFACE_PLANE],
                  figures.tail_mm[SURFACE_PLANE]);
    print_message("sphere: mean %.2f mm, median %.2f mm, 95 %% below %.2f mm; fitted "
                  "radius %.2f mm of %.0f, centre off %.2f mm\n",
                  figures.bias_mm[SURFACE_SPHERE], figures.median_mm[SURFACE_SPHERE],
                  figures.tail_mm[SURFACE_SPHERE], figures.radius_mm,
                  scene.sphere_radius_mm, figures.centre_off_mm);
    double median_mm = quantile(&mm, 0.5);
    double tail_sigma = quantile(&sigmas, 0.9);
    print_message("%d distances: median error %.2f mm, 90 %% below %.2f mm and %.2f "
                  "sigma\n",
                  mm.count, median_mm, quantile(&mm, 0.9), tail_sigma);
    assert_true(figures.kept > 0.9);
    assert_true(figures.wrong < 0.02);
    assert_true(fabs(figures.bias_mm[SURFACE_PLANE]) < 0.1 * pixel_mm);
    assert_true(figures.median_mm[SURFACE_PLANE] < 0.15 * pixel_mm);
    assert_true(figures.median_mm[SURFACE_SPHERE] < 0.15 * pixel_mm);
    assert_true(fabs(figures.radius_mm - scene.sphere_radius_mm) < 2.0);
    assert_true(figures.centre_off_mm < 3.0);
    assert_true(mm.count > 40);
    assert_true(median_mm < 0.2 * pixel_mm);
    assert_true(tail_sigma < 3.0);
    free(mm.values);
    free(sigmas.values);
    reconstruction_release(&r);
}

static void opencv_plane_is_metric(void **state)
{
    (void)state;
    matched_plane(PO_MATCHER_OPENCV, 0.25);
}

static void opencv_sphere_is_metric(void **state)
{
    (void)state;
    matched_sphere(PO_MATCHER_OPENCV);
}

static void sgm_plane_is_metric(void **state)
{
    (void)state;
    matched_plane(PO_MATCHER_SGM, 0.15);
}

static void sgm_sphere_is_metric(void **state)
{
    (void)state;
    matched_sphere(PO_MATCHER_SGM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_plane_lies_on_its_plane),
        cmocka_unit_test(sgm_plane_is_metric),
        cmocka_unit_test(sgm_sphere_is_metric),
        cmocka_unit_test(opencv_plane_is_metric),
        cmocka_unit_test(opencv_sphere_is_metric),
    };
    (void)!cv_shim_init(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
