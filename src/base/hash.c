/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#ifdef PO_XXHASH_DISPATCH
#include <xxh_x86dispatch.h> /* the same functions, by what the processor has */
#endif

#include "base/input_file.h"

enum { HASH_FILE_CHUNK = 1 << 18 };

struct hash hash_bytes(const void *data, size_t bytes)
{
    XXH128_hash_t value = XXH3_128bits(data, bytes);
    return (struct hash){value.low64, value.high64};
}

struct hash hash_combine(struct hash a, struct hash b)
{
    uint64_t words[4] = {a.low, a.high, b.low, b.high};
    return hash_bytes(words, sizeof(words));
}

void hash_text(struct hash hash, char text[HASH_TEXT_BYTES])
{
    (void)snprintf(text, HASH_TEXT_BYTES, "%016llx%016llx", (unsigned long long)hash.high,
                   (unsigned long long)hash.low);
}

/* The library's own state under our name. */
static XXH3_state_t *state_of(struct hash_stream *stream)
{
    return (XXH3_state_t *)stream;
}

struct hash_stream *hash_stream_create(void)
{
    XXH3_state_t *state = XXH3_createState();
    if (state != NULL)
        (void)XXH3_128bits_reset(state);
    return (struct hash_stream *)state;
}

void hash_stream_add(struct hash_stream *stream, const void *data, size_t bytes)
{
    (void)XXH3_128bits_update(state_of(stream), data, bytes);
}

struct hash hash_stream_end(const struct hash_stream *stream)
{
    XXH128_hash_t value = XXH3_128bits_digest((const XXH3_state_t *)stream);
    return (struct hash){value.low64, value.high64};
}

void hash_stream_destroy(struct hash_stream *stream)
{
    (void)XXH3_freeState(state_of(stream));
}

static enum po_status hash_descriptor(int fd, const char *path,
                                      struct hash_stream *stream, unsigned char *chunk,
                                      struct po_error *error)
{
    for (;;) {
        ssize_t got = input_read(fd, chunk, HASH_FILE_CHUNK);
        if (got < 0)
            return input_read_failed(path, error);
        if (got == 0)
            return PO_OK;
        hash_stream_add(stream, chunk, (size_t)got);
    }
}

enum po_status hash_file(const char *path, struct hash *hash, struct po_error *error)
{
    int fd = -1;
    enum po_status status = input_file_open(path, &fd, NULL, error);
    if (status != PO_OK)
        return status;
    struct hash_stream *stream = hash_stream_create();
    unsigned char *chunk = malloc(HASH_FILE_CHUNK);
    if (stream == NULL || chunk == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to hash it", path);
    if (status == PO_OK)
        status = hash_descriptor(fd, path, stream, chunk, error);
    if (status == PO_OK)
        *hash = hash_stream_end(stream);
    free(chunk);
    hash_stream_destroy(stream);
    (void)close(fd);
    return status;
}

bool hash_parse(const char *text, struct hash *hash)
{
    char half[17];
    char *end;
    if (strlen(text) != HASH_TEXT_BYTES - 1)
        return false;
    memcpy(half, text, 16);
    half[16] = '\0';
    hash->high = strtoull(half, &end, 16);
    if (*end != '\0')
        return false;
    hash->low = strtoull(text + 16, &end, 16);
    return *end == '\0';
}
