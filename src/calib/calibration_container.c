/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are no text, told apart by their first bytes: one row a kind. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/format.h"
#include "calib/mat_tree.h"
#include "calib/numpy_tree.h"

enum { HEAD_BYTES = 128 };

struct container_row {
    const char *first; /* bytes the file begins with */
    size_t first_bytes;
    enum calibration_container container;
    enum po_status (*read)(const char *path, struct document **document,
                           struct po_error *error);
};

/* Python's pickle runs whatever its file says, so it is not read. */
static enum po_status refuse_pickle(const char *path, struct document **document,
                                    struct po_error *error)
{
    const char *name = path_name(path);
    (void)document;
    return po_fail(
        error, PO_UNSUPPORTED,
        "%s: is a Python pickle, which may be a program, and is not read; convert it: "
        "python3 -c \"import pickle, numpy; numpy.savez('%.60s.npz', "
        "**pickle.load(open('%.60s', 'rb')))\"",
        path, name, name);
}

static const struct container_row rows[] = {
    {"PK\3\4", 4, CONTAINER_NUMPY, document_from_npz},
    {"PK\5\6", 4, CONTAINER_NUMPY, document_from_npz},
    {"\x93NUMPY", 6, CONTAINER_NUMPY, document_from_npy_folder},
    {"MATLAB 5.0 MAT", 14, CONTAINER_MATLAB, document_from_mat},
    {"MATLAB 7.3 MAT", 14, CONTAINER_MATLAB, document_from_mat},
    {"\x89HDF\r\n\x1a\n", 8, CONTAINER_MATLAB, document_from_mat},
    {"\x80\2", 2, CONTAINER_TEXT, refuse_pickle},
    {"\x80\3", 2, CONTAINER_TEXT, refuse_pickle},
    {"\x80\4", 2, CONTAINER_TEXT, refuse_pickle},
    {"\x80\5", 2, CONTAINER_TEXT, refuse_pickle},
};

static enum po_status read_head(const char *path, char head[HEAD_BYTES],
                                struct po_error *error)
{
    int descriptor = -1;
    struct input_stat info;
    memset(head, 0, HEAD_BYTES);
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return status;
    if (input_read(descriptor, head, HEAD_BYTES) < 0)
        status = input_read_failed(path, error);
    (void)close(descriptor);
    return status;
}

enum po_status calibration_container_load(struct calibration_source *source,
                                          bool *is_binary, struct po_error *error)
{
    char head[HEAD_BYTES];
    enum po_status status = read_head(source->path, head, error);
    *is_binary = false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && status == PO_OK; i++) {
        const struct container_row *row = &rows[i];
        if (*is_binary || memcmp(head, row->first, row->first_bytes) != 0)
            continue;
        *is_binary = true;
        source->container = row->container;
        status = row->read(source->path, &source->document, error);
    }
    return status;
}
