/* SPDX-License-Identifier: Apache-2.0 */
#include "base/scratch.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/checked.h"

/* Planes are walked across and at random: with small pages the look-ups of addresses take
 * 8 % of a frame's time. Pages are touched in larger steps then, never beyond the arena.
 */
enum { HUGE_PAGES_FROM_BYTES = 4 << 20 };

size_t scratch_size(size_t bytes)
{
    size_t padded;
    return size_align(bytes, SCRATCH_ALIGNMENT, &padded) ? padded : SIZE_MAX;
}

size_t scratch_sum(size_t a, size_t b)
{
    size_t sum;
    return size_add(a, b, &sum) ? sum : SIZE_MAX;
}

size_t scratch_array_size(size_t count, size_t element_bytes)
{
    size_t bytes;
    return size_multiply(count, element_bytes, &bytes) ? scratch_size(bytes) : SIZE_MAX;
}

enum po_status scratch_init(struct scratch *scratch, size_t capacity_bytes,
                            struct po_error *error)
{
    *scratch = (struct scratch){0};
    if (capacity_bytes == 0)
        return PO_OK;
    void *pages = mmap(NULL, capacity_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(
            error, PO_OUT_OF_MEMORY,
            "the system refused %zu MB of working memory; use fewer --workers or "
            "a lower --memory-limit",
            capacity_bytes >> 20);
    if (capacity_bytes >= HUGE_PAGES_FROM_BYTES)
        (void)madvise(pages, capacity_bytes, MADV_HUGEPAGE);
    scratch->base = pages;
    scratch->capacity = capacity_bytes;
    return PO_OK;
}

void scratch_release(struct scratch *scratch)
{
    if (scratch->base != NULL)
        (void)munmap(scratch->base, scratch->capacity);
    *scratch = (struct scratch){0};
}

void *scratch_take(struct scratch *scratch, size_t bytes)
{
    size_t padded = scratch_size(bytes);
    if (padded > scratch->capacity - scratch->used || scratch->base == NULL)
        return NULL;
    void *memory = scratch->base + scratch->used;
    scratch->used += padded;
    if (scratch->used > scratch->peak)
        scratch->peak = scratch->used;
    return memory;
}

void *scratch_take_array(struct scratch *scratch, size_t count, size_t element_bytes)
{
    size_t bytes;
    return size_multiply(count, element_bytes, &bytes) ? scratch_take(scratch, bytes)
                                                       : NULL;
}

void *scratch_take_zeroed(struct scratch *scratch, size_t bytes)
{
    void *memory = scratch_take(scratch, bytes);
    if (memory != NULL)
        memset(memory, 0, bytes);
    return memory;
}

size_t scratch_mark(const struct scratch *scratch)
{
    return scratch->used;
}

void scratch_rewind(struct scratch *scratch, size_t mark)
{
    scratch->used = mark;
}

enum po_status scratch_exhausted(const struct scratch *scratch, const char *what,
                                 struct po_error *error)
{
    return po_fail(
        error, PO_INTERNAL,
        "%s needs more than the %zu bytes planned (%zu in use): a defect of this "
        "program, please report it",
        what, scratch->capacity, scratch->used);
}
