/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The automatic disparity range over the 30 scenes with ground truth: it holds at least
 * 99.9 % of the truth on every scene without being much wider, also where disparities are
 * negative; and it refuses pairs that say nothing.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/range_measure.h"
#include "support/test_folder.h"

enum { SCENES = 30, SHIFT_PX = 40 };
static const double INSIDE = 99.9;      /* percent of the truth, on every scene */
static const double MEDIAN_RATIO = 1.5; /* span over true span */
static const double WORST_RATIO = 2.5;

static void check_scenes(double floor_px, int shift_px)
{
    static struct range_measure measures[SCENES];
    char path[TEST_PATH_BYTES];
    struct scene_list list;
    if (!test_data_path(PO_SOURCE_DIR, "scenes.tsv", path))
        skip();
    *strrchr(path, '/') = '\0';
    assert_int_equal(scene_list_read(path, NULL, &list, NULL), PO_OK);
    assert_int_equal(list.count, SCENES);
    for (int i = 0; i < list.count; i++) {
        assert_int_equal(
            range_measure(&list.scenes[i], floor_px, shift_px, &measures[i], NULL),
            PO_OK);
        if (measures[i].inside < INSIDE)
            fail_msg("%s: only %.3f %% of the truth in %.1f..%.1f", list.scenes[i].name,
                     measures[i].inside, measures[i].estimate.low_px,
                     measures[i].estimate.high_px);
        if (measures[i].span_ratio > WORST_RATIO)
            fail_msg("%s: %.1f..%.1f is %.2f times as wide as the truth",
                     list.scenes[i].name, measures[i].estimate.low_px,
                     measures[i].estimate.high_px, measures[i].span_ratio);
    }
    double ratio = range_measure_median_ratio(measures, list.count);
    print_message("median span over true span %.2f\n", ratio);
    assert_true(ratio <= MEDIAN_RATIO);
    scene_list_release(&list);
}

static void the_range_of_every_scene_holds_its_truth(void **state)
{
    (void)state;
    check_scenes(0.0, 0);
}

static void not_knowing_the_rig_costs_nothing(void **state)
{
    (void)state;
    check_scenes(-INFINITY, 0);
}

static void negative_disparities_are_found(void **state)
{
    (void)state;
    check_scenes(-INFINITY, SHIFT_PX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_of_every_scene_holds_its_truth),
        cmocka_unit_test(not_knowing_the_rig_costs_nothing),
        cmocka_unit_test(negative_disparities_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
