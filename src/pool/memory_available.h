/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine offers in memory, and what its control groups have counted.
 *
 * Reads /proc and /sys only. The sources are a struct so that a test can point them at a
 * made-up tree.
 */
#ifndef POOL_MEMORY_AVAILABLE_H
#define POOL_MEMORY_AVAILABLE_H

#include <stdint.h>

struct memory_sources {
    const char *proc_directory;        /* "/proc" */
    const char *cgroup_directory;      /* "/sys/fs/cgroup" */
    const char *slurm_mem_per_node_mb; /* NULL: unset */
    const char *slurm_mem_per_cpu_mb;
    const char *slurm_cpus_on_node;
    uint64_t address_space_bytes; /* RLIMIT_AS; UINT64_MAX: none */
};

/* The sources of this process. */
struct memory_sources memory_sources_here(void);

/* The least of all that could be read; `origin` (may be NULL) names it. UINT64_MAX when
 * nothing could be read. */
uint64_t memory_available_from(const struct memory_sources *sources, const char **origin);

/* How often the kernel has killed for memory in this process's control groups; 0 where
 * they do not say. */
uint64_t memory_oom_kills(const struct memory_sources *sources);

/* Resident bytes of a process now, and the most it ever had; 0 when it is gone. */
uint64_t memory_resident_bytes(int pid);
uint64_t memory_resident_peak_bytes(int pid);

#endif
