/* SPDX-License-Identifier: Apache-2.0 */
/* Corners of chessboards against the truth of rendered pictures. What errs together in a
 * view is what no residual of a fit can show. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calibrate/board.h"
#include "calibrate/board_turned.h"
#include "cv_shim/cv_board.h"
#include "support/synthetic_board.h"

enum { COLS = 9, ROWS = 6, CORNERS = COLS * ROWS, VIEWS = 5, BENT_POSE = 5 };

/* Two of these views moved findChessboardCornersSB's own corners by 0.2 and 0.06 px. */
static const int poses[VIEWS] = {2, 3, 4, 8, 11};
static const double COMMON_PX = 0.02;
static const double SPREAD_PX = 0.07;

static void check_view(const struct synthetic_rig *rig, const double *rays,
                       int pose_index, enum cv_board_detector detector,
                       struct image_view *image)
{
    const struct board board = {
        .pattern = PO_BOARD_CHESSBOARD, .cols = COLS, .rows = ROWS, .square_mm = 25};
    const struct synthetic_exposure exposure = {
        .noise = 2, .blur_px = 0.7, .seed = 50 + (uint32_t)pose_index};
    struct synthetic_pose pose = synthetic_pose_make(rig, 3, pose_index, false);
    double truth[2 * CORNERS];
    float found_xy[2 * CORNERS];
    double mean[2] = {0};
    double squares = 0;
    bool found = false;
    struct po_error error = {0};
    assert_true(synthetic_board_corners(rig, &pose, 0, 0, truth));
    assert_true(synthetic_board_render(rig, &pose, 0, rays, &exposure, image));
    const struct cv_image grey = {image->width_px, image->height_px, 1,
                                  image->stride_bytes, image->pixels};
    assert_int_equal(cv_board_find(&grey, COLS, ROWS, detector, found_xy, &found, &error),
                     PO_OK);
    assert_true(found);
    board_order_pair(&board, found_xy, NULL);
    for (int i = 0; i < 2 * CORNERS; i++)
        mean[i % 2] += (found_xy[i] - truth[i]) / CORNERS;
    for (int i = 0; i < 2 * CORNERS; i++)
        squares += pow(found_xy[i] - truth[i], 2);
    assert_true(hypot(mean[0], mean[1]) < COMMON_PX);
    assert_true(sqrt(squares / (2 * CORNERS)) < SPREAD_PX);
}

static void corners_do_not_err_together(void **state)
{
    (void)state;
    static const enum cv_board_detector detectors[] = {CV_BOARD_SECTORS, CV_BOARD_QUADS};
    struct synthetic_rig rig = synthetic_rig_make(false);
    double *rays = synthetic_rays_make(&rig, 0);
    struct image_view image = {rig.width_px, rig.height_px, 1, rig.width_px,
                               malloc((size_t)rig.width_px * (size_t)rig.height_px)};
    assert_non_null(rays);
    assert_non_null(image.pixels);
    for (int i = 0; i < VIEWS; i++)
        for (int k = 0; k < 2; k++)
            check_view(&rig, rays, poses[i], detectors[k], &image);
    free(image.pixels);
    free(rays);
}

static struct camera_model lens_of(const struct synthetic_camera *camera, double wrong_px)
{
    struct camera_model lens = {.fx = camera->fx + wrong_px,
                                .fy = camera->fy + wrong_px,
                                .cx = camera->cx - wrong_px,
                                .cy = camera->cy,
                                .model = DISTORTION_FISHEYE,
                                .coefficient_count = 4};
    for (int i = 0; i < 4; i++)
        lens.coefficients[i] = camera->k[i];
    return lens;
}

/* A board near the edge of a fisheye picture, which the detectors miss: found by a lens
 * that is roughly known, and as exact as others. */
static void bent_boards_are_found_by_a_lens(void **state)
{
    (void)state;
    const struct board board = {
        .pattern = PO_BOARD_CHESSBOARD, .cols = COLS, .rows = ROWS, .square_mm = 25};
    const struct synthetic_exposure exposure = {.noise = 2, .blur_px = 0.7, .seed = 7};
    struct synthetic_rig rig = synthetic_rig_make(true);
    struct synthetic_pose pose = synthetic_pose_make(&rig, 3, BENT_POSE, false);
    const struct camera_model lens = lens_of(&rig.cameras[0], 1);
    double *rays = synthetic_rays_make(&rig, 0);
    struct image_view image = {rig.width_px, rig.height_px, 1, rig.width_px,
                               malloc((size_t)rig.width_px * (size_t)rig.height_px)};
    double truth[2 * CORNERS];
    float found_xy[2 * CORNERS];
    double squares = 0;
    bool found = true;
    struct po_error error = {0};
    assert_true(rays != NULL && image.pixels != NULL);
    assert_true(synthetic_board_corners(&rig, &pose, 0, 0, truth));
    assert_true(synthetic_board_render(&rig, &pose, 0, rays, &exposure, &image));
    const struct cv_image grey = {image.width_px, image.height_px, 1, image.stride_bytes,
                                  image.pixels};
    for (int k = 0; k < 2; k++) {
        assert_int_equal(cv_board_find(&grey, COLS, ROWS, (enum cv_board_detector)k,
                                       found_xy, &found, &error),
                         PO_OK);
        assert_false(found);
    }
    assert_true(board_turned_helps(&lens, rig.width_px, rig.height_px));
    assert_int_equal(board_turned_find(&board, &image, &lens, found_xy, &found, &error),
                     PO_OK);
    assert_true(found);
    board_order_pair(&board, found_xy, NULL);
    for (int i = 0; i < 2 * CORNERS; i++)
        squares += pow(found_xy[i] - truth[i], 2);
    assert_true(sqrt(squares / (2 * CORNERS)) < 2 * SPREAD_PX);
    free(image.pixels);
    free(rays);
}

static int load_opencv(void **state)
{
    struct po_error error = {0};
    (void)state;
    return cv_shim_init(&error) == PO_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_do_not_err_together),
        cmocka_unit_test(bent_boards_are_found_by_a_lens),
    };
    return cmocka_run_group_tests(tests, load_opencv, NULL);
}
