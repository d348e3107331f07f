/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/outside_text.h"
#include "cli/command.h"
#include "supervise/session_load.h"

/* As a C string would write them. */
static void print_escaped(const char *bytes, size_t count)
{
    static const char controls[] = "\a\b\t\n\v\f\r\\";
    for (size_t i = 0; i < count; i++) {
        const char *found = strchr(controls, bytes[i]);
        if (found != NULL)
            text_part(stdout, "\\%c", "abtnvfr\\"[found - controls]);
        else
            text_part(stdout, "\\%03o", (unsigned char)bytes[i]);
    }
}

/* A tab or a line feed in a name must not look like a column or a line; what a terminal
 * would obey is escaped as well, so that a script can still turn it back. */
static void print_name(const char *name)
{
    while (*name != '\0') {
        size_t shown = 0;
        size_t bytes = 0;
        bool harmless = true;
        while (harmless && name[shown] != '\0') {
            bytes = outside_text_next(name + shown, &harmless);
            harmless = harmless && name[shown] != '\\';
            shown += harmless ? bytes : 0;
        }
        text_part(stdout, "%.*s", (int)shown, name);
        if (!harmless)
            print_escaped(name + shown, bytes);
        name += shown + (harmless ? 0 : bytes);
    }
}

static void print_frame(const struct manifest *manifest, int index)
{
    const struct frame_entry *frame = &manifest->frames[index];
    const char *calibration = "-";
    if (frame->calibration >= 0)
        calibration = frame->calibration_path != NULL
                          ? frame->calibration_path
                          : manifest->calibrations[frame->calibration].path;
    const char *columns[] = {frame->id, frame->left_path, frame->right_path, calibration};
    text_part(stdout, "%d", index);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        text_tab(stdout);
        print_name(columns[i]);
    }
    text_end(stdout);
}

/* One frame a line, tabs between position, id, left, right and calibration; control
 * characters and backslashes in names are escaped. */
static void print_manifest(const struct manifest *manifest)
{
    for (int i = 0; i < manifest->frame_count; i++)
        print_frame(manifest, i);
    for (int i = 0; i < manifest->unmatched_count; i++)
        log_warning("%s: no partner, left out", manifest->unmatched[i]);
    for (int i = 0; i < manifest->warnings.length; i++)
        log_warning("%s", manifest->warnings.texts[i]);
    log_info("%d frame%s, layout %s", manifest->frame_count,
             manifest->frame_count == 1 ? "" : "s", manifest->layout);
}

enum po_status command_list(const struct settings_set *set, struct po_error *error)
{
    struct session_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    session_run_init(run, set, RUN_LOOK);
    enum po_status status = session_load_manifest(run, error);
    if (status == PO_OK)
        print_manifest(run->manifest);
    session_run_release(run);
    free(run);
    return status;
}
