/* SPDX-License-Identifier: Apache-2.0 */
/* Values of settings with a syntax of their own, and the rules between settings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "settings/setting_value.h"
#include "settings/settings_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum po_status assign(struct settings_set *set, const char *name,
                             const char *value, struct po_error *error)
{
    int index = -1;
    assert_non_null(settings_find(name, &index));
    return settings_assign(set, index, value, ORIGIN_COMMAND_LINE, error);
}

static const struct {
    const char *name;
    const char *value;
    const char *text; /* as it is echoed; NULL: refused */
} values[] = {
    {"quality-check", "none", "none"},
    {"quality-check", "auto", "40%"},
    {"quality-check", "12.5%", "12.5%"},
    {"quality-check", "100%", "100%"},
    {"quality-check", "320x240+10+0", "320x240+10+0"},
    {"quality-check", "0.5%", NULL},
    {"quality-check", "101%", NULL},
    {"quality-check", "%", NULL},
    {"quality-check", "x%", NULL},
    {"quality-check", "1111111111111111111111111111111111111111111%", NULL},
    {"quality-check", "320", NULL},
    {"quality-check", "320x", NULL},
    {"quality-check", "320x240", NULL},
    {"quality-check", "320x240+", NULL},
    {"quality-check", "320x240+10", NULL},
    {"quality-check", "320x240+10+", NULL},
    {"quality-check", "320x240+10+0+", NULL},
    {"quality-check", "320x240-10+0", NULL},
    {"quality-check", "1234567x240+10+0", NULL},
    {"quality-check", "0x240+10+0", NULL},
    {"quality-check", "320x0+10+0", NULL},
    {"shard", "none", "none"},
    {"shard", "2/3", "2/3"},
    {"shard", "auto/3", "auto/3"},
    {"shard", "9/3", "9/3"}, /* refused by a rule, which can say more */
    {"shard", "2", NULL},
    {"shard", "/3", NULL},
    {"shard", "2/", NULL},
    {"shard", "2/0", NULL},
    {"shard", "2/x", NULL},
    {"shard", "x/3", NULL},
    {"shard", "-1/3", NULL},
    {"shard", "2/99999999999", NULL},
    {"shard", "99999999999/3", NULL},
    {"board", "auto", "auto"},
    {"board", "9x6", "9x6"},
    {"board", "9", NULL},
    {"board", "x6", NULL},
    {"board", "9x", NULL},
    {"board", "1x6", NULL},
    {"board", "9x1", NULL},
    {"board", "9999x6", NULL},
    {"board", "9x9999", NULL},
    {"memory-limit", "auto", "auto"},
    {"memory-limit", "512M", "512M"},
    {"memory-limit", "1.5G", "1536M"},
    {"memory-limit", "50%", "50%"},
    {"memory-limit", "0.05%", NULL},
    {"memory-limit", "101%", NULL},
    {"memory-limit", "%", NULL},
    {"memory-limit", "0", NULL},
    {"memory-limit", "12Q", NULL},
    {"memory-limit", "M", NULL},
    {"memory-limit", "1111111111111111111111111111111111111111111%", NULL},
    {"memory-limit", "99999999999999999999999999999999999999999999999999999M", NULL},
    {"workers", "auto", "auto"},
    {"workers", "x", NULL},
    {"workers", "-1", NULL},
    {"cache-size", "1M", "1M"},
    {"cache-size", "99999T", NULL},
};

static void each_value_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct settings_set set;
        struct po_error error = {0};
        char text[SETTING_FORMAT_BYTES];
        int index = 0;
        settings_set_init(&set);
        enum po_status status = assign(&set, values[i].name, values[i].value, &error);
        if ((status == PO_OK) != (values[i].text != NULL))
            fail_msg("--%s %s: %s", values[i].name, values[i].value, error.message);
        assert_true(status == PO_OK || strstr(error.message, values[i].name) != NULL);
        assert_non_null(settings_find(values[i].name, &index));
        settings_format(&set.values, index, text, sizeof(text));
        if (values[i].text != NULL)
            assert_string_equal(text, values[i].text);
        settings_set_release(&set);
    }
}

enum { RULE_SETTINGS = 4 };

