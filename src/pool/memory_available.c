/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/memory_available.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pool/memory_budget.h"

enum { SMALL_FILE_BYTES = 16384, SYSTEM_PATH_BYTES = 2048 };

/* Where a kind of control group keeps its numbers. */
struct cgroup_kind {
    const char *origin;
    const char *controller; /* "memory" in /proc/self/cgroup; "": the unified line */
    const char *mount;      /* below cgroup_directory */
    const char *limit;
    const char *usage;
    const char *reclaimable; /* in memory.stat */
    const char *events;
};

static const struct cgroup_kind cgroup_kinds[] = {
    {"cgroup v2", "", "", "memory.max", "memory.current", "inactive_file",
     "memory.events"},
    {"cgroup v2", "", "unified", "memory.max", "memory.current", "inactive_file",
     "memory.events"},
    {"cgroup v1", "memory", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     "total_inactive_file", "memory.oom_control"},
};
enum { CGROUP_KINDS = sizeof(cgroup_kinds) / sizeof(cgroup_kinds[0]) };

/* A small system file as text; false when it cannot be read. */
static bool read_small(const char *path, char *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    size_t used = 0;
    ssize_t got;
    do {
        got = read(fd, text + used, SMALL_FILE_BYTES - 1 - used);
        if (got > 0)
            used += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    (void)close(fd);
    text[used] = '\0';
    return got == 0;
}

static bool parse_bytes(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    if (end == text || errno != 0 || *text == '-')
        return false;
    *value = parsed;
    return true;
}

/* The number after "key" at the start of a line. */
static bool find_number(const char *text, const char *key, uint64_t *value)
{
    size_t length = strlen(key);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && strchr(" :\t", line[length]) != NULL)
            return parse_bytes(line + length + strspn(line + length, ": \t"), value);
        if (*line == '\0')
            break;
    }
    return false;
}

static bool read_number_in(const char *directory, const char *name, const char *key,
                           uint64_t *value)
{
    char path[SYSTEM_PATH_BYTES];
    char text[SMALL_FILE_BYTES];
    int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof(path) || !read_small(path, text))
        return false;
    return key != NULL ? find_number(text, key, value) : parse_bytes(text, value);
}

/* This process's group of one kind: "/a/b". */
static bool find_group(const struct memory_sources *sources,
                       const struct cgroup_kind *kind, char *group, size_t bytes)
{
    char path[SYSTEM_PATH_BYTES];
    char text[SMALL_FILE_BYTES];
    (void)snprintf(path, sizeof(path), "%s/self/cgroup", sources->proc_directory);
    if (!read_small(path, text))
        return false;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *controllers = strchr(line, ':');
        char *at = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (at == NULL)
            continue;
        *at = '\0';
        char padded[256];
        char wanted[64];
        (void)snprintf(padded, sizeof(padded), ",%.250s,", controllers + 1);
        (void)snprintf(wanted, sizeof(wanted), ",%s,", kind->controller);
        if (strstr(padded, wanted) == NULL)
            continue;
        (void)snprintf(group, bytes, "%s", at + 1);
        return true;
    }
    return false;
}

/* Room in one group: its limit less what it uses and cannot give back. */
static bool group_room(const struct cgroup_kind *kind, const char *directory,
                       uint64_t *room)
{
    uint64_t limit;
    uint64_t usage;
    uint64_t reclaimable = 0;
    if (!read_number_in(directory, kind->limit, NULL, &limit) ||
        !read_number_in(directory, kind->usage, NULL, &usage))
        return false;
    (void)read_number_in(directory, "memory.stat", kind->reclaimable, &reclaimable);
    uint64_t held = usage > reclaimable ? usage - reclaimable : 0;
    *room = limit > held ? limit - held : 0;
    return true;
}

/* Calls `visit` for the process's group of this kind and each of its ancestors. A group
 * named from outside a container does not exist inside it: its mount's root is it then.
 */
static void visit_groups(const struct memory_sources *sources,
                         const struct cgroup_kind *kind,
                         void (*visit)(const struct cgroup_kind *kind,
                                       const char *directory, void *context),
                         void *context)
{
    char group[SYSTEM_PATH_BYTES / 2];
    char directory[SYSTEM_PATH_BYTES];
    if (!find_group(sources, kind, group, sizeof(group)))
        return;
    for (;;) {
        (void)snprintf(directory, sizeof(directory), "%s/%s%s", sources->cgroup_directory,
                       kind->mount, group);
        visit(kind, directory, context);
        char *slash = strrchr(group, '/');
        if (slash == NULL)
            return;
        *slash = '\0';
    }
}

