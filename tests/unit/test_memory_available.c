/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "pool/memory_available.h"
#include "pool/memory_budget.h"
#include "support/test_folder.h"

static char root[64];
static char proc[80];
static char cgroup[80];

static void put(const char *name, const char *text)
{
    char path[512];
    char *slash;
    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(directory_make(path, NULL), PO_OK);
    *slash = '/';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static int make_tree(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof(root), "/tmp/test_memory_XXXXXX");
    if (mkdtemp(root) == NULL)
        return -1;
    (void)snprintf(proc, sizeof(proc), "%s/proc", root);
    (void)snprintf(cgroup, sizeof(cgroup), "%s/cgroup", root);
    put("proc/meminfo", "MemTotal: 100 kB\nMemAvailable:    4096 kB\n");
    put("proc/self/status", "Name:\tx\nVmSize:\t1024 kB\n");
    return 0;
}

static int remove_tree(void **state)
{
    (void)state;
    return directory_remove(root, NULL) == PO_OK ? 0 : -1;
}

static struct memory_sources sources(void)
{
    return (struct memory_sources){.proc_directory = proc,
                                   .cgroup_directory = cgroup,
                                   .address_space_bytes = UINT64_MAX};
}

static void free_memory_alone(void **state)
{
    (void)state;
    const char *origin;
    struct memory_sources from = sources();
    assert_int_equal(memory_available_from(&from, &origin), 4096 << 10);
    assert_string_equal(origin, "MemAvailable");
}

static void an_ancestor_of_the_unified_group_binds(void **state)
{
    (void)state;
    const char *origin;
    struct memory_sources from = sources();
    put("proc/self/cgroup", "0::/a/b\n");
    put("cgroup/a/b/memory.max", "max\n");
    put("cgroup/a/b/memory.current", "1000000\n");
    put("cgroup/a/memory.max", "3000000\n");
    put("cgroup/a/memory.current", "1500000\n");
    put("cgroup/a/memory.stat", "anon 1\ninactive_file 500000\n");
    assert_int_equal(memory_available_from(&from, &origin), 2000000);
    assert_string_equal(origin, "cgroup v2");
}

static void the_old_groups_and_their_kills(void **state)
{
    (void)state;
    const char *origin;
    struct memory_sources from = sources();
    put("proc/self/cgroup", "3:cpu,cpuacct:/x\n4:memory:/outside/name\n");
    put("cgroup/memory/memory.limit_in_bytes", "1048576\n");
    put("cgroup/memory/memory.usage_in_bytes", "48576\n");
    put("cgroup/memory/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
    assert_int_equal(memory_available_from(&from, &origin), 1000000);
    assert_string_equal(origin, "cgroup v1");
    assert_int_equal(memory_oom_kills(&from), 3);
}

static void slurm_and_the_address_space(void **state)
{
    (void)state;
    const char *origin;
    struct memory_sources from = sources();
    from.slurm_mem_per_node_mb = "2";
    assert_int_equal(memory_available_from(&from, &origin), 2 << 20);
    assert_string_equal(origin, "SLURM_MEM_PER_NODE");
    from.slurm_mem_per_node_mb = "rubbish";
    from.slurm_mem_per_cpu_mb = "1";
    from.slurm_cpus_on_node = "3";
    assert_int_equal(memory_available_from(&from, &origin), 3 << 20);
    from.address_space_bytes = (1024 + 100) << 10;
    assert_int_equal(memory_available_from(&from, &origin), 100 << 10);
}

static void this_machine_has_some(void **state)
{
    (void)state;
    const char *origin;
    assert_true(memory_available_bytes(&origin) > 1 << 20);
    assert_true(memory_resident_bytes((int)getpid()) > 1 << 16);
    assert_true(memory_resident_peak_bytes((int)getpid()) >=
                memory_resident_bytes((int)getpid()) / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(free_memory_alone, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(an_ancestor_of_the_unified_group_binds, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(the_old_groups_and_their_kills, make_tree,
                                        remove_tree),
        cmocka_unit_test_setup_teardown(slurm_and_the_address_space, make_tree,
                                        remove_tree),
        cmocka_unit_test(this_machine_has_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
