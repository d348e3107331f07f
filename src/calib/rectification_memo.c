/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/rectification_memo.h"

#include <stdlib.h>

enum { ENTRIES = 8 };

struct memo_entry {
    bool is_made;
    struct hash key;
    struct rectification rectification;
};

struct rectification_memo {
    int next; /* to be replaced */
    struct memo_entry entries[ENTRIES];
};

struct rectification_memo *rectification_memo_create(void)
{
    return calloc(1, sizeof(struct rectification_memo));
}

void rectification_memo_destroy(struct rectification_memo *memo)
{
    free(memo);
}

static enum po_status make(const struct calibration *calibration, int width_px,
                           int height_px, struct rectification *rectification,
                           struct po_error *error)
{
    struct calibration fitted = *calibration;
    enum po_status status = calibration_fit_images(&fitted, width_px, height_px, error);
    if (status == PO_OK)
        status = rectification_make(&fitted, width_px, height_px, rectification, error);
    return status;
}

/* Padding is part of it: where that differs an equal one is made once more. */
static struct hash key_of(const struct calibration *calibration, int width_px,
                          int height_px)
{
    const int32_t size_px[2] = {width_px, height_px};
    return hash_combine(hash_bytes(calibration, sizeof(*calibration)),
                        hash_bytes(size_px, sizeof(size_px)));
}

static const struct memo_entry *find(const struct rectification_memo *memo,
                                     struct hash key)
{
    for (int i = 0; i < ENTRIES; i++) {
        const struct memo_entry *entry = &memo->entries[i];
        if (entry->is_made && entry->key.low == key.low && entry->key.high == key.high)
            return entry;
    }
    return NULL;
}

enum po_status rectification_memo_make(struct rectification_memo *memo,
                                       const struct calibration *calibration,
                                       int width_px, int height_px,
                                       struct rectification *rectification,
                                       struct po_error *error)
{
    if (memo == NULL)
        return make(calibration, width_px, height_px, rectification, error);
    struct hash key = key_of(calibration, width_px, height_px);
    const struct memo_entry *known = find(memo, key);
    if (known != NULL) {
        *rectification = known->rectification;
        return PO_OK;
    }
    enum po_status status = make(calibration, width_px, height_px, rectification, error);
    if (status != PO_OK)
        return status;
    memo->entries[memo->next] = (struct memo_entry){true, key, *rectification};
    memo->next = (memo->next + 1) % ENTRIES;
    return PO_OK;
}
