/* SPDX-License-Identifier: Apache-2.0 */
#include "image/adler.h"

#include <isa-l/igzip_lib.h>

#include "image/clean_vectors.h"

uint32_t adler_add(uint32_t adler, const uint8_t *data, size_t bytes)
{
    uint32_t sum = isal_adler32(adler, data, bytes);
    leave_vectors_clean();
    return sum;
}
