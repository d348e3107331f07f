/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry of the match cache, corrupted: the input says which bytes of a good entry
 * change (place, value) and where it ends; an odd first byte makes the input itself the
 * entry. Only the entry as it was written is taken, and one that is not is removed.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/path.h"
#include "match/match_cache.h"
#include "support/test_folder.h"

enum { WIDTH_PX = 9, HEIGHT_PX = 4, ENTRY_MAX_BYTES = 4096, INPUT_MAX_BYTES = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64];
static char path[ATOMIC_FILE_PATH_BYTES];
static struct scratch scratch;
static struct match_output output;
static uint8_t good[ENTRY_MAX_BYTES];
static size_t good_bytes;
static const struct hash key = {0x0123456789abcdef, 0xfedcba9876543210};

static void clean(void)
{
    scratch_release(&scratch);
    (void)!directory_remove(folder, NULL);
}

static void take_output(void)
{
    if (scratch_init(&scratch, 1 << 16, NULL) != PO_OK ||
        disparity_map_take(&scratch, WIDTH_PX, HEIGHT_PX, &output.left, NULL) != PO_OK ||
        image_view_take(&scratch, WIDTH_PX, HEIGHT_PX, 1, &output.uniqueness_margin,
                        NULL) != PO_OK)
        abort();
    for (int y = 0; y < HEIGHT_PX; y++) {
        memset(disparity_row(&output.left, y), 17 * y, WIDTH_PX * sizeof(int16_t));
        memset(image_row(&output.uniqueness_margin, y), y, WIDTH_PX);
    }
}

static void prepare(void)
{
    static struct atomic_file file;
    struct kept_match match = {.output = &output, .vertical_disparity = {.points = 3}};
    struct match_cache cache = {folder, 1 << 20};
    char text[HASH_TEXT_BYTES];
    char name[HASH_TEXT_BYTES + 8];
    if (folder[0] != '\0')
        return;
    (void)snprintf(folder, sizeof(folder), "%s/po_fuzz_cache_XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL || atexit(clean) != 0)
        abort();
    take_output();
    hash_text(key, text);
    (void)snprintf(name, sizeof(name), "%s.match", text);
    if (!path_join(path, sizeof(path), folder, name) ||
        match_cache_store(&cache, key, &match, &file, NULL) != PO_OK)
        abort();
    FILE *stream = fopen(path, "rb");
    good_bytes = stream != NULL ? fread(good, 1, sizeof(good), stream) : 0;
    if (good_bytes == 0 || good_bytes == sizeof(good) || fclose(stream) != 0)
        abort();
}

static size_t corrupt(const uint8_t *data, size_t size, uint8_t *entry)
{
    size_t bytes = good_bytes;
    memcpy(entry, good, good_bytes);
    if (size >= 2)
        bytes = ((size_t)data[0] << 8 | data[1]) % (good_bytes + 16);
    for (size_t i = 2; i + 2 < size; i += 3)
        entry[((size_t)data[i] << 8 | data[i + 1]) % ENTRY_MAX_BYTES] = data[i + 2];
    return bytes;
}

static void write_entry(const uint8_t *entry, size_t bytes)
{
    int descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (descriptor < 0 || write(descriptor, entry, bytes) != (ssize_t)bytes)
        abort();
    (void)close(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t entry[ENTRY_MAX_BYTES];
    struct kept_match match = {.output = &output};
    struct match_cache cache = {folder, 1 << 20};
    if (size < 1 || size > INPUT_MAX_BYTES)
        return 0;
    prepare();
    const uint8_t *written = data + 1;
    size_t bytes = size - 1;
    if (data[0] % 2 == 0) {
        bytes = corrupt(data + 1, size - 1, entry);
        written = entry;
    }
    bool same = bytes >= good_bytes && memcmp(written, good, good_bytes) == 0;
    write_entry(written, bytes);
    if (match_cache_load(&cache, key, &match) != same)
        abort();
    if ((access(path, F_OK) == 0) != same)
        abort();
    match_cache_trim(folder, size % 2 == 0 ? 0 : 64);
    return 0;
}
