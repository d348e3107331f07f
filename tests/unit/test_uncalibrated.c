/* SPDX-License-Identifier: Apache-2.0 */
/* How the cameras of a rig stand, from matches whose truth is known: rows after it, over
 * the whole image and beyond the depths that were matched; and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/guess_choice.h"
#include "support/synthetic_board.h"

enum { WIDTH = 640, HEIGHT = 480, FRAMES = 8, A_FRAME = 120, MOST = FRAMES * A_FRAME };

struct scene {
    struct calibration rig;
    double near_m, far_m;
    bool is_plane;
    double noise_px;
    double wrong; /* share of the matches */
};

static struct camera_model camera(double focal_px, double cx, double cy, double k1)
{
    return (struct camera_model){.fx = focal_px,
                                 .fy = focal_px,
                                 .cx = cx,
                                 .cy = cy,
                                 .model = k1 != 0 ? DISTORTION_RADTAN : DISTORTION_NONE,
                                 .coefficient_count = k1 != 0 ? 4 : 0,
                                 .coefficients = {k1}};
}

/* A rig of metres with centres off the middle and turned cameras. */
static struct calibration turned_rig(double k1)
{
    struct calibration rig = {.width_px = WIDTH, .height_px = HEIGHT};
    const double turn[3] = {-0.03, -0.02, 0.025};
    const double t[3] = {-0.12, 0.004, 0.003};
    rig.cameras[0] = camera(500, 325, 231, k1);
    rig.cameras[1] = camera(506, 312, 246, k1);
    rotation_from_vector(rig.rotation, turn);
    memcpy(rig.translation_mm, t, sizeof(t));
    return rig;
}

static double uniform(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return (*state >> 8) / 16777216.0;
}

/* Where both cameras see the left pixel's point at a depth; false: not in the right. */
static bool see(const struct calibration *rig, double depth_m, struct pixel_match *match)
{
    double point[3] = {0, 0, depth_m};
    assert_true(camera_unproject(&rig->cameras[0], match->left[0], match->left[1],
                                 &point[0], &point[1]));
    point[0] *= depth_m;
    point[1] *= depth_m;
    matrix3_apply(point, rig->rotation, point);
    for (int i = 0; i < 3; i++)
        point[i] += rig->translation_mm[i];
    camera_project(&rig->cameras[1], point[0] / point[2], point[1] / point[2],
                   &match->right[0], &match->right[1]);
    return match->right[0] > 0 && match->right[1] > 0 && match->right[0] < WIDTH - 1 &&
           match->right[1] < HEIGHT - 1;
}

static double depth_of(const struct scene *scene, const double left[2], uint32_t *state)
{
    if (scene->is_plane) /* inverse depth is affine in the image */
        return scene->near_m / (1 - 0.4 * left[0] / WIDTH - 0.3 * left[1] / HEIGHT);
    double share = uniform(state);
    return 1 / (share / scene->near_m + (1 - share) / scene->far_m);
}

static int make(const struct scene *scene, uint32_t seed, struct pixel_match *matches)
{
    uint32_t state = seed * 7919 + 1;
    int count = 0;
    while (count < MOST) {
        struct pixel_match *match = &matches[count];
        match->frame = count % FRAMES;
        match->left[0] = uniform(&state) * (WIDTH - 1);
        match->left[1] = uniform(&state) * (HEIGHT - 1);
        if (!see(&scene->rig, depth_of(scene, match->left, &state), match))
            continue;
        if (uniform(&state) < scene->wrong) {
            match->right[0] = uniform(&state) * WIDTH;
            match->right[1] = match->left[1] + (uniform(&state) - 0.5) * 80;
        }
        match->right[1] += scene->noise_px * synthetic_normal(&state);
        count++;
    }
    return count;
}

