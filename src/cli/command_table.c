/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command_table.h"

#include <stdio.h>

/* What commands use of the settings, in bits of enum setting_use. */
enum {
    WITH_MESSAGES = 1 << USE_MESSAGES,
    WITH_PROCESSES = WITH_MESSAGES | 1 << USE_PROCESSES | 1 << USE_CONFIG,
    WITH_PAIRS = WITH_PROCESSES | 1 << USE_PAIRS | 1 << USE_LENS | 1 << USE_OUTPUT,
    WITH_SESSION = WITH_PAIRS | 1 << USE_CALIBRATION | 1 << USE_TRUTH,
    WITH_FRAMES = WITH_SESSION | 1 << USE_FRAMES | 1 << USE_NETWORK,
    WITH_SHARD = WITH_FRAMES | 1 << USE_SHARD,
    WITH_SEVERAL = 1 << USE_SEVERAL,
    WITH_REPORTS = 1 << USE_REPORTS,
};

static const struct command_option commands[] = {
    {"config", COMMAND_CONFIG, 0, "FILE", 0,
     "Read settings from a JSON file: keys are option names without dashes. Options, "
     "their --profile and the environment win over it."},
    {"input-list", COMMAND_INPUT_LIST, 0, "FILE", 0,
     "Sessions, one folder a line, as --input given several times: one after the other, "
     "each with its own output (below --output: a folder of its name), with one summary "
     "and one exit status."},
    {"check", COMMAND_CHECK, 0, NULL, WITH_SHARD,
     "Look at calibration, row alignment, exposure and range of the session, and stop."},
    {"check-json", COMMAND_CHECK_JSON, 0, NULL, WITH_SHARD,
     "The same, as JSON for programs."},
    {"calibrate", COMMAND_CALIBRATE, 0, NULL,
     WITH_PAIRS | 1 << USE_BOARD | 1 << USE_RIG_FILE,
     "Make a calibration from pictures of a chessboard in both cameras: --input DIR "
     "--square MM --output FILE.yml. Says whether it can be trusted and what to "
     "photograph next."},
    {"recalibrate", COMMAND_RECALIBRATE, 0, NULL,
     WITH_PAIRS | 1 << USE_CALIBRATION | 1 << USE_RIG_FILE,
     "Refine a calibration that has drifted from the session's own images, and write a "
     "new one: --input DIR --output FILE.yml. The baseline's length stays; so do the "
     "lenses, unless rows demand another focal ratio or height of the centre."},
    {"dry-run", COMMAND_DRY_RUN, 0, NULL, WITH_SHARD | WITH_SEVERAL,
     "Show frames, calibration, settings with their origin, and memory; process "
     "nothing."},
    {"plan", COMMAND_PLAN, 0, NULL, WITH_FRAMES | WITH_SEVERAL | WITH_REPORTS,
     "Look at the session once, for --shard on many machines: choose what all frames "
     "share, try one frame, and keep it in the output directory."},
    {"merge", COMMAND_MERGE, 0, NULL, WITH_FRAMES | WITH_SEVERAL | WITH_REPORTS,
     "When shards have ended: write the session's reports from what is there, compare "
     "with --baseline, and end with the session's status."},
    {"list", COMMAND_LIST, 0, NULL, WITH_FRAMES,
     "List the frames of the session, and stop."},
    {"network-info", COMMAND_NETWORK_INFO, 0, "FILE[,WxH]",
     WITH_PROCESSES | 1 << USE_NETWORK,
     "Say what an ONNX network takes and gives, its operators, and its memory and time "
     "at "
     "a size, before a night's run."},
    {"help", COMMAND_HELP, 'h', NULL, WITH_ANYTHING,
     "Show a screen of help; --help SECTION shows one of its sections, --help all "
     "everything."},
    {"version", COMMAND_VERSION, 'V', NULL, WITH_ANYTHING, "Show the version."},
    {"print-man", COMMAND_PRINT_MAN, 0, NULL, WITH_MESSAGES,
     "Print the manual page, for man -l -."},
    {"print-completion", COMMAND_PRINT_COMPLETION, 0, NULL, WITH_MESSAGES,
     "Print the completion for bash, or for the shell named after it: bash, zsh, fish."},
    {"print-config-schema", COMMAND_PRINT_CONFIG_SCHEMA, 0, NULL, WITH_MESSAGES,
     "Print the JSON Schema of --config files."},
    {"print-config", COMMAND_PRINT_CONFIG, 0, NULL, WITH_ANYTHING & ~WITH_SEVERAL,
     "Print the settings in force after --config, environment and command line, as a "
     "file for --config that gives the same run."},
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands), NAME_BYTES = 64 };
_Static_assert((int)COMMANDS <= (int)COMMAND_OPTION_MAX, "raise COMMAND_OPTION_MAX");

