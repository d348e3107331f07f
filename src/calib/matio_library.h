/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few entry points of libmatio that are used, found when a .mat is met: linked, it
 * would bring HDF5 into every start. What is declared here is its interface of version
 * 1.5 (matio.h), whose layout its sonames 9 to 13 share.
 *
 * Only in a child: the library was not made for files that somebody else wrote.
 */
#ifndef CALIB_MATIO_LIBRARY_H
#define CALIB_MATIO_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

enum matio_class {
    MATIO_STRUCT = 2,
    MATIO_OBJECT = 3,
    MATIO_CHAR = 4,
    MATIO_DOUBLE = 6,
    MATIO_SINGLE = 7,
    MATIO_INT8 = 8,
    MATIO_UINT8 = 9,
    MATIO_INT16 = 10,
    MATIO_UINT16 = 11,
    MATIO_INT32 = 12,
    MATIO_UINT32 = 13,
    MATIO_INT64 = 14,
    MATIO_UINT64 = 15,
    MATIO_OPAQUE = 17,
};

struct matio_file;

struct matio_variable {
    size_t bytes;
    int rank;
    int data_type;
    int element_bytes;
    int class_type;
    int is_complex;
    int is_global;
    int is_logical;
    size_t *sides;
    char *name;
    void *data;
    int keeps_memory;
    int compression;
    void *internal;
};

struct matio_library {
    void *handle;
    struct matio_file *(*open)(const char *path, int mode);
    int (*close)(struct matio_file *file);
    struct matio_variable *(*next_info)(struct matio_file *file);
    int (*read_data)(struct matio_file *file, struct matio_variable *variable);
    void (*free)(struct matio_variable *variable);
    unsigned (*field_count)(struct matio_variable *variable);
    struct matio_variable *(*field)(struct matio_variable *variable, size_t field,
                                    size_t index);
};

/* False: the library is not installed, or lacks one of these. Never unloaded. */
bool matio_library_load(struct matio_library *library);

#endif
