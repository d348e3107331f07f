/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command_table.h"
#include "cli/config_file.h"
#include "cli/environment.h"
#include "cli/unserved_options.h"
#include "report/baseline_tolerance.h"
#include "settings/edit_distance.h"
#include "settings/synonyms.h"

enum { MISLEADING_MAX = 32 };
/* getopt's values: rows of the settings, then commands; above any character. */
enum { FIRST_SETTING = 256, FIRST_COMMAND = FIRST_SETTING + SETTING_MAX };

struct setting_short {
    const char *name;
    char letter;
};

static const struct setting_short setting_shorts[] = {
    {"input", 'i'}, {"output", 'o'}, {"workers", 'j'}, {"quiet", 'q'}, {"verbose", 'v'}};

char setting_letter(const struct setting_row *row)
{
    for (size_t i = 0; i < sizeof(setting_shorts) / sizeof(*setting_shorts); i++)
        if (strcmp(setting_shorts[i].name, row->name) == 0)
            return setting_shorts[i].letter;
    return 0;
}

static int long_argument(const struct setting_row *row)
{
    return setting_argument_is_optional(row) ? optional_argument : required_argument;
}

/* The only option of the first `count` that `word` abbreviates; NULL: none or several. */
static const char *abbreviated(const struct option *longs, int count, const char *word)
{
    const char *found = NULL;
    for (int i = 0; i < count; i++) {
        if (strncmp(longs[i].name, word, strlen(word)) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = longs[i].name;
    }
    return found;
}

/* A word that means one option must not pass as another's abbreviation: --quality is the
 * profile, not --quality-check. Such words become options that are unknown. */
static int add_misleading_words(struct option *longs, int count)
{
    int known = count;
    const char *word;
    for (int i = 0; (word = synonym_of_option(i)) != NULL; i++) {
        const char *found = abbreviated(longs, known, word);
        if (found != NULL && strcmp(found, word) != 0 &&
            strcmp(found, synonym_of(NULL, word)) != 0 &&
            count < SETTING_MAX + COMMAND_OPTION_MAX + MISLEADING_MAX)
            longs[count++] = (struct option){word, optional_argument, NULL, '?'};
    }
    return count;
}

/* All options for getopt_long; `shorts` gets the short ones. */
static void make_getopt_tables(struct option *longs, char *shorts)
{
    int count = 0;
    *shorts++ = ':'; /* tells a missing value from an unknown option */
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        char letter = setting_letter(row);
        longs[count++] =
            (struct option){row->name, long_argument(row), NULL, FIRST_SETTING + i};
        if (letter == 0)
            continue;
        *shorts++ = letter;
        if (!setting_argument_is_optional(row))
            *shorts++ = ':';
    }
    for (int i = 0; i < command_option_count(); i++) {
        int argument =
            command_option(i)->argument != NULL ? required_argument : no_argument;
        longs[count++] =
            (struct option){command_option(i)->name, argument, NULL, FIRST_COMMAND + i};
        if (command_option(i)->letter != 0)
            *shorts++ = command_option(i)->letter;
    }
    longs[add_misleading_words(longs, count)] = (struct option){0};
    *shorts = '\0';
}

/* The option a short one stands for, as getopt would have returned it. */
static int resolve_letter(int value)
{
    for (int i = 0; i < settings_row_count(); i++)
        if (setting_letter(settings_row(i)) == value)
            return FIRST_SETTING + i;
    for (int i = 0; i < command_option_count(); i++)
        if (command_option(i)->letter == value)
            return FIRST_COMMAND + i;
    return value;
}

static const char *closest_option(const char *name)
{
    const char *names[SETTING_MAX + COMMAND_OPTION_MAX + 1];
    int count = 0;
    for (int i = 0; i < settings_row_count(); i++)
        names[count++] = settings_row(i)->name;
    for (int i = 0; i < command_option_count(); i++)
        names[count++] = command_option(i)->name;
    names[count] = NULL;
    return edit_distance_closest(name, names);
}

static int names_beginning(const struct option *longs, const char *name)
{
    int count = 0;
    for (; longs->name != NULL; longs++)
        count += strncmp(longs->name, name, strlen(name)) == 0;
    return count;
}

