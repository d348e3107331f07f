/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/point_kernels.h"

point_pack *point_pack_find(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0)
        return point_pack_avx2;
#endif
    return NULL;
}
