/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/options.h"
#include "cli/print.h"

/* The words of "a|b|c", those in capitals (they stand for something) left out. */
static void print_choices(FILE *stream, const char *argument)
{
    while (*argument != '\0') {
        size_t length = strcspn(argument, "|");
        if (strcspn(argument, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= length)
            (void)fprintf(stream, "%.*s ", (int)length, argument);
        argument += length;
        argument += *argument == '|';
    }
}

static bool is_directory(const char *argument)
{
    return strstr(argument, "DIR") != NULL;
}

static bool is_file(const char *argument)
{
    return strcmp(argument, "FILE") == 0 || strcmp(argument, "REPORT") == 0;
}

static void print_case(FILE *stream, const char *name, const char *argument)
{
    if (argument == NULL)
        return;
    (void)fprintf(stream, "    --%s) ", name);
    if (is_directory(argument))
        (void)fprintf(stream, "COMPREPLY=($(compgen -d -- \"$current\"))");
    else if (is_file(argument))
        (void)fprintf(stream, "COMPREPLY=($(compgen -f -- \"$current\"))");
    else {
        (void)fprintf(stream, "COMPREPLY=($(compgen -W \"");
        print_choices(stream, argument);
        (void)fprintf(stream, "\" -- \"$current\"))");
    }
    (void)fprintf(stream, "; return ;;\n");
}

void print_completion(FILE *stream)
{
    (void)fprintf(stream,
                  "# bash completion for process_offline, made by --print-completion\n"
                  "_process_offline() {\n"
                  "  local current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                  "  COMPREPLY=()\n"
                  "  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n");
    for (int i = 0; i < settings_row_count(); i++)
        if (!setting_argument_is_optional(settings_row(i)))
            print_case(stream, settings_row(i)->name, settings_row(i)->argument);
    for (int i = 0; i < command_option_count(); i++)
        print_case(stream, command_option(i)->name, command_option(i)->argument);
    (void)fprintf(stream, "  esac\n  COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < settings_row_count(); i++)
        (void)fprintf(stream, "--%s ", settings_row(i)->name);
    for (int i = 0; i < command_option_count(); i++)
        if (command_option(i)->help != NULL)
            (void)fprintf(stream, "--%s ", command_option(i)->name);
    (void)fprintf(stream, "\" -- \"$current\"))\n"
                          "}\n"
                          "complete -o filenames -F _process_offline process_offline\n");
}
