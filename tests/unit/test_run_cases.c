/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run says and ends with, case by case: how an array job says which shard this is,
 * the one line of --quiet, levels of the
 * CPU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stereo/kernel_dispatch.h"
#include "store/session_plan.h"
#include "store/shard_record.h"
#include "supervise/cpu_level.h"
#include "supervise/exit_status.h"
#include "support/program_fixture.h"

/* Array jobs. */
static const struct {
    const char *slurm;
    const char *pbs;
    int exit_status;
    const char *told;
} elements[] = {
    {NULL, NULL, 2, "no array job says which part this is"},
    {"", "", 2, "no array job says which part this is"},
    {"x", NULL, 2, "SLURM_ARRAY_TASK_ID is 'x'"},
    {"1x", NULL, 2, "want a number from 0 or 1 to 2"},
    {"-1", NULL, 2, "want a number from 0 or 1 to 2"},
    {"3", NULL, 2, "want a number from 0 or 1 to 2"},
    {"99999999999999999999", NULL, 2, "want a number from 0 or 1 to 2"},
    {NULL, "2x", 2, "PBS_ARRAY_INDEX is '2x'"},
    {"1", "2", 2, "SLURM_ARRAY_TASK_ID and PBS_ARRAY_INDEX say different parts"},
    {"0", "2", 0, "1/1 000001"}, /* counted from 0, the second is the last */
    {"1", "1", 0, "1/1 000000"},
};

static void array_jobs_name_their_part(void **state)
{
    static const program_words words = {"--shard", "auto/2", "--workers", "1"};
    (void)state;
    for (int i = 0; i < COUNT(elements); i++) {
        if (elements[i].slurm != NULL)
            (void)setenv("SLURM_ARRAY_TASK_ID", elements[i].slurm, 1);
        if (elements[i].pbs != NULL)
            (void)setenv("PBS_ARRAY_INDEX", elements[i].pbs, 1);
        program_lay_output("planned");
        run(&words);
        (void)unsetenv("SLURM_ARRAY_TASK_ID");
        (void)unsetenv("PBS_ARRAY_INDEX");
        ends_with(elements[i].exit_status, elements[i].told, words[1]);
    }
}

/* Plans. */
static const struct {
    const char *from;
    program_words words;
    int exit_status;
    const char *told;
} followers[] = {
    {NULL, {"--shard", "1/2"}, 2, "no plan of the session is there"},
    {NULL, {"--merge"}, 2, "no plan of the session is there"},
    {"planned", {"--merge", "--shard", "1/2"}, 2, "does not use it"},
    {"planned", {"--plan", "--shard", "1/2"}, 2, "does not use it"},
    {"planned",
     {"--shard", "1/2", "--min-disparity", "3"},
     2,
     "--min-disparity is '3' here and"},
    {"planned", {"--shard", "1/2", "--profile", "fast"}, 2, "in the plan"},
    {"planned", {"--shard", "3/9"}, 0, ""}, /* more parts than frames */
    {"planned", {"--shard", "1/2", "--quiet"}, 0, ""},
    {"planned", {"--shard", "2/2", "--config", "@/plain.json"}, 0, "1/1 000001"},
    {"planned", {"--shard", "1/2", "--config", "@/other.json"}, 2, "in the plan"},
};

static void shards_follow_their_plan(void **state)
{
    (void)state;
    write_text("plain.json", "{\"workers\": 1}\n");
    write_text("other.json", "{\"min-disparity\": 3}\n");
    for (int i = 0; i < COUNT(followers); i++) {
        program_lay_output(followers[i].from);
        run(&followers[i].words);
        ends_with(followers[i].exit_status, followers[i].told, followers[i].words[1]);
    }
}

