/* SPDX-License-Identifier: Apache-2.0 */
/* A fresh folder for each case of a test program. Include after cmocka.h. */
#ifndef SUPPORT_FOLDER_FIXTURE_H
#define SUPPORT_FOLDER_FIXTURE_H

#include "support/test_folder.h"

static struct test_folder folder;

static inline int folder_create(void **state)
{
    (void)state;
    test_folder_create(&folder);
    return 0;
}

static inline int folder_remove(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

#define FOLDER_TEST(name)                                                                \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)

#endif
