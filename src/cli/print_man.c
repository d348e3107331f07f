/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/version.h"
#include "cli/options.h"
#include "cli/print.h"

/* roff: a hyphen that is a minus is escaped, a line must not begin with . or '. */
static void print_roff(FILE *stream, const char *text)
{
    if (*text == '.' || *text == '\'')
        (void)fputs("\\&", stream);
    for (; *text != '\0'; text++) {
        if (*text == '-' || *text == '\\')
            (void)fputc('\\', stream);
        (void)fputc(*text, stream);
    }
}

static void print_option(FILE *stream, char letter, const char *name,
                         const char *argument, bool optional)
{
    (void)fprintf(stream, ".TP\n");
    if (letter != 0)
        (void)fprintf(stream, "\\fB\\-%c\\fR, ", letter);
    (void)fputs("\\fB\\-\\-", stream);
    print_roff(stream, name);
    (void)fputs("\\fR", stream);
    if (argument != NULL) {
        (void)fputs(optional ? "[=\\fI" : " \\fI", stream);
        print_roff(stream, argument);
        (void)fputs(optional ? "\\fR]" : "\\fR", stream);
    }
    (void)fputc('\n', stream);
}

static void print_setting(FILE *stream, const struct setting_row *row,
                          const struct po_settings *defaults, int index)
{
    char value[256];
    print_option(stream, setting_letter(row), row->name, row->argument,
                 setting_argument_is_optional(row));
    print_roff(stream, row->help);
    settings_format(defaults, index, value, sizeof(value));
    if (row->kind != SETTING_FLAG && value[0] != '\0') {
        (void)fputs(" Default: ", stream);
        print_roff(stream, value);
        (void)fputc('.', stream);
    }
    (void)fputc('\n', stream);
}

static void print_settings(FILE *stream)
{
    struct po_settings defaults;
    const char *group = "";
    po_settings_defaults(&defaults);
    for (int i = 0; i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        if (strcmp(group, row->group) != 0)
            (void)fprintf(stream, ".SS %s\n", row->group);
        group = row->group;
        print_setting(stream, row, &defaults, i);
    }
    (void)fprintf(stream, ".SS Other\n");
    for (int i = 0; i < command_option_count(); i++) {
        const struct command_option *command = command_option(i);
        if (command->help == NULL)
            continue;
        print_option(stream, command->letter, command->name, command->argument, false);
        print_roff(stream, command->help);
        (void)fputc('\n', stream);
    }
}

static const char opening[] =
    ".SH NAME\n"
    "process_offline \\- metric point clouds from folders of stereo captures\n"
    ".SH SYNOPSIS\n"
    ".B process_offline\n"
    "\\fB\\-\\-input\\fR \\fIDIR\\fR [\\fIOPTION\\fR]...\n"
    ".br\n"
    ".B process_offline\n"
    "\\fB\\-\\-left\\fR \\fIFILE\\fR \\fB\\-\\-right\\fR \\fIFILE\\fR "
    "[\\fIOPTION\\fR]...\n"
    ".SH DESCRIPTION\n"
    "Reads a session of stereo captures and its calibration, and writes for each frame\n"
    "a point cloud, a disparity map, depth, confidence and a preview, and for the run\n"
    "report.json and report.html.\n"
    "A frame that hangs, crashes or cannot be read does not stop the others.\n"
    "A second run reuses what is complete and unchanged.\n"
    ".PP\n"
    "Every option is also a key of \\fB\\-\\-config\\fR files (without the dashes) and\n"
    "an environment variable (\\fBPROCESS_OFFLINE_NUM_DISPARITIES\\fR). The command\n"
    "line wins over the environment, that over files, those over defaults. A\n"
    "profile counts where it is chosen: on the command line it wins over keys of files.\n"
    "Flags take an optional value, \\fB=true\\fR or \\fB=false\\fR.\n"
    ".SH OPTIONS\n";

static const char closing[] =
    ".SH EXIT STATUS\n"
    ".TP\n0\nEvery frame is done or reused.\n"
    ".TP\n1\nInternal error, or the disk failed or is full, so that no "
    "frame or\nno report could be written.\n"
    ".TP\n2\nWrong usage or configuration, or an output directory that is locked or "
    "not\nwritable.\n"
    ".TP\n3\nSome frames failed, the rest is done.\n"
    ".TP\n4\nNo frame is usable.\n"
    ".TP\n5\nThe calibration is unusable.\n"
    ".TP\n6\nThe memory limit cannot hold a frame.\n"
    ".TP\n7\nThe session deadline passed.\n"
    ".TP\n8\nWorse than the baseline, or nothing to compare with it.\n"
    ".TP\n130, 143\nInterrupted by SIGINT or SIGTERM.\n"
    ".SH FILES\n"
    ".TP\n\\fIDIR\\fR/reconstruction/report.json\nWhat became of every frame.\n"
    ".TP\n\\fIDIR\\fR/reconstruction/frames/\\fIID\\fR/\nThe results of one frame.\n"
    ".SH EXAMPLES\n"
    ".nf\n"
    "process_offline \\-\\-input session \\-\\-workers 4\n"
    "process_offline \\-\\-input session \\-\\-single\\-frame \\-\\-profile quality\n"
    "process_offline \\-\\-left l.png \\-\\-right r.png \\-\\-calibration calib.txt "
    "\\-\\-output out\n"
    ".fi\n";

void print_man(FILE *stream)
{
    (void)fprintf(stream, ".TH PROCESS_OFFLINE 1 \"\" \"process_offline %s\"\n",
                  PROCESS_OFFLINE_VERSION);
    (void)fputs(opening, stream);
    print_settings(stream);
    (void)fputs(closing, stream);
}
