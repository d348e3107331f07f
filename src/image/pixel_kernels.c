/* SPDX-License-Identifier: Apache-2.0 */
#include "image/pixel_kernels.h"

const struct pixel_kernels *pixel_kernels_find(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0)
        return &pixel_kernels_avx2;
#endif
    return &pixel_kernels_plain;
}
