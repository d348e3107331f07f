/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/version.h"
#include "cli/options.h"
#include "cli/print.h"
#include "settings/edit_distance.h"

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
    char line[HELP_COLUMNS];
    print_option(stream, setting_letter(row), row->name, row->argument,
                 setting_argument_is_optional(row));
    settings_format(defaults, index, value, sizeof(value));
    bool is_said =
        row->kind == SETTING_FLAG ? strcmp(value, "true") == 0 : value[0] != '\0';
    /* A long one goes to a line of its own. */
    bool fits =
        snprintf(line, sizeof(line), "  --%s %s  (default %s)", row->name,
                 row->argument != NULL ? row->argument : "", value) < (int)sizeof(line);
    if (is_said)
        (void)fprintf(stream, fits ? "  (default %s)" : "\n      (default %s)", value);
    (void)fputc('\n', stream);
    print_wrapped(stream, row->help);
}

/* The sections of --help, one for each group of the table; their order is that of the
 * overview. */
static const struct help_section {
    const char *word;
    const char *group;
    const char *about;
} sections[] = {
    {"input", "Input", "which images, pairs and calibration"},
    {"calibration", "Calibration", "a calibration from pictures of a board: --calibrate"},
    {"matching", "Matching", "profiles, matchers, disparity range, depth limits"},
    {"refinement", "Refinement", "checks, filling, smoothing"},
    {"networks", "Networks",
     "networks and depth priors of your own, through ONNX Runtime"},
    {"cloud", "Cloud", "formats, axes, units, filters, thinning, meshes"},
    {"output", "Output", "where results go, and which"},
    {"comparison", "Comparison", "ground truth, baselines, CI"},
    {"run", "Run", "workers, memory, deadlines, resuming"},
    {"messages", "Messages", "progress, log, verbosity"},
    {"other", "Other", "checks, lists, configuration files, this help"},
    {"status", NULL, "what each exit status means"},
};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* What most runs need, in few words. */
static const struct brief_option {
    const char *option;
    const char *about;
} brief_options[] = {
    {"-i, --input DIR", "the captures of both cameras and their calibration"},
    {"-o, --output DIR", "where results go (default: DIR/reconstruction)"},
    {"--calibration FILE", "instead of what the session holds"},
    {"--profile NAME", "fast, balanced (default), quality or classic"},
    {"--min-depth, --max-depth", "limits of the cloud: 500, 50cm, 3m"},
    {"--cloud-format NAME", "ply (default), pcd, xyz, las, glb"},
    {"-j, --workers N", "frames at once (default: as many as fit)"},
    {"--memory-limit SIZE", "6G, 75% (default)"},
    {"--check", "look for what is wrong, before hours go by"},
    {"--dry-run", "frames, calibration, memory; nothing is processed"},
};

static const char examples[] =
    "  process_offline --input session\n"
    "  process_offline --input session --check\n"
    "  process_offline --input session --profile quality --workers 4\n"
    "  process_offline --left l.png --right r.png --calibration c.yml --output "
    "out\n";

static const char exit_statuses[] =
    "Exit status: 0 all frames done or reused; 1 internal error, or the disk failed\n"
    "or is full and no frame or no report could be written; 2 wrong usage or\n"
    "configuration, or the output directory is locked or not writable; 3 some frames\n"
    "failed, or are done without a part of what was asked for (an empty cloud);\n"
    "4 no usable frame; 5 calibration unusable, or clouds asked for and no\n"
    "calibration; 6 memory limit impossible; 7 session deadline; 8 worse than the\n"
    "baseline, or nothing to compare with it; 130, 143 interrupted.\n";

static void print_usage(FILE *stream)
{
    (void)fprintf(stream, "Usage: process_offline --input DIR [OPTION]...\n"
                          "       process_offline --left FILE --right FILE [OPTION]...\n"
                          "Turns folders of stereo captures into metric point clouds.\n");
}

static void print_overview(FILE *stream)
{
    print_usage(stream);
    (void)fprintf(stream, "\n%s\n", examples);
    for (size_t i = 0; i < sizeof(brief_options) / sizeof(brief_options[0]); i++)
        (void)fprintf(stream, "  %-26s %s\n", brief_options[i].option,
                      brief_options[i].about);
    (void)fprintf(stream, "\nMore: --help SECTION\n");
    for (int i = 0; i < SECTIONS; i++)
        (void)fprintf(stream, "  %-12s %s\n", sections[i].word, sections[i].about);
    (void)fprintf(stream, "  %-12s %s\n", "all", "everything above");
}

static void print_group(FILE *stream, const char *group)
{
    struct po_settings defaults;
    po_settings_defaults(&defaults);
    (void)fprintf(stream, "\n%s:\n", group);
    for (int i = 0; i < settings_row_count(); i++)
        if (strcmp(settings_row(i)->group, group) == 0)
            print_setting(stream, settings_row(i), &defaults, i);
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

static void print_section(FILE *stream, const struct help_section *section)
{
    if (section->group == NULL)
        (void)fprintf(stream, "\n%s", exit_statuses);
    else if (strcmp(section->word, "other") == 0)
        print_commands(stream);
    else
        print_group(stream, section->group);
}

static enum po_status fail_section(const char *word, struct po_error *error)
{
    const char *words[SECTIONS + 2];
    for (int i = 0; i < SECTIONS; i++)
        words[i] = sections[i].word;
    words[SECTIONS] = "all";
    words[SECTIONS + 1] = NULL;
    const char *closest = edit_distance_closest(word, words);
    return po_fail(
        error, PO_BAD_ARGUMENT, "--help: '%.60s' is no section%s%s; --help lists them",
        word, closest != NULL ? ", did you mean " : "", closest != NULL ? closest : "");
}

enum po_status print_help(FILE *stream, const char *word, struct po_error *error)
{
    bool all = word != NULL && strcmp(word, "all") == 0;
    int shown = 0;
    if (word == NULL) {
        print_overview(stream);
        return PO_OK;
    }
    if (all) {
        print_usage(stream);
        (void)fprintf(
            stream,
            "\nFlags take an optional value: --strict=false undoes a flag of a "
            "configuration.\n"
            "An option that the command beside it does not use is refused; of files and "
            "the\nenvironment each command takes what it uses.\n"
            "Every setting is also a key of --config files and an environment variable:\n"
            "--num-disparities is \"num-disparities\" and "
            "PROCESS_OFFLINE_NUM_DISPARITIES.\n");
    }
    for (int i = 0; i < SECTIONS; i++)
        if (all || strcmp(sections[i].word, word) == 0) {
            print_section(stream, &sections[i]);
            shown++;
        }
    return shown > 0 ? PO_OK : fail_section(word, error);
}

void print_version(FILE *stream)
{
    (void)fprintf(stream, "process_offline %s\n", PROCESS_OFFLINE_VERSION);
}
