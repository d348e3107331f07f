/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record_shelf.h"

#include <stdlib.h>
#include <string.h>

/* A frame takes about half a kilobyte. */
static const size_t shelf_max_bytes = (size_t)96 << 20;

/* A run of bytes that differ: how many are alike before it, and how many follow. */
struct run {
    uint16_t alike;
    uint16_t differing;
};

/* At worst every run has a byte that differs behind a gap that is just long enough. */
enum {
    RUN_MAX = UINT16_MAX,
    GAP_BYTES = sizeof(struct run),
    PACKED_MAX_BYTES = 2 * sizeof(struct frame_record) + 64,
};

enum po_status record_shelf_init(struct record_shelf *shelf, int frame_count,
                                 struct po_error *error)
{
    *shelf = (struct record_shelf){.frame_count = frame_count};
    shelf->packed = calloc((size_t)frame_count + 1, sizeof(*shelf->packed));
    shelf->first = calloc(1, sizeof(*shelf->first));
    shelf->room = calloc(1, sizeof(*shelf->room));
    shelf->scratch = malloc(PACKED_MAX_BYTES);
    if (shelf->packed != NULL && shelf->first != NULL && shelf->room != NULL &&
        shelf->scratch != NULL)
        return PO_OK;
    record_shelf_release(shelf);
    return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the records of %d frames",
                   frame_count);
}

void record_shelf_release(struct record_shelf *shelf)
{
    for (int i = 0; i < shelf->frame_count && shelf->packed != NULL; i++)
        free(shelf->packed[i]);
    free(shelf->packed);
    free(shelf->first);
    free(shelf->room);
    free(shelf->scratch);
    *shelf = (struct record_shelf){0};
}

static void forget_checksums(struct frame_record *record)
{
    memset(record->key, 0, sizeof(record->key));
    for (int i = 0; i < RECORD_INPUTS_MAX; i++)
        memset(record->inputs[i].hash, 0, sizeof(record->inputs[i].hash));
    for (int i = 0; i < RECORD_ARTEFACTS_MAX; i++)
        memset(record->artefacts[i].hash, 0, sizeof(record->artefacts[i].hash));
}

static size_t alike_bytes(const unsigned char *a, const unsigned char *b, size_t limit)
{
    size_t count = 0;
    uint64_t x;
    uint64_t y;
    for (; count + sizeof(x) <= limit; count += sizeof(x)) {
        memcpy(&x, a + count, sizeof(x));
        memcpy(&y, b + count, sizeof(y));
        if (x != y)
            break;
    }
    while (count < limit && a[count] == b[count])
        count++;
    return count;
}

/* How many differ from here on. A gap that is shorter than the head of a run stays in it.
 */
static size_t differing_bytes(const unsigned char *a, const unsigned char *b,
                              size_t limit)
{
    size_t count = 0;
    size_t alike = 0;
    while (count < limit && alike <= GAP_BYTES) {
        alike = a[count] == b[count] ? alike + 1 : 0;
        count++;
    }
    return count - alike;
}

static size_t at_most(size_t bytes)
{
    return bytes < RUN_MAX ? bytes : RUN_MAX;
}

static size_t pack(const struct frame_record *record, const struct frame_record *first,
                   unsigned char *out)
{
    const unsigned char *a = (const unsigned char *)record;
    const unsigned char *b = (const unsigned char *)first;
    const size_t bytes = sizeof(*record);
    size_t used = 0;
    for (size_t at = 0; at < bytes;) {
        size_t alike = alike_bytes(a + at, b + at, at_most(bytes - at));
        size_t from = at + alike;
        size_t length = differing_bytes(a + from, b + from, at_most(bytes - from));
        const struct run run = {(uint16_t)alike, (uint16_t)length};
        memcpy(out + used, &run, sizeof(run));
        memcpy(out + used + sizeof(run), a + from, length);
        used += sizeof(run) + length;
        at = from + length;
    }
    return used;
}

void record_shelf_put(struct record_shelf *shelf, int frame,
                      const struct frame_record *record)
{
    if (shelf->packed == NULL || shelf->packed[frame] != NULL ||
        shelf->bytes >= shelf_max_bytes)
        return;
    *shelf->room = *record;
    forget_checksums(shelf->room);
    if (shelf->bytes == 0)
        *shelf->first = *shelf->room;
    size_t bytes = pack(shelf->room, shelf->first, shelf->scratch);
    shelf->packed[frame] = malloc(bytes);
    if (shelf->packed[frame] == NULL)
        return;
    memcpy(shelf->packed[frame], shelf->scratch, bytes);
    shelf->bytes += bytes;
}

bool record_shelf_get(const struct record_shelf *shelf, int frame,
                      struct frame_record *record)
{
    unsigned char *out = (unsigned char *)record;
    const unsigned char *in = shelf->packed != NULL ? shelf->packed[frame] : NULL;
    if (in == NULL)
        return false;
    *record = *shelf->first;
    for (size_t at = 0; at < sizeof(*record);) {
        struct run run;
        memcpy(&run, in, sizeof(run));
        at += run.alike;
        memcpy(out + at, in + sizeof(run), run.differing);
        at += run.differing;
        in += sizeof(run) + run.differing;
    }
    return true;
}
