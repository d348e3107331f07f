/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program on a session of two frames, with what finished runs leave beside it:
 * "made" by a run, "planned", and "sharded" by both halves of that plan. Include after
 * cmocka.h. */
#ifndef SUPPORT_PROGRAM_FIXTURE_H
#define SUPPORT_PROGRAM_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "support/whole_program.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

enum { FRAMES = 2 };

static struct program_run done;

static inline void nothing(void)
{
}

static inline void run(const program_words *words)
{
    program_run(words, nothing, &done);
}

static inline void ends_with(int exit_status, const char *told, const char *what)
{
    if (done.exit_status != exit_status || strstr(done.text, told) == NULL)
        fail_msg("%s: status %d for %d, and not '%s' in: %s", what, done.exit_status,
                 exit_status, told, done.text);
}

/* A file of the folder. */
static inline void write_text(const char *name, const char *text)
{
    FILE *file = fopen(program_path(name), "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void run_well(const program_words *words)
{
    run(words);
    if (done.exit_status != 0)
        fail_msg("undisturbed it ends with %d: %s", done.exit_status, done.text);
}

static inline int begin(void **state)
{
    static const program_words whole = {"--workers", "1"};
    static const program_words plan = {"--plan"};
    static const program_words parts[] = {{"--shard", "1/2"}, {"--shard", "2/2"}};
    (void)state;
    program_begin(FRAMES);
    run_well(&plan);
    program_copy("output", "planned");
    run_well(&whole);
    program_copy("output", "made");
    program_lay_output("planned");
    for (int i = 0; i < 2; i++)
        run_well(&parts[i]);
    program_copy("output", "sharded");
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    program_end();
    return 0;
}

#endif
