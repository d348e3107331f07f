/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/command.h"

/* As a C string would: a tab or a line feed in a name must not look like a column or a
 * line. */
static void print_name(const char *name)
{
    static const char controls[] = "\a\b\t\n\v\f\r";
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        const char *found = strchr(controls, *name);
        if (c == '\\')
            (void)printf("\\\\");
        else if (found != NULL)
            (void)printf("\\%c", "abtnvfr"[found - controls]);
        else if (c < 0x20 || c == 0x7f)
            (void)printf("\\%03o", c);
        else
            (void)putchar(c);
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
    (void)printf("%d\t%s\t", index, frame->id);
    print_name(frame->left_path);
    (void)putchar('\t');
    print_name(frame->right_path);
    (void)putchar('\t');
    print_name(calibration);
    (void)putchar('\n');
}

/* One frame a line, tabs between position, id, left, right and calibration; control
 * characters and backslashes in names are escaped. */
enum po_status command_list(const struct settings_set *set, struct po_error *error)
{
    const struct po_settings *settings = &set->values;
    struct manifest *manifest = NULL;
    enum po_status status =
        manifest_load(&settings->input, settings->output.ground_truth,
                      settings->output.ground_truth_scale, &manifest, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < manifest->frame_count; i++)
        print_frame(manifest, i);
    for (int i = 0; i < manifest->unmatched_count; i++)
        log_warning("%s: no partner, left out", manifest->unmatched[i]);
    for (int i = 0; i < manifest->warnings.length; i++)
        log_warning("%s", manifest->warnings.texts[i]);
    log_info("%d frame%s, layout %s", manifest->frame_count,
             manifest->frame_count == 1 ? "" : "s", manifest->layout);
    manifest_destroy(manifest);
    return PO_OK;
}
