/* SPDX-License-Identifier: Apache-2.0 */
#include "base/leave.h"

#include <stdlib.h>
#include <unistd.h>

#ifdef PO_COVERAGE
#include <dlfcn.h>
#include <stdbool.h>

void __gcov_dump(void);
void __gcov_reset(void);
/* Of a preloaded library of the tests: gcov dies where its own calls fail. */
static void let_torture_rest(bool rests)
{
    void (*torture_rest)(bool rests) = NULL;
    *(void **)&torture_rest = dlsym(RTLD_DEFAULT, "torture_rest");
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
