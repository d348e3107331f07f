/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "cli/options.h"
#include "cli/print.h"

/* One option as the shells know it. */
struct completion {
    const char *name;
    const char *argument;       /* NULL: none */
    const char *help;           /* NULL: a name that is taken, and not offered */
    const char *const *choices; /* NULL: the words of the argument */
    bool optional;
};

/* The choices; or the words of "a|b|c", those in capitals (they stand for something) left
 * out. */
static void print_choices(FILE *stream, const struct completion *option)
{
    const char *argument = option->argument;
    for (int i = 0; option->choices != NULL && option->choices[i] != NULL; i++)
        (void)fprintf(stream, "%s ", option->choices[i]);
    while (option->choices == NULL && *argument != '\0') {
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

static void print_each(FILE *stream,
                       void (*print)(FILE *stream, const struct completion *option))
{
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        const struct completion option = {row->name, row->argument, row->help,
                                          row->kind == SETTING_LIST ? row->choices : NULL,
                                          setting_argument_is_optional(row)};
        print(stream, &option);
    }
    for (int i = 0; i < command_option_count(); i++) {
        const struct command_option *command = command_option(i);
        const struct completion option = {
            .name = command->name, .argument = command->argument, .help = command->help};
        print(stream, &option);
    }
}

static void print_bash_case(FILE *stream, const struct completion *option)
{
    if (option->argument == NULL || option->optional)
        return;
    (void)fprintf(stream, "    --%s) ", option->name);
    if (is_directory(option->argument))
        (void)fprintf(stream, "COMPREPLY=($(compgen -d -- \"$current\"))");
    else if (is_file(option->argument))
        (void)fprintf(stream, "COMPREPLY=($(compgen -f -- \"$current\"))");
    else {
        (void)fprintf(stream, "COMPREPLY=($(compgen -W \"");
        print_choices(stream, option);
        (void)fprintf(stream, "\" -- \"$current\"))");
    }
    (void)fprintf(stream, "; return ;;\n");
}

static void print_bash_name(FILE *stream, const struct completion *option)
{
    if (option->help != NULL)
        (void)fprintf(stream, "--%s ", option->name);
}

/* In --profile=q, bash makes a word of its own of the sign. */
static void print_bash(FILE *stream)
{
    (void)fprintf(stream,
                  "# bash completion for process_offline, made by --print-completion\n"
                  "_process_offline() {\n"
                  "  local current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                  "  local before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
                  "  if [ \"$current\" = = ]; then\n"
                  "    current=\n"
                  "  elif [ \"$before\" = = ] && [ \"$COMP_CWORD\" -gt 1 ]; then\n"
                  "    before=\"${COMP_WORDS[COMP_CWORD-2]}\"\n"
                  "  fi\n"
                  "  COMPREPLY=()\n"
                  "  case \"$before\" in\n");
    print_each(stream, print_bash_case);
    (void)fprintf(stream, "  esac\n  COMPREPLY=($(compgen -W \"");
    print_each(stream, print_bash_name);
    (void)fprintf(stream, "\" -- \"$current\"))\n"
                          "}\n"
                          "complete -o filenames -F _process_offline process_offline\n");
}

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
    if (option->help == NULL)
        return;
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
        print_choices(stream, option);
        (void)fprintf(stream, ")");
    }
    (void)fprintf(stream, "' \\\n");
}

static void print_fish_option(FILE *stream, const struct completion *option)
{
    if (option->help == NULL)
        return;
    (void)fprintf(stream, "complete -c process_offline -l %s", option->name);
    if (option->argument != NULL && is_directory(option->argument)) {
        (void)fprintf(stream, " -x -a '(__fish_complete_directories)'");
    } else if (option->argument != NULL && is_file(option->argument)) {
        (void)fprintf(stream, " -r");
    } else if (option->argument != NULL && !option->optional) {
        (void)fprintf(stream, " -x -a '");
        print_choices(stream, option);
        (void)fprintf(stream, "'");
    } else {
        (void)fprintf(stream, " -f");
    }
    (void)fprintf(stream, " -d '");
    print_about(stream, option->help);
    (void)fprintf(stream, "'\n");
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
