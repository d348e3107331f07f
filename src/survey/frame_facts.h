/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame facts: what a child found out about frames before the run: sizes from image
 * headers, the largest 16-bit sample, content hashes, whether artefacts are intact.
 *
 * The table is shared memory: the supervisor asks for facts in `wanted`, the child that
 * examines the frame fills them in. No image data ever reaches the supervisor.
 * Ownership: frame_facts_release.
 */
#ifndef SURVEY_FRAME_FACTS_H
#define SURVEY_FRAME_FACTS_H

#include <stdatomic.h>

#include "image/image_file.h"
#include "record/input_state.h"

enum frame_fact_wanted {
    FACT_PROBE = 1 << 0,  /* both image headers */
    FACT_SAMPLE = 1 << 1, /* the largest sample, when 16 bit */
    FACT_HASH = 1 << 2,   /* contents of both files */
    FACT_VERIFY = 1 << 3, /* every artefact reads back as recorded */
};

struct frame_fact {
    unsigned wanted; /* frame_fact_wanted bits, set by the supervisor */
    unsigned known;  /* those that were found */
    struct image_header left;
    struct image_header right;
    int max_sample;
    struct input_state inputs;
};

struct frame_facts {
    int frame_count;
    size_t bytes;
    struct frame_fact *frames;
    _Atomic uint64_t *admitted_peak_bytes; /* most that frames held at once */
};

PO_MUST_CHECK enum po_status frame_facts_init(struct frame_facts *facts, int frame_count,
                                              struct po_error *error);
void frame_facts_release(struct frame_facts *facts);

struct session_run;
/* Has children find what is wanted of the pending frames. A frame whose images cannot be
 * read ends here, with the reason. */
PO_MUST_CHECK enum po_status frame_facts_examine(struct session_run *run,
                                                 struct po_error *error);

#endif
