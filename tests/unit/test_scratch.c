/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/scratch.h"

static void takes_are_aligned_and_counted(void **state)
{
    (void)state;
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, 256, NULL), PO_OK);
    unsigned char *a = scratch_take(&scratch, 1);
    unsigned char *b = scratch_take(&scratch, 65);
    assert_non_null(a);
    assert_int_equal((uintptr_t)b % SCRATCH_ALIGNMENT, 0);
    assert_ptr_equal(b, a + 64);
    assert_int_equal(scratch.used, scratch_size(1) + scratch_size(65));
    assert_null(scratch_take(&scratch, 65));
    assert_non_null(scratch_take(&scratch, 64));
    scratch_release(&scratch);
}

static void sizes_saturate(void **state)
{
    (void)state;
    assert_true(scratch_size(SIZE_MAX - 3) == SIZE_MAX);
    assert_true(scratch_array_size(SIZE_MAX / 2, 3) == SIZE_MAX);
    assert_true(scratch_sum(SIZE_MAX, 1) == SIZE_MAX);
}

/* What the system says of the mapping that begins at `base`: "hg" where it is asked to
 * put large pages there. False: it says nothing. */
static bool mapping_flags(const void *base, char *flags, size_t flags_bytes)
{
    char line[256];
    char begin[32];
    bool is_inside = false;
    bool found = false;
    FILE *smaps = fopen("/proc/self/smaps", "r");
    (void)snprintf(begin, sizeof(begin), "%lx-", (unsigned long)(uintptr_t)base);
    while (smaps != NULL && !found && fgets(line, sizeof(line), smaps) != NULL) {
        is_inside = is_inside || strncmp(line, begin, strlen(begin)) == 0;
        found = is_inside && strncmp(line, "VmFlags:", 8) == 0;
    }
    if (smaps != NULL)
        (void)fclose(smaps);
    if (found)
        (void)snprintf(flags, flags_bytes, "%s", line);
    return found;
}

/* And not beyond the arena: what is resident stays within what was planned. */
static void large_arenas_ask_for_large_pages(void **state)
{
    (void)state;
    char flags[256];
    struct scratch scratch;
    if (access("/sys/kernel/mm/transparent_hugepage/enabled", R_OK) != 0)
        skip();
    assert_int_equal(scratch_init(&scratch, (size_t)16 << 20, NULL), PO_OK);
    if (!mapping_flags(scratch.base, flags, sizeof(flags))) {
        scratch_release(&scratch);
        skip(); /* it merged with its neighbour, or there is no /proc */
    }
    assert_non_null(strstr(flags, " hg"));
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_are_aligned_and_counted),
        cmocka_unit_test(sizes_saturate),
        cmocka_unit_test(large_arenas_ask_for_large_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
