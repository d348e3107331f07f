/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result files of a calibration: where they go, and that nothing of anybody else is lost.
 *
 * A file that is there already is replaced only when this program wrote it, and never
 * when it is the calibration that was read. The page is named after the calibration:
 * rig.yml gives rig.html.
 */
#ifndef CALIBRATE_RESULT_FILES_H
#define CALIBRATE_RESULT_FILES_H

#include <stddef.h>

#include "process_offline/settings.h"
#include "process_offline/status.h"

enum { RESULT_PATH_BYTES = 4096 };

/* `output` with `suffix` before its extension. */
PO_MUST_CHECK enum po_status result_file_name(const char *output, const char *suffix,
                                              const char *extension,
                                              char path[RESULT_PATH_BYTES],
                                              struct po_error *error);

/* Whether all files of this format may be written; nothing is touched. `read_path` NULL:
 * no calibration was read. */
PO_MUST_CHECK enum po_status result_files_check(const char *output,
                                                enum po_calibration_format format,
                                                const char *read_path,
                                                struct po_error *error);

PO_MUST_CHECK enum po_status result_file_write(const char *path, const char *text,
                                               size_t bytes, struct po_error *error);

#endif
