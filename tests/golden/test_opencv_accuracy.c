/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accuracy of OpenCV's matcher over the 30 scenes with ground truth: padded and checked,
 * filled row by row and smoothed, it is not worse than what that was measured at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "support/accuracy.h"
#include "support/test_folder.h"

enum { SCENES = 30 };

static void set(struct settings_set *settings, const char *name, const char *value)
{
    int index = 0;
    assert_non_null(settings_find(name, &index));
    assert_int_equal(settings_assign(settings, index, value, ORIGIN_COMMAND_LINE, NULL),
                     PO_OK);
}

static void the_dense_map_of_3way_is_as_good_as_ever(void **state)
{
    (void)state;
    static struct scene_result results[SCENES];
    struct frame_scores_sum scores = {0};
    static struct settings_set settings;
    char path[TEST_PATH_BYTES];
    struct scene_list list;
    if (!test_data_path(PO_SOURCE_DIR, "scenes.tsv", path))
        skip();
    *strrchr(path, '/') = '\0';
    assert_int_equal(scene_list_read(path, NULL, &list, NULL), PO_OK);
    assert_int_equal(list.count, SCENES);
    settings_set_init(&settings);
    set(&settings, "matcher", "opencv");
    set(&settings, "opencv-mode", "3way");
    set(&settings, "fill", "background");
    set(&settings, "vertical-correction", "false");
    for (int i = 0; i < list.count; i++) {
        assert_int_equal(
            accuracy_measure(&list.scenes[i], &settings.values, 1, &results[i], NULL),
            PO_OK);
        frame_scores_add(&scores, &results[i].scores);
    }
    struct frame_scores mean = frame_scores_mean(&scores);
    print_message("bad1 %.2f %%, bad2 %.2f %%, mae %.3f px, density %.1f %%, measured "
                  "%.1f %%\n",
                  mean.dense_all.bad1, mean.dense_all.bad2, mean.dense_all.mae,
                  mean.dense_all.density, mean.measured_all.density);
    assert_true(mean.dense_all.bad1 <= 17.2);
    assert_true(mean.dense_all.bad2 <= 12.6);
    assert_true(mean.dense_all.mae <= 2.6);
    assert_true(mean.dense_all.density == 100.0);
    assert_true(mean.measured_all.density > 80.0 && mean.measured_all.density < 95.0);
    assert_true(mean.measured_all.bad2_valid < 6.5);
    settings_set_release(&settings);
    scene_list_release(&list);
}

int main(void)
{
    (void)!cv_shim_init(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dense_map_of_3way_is_as_good_as_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