/* Without any of them the session is processed. */
static const unsigned run_uses = WITH_SHARD | WITH_SEVERAL | WITH_REPORTS;

int command_option_count(void)
{
    return COMMANDS;
}

const struct command_option *command_option(int index)
{
    return &commands[index];
}

static const struct command_option *find(enum command_kind kind)
{
    for (int i = 0; i < COMMANDS; i++)
        if (commands[i].kind == kind)
            return &commands[i];
    return NULL;
}

unsigned command_uses(enum command_kind kind)
{
    const struct command_option *command = find(kind);
    return command != NULL ? command->uses : run_uses;
}

/* "--check", "a run": as a message names it. */
static void name_command(enum command_kind kind, char *name, size_t name_bytes)
{
    const struct command_option *command = find(kind);
    if (command != NULL)
        (void)snprintf(name, name_bytes, "--%s", command->name);
    else
        (void)snprintf(name, name_bytes, "a run");
}

/* A run where it does, else the first of the table: each use has one. */
static enum command_kind user_of(enum setting_use use)
{
    if ((run_uses & 1U << use) != 0)
        return COMMAND_RUN;
    int index = 0;
    while ((commands[index].uses & 1U << use) == 0)
        index++;
    return commands[index].kind;
}

static enum po_status fail_unused(const struct asked_command *asked, const char *option,
                                  enum setting_use use, struct po_error *error)
{
    char command[NAME_BYTES];
    char user[NAME_BYTES];
    name_command(asked->kind, command, sizeof(command));
    name_command(user_of(use), user, sizeof(user));
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--%s: %s does not use it, %s does; leave it out", option, command,
                   user);
}

static enum po_status check_alone(const struct asked_command *asked,
                                  struct po_error *error)
{
    char first[NAME_BYTES];
    char second[NAME_BYTES];
    if (asked->replaced == COMMAND_RUN)
        return PO_OK;
    name_command(asked->replaced, first, sizeof(first));
    name_command(asked->kind, second, sizeof(second));
    return po_fail(error, PO_BAD_ARGUMENT,
                   "%s and %s exclude each other; give one after the other", first,
                   second);
}

enum po_status command_check_uses(const struct asked_command *asked,
                                  struct po_error *error)
{
    const struct settings_set *set = asked->settings;
    unsigned uses = command_uses(asked->kind);
    if (uses == WITH_ANYTHING)
        return PO_OK;
    enum po_status status = check_alone(asked, error);
    for (int i = 0; i < settings_row_count() && status == PO_OK; i++) {
        const struct setting_row *row = settings_row(i);
        if (set->origins[i] == ORIGIN_COMMAND_LINE && (uses & 1U << row->use) == 0)
            status = fail_unused(asked, row->name, row->use, error);
    }
    if (status == PO_OK && set->file_count > 0 && (uses & 1U << USE_CONFIG) == 0)
        status = fail_unused(asked, "config", USE_CONFIG, error);
    if (status == PO_OK && asked->has_list && (uses & 1U << USE_SEVERAL) == 0)
        status = fail_unused(asked, "input-list", USE_SEVERAL, error);
    return status;
}
