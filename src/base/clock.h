/* SPDX-License-Identifier: Apache-2.0 */
/* Monotonic time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since an arbitrary start; does not run while the machine sleeps. */
int64_t clock_monotonic_ns(void);
double clock_monotonic_s(void);

#endif
