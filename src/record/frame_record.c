/* SPDX-License-Identifier: Apache-2.0 */
#include "record/frame_record.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/version.h"

static void fill_nan(double *values, int count)
{
    for (int i = 0; i < count; i++)
        values[i] = NAN;
}

void frame_record_init(struct frame_record *record)
{
    memset(record, 0, sizeof(*record));
    (void)snprintf(record->version, sizeof(record->version), "%s",
                   PROCESS_OFFLINE_VERSION);
    record_extent_clear(&record->extent);
}

void record_extent_clear(struct record_extent *extent)
{
    fill_nan(extent->min_mm, 3);
    fill_nan(extent->max_mm, 3);
    fill_nan(extent->p1_mm, 3);
    fill_nan(extent->p99_mm, 3);
    fill_nan(extent->centroid_mm, 3);
    extent->median_depth_mm = NAN;
    extent->median_sigma_mm = NAN;
}

void frame_record_set_counts(struct frame_record *record, const struct count_list *counts)
{
    record->count_count = counts->length;
    for (int i = 0; i < counts->length; i++) {
        (void)snprintf(record->counts[i].name, sizeof(record->counts[i].name), "%s",
                       counts->entries[i].name);
        record->counts[i].value = counts->entries[i].value;
    }
}

uint64_t frame_record_count(const struct frame_record *record, const char *name)
{
    for (int i = 0; i < record->count_count; i++)
        if (strcmp(record->counts[i].name, name) == 0)
            return record->counts[i].value;
    return 0;
}

bool frame_record_add_artefact(struct frame_record *record, const char *name,
                               uint64_t size_bytes, const char *hash)
{
    if (record->artefact_count == RECORD_ARTEFACTS_MAX)
        return false;
    struct record_artefact *artefact = &record->artefacts[record->artefact_count++];
    (void)snprintf(artefact->name, sizeof(artefact->name), "%s", name);
    (void)snprintf(artefact->hash, sizeof(artefact->hash), "%s",
                   hash != NULL ? hash : "");
    artefact->size_bytes = size_bytes;
    return true;
}

bool frame_record_add_input(struct frame_record *record, const char *role,
                            const char *path, uint64_t size_bytes, const char *hash)
{
    if (record->input_count == RECORD_INPUTS_MAX)
        return false;
    struct record_input *input = &record->inputs[record->input_count++];
    (void)snprintf(input->role, sizeof(input->role), "%s", role);
    (void)snprintf(input->name, sizeof(input->name), "%s", path_name(path));
    (void)snprintf(input->hash, sizeof(input->hash), "%s", hash != NULL ? hash : "");
    input->size_bytes = size_bytes;
    return true;
}

static enum po_status verify_content(const struct record_artefact *artefact,
                                     const char *path, struct po_error *error)
{
    struct hash hash;
    char text[HASH_TEXT_BYTES];
    if (artefact->hash[0] == '\0')
        return PO_OK;
    enum po_status status = hash_file(path, &hash, error);
    if (status != PO_OK)
        return status;
    hash_text(hash, text);
    if (strcmp(text, artefact->hash) != 0)
        return po_fail(error, PO_BAD_FORMAT, "%s: the content has changed", path);
    return PO_OK;
}

static enum po_status verify_artefact(const struct record_artefact *artefact,
                                      const char *folder, bool contents,
                                      struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct stat info;
    if (!path_join(path, sizeof(path), folder, artefact->name))
        return po_fail(error, PO_BAD_FORMAT, "%s/%s: the path is too long", folder,
                       artefact->name);
    bool is_there = lstat(path, &info) == 0;
    if (!is_there && errno != ENOENT && errno != ENOTDIR)
        return po_fail(error, PO_IO, "%s: cannot look at it: %s", path, strerror(errno));
    if (!is_there || !S_ISREG(info.st_mode))
        return po_fail(error, PO_BAD_FORMAT, "%s: missing", path);
    if ((uint64_t)info.st_size != artefact->size_bytes)
        return po_fail(error, PO_BAD_FORMAT, "%s: %llu bytes, %llu when written", path,
                       (unsigned long long)info.st_size,
                       (unsigned long long)artefact->size_bytes);
    return contents ? verify_content(artefact, path, error) : PO_OK;
}

enum po_status frame_record_verify(const struct frame_record *record, const char *folder,
                                   bool contents, struct po_error *error)
{
    for (int i = 0; i < record->artefact_count; i++) {
        enum po_status status =
            verify_artefact(&record->artefacts[i], folder, contents, error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}