static enum po_status find(const struct scene *scene, uint32_t seed, int most,
                           struct guess_choice *choice, struct po_error *error)
{
    struct pixel_match *made = calloc(MOST, sizeof(*made));
    const struct rig_guess size = {.width_px = WIDTH, .height_px = HEIGHT};
    assert_non_null(made);
    struct guess_matches matches = {made, make(scene, seed, made), FRAMES};
    if (matches.count > most)
        matches.count = most;
    enum po_status status = guess_choice_make(&matches, &size, choice, error);
    if (status == PO_OK)
        status = guess_choice_judge(&matches, choice, error);
    free(made);
    return status;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The true |row| that nine tenths of a grid of places at three depths stay below. */
static double row_of_most(const struct scene *scene, const struct rig_guess *guess)
{
    enum { GRID = 7 };
    const double depths[] = {scene->near_m, 2 * scene->near_m, 4 * scene->far_m};
    double rows[3 * GRID * GRID];
    int count = 0;
    for (int i = 0; i < 3 * GRID * GRID; i++) {
        double row_px;
        struct pixel_match match = {
            .left = {10 + (WIDTH - 20.0) * (i / 3 % GRID) / (GRID - 1),
                     10 + (HEIGHT - 20.0) * (i / 3 / GRID) / (GRID - 1)}};
        if (!see(&scene->rig, depths[i % 3], &match))
            continue;
        rig_guess_rows(guess, &match, 1, &row_px);
        rows[count++] = fabs(row_px);
    }
    qsort(rows, (size_t)count, sizeof(*rows), compare_doubles);
    return rows[9 * count / 10];
}

static void test_rows_come_together(void **state)
{
    static const struct {
        double k1;
        enum guess_model least;
        double most_px;
    } rows[] = {{0, GUESS_TURNED, 0.4}, {-0.12, GUESS_LENSES, 0.5}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guess_choice choice;
        struct po_error error = {0};
        const struct scene scene = {turned_rig(rows[i].k1), 0.8, 6, false, 0.15, 0.2};
        enum po_status status = find(&scene, 1 + (uint32_t)i, MOST, &choice, &error);
        if (status != PO_OK)
            fail_msg("%s", error.message);
        assert_true(choice.before_px > 5);
        assert_true(choice.model >= rows[i].least);
        double most_px = row_of_most(&scene, &choice.guess);
        if (most_px > rows[i].most_px)
            fail_msg("k1 %g: rows up to %.2f px", rows[i].k1, most_px);
        assert_true(choice.sigma_px < 0.3);
        assert_true(choice.agreeing > 0.75 * MOST && choice.agreeing < 0.9 * MOST);
    }
}

static void test_aligned_rows_stay(void **state)
{
    (void)state;
    struct scene scene = {turned_rig(0), 0.8, 6, false, 0.15, 0.1};
    struct guess_choice choice;
    struct po_error error = {0};
    memcpy(scene.rig.rotation, matrix3_identity, sizeof(matrix3_identity));
    scene.rig.translation_mm[1] = scene.rig.translation_mm[2] = 0;
    scene.rig.cameras[1] = scene.rig.cameras[0];
    assert_int_equal(find(&scene, 3, MOST, &choice, &error), PO_OK);
    assert_int_equal(choice.model, GUESS_AS_IS);
    for (int i = 0; i < GUESS_UNKNOWNS; i++)
        assert_true(choice.guess.values[i] == 0);
}

static void test_what_cannot_be_sure_is_refused(void **state)
{
    static const double forward[3] = {-0.03, 0, -0.12};
    (void)state;
    const struct scene good = {turned_rig(0), 0.8, 6, false, 0.15, 0.1};
    struct scene plane = good;
    struct scene noisy = good;
    struct scene ahead = good;
    struct scene wrong = good;
    plane.is_plane = true;
    noisy.noise_px = 3;
    wrong.wrong = 0.8;
    memcpy(ahead.rig.translation_mm, forward, sizeof(forward));
    const struct {
        const struct scene *scene;
        int most;
        const char *reason;
    } rows[] = {{&plane, MOST, "lie on one plane"},
                {&noisy, MOST, "rows stay apart"},
                {&wrong, MOST, "rows stay apart"},
                {&ahead, MOST, "in front of"},
                {&good, 30, "too few"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guess_choice choice;
        struct po_error error = {0};
        enum po_status status = find(rows[i].scene, 5, rows[i].most, &choice, &error);
        if (status != PO_BAD_CALIBRATION || strstr(error.message, rows[i].reason) == NULL)
            fail_msg("%s: status %d, %s", rows[i].reason, status, error.message);
    }
}

/* The jackknife's deviation against the truth: what it says of most places holds. */
static void test_sigma_is_honest(void **state)
{
    enum { TRIALS = 12 };
    int within = 0;
    (void)state;
    for (int trial = 0; trial < TRIALS; trial++) {
        struct guess_choice choice;
        struct po_error error = {0};
        const struct scene scene = {turned_rig(0), 0.8, 6, false, 0.3, 0.1};
        assert_int_equal(find(&scene, 100 + (uint32_t)trial, MOST, &choice, &error),
                         PO_OK);
        within += row_of_most(&scene, &choice.guess) < 2 * choice.sigma_px + 0.05;
    }
    assert_true(within >= TRIALS - 2);
}

static void test_numbers_survive_their_text(void **state)
{
    struct rig_guess guess = {.values = {1.0 / 3, -0.02594469624371234, 0.1 / 7}};
    (void)state;
    rig_guess_round(&guess);
    for (int i = 0; i < GUESS_UNKNOWNS; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "%1.15g", guess.values[i]);
        assert_true(strtod(text, NULL) == guess.values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_come_together),
        cmocka_unit_test(test_aligned_rows_stay),
        cmocka_unit_test(test_what_cannot_be_sure_is_refused),
        cmocka_unit_test(test_sigma_is_honest),
        cmocka_unit_test(test_numbers_survive_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
