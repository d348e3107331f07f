/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/plain_kernels.h"

plain_pack *plain_pack_find(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0)
        return plain_pack_avx2;
#endif
    return NULL;
}