static enum po_status fail_unknown(const struct option *longs, const char *argument,
                                   struct po_error *error)
{
    char name[64];
    size_t length = strcspn(argument + 2, "=");
    (void)snprintf(name, sizeof(name), "%.*s", (int)(length < 63 ? length : 63),
                   argument + 2);
    const char *closest = synonym_of(NULL, name);
    if (closest == NULL && names_beginning(longs, name) > 1)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--%s: several options begin so; write it out, see --help", name);
    if (closest == NULL)
        closest = closest_option(name);
    if (closest != NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "--%s: no such option; did you mean --%s?",
                       name, closest);
    return po_fail(error, PO_BAD_ARGUMENT, "--%s: no such option; see --help", name);
}

/* What getopt did not like about `argument`; optopt is set. */
static enum po_status fail_option(const struct option *longs, const char *argument,
                                  struct po_error *error)
{
    if (optopt >= FIRST_COMMAND && optopt < FIRST_COMMAND + command_option_count())
        return po_fail(error, PO_BAD_ARGUMENT, "--%s takes no value",
                       command_option(optopt - FIRST_COMMAND)->name);
    if (strncmp(argument, "--", 2) == 0)
        return fail_unknown(longs, argument, error);
    return po_fail(error, PO_BAD_ARGUMENT, "-%c: no such option; see --help", optopt);
}

static const char *option_name(int value)
{
    return value < FIRST_COMMAND ? settings_row(value - FIRST_SETTING)->name
                                 : command_option(value - FIRST_COMMAND)->name;
}

/* getopt takes any beginning that only one option has; which one that is changes with the
 * options there are, so names are written out. `words` ends with what getopt read last.
 */
static enum po_status check_whole(int value, char *const *words, struct po_error *error)
{
    if (value < FIRST_SETTING)
        return PO_OK;
    const char *word = optarg != NULL && optarg == words[0] ? words[-1] : words[0];
    size_t length = strcspn(word, "=");
    const char *name = option_name(value);
    if (strncmp(word, "--", 2) != 0 || length == strlen(name) + 2)
        return PO_OK;
    return po_fail(error, PO_BAD_ARGUMENT,
                   "%.*s: no such option; write it out: --%s, if that is meant",
                   (int)length, word, name);
}

static enum po_status fail_missing_value(struct po_error *error)
{
    int value = resolve_letter(optopt);
    if (value >= FIRST_COMMAND && value < FIRST_COMMAND + command_option_count())
        return po_fail(error, PO_BAD_ARGUMENT, "--%s: a value is missing; give %s",
                       command_option(value - FIRST_COMMAND)->name,
                       command_option(value - FIRST_COMMAND)->argument);
    const struct setting_row *row = settings_row(value - FIRST_SETTING);
    return po_fail(error, PO_BAD_ARGUMENT, "--%s: a value is missing; give %s", row->name,
                   row->argument);
}

/* --help and --version win over the rest, whatever stands beside them; of other commands
 * there is one. */
static void choose_command(struct options *options, enum command_kind kind)
{
    bool fixed = options->command == COMMAND_HELP || options->command == COMMAND_VERSION;
    if (fixed)
        return;
    if (options->command != COMMAND_RUN && options->command != kind)
        options->replaced = options->command;
    options->command = kind;
}

static enum po_status read_config(struct options *options, const char *path,
                                  struct po_error *error)
{
    enum po_status status = config_file_read(path, &options->settings, error);
    return status == PO_OK ? settings_note_file(&options->settings, path, error) : status;
}

/* The last --input is the setting; all of them are the list. */
static enum po_status apply_setting(struct options *options, int index,
                                    struct po_error *error)
{
    enum po_status status =
        settings_assign(&options->settings, index, optarg, ORIGIN_COMMAND_LINE, error);
    if (status == PO_OK && strcmp(settings_row(index)->name, "input") == 0)
        status = session_list_add(&options->sessions, optarg, error);
    return status;
}

static enum po_status read_list(struct options *options, const char *path,
                                struct po_error *error)
{
    int index = 0;
    enum po_status status = session_list_read(&options->sessions, path, error);
    if (status != PO_OK || settings_find("input", &index) == NULL)
        return status;
    return settings_assign(&options->settings, index, options->sessions.paths[0],
                           ORIGIN_COMMAND_LINE, error);
}

