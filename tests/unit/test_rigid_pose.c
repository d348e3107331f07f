/* SPDX-License-Identifier: Apache-2.0 */
/* Small matrices and rigid poses, by numbers worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

static const double quarter_turn[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1}; /* about z */

static void expect_numbers(const double *actual, const double *expected, int count)
{
    for (int i = 0; i < count; i++)
        if (!(fabs(actual[i] - expected[i]) < 1e-12))
            fail_msg("number %d is %g, not %g", i, actual[i], expected[i]);
}

/* X' = (-y + 1, x + 2, z + 3), so X = (y' - 2, 1 - x', z' - 3). */
static void a_pose_is_inverted(void **state)
{
    (void)state;
    double rotation[9];
    double translation[4] = {1, 2, 3, 77}; /* the last is not of the pose */
    memcpy(rotation, quarter_turn, sizeof(rotation));
    rigid_pose_invert(rotation, translation);
    expect_numbers(rotation, (const double[]){0, 1, 0, -1, 0, 0, 0, 0, 1}, 9);
    expect_numbers(translation, (const double[]){-2, 1, -3, 77}, 4);
}

/* The body is sensor 0 turned and moved, and sensor 1 moved alone. */
static void two_poses_in_one_body_give_one_between_them(void **state)
{
    (void)state;
    double rotations[2][9] = {{0}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    double translations[2][3] = {{1, 2, 3}, {10, 20, 30}};
    double rotation[9];
    double translation[4] = {0, 0, 0, 77};
    memcpy(rotations[0], quarter_turn, sizeof(rotations[0]));
    rigid_pose_between(rotations, translations, rotation, translation);
    expect_numbers(rotation, quarter_turn, 9);
    expect_numbers(translation, (const double[]){-9, -18, -27, 77}, 4);
    memcpy(rotations[1], quarter_turn, sizeof(rotations[1]));
    rigid_pose_between(rotations, translations, rotation, translation);
    expect_numbers(rotation, matrix3_identity, 9);
    expect_numbers(translation, (const double[]){-18, 9, -27, 77}, 4);
}

static void a_transform_is_split(void **state)
{
    (void)state;
    const double transform[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 1};
    double rotation[10] = {[9] = 77};
    double translation[4] = {[3] = 77};
    transform_split(transform, rotation, translation);
    expect_numbers(rotation, (const double[]){1, 2, 3, 5, 6, 7, 9, 10, 11, 77}, 10);
    expect_numbers(translation, (const double[]){4, 8, 12, 77}, 4);
}

static void determinants_and_lengths(void **state)
{
    (void)state;
    const double a[9] = {2, 3, 5, 7, 11, 13, 17, 19, 23};
    assert_true(fabs(matrix3_determinant(a) + 78) < 1e-9);
    assert_true(fabs(vector3_length((const double[]){2, 3, 6}) - 7) < 1e-12);
    const double numbers[3] = {1, NAN, INFINITY};
    assert_true(all_finite(numbers, 1));
    assert_false(all_finite(numbers, 2));
    assert_false(all_finite(numbers + 2, 1));
    const double large[3] = {-1e15, 1.1e15, NAN};
    assert_true(all_plausible(large, 1));
    assert_false(all_plausible(large, 2));
    assert_false(all_plausible(large + 1, 1));
    assert_false(all_plausible(large + 2, 1));
}

static void rotations_differ_from_other_matrices(void **state)
{
    (void)state;
    const double mirror[9] = {1, 0, 0, 0, 1, 0, 0, 0, -1};
    assert_true(rotation_error(quarter_turn) < 1e-12);
    assert_true(rotation_error(mirror) == 2);
    assert_true(rotation_error((const double[9]){0}) == 2);
    for (int i = 0; i < 3; i++) {
        double stretched[9];
        memcpy(stretched, matrix3_identity, sizeof(stretched));
        stretched[4 * i] = 1.1;
        assert_true(fabs(rotation_error(stretched) - 0.21) < 1e-12);
    }
    double vector[3];
    double turned[9];
    rotation_to_vector(vector, quarter_turn);
    expect_numbers(vector, (const double[]){0, 0, acos(0)}, 3);
    rotation_from_vector(turned, (const double[]){0.3, -0.2, 0.5});
    rotation_to_vector(vector, turned);
    expect_numbers(vector, (const double[]){0.3, -0.2, 0.5}, 3);
    for (int i = 0; i < 9; i++)
        turned[i] += i % 2 == 0 ? 1e-4 : -1e-4;
    rotation_polish(turned);
    assert_true(rotation_error(turned) < 1e-14);
    rotation_to_vector(vector, turned);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(vector[i] - (const double[]){0.3, -0.2, 0.5}[i]) < 5e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pose_is_inverted),
        cmocka_unit_test(two_poses_in_one_body_give_one_between_them),
        cmocka_unit_test(a_transform_is_split),
        cmocka_unit_test(determinants_and_lengths),
        cmocka_unit_test(rotations_differ_from_other_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