/* --quiet. */
static const struct {
    const char *name;
    const char *spoilt; /* a file of the session that is emptied or made */
    const char *gone;   /* one that is moved away */
    program_words words;
    int exit_status;
    const char *told;
} ends[] = {
    {"all is well", NULL, NULL, {"--quiet"}, 0, ""},
    {"one is broken", "session/left/000001.png", NULL, {"--quiet"}, 3, "1 of 2 frames"},
    {"too many failures",
     "session/left/000000.png",
     NULL,
     {"--quiet", "--max-failures", "1", "--no-parallel", "--num-disparities", "32",
      "--min-disparity", "0"},
     4,
     "1 of 2 frames"},
    {"no partner",
     "session/left/000002.png",
     NULL,
     {"--quiet", "--strict"},
     3,
     "files have no partner"},
    {"no calibration", NULL, "session/calibration.yml", {"--quiet"}, 5, "no calibration"},
    {"no time",
     NULL,
     NULL,
     {"--quiet", "--session-timeout", "0.000001"},
     7,
     "2 of 2 frames were not run"},
};

static void quiet_runs_say_why_in_a_line(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(ends); i++) {
        program_lay_output(NULL);
        program_copy("session", "whole");
        if (ends[i].spoilt != NULL)
            write_text(ends[i].spoilt, "");
        if (ends[i].gone != NULL)
            assert_int_equal(unlink(program_path(ends[i].gone)), 0);
        run(&ends[i].words);
        program_copy("whole", "session");
        ends_with(ends[i].exit_status, ends[i].told, ends[i].name);
    }
}

/* A plan that cannot be made ends as the run would. */
static const struct {
    const char *name;
    const char *spoilt[2]; /* files of the session that are emptied */
    program_words words;
    int exit_status;
    const char *told;
} unplanned[] = {
    {"no images",
     {"session/left/000000.png", "session/left/000001.png"},
     {"--plan"},
     4,
     "no frame can be processed; the first: "},
    {"no memory", {NULL}, {"--plan", "--memory-limit", "20M"}, 6, "memory"},
    {"a wrong calibration",
     {NULL},
     {"--plan", "--calibration", "@/small.yml"},
     5,
     "64x48"},
    {"a folder in the way",
     {NULL},
     {"--plan", "--output", "@/plain.json"},
     2,
     "plain.json"},
};

static void plans_that_cannot_be_made_say_why(void **state)
{
    (void)state;
    write_text("small.yml", "%YAML:1.0\n---\n"
                            "image_width: 640\nimage_height: 400\n"
                            "M1: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
                            "   data: [500, 0, 320, 0, 500, 200, 0, 0, 1]\n"
                            "D1: !!opencv-matrix\n   rows: 1\n   cols: 5\n   dt: d\n"
                            "   data: [0, 0, 0, 0, 0]\n"
                            "M2: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
                            "   data: [500, 0, 320, 0, 500, 200, 0, 0, 1]\n"
                            "D2: !!opencv-matrix\n   rows: 1\n   cols: 5\n   dt: d\n"
                            "   data: [0, 0, 0, 0, 0]\n"
                            "R: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
                            "   data: [1, 0, 0, 0, 1, 0, 0, 0, 1]\n"
                            "T: !!opencv-matrix\n   rows: 3\n   cols: 1\n   dt: d\n"
                            "   data: [-80, 0, 0]\n");
    for (int i = 0; i < COUNT(unplanned); i++) {
        program_lay_output(NULL);
        program_copy("session", "whole");
        for (int f = 0; f < 2 && unplanned[i].spoilt[f] != NULL; f++)
            write_text(unplanned[i].spoilt[f], "");
        run(&unplanned[i].words);
        program_copy("whole", "session");
        ends_with(unplanned[i].exit_status, unplanned[i].told, unplanned[i].name);
    }
}

/* A signal that is there when the run begins to listen. */
static void interrupt(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
    assert_int_equal(raise(SIGINT), 0);
}

