/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options: the command line, the environment and a configuration file become one set of
 * settings and the thing to do.
 *
 * Invariant: every setting is a row of the table of settings; the few options that are
 * none (--help, --config, --list, ...) are the table in options.c.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/session_list.h"
#include "settings/settings_table.h"

enum command_kind {
    COMMAND_RUN,
    COMMAND_LIST,
    COMMAND_DRY_RUN,
    COMMAND_CHECK,
    COMMAND_CHECK_JSON,
    COMMAND_PLAN,
    COMMAND_MERGE,
    COMMAND_CALIBRATE,
    COMMAND_RECALIBRATE,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_NETWORK_INFO,
    COMMAND_PRINT_MAN,
    COMMAND_PRINT_COMPLETION,
    COMMAND_PRINT_CONFIG_SCHEMA,
    COMMAND_CONFIG,     /* not a command: reads a file of settings */
    COMMAND_INPUT_LIST, /* likewise of sessions */
};

/* An option that is not a setting. */
struct command_option {
    const char *name;
    enum command_kind kind;
    char letter;          /* short form, 0: none */
    const char *argument; /* NULL: none */
    const char *help;     /* NULL: for the build, not shown */
};

int command_option_count(void);
const struct command_option *command_option(int index);

/* The short form of a setting, 0: none. */
char setting_letter(const struct setting_row *row);

struct options {
    enum command_kind command;
    const char *argument; /* of the command, argv's; NULL: it takes none */
    const char *word;     /* after --help and --print-completion, of argv; NULL: none */
    struct session_list sessions; /* more than one, or of a file; else empty or one */
    struct settings_set settings;
};

/* Whether --log-format or its variable asks for JSON lines: known before options are
 * read, so that what is wrong with them is said in that form, too. */
bool options_want_jsonl(int argc, char *const *argv);

/*
 * Reads PROCESS_OFFLINE_* variables, --config files and options, in rising strength.
 * `argv` is reordered. Errors are PO_BAD_ARGUMENT and name the option and the remedy. The
 * settings are checked against each other only for commands that use them.
 */
PO_MUST_CHECK enum po_status options_parse(int argc, char **argv, struct options *options,
                                           struct po_error *error);
void options_release(struct options *options); /* a zeroed struct is fine */

#endif
