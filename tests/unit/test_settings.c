/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "settings/edit_distance.h"
#include "settings/setting_value.h"
#include "settings/settings_table.h"

static enum po_status assign(struct settings_set *set, const char *name,
                             const char *value, enum setting_origin origin,
                             struct po_error *error)
{
    int index = -1;
    assert_non_null(settings_find(name, &index));
    return settings_assign(set, index, value, origin, error);
}

static void assert_refused(const char *name, const char *value, const char *expected)
{
    struct settings_set set;
    struct po_error error = {0};
    settings_set_init(&set);
    assert_int_equal(assign(&set, name, value, ORIGIN_COMMAND_LINE, &error),
                     PO_BAD_ARGUMENT);
    assert_string_equal(error.message, expected);
    settings_set_release(&set);
}

static void assert_formats(const char *name, const char *value, const char *expected)
{
    struct settings_set set;
    struct po_error error = {0};
    char text[SETTING_FORMAT_BYTES];
    int index = 0;
    settings_set_init(&set);
    assert_int_equal(assign(&set, name, value, ORIGIN_FILE, &error), PO_OK);
    assert_non_null(settings_find(name, &index));
    settings_format(&set.values, index, text, sizeof(text));
    assert_string_equal(text, expected);
    settings_set_release(&set);
}

static void rows_are_complete(void **state)
{
    (void)state;
    assert_in_range(settings_row_count(), 60, SETTING_MAX);
    assert_null(settings_row(settings_row_count()));
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        int index = -1;
        assert_ptr_equal(settings_find(row->name, &index), row);
        assert_int_equal(index, i);
        assert_non_null(row->group);
        assert_in_range(strlen(row->help), 10, 250);
        assert_int_equal(row->argument == NULL, row->kind == SETTING_FLAG);
        assert_int_equal(row->custom != NULL, row->kind == SETTING_CUSTOM);
        assert_int_equal(row->choices != NULL,
                         row->kind == SETTING_CHOICE || row->kind == SETTING_LIST);
        assert_true(row->field < sizeof(struct po_settings));
    }
}

/* Each default survives its text, so a report's echo is a configuration that works. */
static void defaults_round_trip(void **state)
{
    (void)state;
    struct settings_set set;
    settings_set_init(&set);
    for (int i = 0; i < settings_row_count(); i++) {
        char before[SETTING_FORMAT_BYTES];
        char after[SETTING_FORMAT_BYTES];
        settings_format(&set.values, i, before, sizeof(before));
        if (settings_row(i)->kind == SETTING_TEXT) {
            assert_string_equal(before, "");
            continue;
        }
        assert_int_equal(settings_assign(&set, i, before, ORIGIN_FILE, NULL), PO_OK);
        settings_format(&set.values, i, after, sizeof(after));
        assert_string_equal(before, after);
        assert_int_equal(set.origins[i], ORIGIN_FILE);
    }
    settings_set_release(&set);
}

static void values_are_read(void **state)
{
    (void)state;
    assert_formats("workers", "4", "4");
    assert_formats("workers", "auto", "auto");
    assert_formats("num-disparities", "1024", "1024");
    assert_formats("min-disparity", "-16", "-16");
    assert_formats("frame-timeout", "0.1", "0.1");
    assert_formats("matcher", "opencv", "opencv");
    assert_formats("outputs", "disparity,cloud", "cloud,disparity");
    assert_formats("outputs", "none", "none");
    assert_formats("outputs", "all",
                   "cloud,disparity,depth,confidence,class,preview,view,prior");
    assert_formats("memory-limit", "6G", "6G");
    assert_formats("memory-limit", "1.5GiB", "1536M");
    assert_formats("memory-limit", "62.5%", "62.5%");
    assert_formats("memory-limit", "auto", "auto");
    assert_formats("cache-size", "1000", "1000");
    assert_formats("calibration-unit", "square:23.5", "square:23.5");
    assert_formats("calibration-unit", "m", "m");
    assert_formats("roi", "-1,1,-2.5,2,0,1e4", "-1,1,-2.5,2,0,10000");
    assert_formats("no-parallel", NULL, "true");
    assert_formats("no-parallel", "false", "false");
    assert_formats("strict", "yes", "true");
    assert_formats("verbose", NULL, "1");
    assert_formats("verbose", "2", "2");
    assert_formats("input", "a directory", "a directory");
}

