/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input_file.h"
#include "base/path.h"

enum { MAGIC = 0x4d4f5033, PLANES = 5, MAPS = 2, SUFFIX_BYTES = 16 };
static const char SUFFIX[] = ".match";

struct entry_header {
    uint32_t magic;
    int32_t width_px;
    int32_t height_px;
    uint32_t planes; /* bit i: plane i is there */
    struct hash key;
};

/* What is not a plane: vertical_disparity without its padding. */
struct entry_values {
    double a_px, b_px, c_px;
    int32_t points;
    int32_t corrected;
};

/* One of the output's maps as bare rows. */
struct plane {
    unsigned char *rows;
    ptrdiff_t stride_bytes;
    size_t row_bytes;
};

static void planes_of(const struct match_output *output, struct plane planes[PLANES])
{
    const struct disparity_map *maps[MAPS] = {&output->left, &output->right};
    const struct image_view *views[PLANES - MAPS] = {&output->uniqueness_margin,
                                                     &output->cost, &output->first_pass};
    size_t width = (size_t)output->left.width_px;
    for (int i = 0; i < MAPS; i++)
        planes[i] = (struct plane){(unsigned char *)maps[i]->values,
                                   maps[i]->stride * (ptrdiff_t)sizeof(int16_t),
                                   width * sizeof(int16_t)};
    for (int i = MAPS; i < PLANES; i++)
        planes[i] =
            (struct plane){views[i - MAPS]->pixels, views[i - MAPS]->stride_bytes, width};
}

static struct entry_header header_of(const struct match_output *output,
                                     const struct plane planes[PLANES], struct hash key)
{
    struct entry_header header;
    memset(&header, 0, sizeof(header));
    header.magic = MAGIC;
    header.width_px = output->left.width_px;
    header.height_px = output->left.height_px;
    for (int i = 0; i < PLANES; i++)
        header.planes |= planes[i].rows != NULL ? 1U << i : 0U;
    header.key = key;
    return header;
}

static bool entry_path(char *path, size_t path_bytes, const char *directory,
                       struct hash key)
{
    char name[HASH_TEXT_BYTES + SUFFIX_BYTES];
    char text[HASH_TEXT_BYTES];
    hash_text(key, text);
    (void)snprintf(name, sizeof(name), "%s%s", text, SUFFIX);
    return path_join(path, path_bytes, directory, name);
}

static struct hash checksum(const struct plane planes[PLANES], int height,
                            const struct entry_values *values, struct hash key)
{
    struct hash sum = hash_combine(key, hash_bytes(values, sizeof(*values)));
    for (int i = 0; i < PLANES; i++)
        for (int y = 0; y < height && planes[i].rows != NULL; y++)
            sum =
                hash_combine(sum, hash_bytes(planes[i].rows + y * planes[i].stride_bytes,
                                             planes[i].row_bytes));
    return sum;
}

static bool read_exactly(int fd, void *target, size_t bytes)
{
    unsigned char *to = target;
    while (bytes > 0) {
        ssize_t got = read(fd, to, bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}

static bool read_entry(int fd, struct hash key, struct kept_match *match)
{
    struct plane planes[PLANES];
    planes_of(match->output, planes);
    struct entry_header wanted = header_of(match->output, planes, key);
    struct entry_header header;
    struct entry_values values;
    struct hash sum;
    if (!read_exactly(fd, &header, sizeof(header)) ||
        memcmp(&header, &wanted, sizeof(header)) != 0 ||
        !read_exactly(fd, &values, sizeof(values)))
        return false;
    for (int i = 0; i < PLANES; i++)
        for (int y = 0; y < wanted.height_px && planes[i].rows != NULL; y++)
            if (!read_exactly(fd, planes[i].rows + y * planes[i].stride_bytes,
                              planes[i].row_bytes))
                return false;
    struct hash expected = checksum(planes, wanted.height_px, &values, key);
    match->vertical_disparity = (struct vertical_disparity){
        .a_px = values.a_px,
        .b_px = values.b_px,
        .c_px = values.c_px,
        .points = values.points,
        .corrected = values.corrected != 0,
    };
    return read_exactly(fd, &sum, sizeof(sum)) &&
           memcmp(&sum, &expected, sizeof(sum)) == 0;
}

bool match_cache_load(const struct match_cache *cache, struct hash key,
                      struct kept_match *match)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    int fd = -1;
    if (!entry_path(path, sizeof(path), cache->directory, key) ||
        input_file_open(path, &fd, NULL, NULL) != PO_OK)
        return false;
    bool whole = read_entry(fd, key, match);
    if (whole)
        (void)futimens(fd, NULL); /* used just now */
    (void)close(fd);
    if (!whole)
        (void)unlink(path);
    return whole;
}

bool match_cache_has(const struct match_cache *cache, struct hash key)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    return entry_path(path, sizeof(path), cache->directory, key) &&
           access(path, R_OK) == 0;
}

