/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame probes: what a child found out about frames before the run: sizes from image
 * headers, the bounds of 16-bit samples, content hashes, whether artefacts are intact.
 *
 * The table is shared memory: the supervisor asks in `wanted`, the child that probes the
 * frame fills in the rest. No image data ever reaches the supervisor. Ownership:
 * frame_probes_release.
 */
#ifndef CHECK_FRAME_PROBES_H
#define CHECK_FRAME_PROBES_H

#include <stdatomic.h>

#include "calib/rectification_memo.h"
#include "image/image_file.h"
#include "record/input_state.h"
#include "rectify/kept_tables.h"
#include "session/manifest.h"

enum frame_probe_wanted {
    PROBE_HEADERS = 1 << 0, /* both image headers */
    PROBE_SAMPLE = 1 << 1,  /* the bounds of samples, when 16 bit */
    PROBE_HASH = 1 << 2,    /* contents of both files */
    PROBE_VERIFY = 1 << 3,  /* every artefact reads back as recorded */
};

struct frame_probe {
    unsigned wanted; /* frame_probe_wanted bits, set by the supervisor */
    unsigned known;  /* those that were found */
    struct image_header left;
    struct image_header right;
    struct sample_bounds samples[2]; /* left, right */
    struct input_state inputs;
    uint64_t folder_inode;     /* of its result before the run; 0: none */
    struct input_stat seen[2]; /* of the images, before they were first opened */
};

struct frame_probes {
    int frame_count;
    size_t bytes;
    struct frame_probe *frames;
    _Atomic uint64_t *admitted_peak_bytes; /* most that frames held at once */
    struct rectification_memo *memo;       /* of each process; may be NULL */
};

/* The frames of a session with what is known of each; borrowed. */
struct probed_session {
    const struct manifest *manifest;
    const struct frame_probe *probes; /* by frame */
    struct rectification_memo *memo;  /* NULL: none */
    const struct kept_tables *tables; /* NULL: each child makes its own */
};

PO_MUST_CHECK enum po_status frame_probes_init(struct frame_probes *probes,
                                               int frame_count, struct po_error *error);
void frame_probes_release(struct frame_probes *probes);

#endif
