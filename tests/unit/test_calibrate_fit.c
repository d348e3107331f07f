/* SPDX-License-Identifier: Apache-2.0 */
/* Cameras from corners whose truth is known: values, standard deviations, outliers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calibrate/choose_model.h"
#include "support/synthetic_board.h"

enum { VIEWS = 20, TRIALS = 50 };

static const struct board board = {PO_BOARD_CHESSBOARD, 9, 6, 25};

/* Sightings of a session, with noise on each coordinate. */
static struct board_sighting *see(const struct synthetic_rig *rig, uint32_t seed,
                                  double noise_px)
{
    double xy[2 * BOARD_MAX_CORNERS];
    uint32_t state = seed * 77777U + 3;
    struct board_sighting *rows = calloc(VIEWS, sizeof(*rows));
    assert_non_null(rows);
    for (int v = 0; v < VIEWS; v++) {
        struct synthetic_pose pose = synthetic_pose_make(rig, seed, v, false);
        rows[v].looked = true;
        for (int side = 0; side < 2; side++) {
            rows[v].width_px[side] = rig->width_px;
            rows[v].height_px[side] = rig->height_px;
            rows[v].found[side] = synthetic_board_corners(rig, &pose, side, 0, xy);
            assert_true(rows[v].found[side]);
            for (int i = 0; i < 2 * 54; i++)
                rows[v].xy[side][i] =
                    (float)(xy[i] + noise_px * synthetic_normal(&state));
        }
        board_order_pair(&board, rows[v].xy[0], rows[v].xy[1]);
    }
    return rows;
}

static struct view_set make_views(struct board_sighting *rows)
{
    struct view_set views;
    struct po_error error;
    assert_int_equal(view_set_make(&board, rows, VIEWS, &views, &error), PO_OK);
    free(rows);
    return views;
}

static double baseline_mm(const struct bundle *bundle)
{
    return vector3_length(bundle->translation) * board.square_mm;
}

/* Angle between the rig found and the true one. */
static double turn_error_degrees(const struct bundle *bundle,
                                 const struct synthetic_rig *rig)
{
    double truth[9];
    double back[9];
    double between[9];
    double vector[3];
    rotation_from_vector(truth, rig->turn);
    matrix3_transpose(back, truth);
    matrix3_multiply(between, bundle->rotation, back);
    rotation_to_vector(vector, between);
    return vector3_length(vector) * 57.29578;
}

static void assert_truth(const struct bundle *bundle, const struct synthetic_rig *rig)
{
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &bundle->cameras[side];
        assert_true(fabs(camera->fx / rig->cameras[side].fx - 1) < 0.001);
        assert_true(fabs(camera->fy / rig->cameras[side].fy - 1) < 0.001);
    }
    assert_true(fabs(baseline_mm(bundle) / 80.0127 - 1) < 0.001);
    assert_true(turn_error_degrees(bundle, rig) < 0.02);
}

static void test_exact_corners_give_the_rig(void **state)
{
    (void)state;
    for (int fisheye = 0; fisheye < 2; fisheye++) {
        struct po_error error = {0};
        struct model_choice choice;
        struct synthetic_rig rig = synthetic_rig_make(fisheye != 0);
        struct view_set views = make_views(see(&rig, 1, 0.02));
        assert_int_equal(
            model_choice_make(&views, lens_models, PO_DISTORTION_AUTO, &choice, &error),
            PO_OK);
        const struct model_trial *trial = &choice.trials[choice.chosen];
        for (int m = 0; m < LENS_MODELS; m++)
            print_message(
                "%d %s: status %d rms %.4f held %.4f rows %.4f f+- %.5f\n", fisheye,
                lens_models[m].name, choice.trials[m].status, choice.trials[m].fit.rms_px,
                choice.trials[m].held.corners_px.rms, choice.trials[m].held.rows_px.rms,
                choice.trials[m].status == PO_OK
                    ? focal_uncertainty(&choice.trials[m].bundle, &choice.trials[m].fit)
                    : 0);
        print_message("f %.3f base %.4f turn %.5f\n", trial->bundle.cameras[0].fx,
                      baseline_mm(&trial->bundle),
                      turn_error_degrees(&trial->bundle, &rig));
        assert_string_equal(trial->model->name, fisheye ? "fisheye" : "radtan");
        assert_truth(&trial->bundle, &rig);
        model_choice_release(&choice);
        view_set_release(&views);
    }
}

/* f, centre, baseline and the turn about y of 50 sessions: how many truths lie within two
 * standard deviations. */