static void inverted_flag_clears_its_field(void **state)
{
    (void)state;
    struct settings_set set;
    settings_set_init(&set);
    assert_true(set.values.run.parallel);
    assert_int_equal(assign(&set, "no-parallel", NULL, ORIGIN_COMMAND_LINE, NULL), PO_OK);
    assert_false(set.values.run.parallel);
    assert_int_equal(assign(&set, "no-parallel", "no", ORIGIN_COMMAND_LINE, NULL), PO_OK);
    assert_true(set.values.run.parallel);
    settings_set_release(&set);
}

static void bad_values_are_named(void **state)
{
    (void)state;
    assert_refused("workers", "many",
                   "--workers: 'many' is not a whole number; give 1 to 1024 or auto");
    assert_refused("workers", "0",
                   "--workers: 0 is out of range; give 1 to 1024 or auto");
    assert_refused("workers", "-2147483648",
                   "--workers: -2147483648 is out of range; give 1 to 1024 or auto");
    assert_refused("workers", "1e99",
                   "--workers: 1e99 is out of range; give 1 to 1024 or auto");
    assert_refused("workers", "2.5",
                   "--workers: '2.5' is not a whole number; give 1 to 1024 or auto");
    assert_refused("block-size", "auto",
                   "--block-size: 'auto' is not a whole number; give 1 to 11");
    assert_refused("max-depth", "nan",
                   "--max-depth: 'nan' is not a length; give millimetres, or 300cm, 3m");
    assert_refused("max-depth", "0x10",
                   "--max-depth: '0x10' is not a length; give millimetres, or 300cm, 3m");
    assert_refused("matcher", "opencf",
                   "--matcher: 'opencf' is not one of sgm, opencv, network; did you mean "
                   "'opencv'?");
    assert_refused("matcher", "elas",
                   "--matcher: 'elas' is not one of sgm, opencv, network");
    assert_refused("cloud-fields", "sigma,colour",
                   "--cloud-fields: 'colour' is not one of confidence, sigma, class, "
                   "disparity");
    assert_refused("cache-size", "6Q",
                   "--cache-size: '6Q' is not a size; give bytes, or 512M, 1.5G");
    assert_refused("memory-limit", "150%",
                   "--memory-limit: '150%' is not understood; give SIZE|PERCENT|auto");
    assert_refused("strict", "maybe", "--strict: 'maybe' is not true or false");
    assert_refused("input", "", "--input: the value is empty; give DIR");
    assert_refused("roi", "1,2,3",
                   "--roi: '1,2,3' is not understood; give X0,X1,Y0,Y1,Z0,Z1");
    assert_refused("workers", NULL, "--workers: a value is missing; give N|auto");
}

static void errors_name_the_setting_as_it_was_given(void **state)
{
    (void)state;
    struct settings_set set;
    struct po_error error = {0};
    settings_set_init(&set);
    assert_int_equal(assign(&set, "batch-size", "x", ORIGIN_FILE, &error),
                     PO_BAD_ARGUMENT);
    assert_memory_equal(error.message, "batch-size: 'x'", 15);
    assert_int_equal(assign(&set, "batch-size", "x", ORIGIN_ENVIRONMENT, &error),
                     PO_BAD_ARGUMENT);
    assert_memory_equal(error.message, "PROCESS_OFFLINE_BATCH_SIZE: 'x'", 31);
    settings_set_release(&set);
}

static void stronger_origins_win_in_any_order(void **state)
{
    (void)state;
    struct settings_set set;
    settings_set_init(&set);
    assert_int_equal(assign(&set, "workers", "3", ORIGIN_COMMAND_LINE, NULL), PO_OK);
    assert_int_equal(assign(&set, "workers", "7", ORIGIN_FILE, NULL), PO_OK);
    assert_int_equal(set.values.run.workers, 3);
    assert_int_equal(assign(&set, "workers", "5", ORIGIN_COMMAND_LINE, NULL), PO_OK);
    assert_int_equal(set.values.run.workers, 5);
    assert_int_equal(assign(&set, "input", "a", ORIGIN_COMMAND_LINE, NULL), PO_OK);
    assert_int_equal(assign(&set, "input", "b", ORIGIN_ENVIRONMENT, NULL), PO_OK);
    assert_string_equal(set.values.input.input, "a");
    settings_set_release(&set);
}

