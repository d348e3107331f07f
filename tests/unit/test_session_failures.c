/* SPDX-License-Identifier: Apache-2.0 */
/* Each allocation fails in turn where a session, its priors and its plan are read: that
 * is said as such, and never taken for what the files hold. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session/manifest_load.h"
#include "session/prior_source.h"
#include "store/sealed_json.h"
#include "store/session_plan.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"

/* Both frames have a map: none is missing for want of memory. */
static void maps_are_not_missing(void **state)
{
    (void)state;
    test_folder_write(&folder, "a.pfm", "x");
    test_folder_write(&folder, "b.png", "x");
    bool reached = true;
    for (int number = 1; reached; number++) {
        char left[] = "left.png";
        struct po_error error = {0};
        struct frame_entry frames[2] = {{.id = "a", .left_path = left},
                                        {.id = "b", .left_path = left}};
        struct manifest manifest = {.frame_count = 2, .frames = frames};
        fail_call(CALL_MEMORY, number, ENOMEM);
        enum po_status status = prior_source_assign(&manifest, folder.path, 1, &error);
        reached = mend_calls();
        assert_int_equal(status, reached ? PO_OUT_OF_MEMORY : PO_OK);
        assert_int_equal(manifest.warnings.length, 0);
        for (int i = 0; i < 2; i++)
            free(frames[i].prior_path);
    }
}

static void write_plan(const char *path)
{
    struct po_error error;
    struct json *root = json_new_object();
    json_add_number(root, "schema", 1);
    json_add_number(root, "frames", 3);
    struct json *verdict = json_append_object(json_add_array(root, "verdicts"));
    json_add_number(verdict, "first", 0);
    json_add_number(verdict, "last", 1);
    json_add_number(verdict, "cause", PO_NO_RANGE);
    json_add_string(verdict, "message", "nothing to see");
    assert_int_equal(sealed_json_write(root, path, &error), PO_OK);
    json_free(root);
}

static void plans_are_not_broken(void **state)
{
    (void)state;
    const char *path = test_folder_path(&folder, "plan.json");
    write_plan(path);
    bool reached = true;
    for (int number = 1; reached; number++) {
        struct session_plan plan;
        struct po_error error = {0};
        fail_call(CALL_MEMORY, number, ENOMEM);
        enum po_status status = session_plan_read(path, &plan, &error);
        reached = mend_calls();
        assert_int_equal(status, reached ? PO_OUT_OF_MEMORY : PO_OK);
        if (status == PO_OK)
            assert_int_equal(plan.verdict_count, 1);
        session_plan_release(&plan);
    }
}

/* The last numbers count frames, as the 2 shows; without its key they would look like
 * sides. */
static void frames_are_not_sides(void **state)
{
    (void)state;
    static const char *const names[] = {"x_0_0.png", "x_0_1.png", "x_0_2.png",
                                        "x_1_0.png", "x_1_1.png"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        test_folder_write(&folder, names[i], "x");
    const struct po_input_settings input = {.input = folder.path};
    bool reached = true;
    for (int number = 1; reached; number++) {
        struct po_error error = {0};
        struct manifest *manifest = NULL;
        fail_call(CALL_MEMORY, number, ENOMEM);
        enum po_status status = manifest_load_pairs(&input, &manifest, &error);
        reached = mend_calls();
        assert_int_equal(status, reached ? PO_OUT_OF_MEMORY : PO_OK);
        if (status == PO_OK)
            assert_non_null(strstr(manifest->frames[0].right_path, "x_1_0.png"));
        manifest_destroy(manifest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(maps_are_not_missing),
        FOLDER_TEST(plans_are_not_broken),
        FOLDER_TEST(frames_are_not_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
