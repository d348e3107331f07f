/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame on its road: everything the steps hand to each other, private to frame/.
 *
 * Invariant: views lie in `scratch`, at the matching resolution unless they say
 * otherwise; a view with pixels == NULL is absent. Ownership: the struct lives on the
 * worker's stack and owns nothing but `building`.
 */
#ifndef FRAME_FRAME_VIEWS_H
#define FRAME_FRAME_VIEWS_H

#include "frame/frame_pipeline.h"
#include "record/frame_record.h"
#include "refine/refine.h"

/* The final map at the size of the rectified left image. */
struct full_size {
    struct disparity_map map;
    struct image_view classes;
    struct image_view confidence;
};

struct frame {
    const struct frame_context *context;
    const struct frame_job *job;
    const struct frame_entry *entry;
    struct scratch *scratch;
    const struct cancel *cancel;
    struct frame_result *result;

    size_t load_mark;       /* of the side being loaded */
    struct image_view raw;  /* as loaded, full size */
    struct image_view left; /* rectified, grey or RGB */
    struct image_view left_grey;
    struct image_view right_grey;
    struct image_view left_seen; /* 255 where rectification saw the pixel */
    struct image_view right_seen;
    struct match_output match;
    struct refine_output refined;
    struct full_size full;
    struct rectified_rig rig; /* at the matching resolution */
    struct cloud_input cloud;
    struct cloud_selection selection;

    struct atomic_file *file; /* one writer after the other */
    struct frame_record *record;
    struct hash input_hashes[2];
    uint64_t input_bytes[2];
    char building[4096]; /* the folder before it is published; "": none */
};

PO_MUST_CHECK enum po_status frame_views_take(struct frame *frame,
                                              struct po_error *error);

/* frame_load.c: one side at a time, so that only one raw image is held. */
PO_MUST_CHECK enum po_status frame_hash_inputs(struct frame *frame,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status frame_load_left(struct frame *frame, struct po_error *error);
PO_MUST_CHECK enum po_status frame_rectify_left(struct frame *frame,
                                                struct po_error *error);
PO_MUST_CHECK enum po_status frame_load_right(struct frame *frame,
                                              struct po_error *error);
PO_MUST_CHECK enum po_status frame_rectify_right(struct frame *frame,
                                                 struct po_error *error);

/* frame_match.c */
PO_MUST_CHECK enum po_status frame_match(struct frame *frame, struct po_error *error);
PO_MUST_CHECK enum po_status frame_refine(struct frame *frame, struct po_error *error);

/* frame_full_size.c */
PO_MUST_CHECK enum po_status frame_full_size(struct frame *frame, struct po_error *error);

/* frame_write.c */
PO_MUST_CHECK enum po_status frame_begin_writing(struct frame *frame,
                                                 struct po_error *error);
PO_MUST_CHECK enum po_status frame_triangulate(struct frame *frame,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status frame_evaluate(struct frame *frame, struct po_error *error);
PO_MUST_CHECK enum po_status frame_write_cloud(struct frame *frame,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status frame_write_maps(struct frame *frame,
                                              struct po_error *error);
PO_MUST_CHECK enum po_status frame_commit(struct frame *frame, struct po_error *error);

/* frame_maps.c: each writes one artefact into the open writer. */
PO_MUST_CHECK enum po_status frame_map_disparity(struct frame *frame,
                                                 struct po_error *error);
PO_MUST_CHECK enum po_status frame_map_depth(struct frame *frame, struct po_error *error);
PO_MUST_CHECK enum po_status frame_map_confidence(struct frame *frame,
                                                  struct po_error *error);
PO_MUST_CHECK enum po_status frame_map_class(struct frame *frame, struct po_error *error);
PO_MUST_CHECK enum po_status frame_map_preview(struct frame *frame,
                                               struct po_error *error);

/* Each preview pixel stands for step x step pixels of the map. */
int frame_preview_step(int width_px);

/* frame_describe.c: fills frame->record from what the steps left behind. */
void frame_describe(struct frame *frame);

#endif
