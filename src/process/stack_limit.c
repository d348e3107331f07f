/* SPDX-License-Identifier: Apache-2.0 */
#include "process/stack_limit.h"

#include <sys/resource.h>

/* Frames of our own are held below 32 KB by the compiler; the deepest way through them,
 * libraries and the environment took 70 KB. */
enum { NEEDED_BYTES = 256 << 10 };

enum po_status stack_limit_raise(struct po_error *error)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= NEEDED_BYTES)
        return PO_OK;
    unsigned long long found_bytes = limit.rlim_cur;
    limit.rlim_cur = NEEDED_BYTES;
    if (limit.rlim_max < NEEDED_BYTES)
        limit.rlim_max = NEEDED_BYTES; /* root may */
    if (setrlimit(RLIMIT_STACK, &limit) == 0)
        return PO_OK;
    return po_fail(
        error, PO_BAD_ARGUMENT,
        "the stack is limited to %llu KB and %d KB are needed; raise ulimit -s",
        found_bytes >> 10, NEEDED_BYTES >> 10);
}
