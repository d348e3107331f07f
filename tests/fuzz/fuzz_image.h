/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all image fuzzers share: the bytes as a file in memory, probed and read as a
 * picture and as a map. A claim above FUZZ_BYTES is not decoded: the program's memory
 * plan refuses it too.
 */
#ifndef TESTS_FUZZ_FUZZ_IMAGE_H
#define TESTS_FUZZ_FUZZ_IMAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/image_file.h"
#include "support/replay_torture.h"

enum { FUZZ_BYTES = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_image_read(const char *path, const struct image_header *header)
{
    struct scratch scratch;
    struct image_view image;
    static struct warning_list warnings;
    const struct image_request request = {.scale = {.white = 4095},
                                          .warnings = &warnings};
    struct po_error error;
    size_t bytes = image_file_scratch_bytes(header);
    warnings.length = 0;
    if (scratch_init(&scratch, bytes, &error) != PO_OK)
        return;
    if (image_file_read(path, header, &request, &scratch, &image, &error) == PO_OK)
        if (scratch.peak != bytes || image.pixels == NULL)
            abort();
    scratch_release(&scratch);
}

static inline void fuzz_image_read_float(const char *path)
{
    struct po_error error;
    int width_px;
    int height_px;
    float *values;
    if (image_file_read_float(path, 256.0, &width_px, &height_px, &values, &error) ==
        PO_OK)
        free(values);
}

static inline int fuzz_image(const uint8_t *data, size_t size)
{
    char path[64];
    struct image_header header;
    struct po_error error = {PO_OK, ""};
    int fd = memfd_create("image", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    torture_begin();
    enum po_status status = image_file_probe(path, &header, &error);
    if (status != PO_OK && error.message[0] == '\0')
        abort();
    if (status == PO_OK && image_file_scratch_bytes(&header) <= FUZZ_BYTES &&
        header.decoder_bytes <= FUZZ_BYTES) {
        fuzz_image_read(path, &header);
        fuzz_image_read_float(path);
    }
    torture_end();
    (void)close(fd);
    return 0;
}

#endif
