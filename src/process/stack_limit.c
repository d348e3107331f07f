/* SPDX-License-Identifier: Apache-2.0 */
#include "process/stack_limit.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/log.h"

/* Frames of our own are held below 32 KB by the compiler; the deepest way through them,
 * libraries and the environment took 70 KB. */
enum { NEEDED_BYTES = 256 << 10 };

static rlim_t raised(rlim_t limit)
{
    return limit < NEEDED_BYTES ? NEEDED_BYTES : limit;
}

/* The calls of printf take more than may be left. */
__attribute__((noinline)) static void complain(unsigned long long found_bytes)
{
    char text[128];
    (void)snprintf(
        text, sizeof(text),
        "the stack is limited to %llu KB and %d KB are needed; raise ulimit -s",
        found_bytes >> 10, NEEDED_BYTES >> 10);
    log_brief_error(text);
}

bool stack_limit_suffices(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= NEEDED_BYTES)
        return true;
    /* root may raise the hard one, too */
    const struct rlimit wanted = {NEEDED_BYTES, raised(limit.rlim_max)};
    if (setrlimit(RLIMIT_STACK, &wanted) == 0)
        return true;
    complain(limit.rlim_cur);
    return false;
}
