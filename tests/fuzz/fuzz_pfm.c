/* SPDX-License-Identifier: Apache-2.0 */
/* Float maps: the first byte chooses the mark, the rest is header and samples. */
#include <string.h>

#include "fuzz_image.h"

enum { PFM_MAX_BYTES = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[PFM_MAX_BYTES + 2];
    if (size < 1 || size > PFM_MAX_BYTES)
        return 0;
    file[0] = 'P';
    file[1] = data[0] % 2 == 0 ? 'f' : 'F';
    memcpy(file + 2, data + 1, size - 1);
    return fuzz_image(file, size + 1);
}
