/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of an .npz, through libzip; the only file that knows it.
 *
 * libzip allocates by the size of a zip's directory, which a hostile file may claim at
 * will: every end record that it could find is looked at before it is asked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/number_stream.h"
#include "calib/numpy_tree.h"

enum {
    TAIL_BYTES = (1 << 17), /* libzip looks for the end record in the last 64 KiB */
    END_RECORD_BYTES = 22,
    DIRECTORY_MAX_BYTES = 1 << 18,
    KEY_BYTES = 128
};

static uint32_t little(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

/* No end record in the tail claims more members or a larger directory than allowed, and
 * none is of the 64-bit kind, which files below 4 GB do not have. */
static bool directory_is_sane(const uint8_t *tail, size_t bytes)
{
    for (size_t i = 0; i + 4 <= bytes; i++) {
        if (memcmp(tail + i, "PK\6\7", 4) == 0 || memcmp(tail + i, "PK\6\6", 4) == 0)
            return false;
        if (memcmp(tail + i, "PK\5\6", 4) == 0 && i + END_RECORD_BYTES <= bytes &&
            (little(tail + i + 10, 2) > NUMPY_MEMBERS ||
             little(tail + i + 12, 4) > DIRECTORY_MAX_BYTES))
            return false;
    }
    return true;
}

static enum po_status check_directory(const char *path, int descriptor,
                                      uint64_t size_bytes, struct po_error *error)
{
    size_t bytes = size_bytes < TAIL_BYTES ? (size_t)size_bytes : TAIL_BYTES;
    uint8_t *tail = malloc(bytes);
    if (tail == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    ssize_t got = input_read_at(descriptor, tail, bytes, size_bytes - bytes);
    enum po_status status = got < 0 ? input_read_failed(path, error) : PO_OK;
    bool sane = got >= 0 && directory_is_sane(tail, (size_t)got);
    free(tail);
    if (status == PO_OK && !sane)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: a zip with more than %d members or of the 64-bit kind; not a "
                       "calibration file",
                       path, NUMPY_MEMBERS);
    return status;
}

/* errno of what went wrong: 0 where the zip itself is broken. */
static int cause_of(zip_error_t *problem)
{
    int system = zip_error_code_system(problem);
    switch (zip_error_code_zip(problem)) {
    case ZIP_ER_MEMORY:
        return ENOMEM;
    case ZIP_ER_READ:
        return system != 0 ? system : EIO;
    default:
        return 0;
    }
}

/* What libzip says of a zip, or why it could not be read. */
static enum po_status refuse(const char *name, zip_error_t *problem,
                             struct po_error *error)
{
    errno = cause_of(problem);
    return npy_cut_short(name, zip_error_strerror(problem), error);
}

bool npz_member_read(void *file, void *target, size_t bytes)
{
    zip_int64_t got = zip_fread(file, target, bytes);
    errno = got < 0 ? cause_of(zip_file_get_error(file)) : 0;
    return got == (zip_int64_t)bytes;
}

enum po_status npz_member_finish(void *file, const char *name, struct po_error *error)
{
    char more;
    return zip_fread(file, &more, 1) >= 0 ? PO_OK
                                          : refuse(name, zip_file_get_error(file), error);
}

/* "K_left.npy" to "K_left"; false for members that are no arrays. */
static bool key_of(const char *name, char key[KEY_BYTES])
{
    size_t length = strlen(name);
    if (length <= 4 || strcmp(name + length - 4, ".npy") != 0 || length - 4 >= KEY_BYTES)
        return false;
    memcpy(key, name, length - 4);
    key[length - 4] = '\0';
    return true;
}

static enum po_status add_member(zip_t *archive, zip_uint64_t index, const char *path,
                                 struct document *document, struct document_node *root,
                                 struct po_error *error)
{
    struct zip_stat info;
    char key[KEY_BYTES];
    char name[PO_ERROR_MESSAGE_BYTES / 2];
    if (zip_stat_index(archive, index, 0, &info) != 0 ||
        (info.valid & ZIP_STAT_NAME) == 0 || !key_of(info.name, key))
        return PO_OK;
    (void)snprintf(name, sizeof(name), "%.300s (%.80s)", path, info.name);
    if ((info.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
        info.encryption_method != ZIP_EM_NONE)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: is encrypted; save it again without a password", name);
    zip_file_t *file = zip_fopen_index(archive, index, 0);
    if (file == NULL)
        return refuse(name, zip_get_error(archive), error);
    const struct npy_stream stream = {npz_member_read, file};
    enum po_status status = document_add_npy(document, root, name, key, &stream, error);
    if (status == PO_OK)
        status = npz_member_finish(file, name, error);
    (void)zip_fclose(file);
    return status;
}

static enum po_status add_members(zip_t *archive, const char *path,
                                  struct document *document, struct po_error *error)
{
    struct document_node *root = document_add(document, NULL, DOCUMENT_MAP, NULL, NULL);
    zip_int64_t count = zip_get_num_entries(archive, 0);
    enum po_status status = PO_OK;
    for (zip_int64_t i = 0; i < count && i < NUMPY_MEMBERS && status == PO_OK; i++)
        status = add_member(archive, (zip_uint64_t)i, path, document, root, error);
    return status;
}

static enum po_status not_opened(const char *path, int problem, struct po_error *error)
{
    if (problem == ZIP_ER_MEMORY || problem == ZIP_ER_READ)
        return input_read_failed(path, error);
    return po_fail(error, PO_BAD_FORMAT,
                   "%s: begins like a zip (.npz) but cannot be read as one (error %d of "
                   "libzip)",
                   path, problem);
}

static enum po_status open_archive(const char *path, zip_t **archive,
                                   struct po_error *error)
{
    int descriptor = -1;
    int problem = 0;
    struct input_stat info;
    *archive = NULL;
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status == PO_OK)
        status = check_directory(path, descriptor, info.size_bytes, error);
    if (status == PO_OK) {
        *archive = zip_fdopen(descriptor, 0, &problem);
        if (*archive == NULL)
            status = not_opened(path, problem, error);
    }
    if (*archive == NULL && descriptor >= 0)
        (void)close(descriptor);
    return status;
}

enum po_status document_from_npz(const char *path, struct document **document,
                                 struct po_error *error)
{
    zip_t *archive = NULL;
    *document = NULL;
    enum po_status status = open_archive(path, &archive, error);
    if (status != PO_OK)
        return status;
    struct document *made = document_create((size_t)NUMPY_MEMBERS * KEY_BYTES, false);
    if (made == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    else
        status = add_members(archive, path, made, error);
    zip_discard(archive);
    if (status == PO_OK)
        *document = made;
    else
        document_destroy(made);
    return status;
}

enum po_status npz_member_open(const char *path, const char *member, void **archive,
                               void **file, struct po_error *error)
{
    zip_t *opened = NULL;
    *archive = *file = NULL;
    enum po_status status = open_archive(path, &opened, error);
    if (status != PO_OK)
        return status;
    *file = zip_fopen(opened, member, 0);
    if (*file == NULL) {
        char name[PO_ERROR_MESSAGE_BYTES / 2];
        (void)snprintf(name, sizeof(name), "%.300s (%.80s)", path, member);
        status = refuse(name, zip_get_error(opened), error);
        zip_discard(opened);
        return status;
    }
    *archive = opened;
    return PO_OK;
}

void npz_member_close(void *archive, void *file)
{
    if (file != NULL)
        (void)zip_fclose(file);
    if (archive != NULL)
        zip_discard(archive);
}
