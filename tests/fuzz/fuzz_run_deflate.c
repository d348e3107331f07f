/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes, in pieces whose size they choose: zlib's inflate gives them back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "image/run_deflate.h"

enum { DATA_MAX = 163840, STREAM_MAX = DATA_MAX + 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t stream[STREAM_MAX];
static uint8_t inflated[DATA_MAX + 1];
static size_t stream_bytes;

static void collect(void *context, const uint8_t *data, size_t bytes)
{
    (void)context;
    if (bytes > sizeof(stream) - stream_bytes)
        abort();
    memcpy(stream + stream_bytes, data, bytes);
    stream_bytes += bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uLongf bytes = sizeof(inflated);
    size_t piece = size > 0 ? 1 + 16 * (size_t)data[size / 2] : 1;
    struct run_deflate *deflate = run_deflate_create(collect, NULL);
    if (size > DATA_MAX || deflate == NULL) {
        run_deflate_destroy(deflate);
        return 0;
    }
    stream_bytes = 0;
    for (size_t at = 0; at < size; at += piece)
        run_deflate_add(deflate, data + at, size - at < piece ? size - at : piece);
    run_deflate_end(deflate);
    run_deflate_destroy(deflate);
    if (uncompress(inflated, &bytes, stream, stream_bytes) != Z_OK || bytes != size ||
        (size > 0 && memcmp(inflated, data, size) != 0))
        abort();
    return 0;
}
