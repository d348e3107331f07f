/* SPDX-License-Identifier: Apache-2.0 */
#include "base/leave.h"

#include <stdlib.h>
#include <unistd.h>

#ifdef PO_COVERAGE
void __gcov_dump(void);
void __gcov_reset(void);
#endif

void coverage_keep(void)
{
#ifdef PO_COVERAGE
    __gcov_dump();
    __gcov_reset();
#endif
}

_Noreturn void process_leave(int status)
{
    coverage_keep();
    _exit(status);
}
