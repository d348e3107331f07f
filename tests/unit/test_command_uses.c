/* SPDX-License-Identifier: Apache-2.0 */
/* Each command with each option: what it does not use is refused, by the name of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

enum { WORD_BYTES = 128, WORDS_MAX = 8 };

/* A command line is made of such words. */
struct line {
    char words[WORDS_MAX][WORD_BYTES];
    int count;
};

static void add(struct line *line, const char *before, const char *word)
{
    int length = snprintf(line->words[line->count++], WORD_BYTES, "%s%s", before, word);
    assert_in_range(length, 0, WORD_BYTES - 1);
}

static void add_command(struct line *line, const struct command_option *command)
{
    if (command == NULL)
        return;
    add(line, "--", command->name);
    if (command->argument != NULL)
        add(line, "", "model.onnx");
}

/* The option with a value that it takes: its default, or some text. */
static void add_setting(struct line *line, int index)
{
    struct po_settings defaults;
    char value[WORD_BYTES];
    const struct setting_row *row = settings_row(index);
    po_settings_defaults(&defaults);
    settings_format(&defaults, index, value, sizeof(value));
    add(line, "--", row->name);
    if (!setting_argument_is_optional(row))
        add(line, "", value[0] != '\0' ? value : "some");
}

/* The message of what is refused; "" where it is not. */
static void parse(struct line *line, struct po_error *error)
{
    struct options options;
    char program[] = "process_offline";
    char *words[WORDS_MAX + 2] = {program};
    for (int i = 0; i < line->count; i++)
        words[i + 1] = line->words[i];
    *error = (struct po_error){0};
    if (options_parse(line->count + 1, words, &options, error) == PO_OK)
        error->message[0] = '\0';
    options_release(&options);
}

static bool is_command(const struct command_option *command)
{
    return command->kind != COMMAND_CONFIG && command->kind != COMMAND_INPUT_LIST;
}

/* What other rules say of the same words is theirs. */
static bool is_refused_as_unused(const struct po_error *error, const char *option,
                                 const struct command_option *command)
{
    char start[2 * WORD_BYTES];
    (void)snprintf(start, sizeof(start), "--%s: %s%s does not use it, ", option,
                   command != NULL ? "--" : "",
                   command != NULL ? command->name : "a run");
    if (strstr(error->message, "does not use it") == NULL)
        return false;
    assert_memory_equal(error->message, start, strlen(start));
    return true;
}

static int check_command(const struct command_option *command)
{
    int refused = 0;
    unsigned uses = command_uses(command != NULL ? command->kind : COMMAND_RUN);
    for (int i = 0; i < settings_row_count(); i++) {
        struct line line = {0};
        struct po_error error;
        const struct setting_row *row = settings_row(i);
        add_setting(&line, i);
        add_command(&line, command);
        parse(&line, &error);
        bool is_used = (uses & 1U << row->use) != 0;
        if (is_refused_as_unused(&error, row->name, command) == is_used)
            fail_msg("%s with %s: %s", line.words[0],
                     command != NULL ? command->name : "a run", error.message);
        refused += !is_used;
    }
    return refused;
}

static void every_pair_is_as_the_table_says(void **state)
{
    (void)state;
    int refused = check_command(NULL);
    for (int i = 0; i < command_option_count(); i++)
        if (is_command(command_option(i)))
            refused += check_command(command_option(i));
    assert_in_range(refused, 100, 2000);
}

static void one_command_a_line(void **state)
{
    (void)state;
    for (int i = 0; i < command_option_count(); i++)
        for (int k = 0; k < command_option_count(); k++) {
            struct line line = {0};
            struct po_error error;
            const struct command_option *pair[] = {command_option(i), command_option(k)};
            if (i == k || !is_command(pair[0]) || !is_command(pair[1]))
                continue;
            bool wins = command_uses(pair[0]->kind) == WITH_ANYTHING ||
                        command_uses(pair[1]->kind) == WITH_ANYTHING;
            add_command(&line, pair[0]);
            add_command(&line, pair[1]);
            parse(&line, &error);
            assert_true((strstr(error.message, " exclude each other") != NULL) != wins);
        }
}

/* Said apart from the table: what it must not lose. */
static void what_was_asked_for_and_would_not_be_done(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        const char *option;
        const char *expected; /* a part of the message; NULL: taken */
    } rows[] = {
        {"recalibrate", "prior", "a run does"},
        {"recalibrate", "strict", "a run does"},
        {"recalibrate", "board", "--calibrate does"},
        {"recalibrate", "rectify-refine", "a run does"},
        {"calibrate", "calibration", "a run does"},
        {"calibrate", "ground-truth", "a run does"},
        {"calibrate", "force", "a run does"},
        {"list", "junit", "a run does"},
        {"check", "junit", "a run does"},
        {"dry-run", "baseline", "a run does"},
        {"list", "square", "--calibrate does"},
        {"list", "shard", "a run does"},
        {"plan", "shard", "a run does"},
        {"network-info", "profile", "a run does"},
        {"print-man", "input", "a run does"},
        {NULL, "calibration-format", "--calibrate does"},
        /* Scripts give these to each of their calls. */
        {"list", "output", NULL},
        {"list", "workers", NULL},
        {"list", "quality-check", NULL},
        {"list", "calibration", NULL},
        {"list", "ground-truth", NULL},
        {"plan", "junit", NULL},
        {"merge", "memory-limit", NULL},
        {"merge", "prior", NULL},
        {"check", "outputs", NULL},
        {"dry-run", "shard", NULL},
        {"calibrate", "frame-timeout", NULL},
        {"calibrate", "distortion", NULL},
        {"recalibrate", "calibration-format", NULL},
        {"recalibrate", "memory-limit", NULL},
        {"network-info", "network-device", NULL},
        {"print-completion", "quiet", NULL},
        {"version", "input", NULL},
        {"help", "board", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int index = 0;
        struct line line = {0};
        struct po_error error;
        assert_non_null(settings_find(rows[i].option, &index));
        if (rows[i].command != NULL)
            add(&line, "--", rows[i].command);
        if (rows[i].command != NULL && strcmp(rows[i].command, "network-info") == 0)
            add(&line, "", "model.onnx");
        add_setting(&line, index);
        parse(&line, &error);
        bool is_refused = strstr(error.message, "does not use it") != NULL;
        if (is_refused != (rows[i].expected != NULL) ||
            (is_refused && strstr(error.message, rows[i].expected) == NULL))
            fail_msg("--%s with --%s: %s", rows[i].option, rows[i].command,
                     error.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_as_the_table_says),
        cmocka_unit_test(one_command_a_line),
        cmocka_unit_test(what_was_asked_for_and_would_not_be_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
