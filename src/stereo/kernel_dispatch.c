/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/kernel_dispatch.h"

#include <stdbool.h>
#include <stddef.h>

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool cpu_has_avx512(void)
{
    return __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vbmi") != 0;
}

static bool cpu_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

static bool cpu_has_sse4(void)
{
    return __builtin_cpu_supports("sse4.1") != 0;
}
#endif

struct dispatch_row {
    enum po_cpu_level level;
    const struct sgm_kernels *kernels;
    bool (*supported)(void);
};

/* Best first: AUTO takes the first row the CPU supports. */
static const struct dispatch_row rows[] = {
#if defined(__x86_64__)
    {PO_CPU_AVX512, &sgm_kernels_avx512, cpu_has_avx512},
    {PO_CPU_AVX2, &sgm_kernels_avx2, cpu_has_avx2},
    {PO_CPU_SSE4, &sgm_kernels_sse4, cpu_has_sse4},
#elif defined(__aarch64__)
    {PO_CPU_NEON, &sgm_kernels_neon, always},
#endif
    {PO_CPU_SCALAR, &sgm_kernels_scalar, always},
};

const struct sgm_kernels *sgm_kernels_find(enum po_cpu_level level)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((level == PO_CPU_AUTO || level == rows[i].level) && rows[i].supported())
            return rows[i].kernels;
    return NULL;
}
