/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes a session through the public C API and prints what became of it.
 *   cc process_session.c $(pkg-config --cflags --libs process_offline) -o process_session
 *   ./process_session SESSION OUTPUT
 */
#include <stdio.h>

#include <process_offline/process_offline.h>

int main(int argc, char **argv)
{
    struct po_settings settings;
    struct po_summary summary;
    struct po_error error = {0};
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s SESSION OUTPUT\n", argv[0]);
        return 2;
    }

    po_settings_defaults(&settings);
    settings.input.input = argv[1];
    settings.output.output = argv[2];
    settings.output.artefacts = PO_OUT_CLOUD | PO_OUT_DISPARITY;

    /* Not PO_OK means that the run could not take place; what became of its frames is in
     * the summary. */
    enum po_status status = po_process_session(&settings, &summary, &error);
    if (status != PO_OK) {
        (void)fprintf(stderr, "%s: %s\n", po_status_name(status), error.message);
        return summary.exit_status;
    }
    printf("process_offline %s: %d frames, %d done, %d reused, %d failed\n", po_version(),
           summary.found, summary.done, summary.reused, summary.failed);
    return summary.exit_status;
}
