/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options: the command line, the environment and a configuration file become one set of
 * settings and the thing to do.
 *
 * Invariant: every setting is a row of the table of settings; the few options that are
 * none (--help, --config, --list, ...) are rows of the table of commands.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command_table.h"
#include "cli/session_list.h"
#include "settings/settings_table.h"

/* The short form of a setting, 0: none. */
char setting_letter(const struct setting_row *row);

struct options {
    enum command_kind command;
    enum command_kind replaced; /* another one, given before it; COMMAND_RUN: none */
    const char *argument;       /* of the command, argv's; NULL: it takes none */
    const char *word; /* after --help and --print-completion, of argv; NULL: none */
    struct session_list sessions; /* more than one, or of a file; else empty or one */
    struct settings_set settings;
};

/* Whether --log-format or its variable asks for JSON lines: known before options are
 * read, so that what is wrong with them is said in that form, too. */
bool options_want_jsonl(int argc, char *const *argv);

/*
 * Reads PROCESS_OFFLINE_* variables, --config files and options, in rising strength.
 * `argv` is reordered. Errors are PO_BAD_ARGUMENT and name the option and the remedy:
 * also of an option that the command does not use. The settings are checked against each
 * other only for commands that use them.
 */
PO_MUST_CHECK enum po_status options_parse(int argc, char **argv, struct options *options,
                                           struct po_error *error);
void options_release(struct options *options); /* a zeroed struct is fine */

#endif
