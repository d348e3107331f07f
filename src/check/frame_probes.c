/* SPDX-License-Identifier: Apache-2.0 */
#include "check/frame_probes.h"

#include <sys/mman.h>

#include "base/checked.h"

enum po_status frame_probes_init(struct frame_probes *probes, int frame_count,
                                 struct po_error *error)
{
    size_t bytes;
    *probes = (struct frame_probes){.frame_count = frame_count};
    if (!size_multiply((size_t)frame_count + 1, sizeof(struct frame_probe), &bytes))
        return po_fail(error, PO_INTERNAL, "%d frames are too many", frame_count);
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the probes of %d frames",
                       frame_count);
    probes->bytes = bytes;
    probes->admitted_peak_bytes = pages;
    probes->frames = (struct frame_probe *)pages + 1;
    probes->memo = rectification_memo_create();
    return PO_OK;
}

void frame_probes_release(struct frame_probes *probes)
{
    if (probes->bytes > 0)
        (void)munmap((void *)probes->admitted_peak_bytes, probes->bytes);
    rectification_memo_destroy(probes->memo);
    *probes = (struct frame_probes){0};
}
