/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/map_kernels.h"

const struct map_kernels *map_kernels_find(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0)
        return &map_kernels_avx2;
#endif
    return &map_kernels_plain;
}
