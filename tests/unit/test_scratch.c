/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_are_aligned_and_counted),
        cmocka_unit_test(sizes_saturate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
