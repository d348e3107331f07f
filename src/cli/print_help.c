/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/version.h"
#include "cli/options.h"
#include "cli/print.h"

enum { HELP_COLUMNS = 80, HELP_INDENT = 6 };

/* Words of `text` in lines of HELP_COLUMNS, each indented. */
static void print_wrapped(FILE *stream, const char *text)
{
    int column = 0;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (column > 0 && column + 1 + length > HELP_COLUMNS) {
            (void)fputc('\n', stream);
            column = 0;
        }
        if (column == 0)
            column = fprintf(stream, "%*s%.*s", HELP_INDENT, "", length, text);
        else
            column += fprintf(stream, " %.*s", length, text);
        text += length;
        text += *text == ' ';
    }
    (void)fputc('\n', stream);
}

static void print_option(FILE *stream, char letter, const char *name,
                         const char *argument, bool optional)
{
    (void)fprintf(stream, "  ");
    if (letter != 0)
        (void)fprintf(stream, "-%c, ", letter);
    (void)fprintf(stream, "--%s", name);
    if (argument != NULL)
        (void)fprintf(stream, optional ? "[=%s]" : " %s", argument);
}

static void print_setting(FILE *stream, const struct setting_row *row,
                          const struct po_settings *defaults, int index)
{
    char value[256];
    print_option(stream, setting_letter(row), row->name, row->argument,
                 setting_argument_is_optional(row));
    settings_format(defaults, index, value, sizeof(value));
    if (row->kind == SETTING_FLAG ? strcmp(value, "true") == 0 : value[0] != '\0')
        (void)fprintf(stream, "  (default %s)", value);
    (void)fputc('\n', stream);
    print_wrapped(stream, row->help);
}

static void print_settings(FILE *stream)
{
    struct po_settings defaults;
    const char *group = "";
    po_settings_defaults(&defaults);
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        if (strcmp(group, row->group) != 0)
            (void)fprintf(stream, "\n%s:\n", row->group);
        group = row->group;
        print_setting(stream, row, &defaults, i);
    }
}

static void print_commands(FILE *stream)
{
    (void)fprintf(stream, "\nOther:\n");
    for (int i = 0; i < command_option_count(); i++) {
        const struct command_option *command = command_option(i);
        if (command->help == NULL)
            continue;
        print_option(stream, command->letter, command->name, command->argument, false);
        (void)fputc('\n', stream);
        print_wrapped(stream, command->help);
    }
}

void print_help(FILE *stream)
{
    (void)fprintf(
        stream,
        "Usage: process_offline --input DIR [OPTION]...\n"
        "       process_offline --left FILE --right FILE [OPTION]...\n"
        "Turns folders of stereo captures into metric point clouds.\n"
        "\n"
        "Flags take an optional value: --strict=false undoes a flag of a configuration.\n"
        "Every setting is also a key of --config files and an environment variable:\n"
        "--num-disparities is \"num-disparities\" and "
        "PROCESS_OFFLINE_NUM_DISPARITIES.\n");
    print_settings(stream);
    print_commands(stream);
    (void)fprintf(
        stream,
        "\nExit status: 0 all frames done or reused; 1 internal error, or the disk "
        "failed\n"
        "or is full and no frame or no report could be written; 2 wrong usage or\n"
        "configuration, or the output directory is locked or not writable; 3 some "
        "frames\n"
        "failed; 4 no usable frame; 5 calibration unusable, or clouds asked for and no\n"
        "calibration; 6 memory limit impossible; 7 session deadline; 8 worse than the\n"
        "baseline, or nothing to compare with it; 130, 143 interrupted.\n");
}

void print_version(FILE *stream)
{
    (void)fprintf(stream, "process_offline %s\n", PROCESS_OFFLINE_VERSION);
}
