/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files for the image tests: bytes to a file in a directory of the test's own, and PNGs
 * of any kind built from raw filtered scanlines. Include after cmocka.h.
 */
#ifndef SUPPORT_IMAGE_FIXTURE_H
#define SUPPORT_IMAGE_FIXTURE_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "image/image_file.h"

struct fixture {
    char directory[64];
    char path[128];
};

static struct fixture fixture; /* of the program: one group setup, one teardown */

static inline int fixture_setup(void **state)
{
    (void)state;
    (void)snprintf(fixture.directory, sizeof(fixture.directory), "/tmp/po-image-XXXXXX");
    assert_non_null(mkdtemp(fixture.directory));
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/image.bin", fixture.directory);
    return 0;
}

static inline int fixture_teardown(void **state)
{
    (void)state;
    (void)unlink(fixture.path);
    (void)rmdir(fixture.directory);
    return 0;
}

static inline void fixture_write(const void *data, size_t bytes)
{
    FILE *file = fopen(fixture.path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

/* The whole file, malloc'ed. */
static inline uint8_t *fixture_load(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct stat status;
    assert_int_equal(fstat(fileno(file), &status), 0);
    uint8_t *data = malloc((size_t)status.st_size + 1);
    assert_non_null(data);
    *bytes = fread(data, 1, (size_t)status.st_size + 1, file);
    assert_int_equal(fclose(file), 0);
    return data;
}

/* A file being put together in memory. */
struct bytes {
    size_t used;
    uint8_t data[1 << 20];
};

static inline void bytes_add(struct bytes *to, const void *data, size_t bytes)
{
    assert_true(bytes <= sizeof(to->data) - to->used);
    memcpy(to->data + to->used, data, bytes);
    to->used += bytes;
}

static inline void bytes_add_32(struct bytes *to, uint32_t value)
{
    uint8_t big_endian[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 8), (uint8_t)value};
    bytes_add(to, big_endian, 4);
}

static inline void png_add_chunk(struct bytes *to, const char *name, const void *data,
                                 size_t bytes)
{
    bytes_add_32(to, (uint32_t)bytes);
    bytes_add(to, name, 4);
    if (bytes > 0)
        bytes_add(to, data, bytes);
    uLong crc = crc32(0, to->data + to->used - bytes - 4, (uInt)bytes + 4);
    bytes_add_32(to, (uint32_t)crc);
}

struct png_kind {
    uint32_t width_px;
    uint32_t height_px;
    uint8_t depth;
    uint8_t colour_type; /* 0 grey, 2 RGB, 3 palette, 4 grey+alpha, 6 RGBA */
    uint8_t interlaced;
};

static inline void png_add_head(struct bytes *to, const struct png_kind *kind)
{
    to->used = 0;
    bytes_add(to, "\x89PNG\r\n\x1a\n", 8);
    uint8_t header[13] = {(uint8_t)(kind->width_px >> 24),
                          (uint8_t)(kind->width_px >> 16),
                          (uint8_t)(kind->width_px >> 8),
                          (uint8_t)kind->width_px,
                          (uint8_t)(kind->height_px >> 24),
                          (uint8_t)(kind->height_px >> 16),
                          (uint8_t)(kind->height_px >> 8),
                          (uint8_t)kind->height_px,
                          kind->depth,
                          kind->colour_type,
                          0,
                          0,
                          kind->interlaced};
    png_add_chunk(to, "IHDR", header, sizeof(header));
}

/* `raw` holds, for each row (of each pass), a filter byte and the packed samples. */
static inline void png_add_pixels(struct bytes *to, const uint8_t *raw, size_t raw_bytes)
{
    uLongf packed_bytes = compressBound((uLong)raw_bytes);
    uint8_t *packed = malloc(packed_bytes);
    assert_non_null(packed);
    assert_int_equal(compress2(packed, &packed_bytes, raw, (uLong)raw_bytes, 6), Z_OK);
    png_add_chunk(to, "IDAT", packed, packed_bytes);
    png_add_chunk(to, "IEND", NULL, 0);
    free(packed);
}

/* Probes and reads a file into an arena planned to the byte. */
struct loaded {
    struct image_header header;
    struct image_view image;
    struct scratch scratch;
    struct warning_list warnings;
};

static inline enum po_status image_load(const char *path, int white,
                                        struct loaded *loaded, struct po_error *error)
{
    memset(loaded, 0, sizeof(*loaded));
    struct image_request request = {.scale = {white, 0}, .warnings = &loaded->warnings};
    enum po_status status = image_file_probe(path, &loaded->header, error);
    if (status != PO_OK)
        return status;
    size_t plan = image_file_scratch_bytes(&loaded->header);
    status = scratch_init(&loaded->scratch, plan, error);
    if (status != PO_OK)
        return status;
    status = image_file_read(path, &loaded->header, &request, &loaded->scratch,
                             &loaded->image, error);
    if (status == PO_OK)
        assert_int_equal(loaded->scratch.peak, plan);
    return status;
}

static inline void image_unload(struct loaded *loaded)
{
    scratch_release(&loaded->scratch);
}

/* The file of the fixture does not load, and the message says `part`. */
static inline void expect_load_failure(enum po_status status, const char *part)
{
    static struct loaded loaded; /* large */
    struct po_error error = {0};
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), status);
    if (strstr(error.message, part) == NULL)
        fail_msg("'%s' lacks '%s'", error.message, part);
    image_unload(&loaded);
}

#endif
