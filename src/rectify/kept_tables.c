/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/kept_tables.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/checked.h"

/* How a slot begins. */
struct slot_head {
    atomic_bool is_whole;
    struct hash key;
};

/* Tables behind it are read in vectors. */
enum { HEAD_BYTES = 64 };
_Static_assert(sizeof(struct slot_head) <= HEAD_BYTES, "a slot's head fits its room");

void kept_tables_init(struct kept_tables *tables, int count, size_t table_bytes)
{
    size_t slot_bytes;
    size_t bytes;
    *tables = (struct kept_tables){0};
    if (count < 1 || table_bytes == 0 || !size_add(HEAD_BYTES, table_bytes, &bytes) ||
        !size_align(bytes, HEAD_BYTES, &slot_bytes) ||
        !size_multiply((size_t)count, slot_bytes, &bytes))
        return;
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages != MAP_FAILED)
        *tables = (struct kept_tables){count, slot_bytes, pages};
}

void kept_tables_release(struct kept_tables *tables)
{
    if (tables->slots != NULL)
        (void)munmap(tables->slots, (size_t)tables->count * tables->slot_bytes);
    *tables = (struct kept_tables){0};
}

static struct slot_head *head_of(const struct kept_tables *tables, int index)
{
    if (tables == NULL || index >= tables->count)
        return NULL;
    return (struct slot_head *)(void *)(tables->slots +
                                        (size_t)index * tables->slot_bytes);
}

void *kept_tables_room(const struct kept_tables *tables, int index, size_t bytes)
{
    struct slot_head *head = head_of(tables, index);
    if (head == NULL || bytes > tables->slot_bytes - HEAD_BYTES)
        return NULL;
    return (unsigned char *)head + HEAD_BYTES;
}

bool kept_tables_hold(const struct kept_tables *tables, int index, struct hash key)
{
    const struct slot_head *head = head_of(tables, index);
    return head != NULL && atomic_load(&head->is_whole) && head->key.low == key.low &&
           head->key.high == key.high;
}

void kept_tables_map(const struct kept_tables *tables, int index, size_t bytes)
{
    const volatile unsigned char *room = kept_tables_room(tables, index, bytes);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t at = 0; room != NULL && at < bytes; at += page)
        (void)room[at];
}

void kept_tables_begin(const struct kept_tables *tables, int index)
{
    struct slot_head *head = head_of(tables, index);
    if (head != NULL)
        atomic_store(&head->is_whole, false);
}

void kept_tables_end(const struct kept_tables *tables, int index, struct hash key)
{
    struct slot_head *head = head_of(tables, index);
    if (head == NULL)
        return;
    head->key = key;
    atomic_store(&head->is_whole, true);
}
