/* SPDX-License-Identifier: Apache-2.0 */
#include "session/image_samples.h"

#include <stdlib.h>
#include <string.h>

#include "session/capture_kind.h"
#include "session/layout.h"

static bool is_sample(const struct listing_entry *entry)
{
    return entry->is_image && capture_kind_of(entry->name) == KIND_CAPTURE;
}

enum po_status image_samples_find(const char *directory, int most,
                                  struct image_samples *samples, struct po_error *error)
{
    struct listing listing;
    int64_t images = 0;
    int64_t rank = 0;
    memset(samples, 0, sizeof(*samples));
    enum po_status status = listing_read(directory, &listing, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < listing.count; i++)
        images += is_sample(&listing.entries[i]);
    for (int i = 0; i < listing.count && images > 0 && status == PO_OK; i++) {
        if (!is_sample(&listing.entries[i]))
            continue;
        bool chosen = rank == 0 || rank * most / images != (rank - 1) * most / images;
        rank++;
        if (!chosen || samples->count == most)
            continue;
        char *path = path_copy(directory, listing.entries[i].name);
        if (path == NULL)
            status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to list %s", directory);
        else
            samples->paths[samples->count++] = path;
    }
    listing_release(&listing);
    return status;
}

void image_samples_release(struct image_samples *samples)
{
    for (int i = 0; i < samples->count; i++)
        free(samples->paths[i]);
    samples->count = 0;
}
