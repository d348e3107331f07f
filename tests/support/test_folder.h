/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary folder that tests fill with small files, removed with all its content. */
#ifndef TESTS_SUPPORT_TEST_FOLDER_H
#define TESTS_SUPPORT_TEST_FOLDER_H

#include <stdbool.h>

#include "process_offline/status.h"

enum { TEST_PATH_BYTES = 4096 };

struct test_folder {
    char path[TEST_PATH_BYTES];
};

/* Aborts the test when the system refuses. */
void test_folder_create(struct test_folder *folder);
void test_folder_remove(struct test_folder *folder);
/* Writes `text` to folder/name, making the folders in between. */
void test_folder_write(const struct test_folder *folder, const char *name,
                       const char *text);
/* "folder/name" in one of a few rotating buffers. */
const char *test_folder_path(const struct test_folder *folder, const char *name);

/* Removes a tree below (and with) `path`; never follows links; missing is fine. */
enum po_status directory_remove(const char *path, struct po_error *error);

/* The real data set: false, and a line saying so, when it is not on this machine. */
bool test_data_path(const char *source_dir, const char *name, char path[TEST_PATH_BYTES]);

#endif
