/* SPDX-License-Identifier: Apache-2.0 */
/* The files in configs/ say what the profiles of their names do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/config_file.h"

static void read_file(const char *name, struct settings_set *set)
{
    char path[4096];
    struct po_error error = {0};
    (void)snprintf(path, sizeof(path), "%s/configs/%s.json", PO_SOURCE_DIR, name);
    settings_set_init(set);
    if (config_file_read(path, set, &error) != PO_OK)
        fail_msg("%s", error.message);
}

static void files_of_profiles_match_them(void **state)
{
    (void)state;
    static const char *const names[] = {"fast", "balanced", "quality", "classic"};
    int index = 0;
    assert_non_null(settings_find("profile", &index));
    for (int i = 0; i < 4; i++) {
        struct settings_set file;
        struct settings_set profile;
        read_file(names[i], &file);
        settings_set_init(&profile);
        assert_int_equal(settings_assign(&profile, index, names[i], ORIGIN_PROFILE, NULL),
                         PO_OK);
        profile.values.profile = PO_PROFILE_BALANCED; /* the file does not name one */
        assert_memory_equal(&file.values, &profile.values, sizeof(file.values));
        settings_set_release(&file);
    }
}

static void other_files_are_valid(void **state)
{
    (void)state;
    struct settings_set set;
    read_file("night", &set);
    set.values.input.input = "S";
    assert_int_equal(settings_validate(&set.values, NULL), PO_OK);
    assert_int_equal(set.values.match.level, PO_SGM_QUALITY);
    settings_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_profiles_match_them),
        cmocka_unit_test(other_files_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