static void profiles_fill_what_nobody_chose(void **state)
{
    (void)state;
    struct settings_set set;
    settings_set_init(&set);
    assert_int_equal(assign(&set, "block-size", "7", ORIGIN_FILE, NULL), PO_OK);
    assert_int_equal(assign(&set, "profile", "classic", ORIGIN_FILE, NULL), PO_OK);
    assert_int_equal(set.values.match.matcher, PO_MATCHER_OPENCV);
    assert_int_equal(set.values.match.opencv_mode, PO_OPENCV_SGBM);
    assert_int_equal(set.values.match.min_disparity_px, -16);
    assert_int_equal(set.values.match.num_disparities, 96);
    assert_int_equal(set.values.match.block_size_px, 7);
    assert_int_equal(set.values.refine.refine, PO_REFINE_CLASSIC);
    assert_true(set.values.refine.bilateral_sigma_color == 10.0);
    settings_set_release(&set);
}

static void second_profile_leaves_nothing_of_the_first(void **state)
{
    (void)state;
    struct settings_set set;
    struct settings_set fresh;
    settings_set_init(&set);
    settings_set_init(&fresh);
    assert_int_equal(assign(&set, "profile", "classic", ORIGIN_FILE, NULL), PO_OK);
    assert_int_equal(assign(&set, "profile", "quality", ORIGIN_COMMAND_LINE, NULL),
                     PO_OK);
    assert_int_equal(assign(&fresh, "profile", "quality", ORIGIN_FILE, NULL), PO_OK);
    assert_memory_equal(&set.values, &fresh.values, sizeof(set.values));
    assert_int_equal(set.values.match.level, PO_SGM_QUALITY);
    assert_true(set.values.match.left_right_max_diff_px == 1.75);
    settings_set_release(&set);
    settings_set_release(&fresh);
}

/* default < a file's profile < its keys < environment < the command line's profile < its
 * keys, in whatever order they are read. */
static void profile_is_as_strong_as_its_choice(void **state)
{
    (void)state;
    struct settings_set set;
    int level = 0;
    assert_non_null(settings_find("sgm-level", &level));
    for (int order = 0; order < 2; order++) {
        settings_set_init(&set);
        if (order == 1)
            assert_int_equal(assign(&set, "profile", "fast", ORIGIN_COMMAND_LINE, NULL),
                             PO_OK);
        assert_int_equal(assign(&set, "sgm-level", "quality", ORIGIN_FILE, NULL), PO_OK);
        assert_int_equal(assign(&set, "matcher", "opencv", ORIGIN_ENVIRONMENT, NULL),
                         PO_OK);
        assert_int_equal(
            assign(&set, "vertical-correction", "true", ORIGIN_COMMAND_LINE, NULL),
            PO_OK);
        if (order == 0)
            assert_int_equal(assign(&set, "profile", "fast", ORIGIN_COMMAND_LINE, NULL),
                             PO_OK);
        assert_int_equal(set.values.match.level, PO_SGM_FAST);
        assert_int_equal(set.origins[level], ORIGIN_PROFILE);
        assert_int_equal(set.values.match.matcher, PO_MATCHER_SGM);
        assert_true(set.values.refine.vertical_correction);
        settings_set_release(&set);

        settings_set_init(&set);
        if (order == 1)
            assert_int_equal(assign(&set, "profile", "fast", ORIGIN_FILE, NULL), PO_OK);
        assert_int_equal(assign(&set, "sgm-level", "quality", ORIGIN_FILE, NULL), PO_OK);
        if (order == 0)
            assert_int_equal(assign(&set, "profile", "fast", ORIGIN_FILE, NULL), PO_OK);
        assert_int_equal(set.values.match.level, PO_SGM_QUALITY);
        assert_int_equal(set.origins[level], ORIGIN_FILE);
        assert_int_equal(assign(&set, "profile", "balanced", ORIGIN_ENVIRONMENT, NULL),
                         PO_OK);
        assert_int_equal(set.values.match.level, PO_SGM_BALANCED);
        settings_set_release(&set);
    }
}

