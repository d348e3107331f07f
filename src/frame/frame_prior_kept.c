/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map of a prior that frames carry on, kept in the state directory until the run
 * ends. What is not there is made anew: it saves time, nothing depends on it.
 */
#include "frame/frame_views.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "frame/prior_folder.h"

static bool carries(const struct frame *frame)
{
    return frame->context->prior->source == PRIOR_NETWORK &&
           frame->context->settings->network.prior_every > 1;
}

/* By the network, the image it saw and how that was brought to this size. */
static struct hash key_of(const struct frame *frame)
{
    const struct frame_plan *plan = &frame->job->plan;
    const struct frame_entry *entry = frame->entry;
    const struct manifest *manifest = frame->context->manifest;
    const int32_t shape[] = {plan->match_width_px,
                             plan->match_height_px,
                             plan->downscale,
                             entry->side_by_side,
                             entry->halves_swapped,
                             frame->context->scale16[0].white,
                             frame->context->scale16[0].black};
    struct hash key =
        hash_combine(frame->context->prior->network.key,
                     frame->input_hashes[entry->prior_path != NULL ? 2 : 0]);
    key = hash_combine(key, hash_bytes(shape, sizeof(shape)));
    return entry->calibration < 0
               ? key
               : hash_combine(
                     key, calibration_hash(&manifest->calibrations[entry->calibration]));
}

static bool path_of(const struct frame *frame, char *folder, char *path, size_t bytes)
{
    char name[HASH_TEXT_BYTES];
    char file[HASH_TEXT_BYTES + 8];
    hash_text(key_of(frame), name);
    (void)snprintf(file, sizeof(file), "%s" PRIOR_FILE_ENDING, name);
    return path_join(folder, bytes, frame->context->state_directory, PRIOR_FOLDER) &&
           path_join(path, bytes, folder, file);
}

bool frame_prior_recall(const struct frame *frame)
{
    char folder[ATOMIC_FILE_PATH_BYTES], path[ATOMIC_FILE_PATH_BYTES];
    const struct network_map *map = &frame->prior.map;
    struct image_header header;
    int width = 0, height = 0;
    float *values = NULL;
    if (!carries(frame) || !path_of(frame, folder, path, sizeof(path)) ||
        image_file_probe(path, &header, NULL) != PO_OK ||
        header.width_px != map->width_px || header.height_px != map->height_px)
        return false;
    bool is_read =
        image_file_read_float(path, 1.0, &width, &height, &values, NULL) == PO_OK &&
        width == map->width_px && height == map->height_px;
    if (is_read)
        memcpy(map->values, values,
               (size_t)width * (size_t)height * sizeof(*map->values));
    free(values);
    return is_read;
}

static void map_row(void *context, int y, float *values)
{
    const struct network_map *map = context;
    const float *row = map->values + (size_t)y * (size_t)map->width_px;
    for (int x = 0; x < map->width_px; x++)
        values[x] = isfinite(row[x]) ? row[x] : INFINITY;
}

static enum po_status store(struct frame *frame, const char *folder, const char *path,
                            struct po_error *error)
{
    struct network_map *map = &frame->prior.map;
    enum po_status status = directory_make(folder, error);
    if (status == PO_OK)
        status = atomic_file_open_shared(frame->file, path, error); /* by many shards */
    if (status != PO_OK)
        return status;
    frame->file->sync = false;
    status = pfm_write(frame->file, map->width_px, map->height_px, map_row, map, error);
    if (status == PO_OK)
        status = atomic_file_publish(frame->file, error);
    atomic_file_discard(frame->file);
    return status;
}

/* One that cannot be kept is no reason to fail a frame. */
void frame_prior_keep(struct frame *frame)
{
    char folder[ATOMIC_FILE_PATH_BYTES], path[ATOMIC_FILE_PATH_BYTES];
    struct po_error error = {0};
    if (carries(frame) && path_of(frame, folder, path, sizeof(path)) &&
        store(frame, folder, path, &error) != PO_OK)
        log_debug("prior not kept: %s", error.message);
}