static void test_standard_deviations_are_honest(void **state)
{
    (void)state;
    enum { FIGURES = 5 };
    for (int fisheye = 0; fisheye < 2; fisheye++) {
        int inside[FIGURES] = {0};
        struct synthetic_rig rig = synthetic_rig_make(fisheye != 0);
        for (int trial = 0; trial < TRIALS; trial++) {
            struct po_error error = {0};
            struct bundle bundle;
            struct bundle_fit fit;
            struct view_set views = make_views(see(&rig, 100U + (uint32_t)trial, 0.15));
            const struct lens_model *model = &lens_models[fisheye ? 1 : 0];
            assert_int_equal(view_set_bundle(&views, &bundle, &error), PO_OK);
            assert_int_equal(lens_model_fit(model, &views, &bundle, &fit, &error), PO_OK);
            const double *c = fit.covariance;
            const int n = BUNDLE_SHARED;
            const int t = 2 * BUNDLE_CAMERA + 3;
            double turn[9];
            double vector[3];
            rotation_from_vector(turn, rig.turn);
            double back[9];
            double between[9];
            matrix3_transpose(back, turn);
            matrix3_multiply(between, bundle.rotation, back);
            rotation_to_vector(vector, between);
            inside[0] += fabs(bundle.cameras[0].fx - rig.cameras[0].fx) < 2 * sqrt(c[0]);
            inside[1] +=
                fabs(bundle.cameras[0].cx - rig.cameras[0].cx) < 2 * sqrt(c[2 * n + 2]);
            inside[2] +=
                fabs(bundle.cameras[1].fy - rig.cameras[1].fy) < 2 * sqrt(c[13 * n + 13]);
            inside[3] += fabs(bundle.translation[0] + 80.0 / 25) < 2 * sqrt(c[t * n + t]);
            inside[4] += fabs(vector[1]) < 2 * sqrt(c[25 * n + 25]);
            bundle_release(&bundle);
            view_set_release(&views);
        }
        for (int i = 0; i < FIGURES; i++) {
            print_message("%s: figure %d: %d of %d within 2 sigma\n",
                          fisheye ? "fisheye" : "radtan", i, inside[i], TRIALS);
            assert_true(inside[i] >= 0.9 * TRIALS);
        }
    }
}

/* One view in ten is nonsense, and every fiftieth corner is off by up to 12 px. */
static void test_what_does_not_fit_is_dropped(void **state)
{
    (void)state;
    struct po_error error = {0};
    struct bundle bundle;
    struct bundle_fit fit;
    struct synthetic_rig rig = synthetic_rig_make(false);
    struct board_sighting *rows = see(&rig, 5, 0.02);
    uint32_t random = 9;
    int wrong = 0;
    for (int v = 2; v < VIEWS; v += 10)
        for (int i = 0; i < 54; i++)
            rows[v].xy[1][2 * i] += (float)(15 * sin(i));
    for (int v = 0; v < VIEWS; v++)
        for (int i = v; i < 54 && v != 2 && v != 12; i += 50, wrong++)
            rows[v].xy[v % 2][2 * i + 1] +=
                (float)(2 + fabs(3 * synthetic_normal(&random)));
    struct view_set views = make_views(rows);
    assert_int_equal(view_set_bundle(&views, &bundle, &error), PO_OK);
    assert_int_equal(lens_model_fit(&lens_models[0], &views, &bundle, &fit, &error),
                     PO_OK);
    assert_truth(&bundle, &rig);
    int dropped = 0;
    for (int v = 0; v < VIEWS; v++) {
        assert_int_equal(bundle.views[v].used, v != 2 && v != 12);
        for (int i = 0; i < 108 && bundle.views[v].used; i++)
            dropped += !bundle.views[v].kept[i / 54][i % 54];
    }
    print_message("%d wrong, %d dropped, sigma %.4f\n", wrong, dropped, fit.sigma_px);
    assert_int_equal(dropped, wrong);
    assert_true(fabs(fit.sigma_px - 0.02) < 0.001);
    bundle_release(&bundle);
    view_set_release(&views);
}

/* The right camera counts the corners of a board from the other end, or of a square board
 * from any corner: after ordering both count alike. */
static void test_both_cameras_count_from_one_corner(void **state)
{
    (void)state;
    struct synthetic_rig rig = synthetic_rig_make(false);
    for (int square = 0; square < 2; square++) {
        double exact[2][2 * BOARD_MAX_CORNERS];
        float xy[2][2 * BOARD_MAX_CORNERS];
        struct board any = board;
        rig.cols = any.cols = square ? 6 : 9;
        int count = any.cols * any.rows;
        struct synthetic_pose pose = synthetic_pose_make(&rig, 3, 1, false);
        for (int side = 0; side < 2; side++) {
            assert_true(synthetic_board_corners(&rig, &pose, side, 0, exact[side]));
            for (int i = 0; i < count; i++) {
                int from = side == 0 ? i : count - 1 - i;
                if (square && side == 1) /* a quarter turn */
                    from = (i % 6) * 6 + 5 - i / 6;
                xy[side][2 * i] = (float)exact[side][2 * from];
                xy[side][2 * i + 1] = (float)exact[side][2 * from + 1];
            }
        }
        board_order_pair(&any, xy[0], xy[1]);
        for (int i = 0; i < 2 * count; i++) {
            assert_true(fabs(xy[0][i] - exact[0][i]) < 1e-3);
            assert_true(fabs(xy[1][i] - exact[1][i]) < 1e-3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_corners_give_the_rig),
        cmocka_unit_test(test_standard_deviations_are_honest),
        cmocka_unit_test(test_what_does_not_fit_is_dropped),
        cmocka_unit_test(test_both_cameras_count_from_one_corner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