static void adopted_values_name_their_origin(void **state)
{
    (void)state;
    struct settings_set set;
    int index = 0;
    settings_set_init(&set);
    assert_int_equal(assign(&set, "workers", "3", ORIGIN_FILE, NULL), PO_OK);
    struct po_settings lowered = set.values;
    lowered.match.downscale = 2;
    settings_adopt(&set, &lowered, ORIGIN_BUDGET);
    assert_int_equal(set.values.match.downscale, 2);
    assert_non_null(settings_find("downscale", &index));
    assert_int_equal(set.origins[index], ORIGIN_BUDGET);
    assert_non_null(settings_find("workers", &index));
    assert_int_equal(set.origins[index], ORIGIN_FILE);
    settings_set_release(&set);
}

static void balanced_is_the_default(void **state)
{
    (void)state;
    struct settings_set set;
    struct po_settings defaults;
    settings_set_init(&set);
    po_settings_defaults(&defaults);
    int index = 0;
    assert_non_null(settings_find("profile", &index));
    assert_int_equal(settings_assign(&set, index, "balanced", ORIGIN_PROFILE, NULL),
                     PO_OK);
    assert_memory_equal(&set.values, &defaults, sizeof(defaults));
}

static void suggestions_are_near(void **state)
{
    (void)state;
    assert_string_equal(settings_suggest("num_disparities"), "num-disparities");
    assert_string_equal(settings_suggest("worker"), "workers");
    assert_string_equal(settings_suggest("wrokers"), "workers");
    assert_string_equal(settings_suggest("speckel-size"), "speckle-size");
    assert_null(settings_suggest("bandwidth-of-colour"));
    assert_null(settings_suggest(""));
    assert_int_equal(edit_distance("", "abc"), 3);
    assert_int_equal(edit_distance("kitten", "sitting"), 3);
    assert_int_equal(edit_distance("ab", "ba"), 1);
}

static void effects_reach_only_their_keys(void **state)
{
    (void)state;
    struct po_settings base;
    po_settings_defaults(&base);
    struct hash match = settings_effect_hash(&base, SETTING_MATCH);
    struct hash cloud = settings_effect_hash(&base, SETTING_CLOUD);
    assert_true(match.low != cloud.low);
    struct po_settings run = base;
    run.run.workers = 3;
    run.match.cpu = PO_CPU_SCALAR;
    run.output.output = "elsewhere";
    assert_int_equal(settings_effect_hash(&run, SETTING_CLOUD).low, cloud.low);
    struct po_settings voxel = base;
    voxel.cloud.voxel_mm = 2.0;
    assert_int_equal(settings_effect_hash(&voxel, SETTING_MATCH).low, match.low);
    assert_true(settings_effect_hash(&voxel, SETTING_CLOUD).low != cloud.low);
    struct po_settings range = base;
    range.match.num_disparities = 64;
    assert_true(settings_effect_hash(&range, SETTING_MATCH).low != match.low);
}

static void assert_invalid(const struct po_settings *settings, const char *begins)
{
    struct po_error error = {0};
    assert_int_equal(settings_validate(settings, &error), PO_BAD_ARGUMENT);
    assert_memory_equal(error.message, begins, strlen(begins));
}

