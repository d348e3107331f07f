/* SPDX-License-Identifier: Apache-2.0 */
#include "base/leave.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef PO_COVERAGE
void __gcov_dump(void);
void __gcov_reset(void);
/* Of a preloaded library of the tests: gcov dies where its own calls fail. */
__attribute__((weak)) void torture_rest(bool rests);

static void let_torture_rest(bool rests)
{
    if (torture_rest != NULL)
        torture_rest(rests);
}
#endif

void coverage_keep(void)
{
#ifdef PO_COVERAGE
    let_torture_rest(true);
    __gcov_dump();
    __gcov_reset();
    let_torture_rest(false);
#endif
}

_Noreturn void process_leave(int status)
{
    coverage_keep();
    _exit(status);
}
