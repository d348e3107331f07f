/* SPDX-License-Identifier: Apache-2.0 */
#include "support/reconstruction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cloud/triangulation.h"
#include "match/match_stage.h"
#include "rectify/rectifier.h"

static const double SIGMA_PER_PX = 64.0;
enum { IMAGES = 8 }; /* views of the scene's size that are taken here */

static void expect_ok(enum po_status status, const struct po_error *error)
{
    if (status != PO_OK)
        fail_msg("%s", error->message);
}

struct views {
    struct image_view colour[2]; /* rectified */
    struct image_view grey[2];
    struct image_view valid[2]; /* pixels NULL: all */
};

static struct image_view take(struct reconstruction *r, int channels)
{
    struct image_view view;
    struct po_error error;
    expect_ok(image_view_take(&r->scratch, r->scene.width_px, r->scene.height_px,
                              channels, &view, &error),
              &error);
    return view;
}

static void rectify(struct reconstruction *r, const struct calibration *calibration,
                    struct views *views)
{
    struct rectifier *rectifier = NULL;
    struct po_error error = {0};
    expect_ok(rectifier_create(calibration, &r->rectification, &rectifier, &error),
              &error);
    for (int side = 0; side < 2; side++) {
        struct image_view raw = take(r, 3);
        synthetic_scene_render(&r->scene, side, &raw);
        views->colour[side] = raw;
        if (rectifier != NULL) {
            views->colour[side] = take(r, 3);
            views->valid[side] = take(r, 1);
            expect_ok(rectifier_run(rectifier, side, &raw, &views->colour[side], &error),
                      &error);
            rectifier_mask(rectifier, side, &views->valid[side]);
        }
        views->grey[side] = take(r, 1);
        image_to_grey(&views->colour[side], &views->grey[side]);
    }
    rectifier_destroy(rectifier);
}

static void match(struct reconstruction *r, const struct match_stage_plan *plan,
                  const struct views *views)
{
    struct match_output output;
    struct vertical_disparity offset;
    struct po_error error = {0};
    struct match_stage_input match_input = {
        .left = views->grey[0],
        .right = views->grey[1],
        .guide = views->colour[0],
        .range = r->range,
        .settings = &r->settings,
    };
    struct refine_input refine_input = {
        .guide = views->colour[0],
        .left = views->grey[0],
        .right = views->grey[1],
        .valid = views->valid[0],
        .range = r->range,
        .settings = &r->settings,
    };
    expect_ok(match_stage_take_output(plan, &r->scratch, r->scene.width_px,
                                      r->scene.height_px, &output, &error),
              &error);
    expect_ok(refine_take_output(&r->scratch, r->scene.width_px, r->scene.height_px,
                                 &r->refined, &error),
              &error);
    expect_ok(match_stage_run(plan, &match_input, &r->scratch, &output, &offset, &error),
              &error);
    expect_ok(
        refine_run(&refine_input, &output, &r->scratch, &r->refined, &r->counts, &error),
        &error);
}

static void make_cloud(struct reconstruction *r, const struct views *views)
{
    struct po_error error = {0};
    r->cloud = (struct cloud_input){
        .map = r->refined.map,
        .classes = r->refined.classes,
        .confidence = r->refined.confidence,
        .sigma = r->refined.sigma,
        .colour = views->colour[0],
        .rig = r->rectification.rig,
        .settings = &r->settings.cloud,
    };
    expect_ok(cloud_select(&r->cloud, &r->scratch, &r->selection, &r->counts,
                           &r->warnings, &error),
              &error);
}

void reconstruction_make(struct reconstruction *r, const struct synthetic_scene *scene,
                         const struct po_settings *settings, struct disparity_range range)
{
    int width = scene->width_px;
    int height = scene->height_px;
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    struct match_stage_plan plan;
    struct views views;
    struct po_error error = {0};
    assert_non_null(calibration);
    memset(r, 0, sizeof(*r));
    memset(&views, 0, sizeof(views));
    r->scene = *scene;
    r->settings = *settings;
    r->range = range;
    expect_ok(match_stage_make_plan(settings,
                                    &(struct match_size){width, height, 3, range}, 0,
                                    &plan, &error),
              &error);
    size_t bytes = plan.scratch_bytes + plan.output_bytes +
                   refine_output_bytes(width, height) +
                   refine_scratch_bytes(settings, width, height, 3, range) +
                   cloud_scratch_bytes(&settings->cloud, width, height) +
                   IMAGES * image_view_bytes(width, height, 3);
    expect_ok(scratch_init(&r->scratch, bytes, &error), &error);
    synthetic_scene_calibration(scene, calibration);
    expect_ok(rectification_make(calibration, width, height, &r->rectification, &error),
              &error);
    rectify(r, calibration, &views);
    match(r, &plan, &views);
    make_cloud(r, &views);
    free(calibration);
}

void reconstruction_release(struct reconstruction *r)
{
    scratch_release(&r->scratch);
}

static int16_t disparity_at(const struct reconstruction *r, int x, int y)
{
    return disparity_row(&r->refined.map, y)[x];
}

bool reconstruction_point(const struct reconstruction *r, int x, int y,
                          double point_mm[3])
{
    struct triangulation triangulation;
    assert_int_equal(
        triangulation_make(&r->rectification.rig, PO_UNIT_MM, &triangulation, NULL),
        PO_OK);
    if (!image_row(&r->selection.keep, y)[x])
        return false;
    triangulation_point(&triangulation, x, y, disparity_at(r, x, y), point_mm);
    return true;
}

/* sigma_Z = Z^2 / (f B) sigma_d. */
double reconstruction_sigma_mm(const struct reconstruction *r, int x, int y,
                               double sigma_px)
{
    const struct rectified_rig *rig = &r->rectification.rig;
    double point_mm[3];
    assert_true(reconstruction_point(r, x, y, point_mm));
    if (r->refined.sigma.pixels != NULL)
        sigma_px = image_row(&r->refined.sigma, y)[x] / SIGMA_PER_PX;
    return point_mm[2] * point_mm[2] / (rig->focal_px * rig->baseline_mm) * sigma_px;
}

void reconstruction_to_raw(const struct reconstruction *r, const double rectified_mm[3],
                           double raw_mm[3])
{
    const double *rotation = r->rectification.rotation[0];
    for (int i = 0; i < 3; i++)
        raw_mm[i] = r->rectification.identity ? rectified_mm[i]
                                              : rotation[i] * rectified_mm[0] +
                                                    rotation[3 + i] * rectified_mm[1] +
                                                    rotation[6 + i] * rectified_mm[2];
}