static void rules_between_settings_hold(void **state)
{
    (void)state;
    struct po_settings good;
    po_settings_defaults(&good);
    assert_invalid(&good, "nothing to process");
    good.input.input = "session";
    assert_int_equal(settings_validate(&good, NULL), PO_OK);
    struct po_settings bad = good;
    bad.input.left = "l.png";
    assert_invalid(&bad, "--input and --left/--right exclude each other");
    bad.input.input = NULL;
    assert_invalid(&bad, "--left needs --right");
    static const char *const cameras[] = {"a,b", "0", "0,0", "0,1,2", "1,01", ",1", ""};
    for (size_t i = 0; i < sizeof(cameras) / sizeof(cameras[0]); i++) {
        bad = good;
        bad.input.cameras = cameras[i];
        assert_invalid(&bad, "--cameras ");
    }
    bad.input.cameras = "10,2";
    bad.input.left_glob = "l*.png";
    bad.input.right_glob = "r*.png";
    assert_int_equal(settings_validate(&bad, NULL), PO_OK);
    bad.input.layout = "kitti";
    assert_invalid(&bad, "--layout and --left-glob/--right-glob exclude each other");
    bad.input.layout = NULL;
    bad.input.right_glob = "l*.png";
    assert_invalid(&bad, "--left-glob and --right-glob are the same, l*.png");
    bad = good;
    bad.match.num_disparities = 100;
    assert_invalid(&bad, "--num-disparities: 100 is not a multiple of 16; give 112");
    bad = good;
    bad.match.p2 = 131;
    assert_invalid(&bad, "--p2: 131 would overflow the matcher's 8-bit path costs; give "
                         "at most 130");
    bad.match.matcher = PO_MATCHER_OPENCV;
    assert_int_equal(settings_validate(&bad, NULL), PO_OK);
    bad.match.p1 = 131;
    assert_invalid(&bad, "--p1: 131 must be below --p2");
    bad = good;
    bad.match.block_size_px = 4;
    assert_invalid(&bad, "--block-size: 4 is even");
    bad = good;
    bad.match.min_depth_mm = 500;
    bad.match.max_depth_mm = 400;
    assert_invalid(&bad, "--min-depth: 500 must be below --max-depth");
    bad = good;
    bad.cloud.voxel_mm = 1e-12;
    assert_invalid(&bad, "--voxel: 1e-12 is too small");
    bad = good;
    bad.cloud.roi_given = true;
    assert_invalid(&bad, "--roi: on x, 0 must be below 0");
    bad = good;
    bad.run.workers = -3;
    assert_invalid(&bad, "--workers: the value is out of range");
    bad = good;
    bad.refine.fill = (enum po_fill)17;
    assert_invalid(&bad, "--fill: the value is out of range");
}

static void lengths_are_read(void **state)
{
    (void)state;
    double mm = 7;
    assert_true(length_parse("3000", &mm) && mm == 3000);
    assert_true(length_parse("3m", &mm) && mm == 3000);
    assert_true(length_parse("300cm", &mm) && mm == 3000);
    assert_true(length_parse("3000mm", &mm) && mm == 3000);
    assert_true(length_parse("0.5m", &mm) && mm == 500);
    assert_true(length_parse("-2e1cm", &mm) && mm == -200);
    assert_false(length_parse("m", &mm));
    assert_false(length_parse("", &mm));
    assert_false(length_parse("3 m", &mm));
    assert_false(length_parse("3km", &mm));
    assert_false(length_parse("1e308m", &mm));
    assert_false(length_parse("1111111111111111111111111111111111111111m", &mm));
}

static void sizes_are_read(void **state)
{
    (void)state;
    uint64_t bytes = 7;
    assert_true(size_parse("0", &bytes) && bytes == 0);
    assert_true(size_parse("2k", &bytes) && bytes == 2048);
    assert_true(size_parse("3MB", &bytes) && bytes == 3U << 20);
    assert_false(size_parse("-1", &bytes));
    assert_false(size_parse("1GBs", &bytes));
    assert_false(size_parse("9999999999T", &bytes));
    assert_false(size_parse("", &bytes));
    char text[32];
    size_format(0, text, sizeof(text));
    assert_string_equal(text, "0");
    size_format(1025, text, sizeof(text));
    assert_string_equal(text, "1025");
    number_format(0.1, text, sizeof(text));
    assert_string_equal(text, "0.1");
    static const double numbers[] = {
        1, 2147483648.0, 999999999999999.0, 1e15, 1e16, 12.5, -3, 0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char plain[32];
        (void)snprintf(plain, sizeof(plain), "%.15g", numbers[i]);
        number_format(numbers[i], text, sizeof(text));
        assert_string_equal(text, plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(defaults_round_trip),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(inverted_flag_clears_its_field),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(errors_name_the_setting_as_it_was_given),
        cmocka_unit_test(stronger_origins_win_in_any_order),
        cmocka_unit_test(profiles_fill_what_nobody_chose),
        cmocka_unit_test(second_profile_leaves_nothing_of_the_first),
        cmocka_unit_test(profile_is_as_strong_as_its_choice),
        cmocka_unit_test(adopted_values_name_their_origin),
        cmocka_unit_test(balanced_is_the_default),
        cmocka_unit_test(suggestions_are_near),
        cmocka_unit_test(effects_reach_only_their_keys),
        cmocka_unit_test(rules_between_settings_hold),
        cmocka_unit_test(lengths_are_read),
        cmocka_unit_test(sizes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