static enum po_status write_entry(const struct kept_match *match, struct hash key,
                                  struct atomic_file *file, struct po_error *error)
{
    struct plane planes[PLANES];
    planes_of(match->output, planes);
    struct entry_header header = header_of(match->output, planes, key);
    const struct vertical_disparity *offset = &match->vertical_disparity;
    struct entry_values values = {offset->a_px, offset->b_px, offset->c_px,
                                  offset->points, offset->corrected};
    struct hash sum = checksum(planes, header.height_px, &values, key);
    enum po_status status = atomic_file_write(file, &header, sizeof(header), error);
    if (status == PO_OK)
        status = atomic_file_write(file, &values, sizeof(values), error);
    for (int i = 0; i < PLANES; i++)
        for (int y = 0; y < header.height_px && planes[i].rows != NULL && status == PO_OK;
             y++)
            status = atomic_file_write(file, planes[i].rows + y * planes[i].stride_bytes,
                                       planes[i].row_bytes, error);
    if (status == PO_OK)
        status = atomic_file_write(file, &sum, sizeof(sum), error);
    return status;
}

static uint64_t entry_bytes(const struct match_output *output)
{
    struct plane planes[PLANES];
    planes_of(output, planes);
    uint64_t bytes =
        sizeof(struct entry_header) + sizeof(struct entry_values) + sizeof(struct hash);
    for (int i = 0; i < PLANES; i++)
        if (planes[i].rows != NULL)
            bytes += (uint64_t)planes[i].row_bytes * (uint64_t)output->left.height_px;
    return bytes;
}

enum po_status match_cache_store(const struct match_cache *cache, struct hash key,
                                 const struct kept_match *match, struct atomic_file *file,
                                 struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    uint64_t bytes = entry_bytes(match->output);
    if (bytes > cache->limit_bytes ||
        !entry_path(path, sizeof(path), cache->directory, key))
        return PO_OK;
    match_cache_trim(cache->directory, cache->limit_bytes - bytes);
    enum po_status status = directory_make(cache->directory, error);
    if (status == PO_OK)
        status = atomic_file_open_shared(file, path, error);
    if (status != PO_OK)
        return status;
    file->sync = false;
    status = write_entry(match, key, file, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    return status;
}

struct kept_entry {
    char name[HASH_TEXT_BYTES + SUFFIX_BYTES];
    struct timespec used;
    uint64_t bytes;
};

static int older_first(const void *a, const void *b)
{
    const struct kept_entry *left = a;
    const struct kept_entry *right = b;
    if (left->used.tv_sec != right->used.tv_sec)
        return left->used.tv_sec < right->used.tv_sec ? -1 : 1;
    if (left->used.tv_nsec != right->used.tv_nsec)
        return left->used.tv_nsec < right->used.tv_nsec ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* All entries of the folder; malloc'ed, the caller frees them. */
static size_t list_entries(DIR *folder, struct kept_entry **entries,
                           uint64_t *total_bytes)
{
    size_t count = 0;
    size_t capacity = 0;
    const struct dirent *item;
    *entries = NULL;
    *total_bytes = 0;
    while ((item = readdir(folder)) != NULL) {
        struct stat status;
        size_t length = strlen(item->d_name);
        if (length != HASH_TEXT_BYTES - 1 + sizeof(SUFFIX) - 1 ||
            strcmp(item->d_name + HASH_TEXT_BYTES - 1, SUFFIX) != 0 ||
            fstatat(dirfd(folder), item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (count == capacity) {
            capacity = capacity > 0 ? 2 * capacity : 64;
            struct kept_entry *grown = realloc(*entries, capacity * sizeof(*grown));
            if (grown == NULL)
                break;
            *entries = grown;
        }
        struct kept_entry *entry = &(*entries)[count++];
        memcpy(entry->name, item->d_name, length + 1);
        entry->used = status.st_mtim;
        entry->bytes = (uint64_t)status.st_size;
        *total_bytes += entry->bytes;
    }
    return count;
}

void match_cache_trim(const char *directory, uint64_t limit_bytes)
{
    DIR *folder = opendir(directory);
    if (folder == NULL)
        return;
    struct kept_entry *entries;
    uint64_t total;
    size_t count = list_entries(folder, &entries, &total);
    if (total > limit_bytes)
        qsort(entries, count, sizeof(*entries), older_first);
    for (size_t i = 0; i < count && total > limit_bytes; i++) {
        (void)unlinkat(dirfd(folder), entries[i].name, 0);
        total -= entries[i].bytes;
    }
    free(entries);
    (void)closedir(folder);
}
