/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder that never ends, as a broken network mount can show one, is refused at the
 * bound of entries. Twenty million of them take most of a gigabyte, so: with PO_LONG=1.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session/listing.h"

enum { FAR_TOO_MANY = 30000000 };

/* In the place of the system's. */
struct dirent *readdir(DIR *directory)
{
    static struct dirent entry = {.d_type = DT_REG};
    static int number;
    (void)directory;
    if (number == FAR_TOO_MANY)
        return NULL;
    (void)snprintf(entry.d_name, sizeof(entry.d_name), "%d", number++);
    return &entry;
}

static void a_folder_without_end_is_refused(void **state)
{
    struct listing listing;
    struct po_error error = {0};
    const char *is_long = getenv("PO_LONG");
    (void)state;
    if (is_long == NULL || strcmp(is_long, "1") != 0)
        skip();
    assert_int_equal(listing_read("/", &listing, &error), PO_BAD_SESSION);
    assert_non_null(strstr(error.message, "split the session"));
    assert_int_equal(listing.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
