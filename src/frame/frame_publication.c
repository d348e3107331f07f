/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_publication.h"

#include <stdio.h>
#include <unistd.h>

#include "base/path.h"
#include "frame/frame_context.h"
#include "record/own_files.h"

static struct atomic_directory folder_of(const struct frame_publication *publication)
{
    const struct frame_context *context = publication->context;
    const char *tag = context->build_tag;
    return (struct atomic_directory){.parent = context->frames_directory,
                                     .name = publication->entry->id,
                                     .tag = tag != NULL ? tag : "",
                                     .names = &own_frame_names};
}

enum po_status frame_publication_begin(struct frame_publication *publication,
                                       struct po_error *error)
{
    const struct atomic_directory folder = folder_of(publication);
    return atomic_directory_begin(&folder, publication->building,
                                  sizeof(publication->building), error);
}

enum po_status frame_publication_path(const struct frame_publication *publication,
                                      const char *name, char *path,
                                      struct po_error *error)
{
    if (!path_join(path, ATOMIC_FILE_PATH_BYTES, publication->building, name))
        return po_fail(error, PO_IO, "%s/%s: the path is too long", publication->building,
                       name);
    return PO_OK;
}

enum po_status frame_publication_add(struct frame_publication *publication,
                                     struct atomic_file *file, const char *name,
                                     struct hash *hash, struct po_error *error)
{
    enum { FILES_MAX = sizeof(publication->files) / sizeof(publication->files[0]) };
    if (publication->file_count == FILES_MAX)
        return po_fail(error, PO_INTERNAL, "%s: too many files in a frame", file->path);
    struct unsynced_file *added = &publication->files[publication->file_count];
    enum po_status status = atomic_file_hand_over(file, hash, &added->descriptor, error);
    if (status != PO_OK)
        return status;
    added->name = name;
    publication->file_count++;
    return PO_OK;
}

/* All are on their way to the disk before the first is waited for. */
static enum po_status sync_files(struct frame_publication *publication,
                                 const struct cancel *cancel, struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    enum po_status status = PO_OK;
    for (int i = 0; i < publication->file_count; i++)
        atomic_file_send_handed(publication->files[i].descriptor);
    for (int i = 0; i < publication->file_count && status == PO_OK; i++) {
        struct unsynced_file *file = &publication->files[i];
        if (cancel_requested(cancel))
            return po_fail(error, PO_CANCELLED, "cancelled before %s was on the disk",
                           file->name);
        status = frame_publication_path(publication, file->name, path, error);
        if (status == PO_OK)
            status = atomic_file_sync_handed(&file->descriptor, path, error);
    }
    return status;
}

/* What stands in the frame's place is ours to replace. */
static enum po_status check_place(const struct frame_publication *publication,
                                  struct po_error *error)
{
    char place[ATOMIC_FILE_PATH_BYTES];
    char note[ATOMIC_FILE_PATH_BYTES];
    const char *id = publication->entry->id;
    int length = snprintf(note, sizeof(note), "%s/inputs/%s",
                          publication->context->state_directory, id);
    if (length < 0 || (size_t)length >= sizeof(note) ||
        !path_join(place, sizeof(place), publication->context->frames_directory, id))
        return po_fail(error, PO_IO, "%s: the path is too long", id);
    return own_frame_check(place, note, error);
}

enum po_status frame_publication_publish(struct frame_publication *publication,
                                         const struct cancel *cancel,
                                         struct po_error *error)
{
    enum po_status status = PO_OK;
    if (publication->written_ns == 0)
        return PO_OK;
    const struct atomic_directory folder = folder_of(publication);
    status = sync_files(publication, cancel, error);
    if (status == PO_OK)
        status = check_place(publication, error);
    if (status == PO_OK)
        status = atomic_directory_publish(&folder, error);
    if (status == PO_OK)
        publication->building[0] = '\0';
    frame_publication_discard(publication);
    return status;
}

void frame_publication_discard(struct frame_publication *publication)
{
    for (int i = 0; i < publication->file_count; i++)
        if (publication->files[i].descriptor >= 0)
            (void)close(publication->files[i].descriptor);
    publication->file_count = 0;
    publication->written_ns = 0;
    /* What cannot be removed the next run cleans away. */
    if (publication->building[0] != '\0')
        (void)!directory_remove_own(publication->building, &own_frame_names, NULL);
    publication->building[0] = '\0';
}
