/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of commands and of the other options that are no settings; which settings
 * each command uses is a column of it.
 *
 * Invariant: what a command does not use and is given on its command line is refused:
 * what was asked for would not be delivered. Files of settings and the environment are
 * there for many commands, so each takes of them what it uses.
 */
#ifndef CLI_COMMAND_TABLE_H
#define CLI_COMMAND_TABLE_H

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
    COMMAND_PRINT_CONFIG,
    COMMAND_CONFIG,     /* not a command: reads a file of settings */
    COMMAND_INPUT_LIST, /* likewise of sessions */
};

enum { COMMAND_OPTION_MAX = 32 };

/* Of --help and --version, which win over all that stands beside them. */
enum { WITH_ANYTHING = (1 << USE_COUNT) - 1 };

/* An option that is not a setting. */
struct command_option {
    const char *name;
    enum command_kind kind;
    char letter;          /* short form, 0: none */
    const char *argument; /* NULL: none */
    unsigned uses;        /* the settings it uses: bits of enum setting_use */
    const char *help;     /* NULL: for the build, not shown */
};

int command_option_count(void);
const struct command_option *command_option(int index);

/* What `kind` uses of the settings, in bits of enum setting_use. */
unsigned command_uses(enum command_kind kind);

/* What a command line asks for. */
struct asked_command {
    enum command_kind kind;
    enum command_kind replaced; /* another one, given before it; COMMAND_RUN: none */
    const struct settings_set *settings;
    bool has_list; /* --input-list */
};

/* PO_BAD_ARGUMENT where an option was given that the command does not use; the message
 * names both, and a command that uses it. */
PO_MUST_CHECK enum po_status command_check_uses(const struct asked_command *asked,
                                                struct po_error *error);

#endif
