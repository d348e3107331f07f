/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cloud files: the writer of a selection in the format asked for, streamed row of pixels
 * by row of pixels, and how many bytes that takes.
 *
 * Ownership: the caller's file; a row's records lie in scratch meanwhile.
 */
#ifndef CLOUD_CLOUD_FILE_H
#define CLOUD_CLOUD_FILE_H

#include "base/atomic_file.h"
#include "cloud/cloud.h"
#include "cloud/cloud_bounds.h"

/* "cloud.ply", "cloud.las", ... */
const char *cloud_file_name(const struct po_cloud_settings *settings);

/* Upper bound of the file's bytes. */
uint64_t cloud_file_bytes(const struct po_cloud_settings *settings, uint64_t points);
/* About the bytes of the file, for the disk forecast: numbers in text as wide as those of
 * a scene of 100 m. */
uint64_t cloud_likely_bytes(const struct po_cloud_settings *settings, uint64_t points);

size_t cloud_write_scratch_bytes(const struct po_cloud_settings *settings, int width_px);

PO_MUST_CHECK enum po_status
cloud_write(const struct cloud_input *input, const struct cloud_selection *selection,
            struct scratch *scratch, struct atomic_file *file, struct po_error *error);

/*
 * The same in parts, when the number of points is known only at the end: a header with
 * room for a count up to `max_points`, the rows of each strip, then the header again
 * where it did not know enough. `file` is the caller's.
 */
struct cloud_writer {
    struct atomic_file *file;
    uint64_t max_points;
    uint64_t header_points; /* what the header says */
    struct cloud_bounds bounds;
};

PO_MUST_CHECK enum po_status cloud_writer_begin(struct cloud_writer *writer,
                                                const struct cloud_input *input,
                                                uint64_t points, struct po_error *error);
PO_MUST_CHECK enum po_status cloud_writer_rows(struct cloud_writer *writer,
                                               const struct cloud_input *input,
                                               const struct cloud_selection *selection,
                                               struct scratch *scratch,
                                               struct po_error *error);
/* Nothing may be written after it. */
PO_MUST_CHECK enum po_status cloud_writer_end(struct cloud_writer *writer,
                                              const struct cloud_input *input,
                                              uint64_t points, struct po_error *error);

#endif
