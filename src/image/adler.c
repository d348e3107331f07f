/* SPDX-License-Identifier: Apache-2.0 */
#include "image/adler.h"

#include <isa-l/igzip_lib.h>

uint32_t adler_add(uint32_t adler, const uint8_t *data, size_t bytes)
{
    uint32_t sum = isal_adler32(adler, data, bytes);
#if defined(__x86_64__)
    /* As after isal_inflate (png_inflate.c). */
    if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vzeroupper");
#endif
    return sum;
}
