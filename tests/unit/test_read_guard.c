/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines of /proc/self/task/N/syscall are reads of a file, and of which. */
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "process/read_guard.h"
#include "support/test_folder.h"

static void make_line(char line[256], long call, uintptr_t first, uintptr_t second)
{
    (void)snprintf(line, 256, "%ld 0x%jx 0x%jx 0x10 0x0 0x0 0x0 0x7ffd 0x7fdf", call,
                   (uintmax_t)first, (uintmax_t)second);
}

static void expect_name(long call, uintptr_t first, uintptr_t second, const char *wanted)
{
    char line[256];
    char name[512];
    make_line(line, call, first, second);
    assert_true(read_guard_is_reading(line));
    read_guard_name(line, name, sizeof(name));
    assert_string_equal(name, wanted);
}

static void names_paths_and_descriptors(void **state)
{
    struct test_folder folder;
    (void)state;
    test_folder_create(&folder);
    const char *path = test_folder_path(&folder, "data.csv");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int directory = open(folder.path, O_RDONLY | O_CLOEXEC);
    assert_true(fd > 2 && directory > 2);
    expect_name(SYS_read, (uintptr_t)fd, 0, path);
    expect_name(SYS_pread64, (uintptr_t)fd, 0, path);
    expect_name(SYS_getdents64, (uintptr_t)directory, 0, folder.path);
    expect_name(SYS_openat, (uintptr_t)AT_FDCWD, (uintptr_t) "/far/calib.txt",
                "/far/calib.txt");
    expect_name(SYS_newfstatat, (uintptr_t)directory, (uintptr_t) "data.csv", path);
    expect_name(SYS_newfstatat, (uintptr_t)fd, (uintptr_t) "", path);
    (void)close(fd);
    (void)close(directory);
    test_folder_remove(&folder);
}

/* Whoever is at the other end may take his time. */
static void pipes_have_no_name(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    expect_name(SYS_read, (uintptr_t)ends[0], 0, "");
    expect_name(SYS_read, STDIN_FILENO, 0, "");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void other_calls_may_wait(void **state)
{
    char line[256];
    (void)state;
    const long calls[] = {SYS_write, SYS_fsync, SYS_wait4,
                          SYS_ppoll, SYS_futex, SYS_clock_nanosleep};
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        make_line(line, calls[i], 3, 0);
        assert_false(read_guard_is_reading(line));
    }
    assert_false(read_guard_is_reading("running"));
    assert_false(read_guard_is_reading(""));
    assert_false(read_guard_is_reading("-1 0x7ffd 0x7fdf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_paths_and_descriptors),
        cmocka_unit_test(pipes_have_no_name),
        cmocka_unit_test(other_calls_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
