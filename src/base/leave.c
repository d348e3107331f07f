/* SPDX-License-Identifier: Apache-2.0 */
#include "base/leave.h"

#include <stdlib.h>
#include <unistd.h>

#ifdef PO_COVERAGE
void __gcov_dump(void);
#endif

_Noreturn void process_leave(int status)
{
#ifdef PO_COVERAGE
    __gcov_dump();
#endif
    _exit(status);
}
