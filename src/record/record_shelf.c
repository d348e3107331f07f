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

enum { RUN_MAX = UINT16_MAX, GAP_BYTES = sizeof(struct run) };

_Static_assert(sizeof(struct frame_record) < ((size_t)1 << 30), "counted in int");

enum po_status record_shelf_init(struct record_shelf *shelf, int frame_count,
                                 struct po_error *error)
{
    *shelf = (struct record_shelf){.frame_count = frame_count};
    shelf->packed = calloc((size_t)frame_count + 1, sizeof(*shelf->packed));
    shelf->first = calloc(1, sizeof(*shelf->first));
    shelf->room = calloc(1, sizeof(*shelf->room));
    if (shelf->packed != NULL && shelf->first != NULL && shelf->room != NULL)
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

/* Where the next run begins, at most RUN_MAX on; its length in *length. A gap that is
 * shorter than the head of a run stays in it. */
static size_t next_run(const unsigned char *a, const unsigned char *b, size_t at,
                       size_t *length)
{
    const size_t bytes = sizeof(struct frame_record);
    size_t from = at;
    while (from < bytes && from - at < RUN_MAX && a[from] == b[from])
        from++;
    size_t to = from;
    size_t alike = 0;
    while (to < bytes && to - from < RUN_MAX && alike <= GAP_BYTES) {
        alike = a[to] == b[to] ? alike + 1 : 0;
        to++;
    }
    *length = to - from - alike;
    return from;
}

/* `out` NULL: only counts. */
static size_t pack(const struct frame_record *record, const struct frame_record *first,
                   unsigned char *out)
{
    const unsigned char *a = (const unsigned char *)record;
    const unsigned char *b = (const unsigned char *)first;
    size_t used = 0;
    for (size_t at = 0; at < sizeof(*record);) {
        size_t length;
        size_t from = next_run(a, b, at, &length);
        const struct run run = {(uint16_t)(from - at), (uint16_t)length};
        if (out != NULL) {
            memcpy(out + used, &run, sizeof(run));
            memcpy(out + used + sizeof(run), a + from, length);
        }
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
    size_t bytes = pack(shelf->room, shelf->first, NULL);
    shelf->packed[frame] = malloc(bytes);
    if (shelf->packed[frame] == NULL)
        return;
    (void)pack(shelf->room, shelf->first, shelf->packed[frame]);
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
