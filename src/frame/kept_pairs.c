/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/kept_pairs.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/checked.h"

/* How a room begins. */
struct pair_head {
    atomic_bool is_whole;
    struct kept_pair pair;
};

static size_t left_bytes(const struct frame_plan *plan)
{
    return (size_t)plan->match_width_px * (size_t)plan->match_height_px *
           (size_t)plan->channels;
}

static size_t right_bytes(const struct frame_plan *plan)
{
    return (size_t)plan->match_width_px * (size_t)plan->match_height_px *
           (size_t)plan->right_channels;
}

/* Whole pages, so that one room can be given back alone. */
size_t kept_pair_bytes(const struct frame_plan *plan)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = sizeof(struct pair_head) + left_bytes(plan) + right_bytes(plan);
    return (bytes + page - 1) / page * page;
}

void kept_pairs_init(struct kept_pairs *pairs, const int *frames, int count,
                     size_t slot_bytes)
{
    size_t bytes;
    *pairs = (struct kept_pairs){0};
    if (count < 1 || count > KEPT_PAIRS_MAX ||
        !size_multiply((size_t)count, slot_bytes, &bytes))
        return;
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return;
    *pairs =
        (struct kept_pairs){.count = count, .slot_bytes = slot_bytes, .slots = pages};
    for (int i = 0; i < count; i++)
        pairs->frames[i] = frames[i];
}

void kept_pairs_release(struct kept_pairs *pairs)
{
    if (pairs->slots != NULL)
        (void)munmap(pairs->slots, (size_t)pairs->count * pairs->slot_bytes);
    *pairs = (struct kept_pairs){0};
}

/* NULL: the frame has no room. */
static struct pair_head *head_of(const struct kept_pairs *pairs, int frame)
{
    for (int i = 0; pairs != NULL && i < pairs->count; i++)
        if (pairs->frames[i] == frame)
            return (struct pair_head *)(void *)(pairs->slots +
                                                (size_t)i * pairs->slot_bytes);
    return NULL;
}

bool kept_pairs_holds(const struct kept_pairs *pairs, int frame)
{
    const struct pair_head *head = head_of(pairs, frame);
    return head != NULL && atomic_load(&head->is_whole);
}

size_t kept_pairs_bytes(const struct kept_pairs *pairs)
{
    size_t bytes = 0;
    for (int i = 0; i < pairs->count; i++)
        if (kept_pairs_holds(pairs, pairs->frames[i]))
            bytes += pairs->slot_bytes;
    return bytes;
}

/* Zero again, which says that nothing is there. */
void kept_pairs_forget(const struct kept_pairs *pairs, int frame)
{
    struct pair_head *head = head_of(pairs, frame);
    if (head == NULL || !atomic_exchange(&head->is_whole, false))
        return;
    (void)madvise(head, pairs->slot_bytes, MADV_REMOVE);
}

struct kept_pair *kept_pairs_room(const struct kept_pairs *pairs, int frame,
                                  const struct frame_plan *plan)
{
    struct pair_head *head = head_of(pairs, frame);
    if (head == NULL || atomic_load(&head->is_whole) ||
        kept_pair_bytes(plan) > pairs->slot_bytes)
        return NULL;
    head->pair.left = (uint8_t *)(head + 1);
    head->pair.right = head->pair.left + left_bytes(plan);
    return &head->pair;
}

void kept_pairs_set(const struct kept_pairs *pairs, int frame)
{
    struct pair_head *head = head_of(pairs, frame);
    if (head != NULL)
        atomic_store(&head->is_whole, true);
}

const struct kept_pair *kept_pairs_find(const struct kept_pairs *pairs, int frame,
                                        struct hash key)
{
    const struct pair_head *head = head_of(pairs, frame);
    bool holds = head != NULL && atomic_load(&head->is_whole) &&
                 head->pair.key.low == key.low && head->pair.key.high == key.high;
    return holds ? &head->pair : NULL;
}
