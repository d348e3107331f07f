/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame facts: what a child found out about frames before the run: sizes from image
 * headers, the largest 16-bit sample, content hashes, whether artefacts are intact.
 *
 * The table is shared memory: the supervisor asks for facts in `wanted`, the child that
 * examines the frame fills them in. No image data ever reaches the supervisor.
 * Ownership: frame_probes_release.
 */
#ifndef SURVEY_FRAME_PROBES_H
#define SURVEY_FRAME_PROBES_H

#include <stdatomic.h>

#include "image/image_file.h"
#include "record/input_state.h"

enum frame_probe_wanted {
    PROBE_HEADERS = 1 << 0, /* both image headers */
    PROBE_SAMPLE = 1 << 1,  /* the largest sample, when 16 bit */
    PROBE_HASH = 1 << 2,    /* contents of both files */
    PROBE_VERIFY = 1 << 3,  /* every artefact reads back as recorded */
};

struct frame_probe {
    unsigned wanted; /* frame_probe_wanted bits, set by the supervisor */
    unsigned known;  /* those that were found */
    struct image_header left;
    struct image_header right;
    int max_sample;
    struct input_state inputs;
};

struct frame_probes {
    int frame_count;
    size_t bytes;
    struct frame_probe *frames;
    _Atomic uint64_t *admitted_peak_bytes; /* most that frames held at once */
};

PO_MUST_CHECK enum po_status frame_probes_init(struct frame_probes *probes,
                                               int frame_count, struct po_error *error);
void frame_probes_release(struct frame_probes *probes);

struct session_run;
/* Has children find what is wanted of the pending frames. A frame whose images cannot be
 * read ends here, with the reason. */
PO_MUST_CHECK enum po_status frame_probes_run(struct session_run *run,
                                              struct po_error *error);

#endif
