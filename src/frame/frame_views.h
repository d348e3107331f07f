/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame in its pipeline: everything the steps hand to each other, private to frame/.
 *
 * Invariant: views lie in `scratch`, at the matching resolution unless they say
 * otherwise; a view with pixels == NULL is absent. Ownership: the struct lives on the
 * worker's stack and owns nothing.
 */
#ifndef FRAME_FRAME_VIEWS_H
#define FRAME_FRAME_VIEWS_H

#include "base/input_file.h"
#include "base/thread.h"
#include "cloud/cloud_totals.h"
#include "cloud/triangulation.h"
#include "frame/frame_context.h"
#include "frame/frame_publication.h"
#include "frame/frame_view.h"
#include "frame/frame_writers.h"
#include "frame/map_kernels.h"
#include "match/network_match.h"
#include "record/frame_record.h"
#include "refine/depth_prior.h"
#include "refine/refine.h"

/* The final map of a strip at the size of the rectified left image. */
struct full_size {
    struct disparity_map map;
    struct image_view classes;
    struct image_view confidence;
};

/*
 * The strip on its way: rows of the views with context around them, in which paths settle
 * and refinement sees what is beside its rows. A frame that fits is one strip without
 * context. Rows are counted from `top`.
 */
struct frame_strip {
    int index;
    bool last;
    int top;   /* of the rows held, in the image */
    int first; /* the strip's own rows: first .. end - 1 */
    int end;
    int full_top; /* the same at full size */
    int full_first;
    int full_end;
    int full_height;
    struct image_view left;
    struct image_view left_grey;
    struct image_view right_grey;
    struct image_view left_valid;
    struct image_view right_valid;
};

/* Every step-th pixel of the map, coloured when the span of all values is known. */
struct frame_preview {
    int step;
    struct disparity_map map;
    struct image_view classes;
    struct value_span span; /* of all pixels, so that near and far both get colour */
};

/* What depth.png takes, the cloud's depth limits at full size; measured pixels outside it
 * and beyond the steps of the file, of the strips so far. */
struct depth_loss {
    struct depth_limits depth_limits;
    uint64_t measured;
    uint64_t outside_limits;
    uint64_t beyond;
};

/* Winners at the ends of the range, of the strips so far. */
struct match_ends {
    uint64_t matched;
    uint64_t at_low;
    uint64_t at_high;
    uint64_t near_low; /* those at the end and in the pixels next to it */
    uint64_t near_high;
};

/* A prior's network on a thread of its own while the frame is matched. */
struct prior_beside {
    struct thread *thread; /* NULL: none runs */
    struct scratch scratch;
    enum po_status status;
    struct po_error cause;
    uint32_t taken_us;
};

/* The depth prior of the whole image, and how it lay on the strips so far. */
struct frame_prior {
    float *values;          /* at the matching resolution; NULL: none, or it failed */
    struct network_map map; /* its values are there before they are right */
    struct prior_beside beside;
    struct depth_prior of_strip;
    struct prior_fit worst; /* of the strips; the one that was refused, if any */
    uint64_t filled;
    bool begun; /* `worst` holds a fit */
};

struct frame {
    const struct frame_context *context;
    const struct frame_job *job;
    const struct frame_entry *entry;
    struct scratch *scratch;
    const struct cancel *cancel;
    struct frame_result *result;

    bool recalled_pair;     /* the rectified pair is a survey's: nothing is loaded */
    size_t load_mark;       /* of the side being loaded */
    struct image_view raw;  /* as loaded, full size */
    struct image_view left; /* rectified, grey or RGB */
    struct image_view left_grey;
    struct image_view right_grey;
    struct image_view left_valid; /* 255 where rectification saw the pixel */
    struct image_view right_valid;
    struct image_view right; /* rectified RGB, where the network takes it; else absent */
    struct frame_strip strip;
    struct network_maps network_maps; /* of the whole image */
    bool network_failed;
    struct frame_prior prior;
    struct match_output match; /* from here on of the strip */
    struct match_ends match_ends;
    struct refine_output refined;
    struct full_size full;
    struct rectified_rig rig; /* at the matching resolution */
    struct cloud_input cloud;
    struct cloud_selection selection;
    struct cloud_totals *totals; /* of the strips so far */
    struct score_totals scores;
    struct plane_totals *plane;    /* NULL: no flat target is looked at */
    struct frame_writers *writers; /* NULL: not begun */
    struct frame_preview preview;
    struct frame_view *view; /* NULL: not asked for */
    struct depth_loss depth_loss;

    struct atomic_file *file; /* of the match cache, then of the record */
    struct frame_record *record;
    struct hash input_hashes[FRAME_INPUTS_MAX];
    struct input_stat
        input_stats[FRAME_INPUTS_MAX];     /* before the first byte was read; else zero */
    struct frame_publication *publication; /* the folder that is being built */
};

