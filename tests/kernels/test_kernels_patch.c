/* SPDX-License-Identifier: Apache-2.0 */
/* The sums of the patch correlation of every CPU level against sums taken one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stereo/kernels_patch.h"

/* Just as long as what may be read, so that a sanitizer sees one pixel too many. */
struct patch_case {
    struct patch_template patch;
    uint8_t *rows[PATCH_SIDE];
};

/* Of noise, or of the largest values, whose sums need all bits. */
static void case_make(struct patch_case *made, int count, bool is_noise)
{
    memset(made, 0, sizeof(*made));
    for (int v = 0; v < PATCH_SIDE; v++) {
        size_t bytes = (size_t)(count + PATCH_SIDE - 1);
        made->rows[v] = malloc(bytes);
        assert_non_null(made->rows[v]);
        for (size_t x = 0; x < bytes; x++)
            made->rows[v][x] = (uint8_t)(is_noise ? rand() : 255);
        for (int u = 0; u < PATCH_SIDE; u++) {
            int value = is_noise ? rand() & 255 : 255;
            made->patch.values[v * PATCH_SIDE + u] = (uint8_t)value;
            made->patch.pairs[v][u] = (int16_t)value;
        }
    }
}

static void case_release(struct patch_case *made)
{
    for (int v = 0; v < PATCH_SIDE; v++)
        free(made->rows[v]);
}

static void compare(const struct patch_case *made, const struct position_sums *found)
{
    for (int x = 0; x < found->count; x++) {
        uint32_t products = 0;
        for (int v = 0; v < PATCH_SIDE; v++)
            for (int u = 0; u < PATCH_SIDE; u++)
                products += (uint32_t)made->patch.values[v * PATCH_SIDE + u] *
                            made->rows[v][x + u];
        assert_int_equal(found->products[x], products);
    }
    for (int x = 0; x < found->count + PATCH_SIDE - 1; x++) {
        uint32_t sum = 0;
        uint32_t squares = 0;
        for (int v = 0; v < PATCH_SIDE; v++) {
            sum += made->rows[v][x];
            squares += (uint32_t)made->rows[v][x] * made->rows[v][x];
        }
        assert_int_equal(found->column_sums[x], sum);
        assert_int_equal(found->column_squares[x], squares);
    }
}

static void sums_are_exact(void **state)
{
    static const enum po_cpu_level levels[] = {PO_CPU_SCALAR, PO_CPU_SSE4, PO_CPU_AVX2,
                                               PO_CPU_AVX512, PO_CPU_NEON, PO_CPU_AUTO};
    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        for (int count = 1; count <= PATCH_POSITIONS; count++) {
            struct patch_case made;
            struct position_sums sums;
            case_make(&made, count, count % 4 != 0);
            memset(&sums, 0xA5, sizeof(sums));
            sums.count = count;
            patch_sums_find(levels[i])(&made.patch, (const uint8_t *const *)made.rows,
                                       &sums);
            compare(&made, &sums);
            case_release(&made);
        }
}

/* Where the CPU has more, the levels are not all the same function. */
static void levels_are_obeyed(void **state)
{
    (void)state;
    assert_true(patch_sums_find(PO_CPU_SCALAR) == patch_sums_plain);
    assert_true(patch_sums_find(PO_CPU_SSE4) == patch_sums_plain);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0) {
        assert_true(patch_sums_find(PO_CPU_AUTO) == patch_sums_avx2);
        assert_true(patch_sums_find(PO_CPU_AVX2) == patch_sums_avx2);
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(levels_are_obeyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
