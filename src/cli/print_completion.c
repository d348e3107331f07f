/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
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

static void print_bash(FILE *stream)
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

/* One option as the two other shells describe it. */
struct completion {
    const char *name;
    const char *argument; /* NULL: none */
    const char *help;
    bool optional;
};

/* The first sentence, without what a quoted string of the shell would end at. */
static void print_about(FILE *stream, const char *help)
{
    for (; *help != '\0'; help++) {
        if (*help == '.' && (help[1] == ' ' || help[1] == '\0'))
            break;
        if (strchr("'[]:\\\"`$", *help) == NULL)
            (void)fputc(*help, stream);
    }
}

static void print_zsh_option(FILE *stream, const struct completion *option)
{
    (void)fprintf(stream, "  '--%s%s[", option->name,
                  option->argument == NULL ? ""
                  : option->optional       ? "=-"
                                           : "=");
    print_about(stream, option->help);
    (void)fprintf(stream, "]");
    if (option->argument != NULL && is_directory(option->argument)) {
        (void)fprintf(stream, ":directory:_files -/");
    } else if (option->argument != NULL && is_file(option->argument)) {
        (void)fprintf(stream, ":file:_files");
    } else if (option->argument != NULL) {
        (void)fprintf(stream, "%s:value:(", option->optional ? ":" : "");
        print_choices(stream, option->argument);
        (void)fprintf(stream, ")");
    }
    (void)fprintf(stream, "' \\\n");
}

static void print_fish_option(FILE *stream, const struct completion *option)
{
    (void)fprintf(stream, "complete -c process_offline -l %s", option->name);
    if (option->argument != NULL && is_directory(option->argument)) {
        (void)fprintf(stream, " -x -a '(__fish_complete_directories)'");
    } else if (option->argument != NULL && is_file(option->argument)) {
        (void)fprintf(stream, " -r");
    } else if (option->argument != NULL && !option->optional) {
        (void)fprintf(stream, " -x -a '");
        print_choices(stream, option->argument);
        (void)fprintf(stream, "'");
    } else {
        (void)fprintf(stream, " -f");
    }
    (void)fprintf(stream, " -d '");
    print_about(stream, option->help);
    (void)fprintf(stream, "'\n");
}

static void print_each(FILE *stream,
                       void (*print)(FILE *stream, const struct completion *option))
{
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        const struct completion option = {row->name, row->argument, row->help,
                                          setting_argument_is_optional(row)};
        print(stream, &option);
    }
    for (int i = 0; i < command_option_count(); i++) {
        const struct command_option *command = command_option(i);
        const struct completion option = {command->name, command->argument, command->help,
                                          false};
        if (command->help != NULL)
            print(stream, &option);
    }
}

static void print_zsh(FILE *stream)
{
    (void)fprintf(stream, "#compdef process_offline\n"
                          "# made by --print-completion zsh\n"
                          "_arguments -s \\\n");
    print_each(stream, print_zsh_option);
    (void)fprintf(stream, "  && return 0\n");
}

static void print_fish(FILE *stream)
{
    (void)fprintf(stream, "# fish completion for process_offline, made by "
                          "--print-completion fish\n");
    print_each(stream, print_fish_option);
}

enum po_status print_completion(FILE *stream, const char *shell, struct po_error *error)
{
    static const struct {
        const char *name;
        void (*print)(FILE *stream);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(shell != NULL ? shell : "bash", shells[i].name) == 0) {
            shells[i].print(stream);
            return PO_OK;
        }
    return po_fail(
        error, PO_BAD_ARGUMENT,
        "--print-completion: no completion for '%.60s'; give bash, zsh or fish", shell);
}