PO_MUST_CHECK enum po_status frame_views_take(struct frame *frame,
                                              struct po_error *error);

/* frame_judge.c: fails where hardly anything was measured. */
PO_MUST_CHECK enum po_status frame_judge(struct frame *frame, struct po_error *error);

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

/* frame_kept_pair.c: the pair for kept_pairs.h, where its frame has room there; and from
 * there, after the inputs were hashed. */
void frame_keep_pair(struct frame *frame);
PO_MUST_CHECK enum po_status frame_recall_pair(struct frame *frame,
                                               struct po_error *error);

/* frame_strip.c: what strips share, and the rows of one. */
PO_MUST_CHECK enum po_status frame_correct_rows(struct frame *frame,
                                                struct po_error *error);
PO_MUST_CHECK enum po_status frame_writers_take(struct frame *frame,
                                                struct po_error *error);
void frame_writers_release(struct frame *frame);
void frame_strip_make(struct frame *frame, int index);

/* frame_network.c: before the strips; nothing where there is but one, or nobody wants a
 * network. */
PO_MUST_CHECK enum po_status frame_network_of_strips(struct frame *frame,
                                                     struct po_error *error);
/* A network is asked for and has not failed on this frame. */
bool frame_network_wanted(const struct frame *frame);
PO_MUST_CHECK enum po_status frame_network_run(struct frame *frame,
                                               struct po_error *error);

/*
 * A depth prior that cannot be had costs the frame its prior only.
 *
 * frame_prior_carry.c: the map of another frame, before any image is loaded.
 * frame_prior.c: the map of this frame, before the strips; where a core is free its
 * network runs on while the frame is matched, and frame_prior_wait ends it.
 */
PO_MUST_CHECK enum po_status frame_prior_carry(struct frame *frame,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status frame_prior_make(struct frame *frame,
                                              struct po_error *error);
PO_MUST_CHECK enum po_status frame_prior_wait(struct frame *frame,
                                              struct po_error *error);
PO_MUST_CHECK enum po_status frame_prior_take_map(struct frame *frame,
                                                  struct po_error *error);
/* Into the map, from frame->left. */
PO_MUST_CHECK enum po_status frame_prior_evaluate(const struct frame *frame,
                                                  struct po_error *error);
/* Takes the map, or notes why there is none. */
PO_MUST_CHECK enum po_status frame_prior_end(struct frame *frame, enum po_status status,
                                             const struct po_error *cause,
                                             struct po_error *error);

/* frame_prior_kept.c: the map that frames carry on, in the state directory. */
bool frame_prior_recall(const struct frame *frame);
void frame_prior_keep(struct frame *frame);

/* frame_prior_note.c: what its fit said, after the match. */
bool frame_prior_wanted(const struct frame *frame);
void frame_prior_release(struct frame *frame); /* ends its thread */
/* The rows of the strip, for its refinement; NULL: none. */
struct depth_prior *frame_prior_of_strip(struct frame *frame);
void frame_prior_note(struct frame *frame);
void frame_prior_fail(struct frame *frame, const char *reason);

/* frame_match.c */
/* The network within the only strip; nothing where there are more. */
PO_MUST_CHECK enum po_status frame_match_network(struct frame *frame,
                                                 struct po_error *error);
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
PO_MUST_CHECK enum po_status frame_write_strip(struct frame *frame,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status frame_end_writing(struct frame *frame,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status frame_write_record(struct frame *frame,
                                                struct po_error *error);

/* frame_plane_steps.c: the flat target of --quality-check. */
PO_MUST_CHECK enum po_status frame_plane_take(struct frame *frame,
                                              struct po_error *error);
void frame_plane_add(struct frame *frame);

/* frame_maps.c: an artefact's first bytes, the rows of a strip, its last bytes. */
typedef enum po_status frame_artefact_step(struct frame *frame,
                                           struct artefact_writer *writer,
                                           struct po_error *error);

struct frame_artefact_steps {
    frame_artefact_step *begin; /* NULL: nothing */
    frame_artefact_step *rows;
    frame_artefact_step *end; /* NULL: nothing */
};

extern const struct frame_artefact_steps frame_map_disparity;
extern const struct frame_artefact_steps frame_map_depth;
extern const struct frame_artefact_steps frame_map_confidence;
extern const struct frame_artefact_steps frame_map_class;
extern const struct frame_artefact_steps frame_map_preview;
/* frame_prior_maps.c */
extern const struct frame_artefact_steps frame_map_prior;
extern const struct frame_artefact_steps frame_map_prior_preview;

/* frame_lacks.c: before it is described, with a warning of what nothing else explains. */
void frame_note_lacks(struct frame *frame);
PO_MUST_CHECK enum po_status frame_note_points(struct frame *frame,
                                               struct po_error *error);

/* frame_describe.c: fills frame->record from what the steps left behind. */
void frame_describe(struct frame *frame);

#endif