struct least {
    uint64_t bytes;
    const char *origin;
};

static void lower(struct least *least, uint64_t bytes, const char *origin)
{
    if (bytes >= least->bytes)
        return;
    least->bytes = bytes;
    least->origin = origin;
}

static void lower_to_group(const struct cgroup_kind *kind, const char *directory,
                           void *context)
{
    uint64_t room;
    if (group_room(kind, directory, &room))
        lower(context, room, kind->origin);
}

static void lower_to_slurm(const struct memory_sources *sources, struct least *least)
{
    uint64_t mb;
    uint64_t cpus;
    if (sources->slurm_mem_per_node_mb != NULL &&
        parse_bytes(sources->slurm_mem_per_node_mb, &mb) && mb > 0 &&
        mb < UINT64_MAX >> 20)
        lower(least, mb << 20, "SLURM_MEM_PER_NODE");
    if (sources->slurm_mem_per_cpu_mb != NULL && sources->slurm_cpus_on_node != NULL &&
        parse_bytes(sources->slurm_mem_per_cpu_mb, &mb) &&
        parse_bytes(sources->slurm_cpus_on_node, &cpus) && mb > 0 && cpus > 0 &&
        mb < UINT32_MAX && cpus < 65536)
        lower(least, (mb * cpus) << 20, "SLURM_MEM_PER_CPU");
}

struct memory_sources memory_sources_here(void)
{
    struct rlimit limit;
    struct memory_sources sources = {
        .proc_directory = "/proc",
        .cgroup_directory = "/sys/fs/cgroup",
        .slurm_mem_per_node_mb = getenv("SLURM_MEM_PER_NODE"),
        .slurm_mem_per_cpu_mb = getenv("SLURM_MEM_PER_CPU"),
        .slurm_cpus_on_node = getenv("SLURM_CPUS_ON_NODE"),
        .address_space_bytes = UINT64_MAX,
    };
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        sources.address_space_bytes = limit.rlim_cur;
    return sources;
}

uint64_t memory_available_from(const struct memory_sources *sources, const char **origin)
{
    struct least least = {UINT64_MAX, "unknown"};
    uint64_t kilobytes;
    char status[SYSTEM_PATH_BYTES];
    if (read_number_in(sources->proc_directory, "meminfo", "MemAvailable", &kilobytes))
        lower(&least, kilobytes << 10, "MemAvailable");
    for (int i = 0; i < CGROUP_KINDS; i++)
        visit_groups(sources, &cgroup_kinds[i], lower_to_group, &least);
    lower_to_slurm(sources, &least);
    if (sources->address_space_bytes != UINT64_MAX) {
        (void)snprintf(status, sizeof(status), "%s/self", sources->proc_directory);
        uint64_t used = 0;
        if (read_number_in(status, "status", "VmSize", &kilobytes))
            used = kilobytes << 10;
        uint64_t limit = sources->address_space_bytes;
        lower(&least, limit > used ? limit - used : 0, "RLIMIT_AS (ulimit -v)");
    }
    if (origin != NULL)
        *origin = least.origin;
    return least.bytes;
}

uint64_t memory_available_bytes(const char **origin)
{
    struct memory_sources sources = memory_sources_here();
    return memory_available_from(&sources, origin);
}

static void add_oom_kills(const struct cgroup_kind *kind, const char *directory,
                          void *context)
{
    uint64_t kills;
    uint64_t *sum = context;
    if (read_number_in(directory, kind->events, "oom_kill", &kills))
        *sum += kills;
}

uint64_t memory_oom_kills(const struct memory_sources *sources)
{
    uint64_t sum = 0;
    for (int i = 0; i < CGROUP_KINDS; i++)
        visit_groups(sources, &cgroup_kinds[i], add_oom_kills, &sum);
    return sum;
}

static uint64_t status_bytes(int pid, const char *key)
{
    char directory[64];
    uint64_t kilobytes;
    (void)snprintf(directory, sizeof(directory), "/proc/%d", pid);
    return read_number_in(directory, "status", key, &kilobytes) ? kilobytes << 10 : 0;
}

uint64_t memory_resident_bytes(int pid)
{
    return status_bytes(pid, "VmRSS");
}

uint64_t memory_resident_peak_bytes(int pid)
{
    return status_bytes(pid, "VmHWM");
}
