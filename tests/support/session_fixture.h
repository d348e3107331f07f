/* SPDX-License-Identifier: Apache-2.0 */
/* A folder, the settings that name it and its manifest, fresh for each case of a test
 * program. Include after cmocka.h. */
#ifndef SUPPORT_SESSION_FIXTURE_H
#define SUPPORT_SESSION_FIXTURE_H

#include <string.h>

#include "session/manifest_load.h"
#include "support/test_folder.h"

static struct test_folder folder;
static struct po_input_settings input;
static struct manifest *manifest;
static struct po_error error;

static inline int session_create(void **state)
{
    (void)state;
    test_folder_create(&folder);
    memset(&input, 0, sizeof(input));
    input.input = folder.path;
    input.pair_tolerance_s = 0.002;
    return 0;
}

static inline int session_remove(void **state)
{
    (void)state;
    manifest_destroy(manifest);
    manifest = NULL;
    test_folder_remove(&folder);
    return 0;
}

static inline enum po_status session_load(const char *ground_truth)
{
    manifest_destroy(manifest);
    memset(&error, 0, sizeof(error));
    return manifest_load(&input, ground_truth, 0, &manifest, &error);
}

static inline void must_load(const char *layout, int frames)
{
    enum po_status status = session_load(NULL);
    assert_string_equal(error.message, "");
    assert_int_equal(status, PO_OK);
    assert_string_equal(manifest->layout, layout);
    assert_int_equal(manifest->frame_count, frames);
}

static inline void must_fail(enum po_status status, const char *part)
{
    assert_int_equal(session_load(NULL), status);
    assert_null(manifest);
    if (strstr(error.message, part) == NULL)
        fail_msg("%s", error.message);
}

static inline void touch(const char *name)
{
    test_folder_write(&folder, name, "x");
}

#define SESSION_TEST(name)                                                               \
    cmocka_unit_test_setup_teardown(name, session_create, session_remove)

#endif
