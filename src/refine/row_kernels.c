/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/row_kernels.h"

#include <stdbool.h>

#if defined(__x86_64__)
const struct row_kernels *row_kernels_find(enum po_cpu_level level)
{
    /* No table for AVX-512: compiled for it, features took 2 to 6 % less and weighted
     * medians up to 6 % more (Zen 4, bench_refine), under 1 % of refinement in all. */
    bool none = level == PO_CPU_SCALAR || level == PO_CPU_NEON;
    bool wide = !none && level != PO_CPU_SSE4;
    if (wide && __builtin_cpu_supports("avx2") != 0)
        return &row_kernels_avx2;
    return !none && __builtin_cpu_supports("sse4.1") != 0 ? &row_kernels_sse4
                                                          : &row_kernels_plain;
}
#else
const struct row_kernels *row_kernels_find(enum po_cpu_level level)
{
    (void)level;
    return &row_kernels_plain;
}
#endif
