/* SPDX-License-Identifier: Apache-2.0 */
#include "process/processors.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One number of a small system file; 0 when there is none. sysfs files say size 4096. */
static int read_numbers(const char *path, long long *first, long long *second)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    char text[128] = "";
    int found = 0;
    if (fgets(text, sizeof(text), file) != NULL) {
        char *end;
        *first = strtoll(text, &end, 10);
        found = end != text;
        char *more = end;
        *second = strtoll(more, &end, 10);
        found += end != more;
    }
    (void)fclose(file);
    return found;
}

static int by_quota(int count)
{
    long long quota = 0;
    long long period = 0;
    long long unused = 0;
    if (read_numbers("/sys/fs/cgroup/cpu.max", &quota, &period) != 2 &&
        (read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &quota, &unused) < 1 ||
         read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us", &period, &unused) < 1))
        return count;
    if (quota <= 0 || period <= 0)
        return count;
    long long whole = (quota + period - 1) / period;
    return whole < count ? (int)whole : count;
}

int processor_count(void)
{
    cpu_set_t set;
    int count = 0;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        count = CPU_COUNT(&set);
    if (count < 1)
        count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    count = by_quota(count);
    return count > 0 ? count : 1;
}
