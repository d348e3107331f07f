/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for each test of files; included once, by the file of tests. Ownership: setup
 * makes the folder, teardown removes it with all that lies in it. */
#ifndef SUPPORT_FILE_FIXTURE_H
#define SUPPORT_FILE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "support/test_folder.h"

enum { PATH_BYTES = 512 };

static struct test_folder files;

static int setup(void **state)
{
    (void)state;
    test_folder_create(&files);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&files);
    return 0;
}

static const char *inside(const char *name)
{
    return test_folder_path(&files, name);
}

static void put(const char *name, const char *text, size_t bytes)
{
    FILE *file = fopen(inside(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