static void signals_end_with_their_status(void **state)
{
    static const struct {
        const char *from;
        program_words words;
    } stopped[] = {
        {NULL, {"--plan"}},
        {NULL, {"--workers", "1"}},
        {"planned", {"--shard", "1/2"}},
        {NULL, {"--in-process"}},
        {NULL, {"--workers", "1", "--num-disparities", "32", "--min-disparity", "0"}}};
    (void)state;
    for (int i = 0; i < COUNT(stopped); i++) {
        int count;
        program_lay_output(stopped[i].from);
        program_run(&stopped[i].words, interrupt, &done);
        ends_with(130, "interrupted", stopped[i].words[0]);
        assert_null(program_leftover());
        assert_true(program_frames_are("made", &count));
    }
}

/* Where links and the loader's path lead, children may read: nothing else is asked. */
static void the_sandbox_follows_links_and_the_loader(void **state)
{
    static const program_words words = {"--workers", "1"};
    static char path[3 * TEST_PATH_BYTES];
    (void)state;
    program_lay_output(NULL);
    program_copy("session", "whole");
    assert_int_equal(mkdir(program_path("elsewhere"), 0777), 0);
    assert_int_equal(
        rename(program_path("session/left/000000.png"), program_path("elsewhere/a.png")),
        0);
    assert_int_equal(
        symlink("../../elsewhere/a.png", program_path("session/left/000000.png")), 0);
    assert_int_equal(rename(program_path("session/right"), program_path("far")), 0);
    assert_int_equal(symlink("../far", program_path("session/right")), 0);
    memset(path, 'x', sizeof(path) - 1); /* no path is as long */
    memcpy(path, ":/nowhere;/tmp::", 16);
    (void)setenv("LD_LIBRARY_PATH", path, 1);
    run(&words);
    (void)unsetenv("LD_LIBRARY_PATH");
    ends_with(0, "2 frames: 2 done", "links");
    program_copy("whole", "session");
}

/* Levels of the CPU. */
static void levels_that_are_not_there_are_named(void **state)
{
    (void)state;
    int refused = 0;
    for (int level = 0; level <= (int)PO_CPU_NEON; level++) {
        struct po_error error = {0};
        enum po_status status = cpu_level_check((enum po_cpu_level)level, &error);
        bool is_there = sgm_kernels_find((enum po_cpu_level)level) != NULL;
        assert_int_equal(status, is_there ? PO_OK : PO_BAD_ARGUMENT);
        refused += !is_there;
        if (!is_there)
            assert_non_null(strstr(error.message, "scalar"));
    }
    assert_true(refused > 0); /* no machine has those of two architectures */
}

/* Each status has its exit status, and none is 0 by chance. */
static void failures_have_exit_statuses(void **state)
{
    static const int statuses[] = {
        [-PO_OK] = 0,         [-PO_BAD_ARGUMENT] = 2,
        [-PO_NOT_FOUND] = 2,  [-PO_UNSUPPORTED] = 2,
        [-PO_BAD_FORMAT] = 2, [-PO_LOCKED] = 2,
        [-PO_BAD_IMAGE] = 4,  [-PO_BAD_SESSION] = 4,
        [-PO_NO_RANGE] = 4,   [-PO_UNMEASURED] = 4,
        [-PO_CHANGED] = 4,    [-PO_BAD_CALIBRATION] = 5,
        [-PO_MISALIGNED] = 5, [-PO_MEMORY_LIMIT] = 6,
        [-PO_INTERNAL] = 1,   [-PO_OUT_OF_MEMORY] = 1,
        [-PO_IO] = 1,         [-PO_CANCELLED] = 1,
    };
    (void)state;
    for (int i = 0; i < COUNT(ends); i++)
        assert_int_equal(exit_status_of_error((enum po_status)(-i)), statuses[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(array_jobs_name_their_part),
        cmocka_unit_test(shards_follow_their_plan),
        cmocka_unit_test(quiet_runs_say_why_in_a_line),
        cmocka_unit_test(plans_that_cannot_be_made_say_why),
        cmocka_unit_test(signals_end_with_their_status),
        cmocka_unit_test(the_sandbox_follows_links_and_the_loader),
        cmocka_unit_test(levels_that_are_not_there_are_named),
        cmocka_unit_test(failures_have_exit_statuses),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, begin, end);
}
