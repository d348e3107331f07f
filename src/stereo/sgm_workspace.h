/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything a semi-global match writes besides its result, taken from scratch at once.
 * One list of buffers (sgm_workspace.c) gives both the plan's bytes and the pointers.
 */
#ifndef STEREO_SGM_WORKSPACE_H
#define STEREO_SGM_WORKSPACE_H

#include "base/scratch.h"
#include "stereo/sgm_geometry.h"

struct sgm_workspace {
    uint8_t *left_ring; /* RING_ROWS rows of the image, ends repeated */
    uint8_t *right_ring;
    int left_loaded[RING_ROWS]; /* image row held; -1: none */
    int right_loaded[RING_ROWS];
    uint8_t *left_planes;
    uint8_t *left_census;
    uint8_t *left_gradient;
    uint8_t *right;
    int32_t *right_offsets;
    uint8_t *padding;
    uint16_t *winner_slots;
    uint8_t *excluded;
    uint16_t *excluded_offsets;

    uint8_t *p2_horizontal;
    uint8_t *p2_vertical;

    uint8_t *states; /* of one row; of a block of rows with four paths */
    uint8_t *down;   /* one row, with four paths */
    uint8_t *down_min;
    uint8_t *up; /* one row of bottom-up path costs */
    uint8_t *up_min;
    uint8_t *checkpoints; /* the bottom-up state at the top of each block but the first */
    uint8_t *checkpoint_min;

    uint8_t *prior_penalty;
    int32_t *prior_penalty_offsets;
    int32_t *prior_penalty_starts;

    struct winner_chunk *winners;
    uint8_t *right_best;
    uint8_t *right_tag;
};

size_t sgm_workspace_bytes(const struct sgm_geometry *geometry);
PO_MUST_CHECK enum po_status sgm_workspace_take(const struct sgm_geometry *geometry,
                                                struct scratch *scratch,
                                                struct sgm_workspace *workspace,
                                                struct po_error *error);

#endif