static enum po_status apply_option(struct options *options, int value,
                                   struct po_error *error)
{
    if (value < FIRST_COMMAND)
        return apply_setting(options, value - FIRST_SETTING, error);
    const struct command_option *command = command_option(value - FIRST_COMMAND);
    if (command->kind == COMMAND_CONFIG)
        return read_config(options, optarg, error);
    if (command->kind == COMMAND_INPUT_LIST)
        return read_list(options, optarg, error);
    choose_command(options, command->kind);
    if (command->argument != NULL)
        options->argument = optarg;
    return PO_OK;
}

static enum po_status read_command_line(int argc, char **argv, struct options *options,
                                        struct po_error *error)
{
    struct option longs[SETTING_MAX + COMMAND_OPTION_MAX + MISLEADING_MAX + 1];
    char shorts[64];
    make_getopt_tables(longs, shorts);
    opterr = 0;
    optind = 0; /* glibc: start again */
    enum po_status status = PO_OK;
    while (status == PO_OK) {
        optopt = 0;
        int value = getopt_long(argc, argv, shorts, longs, NULL);
        if (value == -1)
            break;
        if (value == ':')
            status = fail_missing_value(error);
        else if (value == '?')
            status = fail_option(longs, argv[optind - 1], error);
        else
            status = check_whole(value, &argv[optind - 1], error);
        if (status == PO_OK)
            status = apply_option(options, resolve_letter(value), error);
    }
    bool takes_word =
        options->command == COMMAND_HELP || options->command == COMMAND_PRINT_COMPLETION;
    if (status == PO_OK && takes_word && optind + 1 == argc)
        options->word = argv[optind++];
    if (status == PO_OK && optind < argc)
        status = po_fail(error, PO_BAD_ARGUMENT,
                         "'%.200s' is not an option; the session directory is given "
                         "with --input",
                         argv[optind]);
    return status;
}

bool options_want_jsonl(int argc, char *const *argv)
{
    static const char option[] = "--log-format";
    const size_t length = sizeof(option) - 1;
    const char *value = getenv("PROCESS_OFFLINE_LOG_FORMAT");
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], option, length) != 0)
            continue;
        if (argv[i][length] == '=')
            value = argv[i] + length + 1;
        else if (argv[i][length] == '\0' && i + 1 < argc)
            value = argv[i + 1];
    }
    return value != NULL && strcmp(value, "jsonl") == 0;
}

/* Those of a session: --help and --version look at none, whatever is given. */
static bool uses_settings(enum command_kind kind)
{
    unsigned uses = command_uses(kind);
    return (uses & 1U << USE_PAIRS) != 0 && uses != WITH_ANYTHING;
}

static bool makes_frames(enum command_kind kind)
{
    unsigned uses = command_uses(kind);
    return (uses & 1U << USE_FRAMES) != 0 && uses != WITH_ANYTHING;
}

static enum po_status check_settings(const struct po_settings *settings,
                                     struct po_error *error)
{
    struct baseline_tolerance tolerance;
    enum po_status status = settings_validate(settings, error);
    if (status == PO_OK)
        status = baseline_tolerance_parse(settings->output.tolerance, &tolerance, error);
    return status;
}

enum po_status options_parse(int argc, char **argv, struct options *options,
                             struct po_error *error)
{
    options->command = COMMAND_RUN;
    options->replaced = COMMAND_RUN;
    options->sessions = (struct session_list){0};
    settings_set_init(&options->settings);
    enum po_status status = read_command_line(argc, argv, options, error);
    const struct asked_command asked = {options->command, options->replaced,
                                        &options->settings, options->sessions.is_file};
    if (status == PO_OK)
        status = command_check_uses(&asked, error);
    if (status == PO_OK && uses_settings(options->command))
        status = environment_read(&options->settings, error);
    if (status == PO_OK && uses_settings(options->command))
        status = check_settings(&options->settings.values, error);
    if (status == PO_OK && makes_frames(options->command))
        status = unserved_options_check(&options->settings, error);
    return status;
}

void options_release(struct options *options)
{
    session_list_release(&options->sessions);
    settings_set_release(&options->settings);
}
