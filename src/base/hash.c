/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

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

static enum po_status hash_descriptor(int fd, const char *path, XXH3_state_t *state,
                                      unsigned char *chunk, struct po_error *error)
{
    for (;;) {
        ssize_t got = read(fd, chunk, HASH_FILE_CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return po_fail(error, PO_IO, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0)
            return PO_OK;
        (void)XXH3_128bits_update(state, chunk, (size_t)got);
    }
}

enum po_status hash_file(const char *path, struct hash *hash, struct po_error *error)
{
    int fd = -1;
    enum po_status status = input_file_open(path, &fd, NULL, error);
    if (status != PO_OK)
        return status;
    XXH3_state_t *state = XXH3_createState();
    unsigned char *chunk = malloc(HASH_FILE_CHUNK);
    if (state == NULL || chunk == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to hash it", path);
        goto cleanup;
    }
    (void)XXH3_128bits_reset(state);
    status = hash_descriptor(fd, path, state, chunk, error);
    if (status != PO_OK)
        goto cleanup;
    XXH128_hash_t value = XXH3_128bits_digest(state);
    *hash = (struct hash){value.low64, value.high64};

cleanup:
    free(chunk);
    (void)XXH3_freeState(state);
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
