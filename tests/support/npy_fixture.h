/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's array files in a test's folder. Include after folder_fixture.h. */
#ifndef SUPPORT_NPY_FIXTURE_H
#define SUPPORT_NPY_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "support/folder_fixture.h"

static inline void write_bytes(const char *name, const void *bytes, size_t count)
{
    FILE *file = fopen(test_folder_path(&folder, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

/* Version 1, the header as it is given. */
static inline size_t npy_start(uint8_t *bytes, const char *header)
{
    size_t length = strlen(header);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (uint8_t)(length & 0xff);
    bytes[9] = (uint8_t)(length >> 8);
    memcpy(bytes + 10, header, length);
    return 10 + length;
}

static inline size_t npy_put(uint8_t *to, const char *type, double value)
{
    size_t bytes = (size_t)(type[2] - '0');
    float narrow = (float)value;
    int64_t whole = (int64_t)value;
    const void *from = type[1] == 'f' ? (bytes == 4 ? (const void *)&narrow : &value)
                                      : (const void *)&whole;
    for (size_t i = 0; i < bytes; i++)
        to[i] = ((const uint8_t *)from)[type[0] == '>' ? bytes - 1 - i : i];
    return bytes;
}

/* `type` as in "<f8": order, kind, bytes; `order` of Fortran: "True" or "False". */
static inline void write_npy(const char *name, const char *type, const char *order,
                             const char *shape, const double *values, size_t count)
{
    static uint8_t bytes[1 << 16];
    char header[128];
    (void)snprintf(header, sizeof(header),
                   "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", type, order,
                   shape);
    size_t used = npy_start(bytes, header);
    for (size_t i = 0; i < count; i++)
        used += npy_put(bytes + used, type, values[i]);
    write_bytes(name, bytes, used);
}

/* A whole rig: K_left.npy ... T.npy. */
static inline void write_rig_arrays(void)
{
    static const double k[9] = {500, 0, 320, 0, 500, 240, 0, 0, 1};
    static const double d[5] = {-0.1, 0.01, 0, 0, 0};
    static const double r[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    static const double t[3] = {-60, 0, 0};
    write_npy("K_left.npy", "<f8", "False", "(3, 3)", k, 9);
    write_npy("K_right.npy", "<f8", "False", "(3, 3)", k, 9);
    write_npy("D_left.npy", "<f8", "False", "(1, 5)", d, 5);
    write_npy("D_right.npy", "<f8", "False", "(5,)", d, 5);
    write_npy("R.npy", "<f8", "False", "(3, 3)", r, 9);
    write_npy("T.npy", "<f8", "False", "(3, 1)", t, 3);
}

#endif
