/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/kernels_patch.h"

patch_sums_function *patch_sums_find(enum po_cpu_level level)
{
#if defined(__x86_64__)
    if ((level == PO_CPU_AUTO || level == PO_CPU_AVX2 || level == PO_CPU_AVX512) &&
        __builtin_cpu_supports("avx2") != 0)
        return patch_sums_avx2;
#else
    (void)level;
#endif
    return patch_sums_plain;
}

static void add_products(struct position_sums *sums, const uint8_t *pixels, int value)
{
    uint16_t factor = (uint16_t)value;
    for (int x = 0; x < sums->count; x++)
        sums->products[x] += (uint16_t)(factor * pixels[x]); /* at most 255 * 255 */
}

static void add_columns(struct position_sums *sums, const uint8_t *pixels)
{
    for (int x = 0; x < sums->count + PATCH_SIDE - 1; x++) {
        sums->column_sums[x] += pixels[x];
        sums->column_squares[x] += (uint16_t)(pixels[x] * pixels[x]);
    }
}

void patch_sums_plain(const struct patch_template *patch,
                      const uint8_t *const rows[PATCH_SIDE], struct position_sums *sums)
{
    *sums = (struct position_sums){.count = sums->count};
    for (int v = 0; v < PATCH_SIDE; v++) {
        for (int u = 0; u < PATCH_SIDE; u++)
            add_products(sums, rows[v] + u, patch->values[v * PATCH_SIDE + u]);
        add_columns(sums, rows[v]);
    }
}
