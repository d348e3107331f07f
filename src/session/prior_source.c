/* SPDX-License-Identifier: Apache-2.0 */
#include "session/prior_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/listing.h"
#include "session/manifest_parts.h"

bool prior_is_folder(const char *prior)
{
    return prior != NULL && directory_exists(prior, ".", NULL);
}

/* DIR/<name>.pfm, .png, or DIR/<name>/prior.pfm, as this program writes it. */
static bool find_named(const char *folder, const char *name, char **path,
                       struct po_error *trouble)
{
    static const char *const endings[] = {".pfm", ".png", "/prior.pfm"};
    char file[SESSION_PATH_BYTES];
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        int length = snprintf(file, sizeof(file), "%s%s", name, endings[i]);
        if (length > 0 && (size_t)length < sizeof(file) &&
            entry_exists(folder, file, trouble))
            return trouble->status == PO_OK &&
                   path_keep(path, folder, file, trouble) == PO_OK;
    }
    return false;
}

/* By the frame's name, or by that of its left image. */
static bool find_map(const char *folder, const struct frame_entry *frame, char **path,
                     struct po_error *trouble)
{
    char stem[SESSION_PATH_BYTES];
    if (find_named(folder, frame->id, path, trouble))
        return true;
    (void)snprintf(stem, sizeof(stem), "%s", path_name(frame->left_path));
    char *dot = strrchr(stem, '.');
    if (dot != NULL)
        *dot = '\0';
    return stem[0] != '\0' && find_named(folder, stem, path, trouble);
}

static enum po_status no_memory(struct po_error *error)
{
    return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
}

static enum po_status no_map(const struct manifest *manifest, const char *folder,
                             struct po_error *error)
{
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--prior %.200s: holds no map for any of %d frames; for the first, "
                   "%.160s.pfm or %.160s.png is looked for",
                   folder, manifest->frame_count, manifest->frames[0].id,
                   manifest->frames[0].id);
}

static enum po_status assign_maps(struct manifest *manifest, const char *folder,
                                  struct po_error *error)
{
    int missing = 0;
    for (int i = 0; i < manifest->frame_count; i++) {
        struct frame_entry *frame = &manifest->frames[i];
        const struct frame_entry *by = &manifest->frames[frame->prior_frame];
        struct po_error trouble = {0};
        missing += !find_map(folder, by, &frame->prior_path, &trouble);
        if (trouble.status != PO_OK)
            return trouble_status(&trouble, error);
    }
    if (missing == manifest->frame_count)
        return no_map(manifest, folder, error);
    if (missing > 0)
        warning_list_add(&manifest->warnings,
                         "--prior %.200s: no map for %d of %d frames", folder, missing,
                         manifest->frame_count);
    return PO_OK;
}

static enum po_status carry_images(struct manifest *manifest, struct po_error *error)
{
    for (int i = 0; i < manifest->frame_count; i++) {
        struct frame_entry *frame = &manifest->frames[i];
        if (frame->prior_frame == i)
            continue;
        frame->prior_path = strdup(manifest->frames[frame->prior_frame].left_path);
        if (frame->prior_path == NULL)
            return no_memory(error);
    }
    return PO_OK;
}

enum po_status prior_source_assign(struct manifest *manifest, const char *prior,
                                   int every, struct po_error *error)
{
    if (prior == NULL)
        return PO_OK;
    for (int i = 0; i < manifest->frame_count; i++)
        manifest->frames[i].prior_frame = i / every * every;
    if (prior_is_folder(prior))
        return assign_maps(manifest, prior, error);
    return carry_images(manifest, error);
}
