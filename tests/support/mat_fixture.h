/* SPDX-License-Identifier: Apache-2.0 */
/* MATLAB's files of version 5 (level 5 MAT-file format), written by hand. */
#ifndef SUPPORT_MAT_FIXTURE_H
#define SUPPORT_MAT_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Types of data, and classes of arrays. */
enum {
    MAT_INT8 = 1,
    MAT_UINT8,
    MAT_INT16,
    MAT_UINT16,
    MAT_INT32,
    MAT_UINT32,
    MAT_SINGLE,
    MAT_DOUBLE = 9,
    MAT_INT64 = 12,
    MAT_UINT64,
    MAT_MATRIX,
    CLASS_CELL = 1,
    CLASS_STRUCT,
    CLASS_OBJECT,
    CLASS_CHAR,
    CLASS_DOUBLE = 6,
    CLASS_SINGLE,
    CLASS_INT8,
    CLASS_UINT8,
    CLASS_INT16,
    CLASS_UINT16,
    CLASS_INT32,
    CLASS_UINT32,
    CLASS_INT64,
    CLASS_UINT64,
    MAT_COMPLEX = 0x800
};

struct mat_bytes {
    size_t used;
    uint8_t bytes[1 << 16];
};

static inline void mat_put(struct mat_bytes *mat, const void *from, size_t bytes)
{
    memcpy(mat->bytes + mat->used, from, bytes);
    mat->used += bytes;
}

static inline void mat_element(struct mat_bytes *mat, uint32_t type, const void *data,
                               size_t bytes)
{
    const uint32_t tag[2] = {type, (uint32_t)bytes};
    mat_put(mat, tag, sizeof(tag));
    mat_put(mat, data, bytes);
    while (mat->used % 8 != 0)
        mat->bytes[mat->used++] = 0;
}

static inline void mat_begin(struct mat_bytes *mat)
{
    char head[125];
    const uint16_t version[2] = {0x100, 0x4d49};
    (void)snprintf(head, sizeof(head), "%-124s", "MATLAB 5.0 MAT-file, made by a test");
    mat->used = 0;
    mat_put(mat, head, 124);
    mat_put(mat, version, sizeof(version));
}

/* Opens an array; the place is for mat_array_end. */
static inline size_t mat_array(struct mat_bytes *mat, const char *name, uint32_t flags,
                               const int32_t *sides, int rank)
{
    const uint32_t tag[2] = {MAT_MATRIX, 0};
    const uint32_t words[2] = {flags, 0};
    mat_put(mat, tag, sizeof(tag));
    size_t place = mat->used;
    mat_element(mat, MAT_UINT32, words, sizeof(words));
    mat_element(mat, MAT_INT32, sides, (size_t)rank * sizeof(*sides));
    mat_element(mat, MAT_INT8, name, strlen(name));
    return place;
}

static inline void mat_array_end(struct mat_bytes *mat, size_t place)
{
    uint32_t bytes = (uint32_t)(mat->used - place);
    memcpy(mat->bytes + place - 4, &bytes, sizeof(bytes));
}

static inline size_t mat_number(uint8_t *to, uint32_t type, double value)
{
    const int64_t whole = (int64_t)value;
    const float narrow = (float)value;
    static const size_t sizes[] = {0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8};
    memcpy(to,
           type == MAT_DOUBLE   ? (const void *)&value
           : type == MAT_SINGLE ? (const void *)&narrow
                                : (const void *)&whole,
           sizes[type]);
    return sizes[type];
}

/* `values` row by row; the file has them column by column. */
static inline void mat_matrix(struct mat_bytes *mat, const char *name,
                              uint32_t class_type, const double *values, int rows,
                              int columns)
{
    static const uint32_t types[] = {0,         0,          0,          0,
                                     0,         0,          MAT_DOUBLE, MAT_SINGLE,
                                     MAT_INT8,  MAT_UINT8,  MAT_INT16,  MAT_UINT16,
                                     MAT_INT32, MAT_UINT32, MAT_INT64,  MAT_UINT64};
    uint8_t data[8 * 64];
    size_t used = 0;
    uint32_t type = types[class_type & 0xff];
    const int32_t sides[2] = {rows, columns};
    size_t place = mat_array(mat, name, class_type, sides, 2);
    for (int x = 0; x < columns; x++)
        for (int y = 0; y < rows; y++)
            used += mat_number(data + used, type, values[y * columns + x]);
    mat_element(mat, type, data, used);
    if ((class_type & MAT_COMPLEX) != 0)
        mat_element(mat, type, data, used);
    mat_array_end(mat, place);
}

#endif
