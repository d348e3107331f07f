/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test: another machine on the same disk. PO_MACHINE is
 * its name, PO_CLOCK_OFFSET_S its clock against this one's; PO_NO_FLOCK makes flock fail
 * as on network file systems without locks. Times that the file system gives stay its
 * own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

int gethostname(char *name, size_t bytes)
{
    const char *machine = getenv("PO_MACHINE");
    if (machine == NULL)
        return REAL(gethostname)(name, bytes);
    (void)snprintf(name, bytes, "%s", machine);
    return 0;
}

static long offset_s(void)
{
    const char *text = getenv("PO_CLOCK_OFFSET_S");
    return text != NULL ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = REAL(clock_gettime)(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset_s();
    return result;
}

time_t time(time_t *now)
{
    time_t shown = REAL(time)(NULL) + offset_s();
    if (now != NULL)
        *now = shown;
    return shown;
}

int flock(int descriptor, int operation)
{
    if (getenv("PO_NO_FLOCK") == NULL)
        return REAL(flock)(descriptor, operation);
    errno = ENOLCK;
    return -1;
}