static const struct {
    const char *settings[RULE_SETTINGS][2];
    const char *said; /* NULL: accepted */
} rules[] = {
    {{{"left", "a.png"}, {"right", "b.png"}}, NULL},
    {{{"left", "a.png"}}, "--left needs --right"},
    {{{"right", "b.png"}}, "--right needs --left"},
    {{{"input", "d"}, {"left", "a.png"}}, "exclude each other"},
    {{{"workers", "2"}}, "nothing to process"},
    {{{"input", "d"}, {"left-glob", "a*"}, {"right-glob", "b*"}}, NULL},
    {{{"input", "d"}, {"left-glob", "a*"}}, "need each other"},
    {{{"input", "d"}, {"right-glob", "a*"}}, "need each other"},
    {{{"input", "d"}, {"left-glob", "a*"}, {"right-glob", "a*"}}, "the same"},
    {{{"input", "d"}, {"cameras", "0,1"}}, NULL},
    {{{"input", "d"}, {"cameras", "0"}}, "two different numbers"},
    {{{"input", "d"}, {"cameras", ",1"}}, "two different numbers"},
    {{{"input", "d"}, {"cameras", "0,"}}, "two different numbers"},
    {{{"input", "d"}, {"cameras", "1,1"}}, "two different numbers"},
    {{{"input", "d"}, {"cameras", "1000,1"}}, "two different numbers"},
    {{{"input", "d"}, {"cameras", "1,1000"}}, "two different numbers"},
    {{{"input", "d"}, {"cameras", "0,1,2"}}, "two different numbers"},
    {{{"input", "d"}, {"shard", "1/3"}}, NULL},
    {{{"input", "d"}, {"shard", "auto/3"}}, NULL},
    {{{"input", "d"}, {"shard", "4/3"}}, "there is no such part"},
    {{{"input", "d"}, {"shard", "0/3"}}, "there is no such part"},
    {{{"input", "d"}, {"quiet", NULL}, {"verbose", "1"}}, "exclude each other"},
    {{{"input", "d"}, {"quiet", NULL}}, NULL},
    {{{"input", "d"}, {"memory-limit", "50"}}, "was 50% or 50M meant?"},
    {{{"input", "d"}, {"tolerance", "points=1%"}}, "--tolerance needs --baseline"},
    {{{"input", "d"}, {"force", NULL}, {"verify", NULL}}, "exclude each other"},
    {{{"input", "d"}, {"true-distance", "500"}}, "--true-distance needs --quality-check"},
    {{{"input", "d"}, {"true-distance", "500"}, {"quality-check", "auto"}}, NULL},
    {{{"input", "d"}, {"true-distance", "500"}, {"quality-check", "9x9+0+0"}}, NULL},
    {{{"input", "d"}, {"matcher", "network"}}, "needs --network FILE"},
    {{{"input", "d"}, {"network", "n.onnx"}}, "no effect without --matcher network"},
    {{{"input", "d"}, {"network", "n.onnx"}, {"matcher", "network"}}, NULL},
    {{{"input", "d"}, {"prior-config", "p.json"}}, "no effect without --prior"},
    {{{"input", "d"}, {"prior", "p"}}, NULL},
    {{{"input", "d"}, {"outputs", "prior"}}, "needs --prior"},
    {{{"input", "d"}, {"outputs", "prior"}, {"prior", "p"}}, NULL},
    {{{"input", "d"}, {"prior", "p"}, {"fill", "none"}}, "without filled pixels"},
    {{{"input", "d"}, {"prior", "p"}, {"refine", "none"}}, "without filled pixels"},
    {{{"input", "d"}, {"prior", "p"}, {"refine", "none"}, {"fill", "background"}}, NULL},
    {{{"input", "d"}, {"voxel", "0.0001"}}, "too small"},
};

static void each_rule_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct settings_set set;
        struct po_error error = {0};
        settings_set_init(&set);
        for (int k = 0; k < RULE_SETTINGS && rules[i].settings[k][0] != NULL; k++)
            assert_int_equal(
                assign(&set, rules[i].settings[k][0], rules[i].settings[k][1], &error),
                PO_OK);
        enum po_status status = settings_validate(&set.values, &error);
        if (rules[i].said == NULL)
            assert_string_equal(error.message, "");
        else if (strstr(error.message, rules[i].said) == NULL)
            fail_msg("rule %zu: %s", i, error.message);
        assert_int_equal(status, rules[i].said == NULL ? PO_OK : PO_BAD_ARGUMENT);
        settings_set_release(&set);
    }
}

/* Past the parser: what a program fills in. */
static void reject(struct settings_set *set, const char *said)
{
    struct po_error error = {0};
    assert_int_equal(settings_validate(&set->values, &error), PO_BAD_ARGUMENT);
    if (strstr(error.message, said) == NULL)
        fail_msg("%s", error.message);
    settings_set_release(set);
}

static struct settings_set *filled(void)
{
    static struct settings_set set;
    settings_set_init(&set);
    assert_int_equal(assign(&set, "input", "d", NULL), PO_OK);
    return &set;
}

static void programs_are_judged_too(void **state)
{
    (void)state;
    static const int regions[][4] = {
        {-1, 0, 9, 9}, {0, -1, 9, 9}, {0, 0, -9, 9}, {0, 0, 9, 0}, {0, 0, 0, 9}};
    struct settings_set *set;
    for (size_t i = 0; i < COUNT(regions); i++) {
        set = filled();
        memcpy(set->values.output.quality_region_px, regions[i], sizeof(regions[i]));
        reject(set, "--quality-check");
    }
    static const double percents[] = {-1, 101, NAN};
    for (size_t i = 0; i < COUNT(percents); i++) {
        set = filled();
        set->values.output.quality_percent = percents[i];
        reject(set, "--quality-check");
    }
    set = filled();
    set->values.output.quality_percent = 40;
    set->values.output.quality_region_px[2] = set->values.output.quality_region_px[3] = 9;
    reject(set, "--quality-check");
    set = filled();
    set->values.match.matcher = (enum po_matcher)99;
    reject(set, "--matcher");
    set = filled();
    set->values.match.matcher = (enum po_matcher) - 1;
    reject(set, "--matcher");
    static const double depths[] = {NAN, INFINITY, -1, 1e300};
    for (size_t i = 0; i < COUNT(depths); i++) {
        set = filled();
        set->values.match.min_depth_mm = depths[i];
        reject(set, "--min-depth");
    }
    set = filled();
    set->values.run.workers = 1 << 30;
    reject(set, "--workers");
    set = filled();
    set->values.run.workers = -7;
    reject(set, "--workers");
}

static void files_are_counted(void **state)
{
    (void)state;
    struct settings_set set;
    struct po_error error = {0};
    settings_set_init(&set);
    for (int i = 0; i < SETTING_FILES_MAX; i++)
        assert_int_equal(settings_note_file(&set, "a.json", &error), PO_OK);
    assert_int_equal(settings_note_file(&set, "last.json", &error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "last.json"));
    settings_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_judged),
        cmocka_unit_test(each_rule_holds),
        cmocka_unit_test(programs_are_judged_too),
        cmocka_unit_test(files_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
