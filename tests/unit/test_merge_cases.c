/* SPDX-License-Identifier: Apache-2.0 */
/* What a merge makes of the records of shards, whole and torn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/session_plan.h"
#include "store/shard_record.h"
#include "support/program_fixture.h"

/* Merges: what one record says of its frames, by a letter for each. */
struct said {
    int number;
    int count;
    bool ended;
    const char *frames; /* d: done, r: reused, f: failed, -: nothing */
    const char *plan;   /* NULL: the right one */
    int sandbox;        /* bits of its fences; -1: it had no children */
};

static const struct {
    const char *name;
    const char *from; /* "sharded": the results are there; else only the plan is */
    struct said records[3];
    int exit_status;
    const char *told[3];
} merges[] = {
    {"none", "planned", {{0}}, 4, {"no shard has begun"}},
    {"one failed, one never began",
     "planned",
     {{1, 2, true, "f", NULL, 3}},
     4,
     {"broken on purpose", "shard 2 of 2 never began: 1 of its frames were not run"}},
    {"one died",
     "planned",
     {{1, 2, false, "-", NULL, 3}, {2, 2, true, "f", NULL, -1}},
     4,
     {"shard 1 of 2 died on here: 1 of its frames", "broken on purpose"}},
    {"ended without a word",
     "planned",
     {{1, 2, true, "-", NULL, 3}, {2, 2, true, "f", NULL, 1}},
     4,
     {"shard 1 of 2 ended before it (status 3)"}},
    {"two divisions",
     "planned",
     {{1, 2, true, "-", NULL, 3}, {1, 3, true, "-", NULL, 2}},
     4,
     {"no shard says anything"}},
    {"another plan",
     "planned",
     {{1, 2, true, "d", "another", 3}},
     4,
     {"shard 1 of 2 ran by another plan"}},
    {"results are gone",
     "planned",
     {{1, 1, true, "dr", NULL, 3}},
     4,
     {"its result was there and is gone"}},
    {"a result wins over a failure",
     "made",
     {{1, 1, true, "fd", NULL, 3},
      {1, 2, true, "d", NULL, 0},
      {2, 2, true, "f", NULL, 3}},
     0,
     {"2 done"}},
    {"reused after done is done",
     "made",
     {{1, 1, true, "dr", NULL, 3},
      {1, 2, true, "r", NULL, 0},
      {2, 2, true, "r", NULL, 2}},
     0,
     {"1 done, 1 reused"}},
    {"nobody says anything of what is there", "made", {{0}}, 0, {"2 reused"}},
};

static struct session_plan plan;

static void read_plan(const char *name)
{
    struct po_error error = {0};
    if (session_plan_read(program_path(name), &plan, &error) != PO_OK)
        fail_msg("%s", error.message);
}

/* As a shard would have written it. */
static void write_record(const struct said *said)
{
    static const enum po_frame_status ends['r' + 1] = {
        ['d'] = PO_FRAME_DONE, ['r'] = PO_FRAME_REUSED, ['f'] = PO_FRAME_FAILED};
    static struct settings_set settings;
    char name[64];
    struct run_state state;
    struct warning_list warnings = {.length = 0};
    struct run_journal journal = {.length = 0};
    struct shard_record record = {.shard = {said->number, said->count, 1},
                                  .host = "here",
                                  .ended = said->ended,
                                  .began_ns = 1000000,
                                  .touched_ns = 3000000,
                                  .exit_status = 3,
                                  .sandbox = {.known = said->sandbox >= 0,
                                              .files = (said->sandbox & 1) != 0,
                                              .calls = (said->sandbox & 2) != 0}};
    settings_set_init(&settings);
    (void)snprintf(record.plan, sizeof(record.plan), "%s",
                   said->plan != NULL ? said->plan : plan.name);
    assert_int_equal(run_state_init(&state, (int)strlen(said->frames), NULL), PO_OK);
    for (int i = 0; i < state.frame_count; i++) {
        enum po_frame_status end = ends[(unsigned char)said->frames[i]];
        if (end != PO_FRAME_PENDING)
            run_state_end(&state, i, end, PO_BAD_IMAGE,
                          end == PO_FRAME_FAILED ? "broken on purpose" : NULL);
    }
    for (int i = 0; i < RUN_JOURNAL_MAX + 1; i++) /* more than a report takes */
        run_journal_add(&journal, "event %d", i);
    (void)snprintf(name, sizeof(name), "output/.state/shards/%d-of-%d.json", said->number,
                   said->count);
    const struct shard_content content = {&settings, &warnings, &journal, &state};
    assert_int_equal(shard_record_write(&record, &content, program_path(name), NULL),
                     PO_OK);
    run_state_release(&state);
    settings_set_release(&settings);
}

/* With the folder that the first shard makes. */
static void lay_output(const char *from)
{
    const char *shards = program_path("output/.state/shards");
    program_lay_output(from);
    assert_true(mkdir(shards, 0700) == 0 || errno == EEXIST);
}

static void add_report(void)
{
    size_t used = strlen(done.text);
    FILE *file = fopen(program_path("output/report.json"), "rb");
    assert_non_null(file);
    used += fread(done.text + used, 1, sizeof(done.text) - 1 - used, file);
    done.text[used] = '\0';
    (void)fclose(file);
}

static void merges_weigh_what_shards_say(void **state)
{
    static const program_words merge = {"--merge"};
    (void)state;
    read_plan("planned/.state/plan.json");
    for (int i = 0; i < COUNT(merges); i++) {
        lay_output(merges[i].from);
        for (int r = 0; r < 3 && merges[i].records[r].number > 0; r++)
            write_record(&merges[i].records[r]);
        run(&merge);
        add_report();
        for (int t = 0; t < 3 && merges[i].told[t] != NULL; t++)
            ends_with(merges[i].exit_status, merges[i].told[t], merges[i].name);
    }
    session_plan_release(&plan);
}

/* A record that was torn is as good as none. */
static void torn_records_are_told(void **state)
{
    static const program_words merge = {"--merge"};
    (void)state;
    lay_output("made");
    write_text("output/.state/shards/1-of-2.json", "{\"schema\": 1");
    run(&merge);
    ends_with(0, "1-of-2.json", "torn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_weigh_what_shards_say),
        cmocka_unit_test(torn_records_are_told),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, begin, end);
}
