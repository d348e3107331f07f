/* SPDX-License-Identifier: Apache-2.0 */
/* One arena for a test program's cases, rewound after each. Include after cmocka.h. */
#ifndef SUPPORT_SCRATCH_FIXTURE_H
#define SUPPORT_SCRATCH_FIXTURE_H

#include "base/scratch.h"

static struct scratch scratch;

static inline int scratch_set_up(void **state)
{
    (void)state;
    return scratch_init(&scratch, 64 << 20, NULL);
}

static inline int scratch_rewind_all(void **state)
{
    (void)state;
    scratch_rewind(&scratch, 0);
    return 0;
}

static inline int scratch_tear_down(void **state)
{
    (void)state;
    scratch_release(&scratch);
    return 0;
}

#endif
