/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_sweep.h"

#include <string.h>

#include "stereo/sgm_features.h"
#include "stereo/sgm_geometry.h"
#include "stereo/sgm_layout.h"
#include "stereo/sgm_prior.h"
#include "stereo/sgm_workspace.h"
#include "stereo/winner_take_all.h"

struct sgm_match {
    struct sgm_geometry geometry;
    struct sgm_penalties penalties;
    struct sgm_workspace workspace;
    const struct match_input *input;
    struct image_view guide;
    struct match_output *output;
};

static const uint8_t *guide_row(const struct sgm_match *match, int y)
{
    const struct sgm_window *window = &match->geometry.window;
    return image_row(&match->guide, window->y + y) +
           (ptrdiff_t)match->guide.channels * window->x;
}

static void vertical_penalties(struct sgm_match *match, int y, int from_y)
{
    const struct sgm_penalty *penalty = &match->penalties.vertical;
    match->geometry.kernels->penalty(guide_row(match, y), guide_row(match, from_y),
                                     match->guide.channels, match->geometry.width_px,
                                     penalty->high, penalty->low,
                                     match->workspace.p2_vertical);
}

static void horizontal_penalties(struct sgm_match *match, int y)
{
    const struct sgm_penalty *penalty = &match->penalties.horizontal;
    const uint8_t *guide = guide_row(match, y);
    match->geometry.kernels->penalty(guide, guide + match->guide.channels,
                                     match->guide.channels, match->geometry.width_px - 1,
                                     penalty->high, penalty->low,
                                     match->workspace.p2_horizontal + 1);
}

/* Features of row `y` and everything all its kernels share. */
static struct sgm_row row_begin(struct sgm_match *match, int y)
{
    const struct sgm_geometry *geometry = &match->geometry;
    struct sgm_workspace *workspace = &match->workspace;
    features_row(geometry, match->input, y, workspace);
    bool takes_prior = match->input->prior != NULL;
    if (takes_prior)
        prior_row(geometry, match->input, y, workspace);
    return (struct sgm_row){
        .width = geometry->width_px,
        .paths = geometry->paths,
        .layout = geometry->layout,
        .left_census = workspace->left_census,
        .left_gradient = workspace->left_gradient,
        .right = workspace->right,
        .tile_pixels = geometry->tile_pixels,
        .tile_stride = (size_t)geometry->layout.vectors * PHASE_STRIDE,
        .right_offsets = workspace->right_offsets,
        .padding = workspace->padding,
        .prior_penalty = takes_prior ? workspace->prior_penalty : NULL,
        .prior_penalty_offsets = workspace->prior_penalty_offsets,
        .prior_penalty_starts = workspace->prior_penalty_starts,
        .p1_horizontal = match->penalties.horizontal.p1,
        .p1_vertical = match->penalties.vertical.p1,
        .p2_horizontal = workspace->p2_horizontal,
        .p2_vertical = workspace->p2_vertical,
    };
}

static void sweep_row(struct sgm_match *match, int y, const uint8_t *up)
{
    struct sgm_workspace *workspace = &match->workspace;
    struct sgm_row row = row_begin(match, y);
    vertical_penalties(match, y, y > 0 ? y - 1 : y);
    horizontal_penalties(match, y);
    row.states = workspace->states;
    row.down_min = workspace->down_min;
    row.winner_slots = workspace->winner_slots;
    row.excluded = workspace->excluded;
    row.excluded_offsets = workspace->excluded_offsets;
    row.up = up;
    row.winners = workspace->winners;
    row.wants_second = match->output->uniqueness_margin.pixels != NULL;
    row.right_best = workspace->right_best;
    row.right_tag = workspace->right_tag;
    match->geometry.kernels->backward(&row);
    match->geometry.kernels->forward(&row);
    winners_row(&match->geometry, match->penalties.steep_rise, workspace, y,
                match->output);
}

/* One step of the upward path, from the state of row y + 1 to that of row y. */
static void upward_row(struct sgm_match *match, int y, const uint8_t *from,
                       const uint8_t *from_min, uint8_t *to, uint8_t *to_min)
{
    struct sgm_row row = row_begin(match, y);
    vertical_penalties(match, y, y + 1 < match->geometry.height_px ? y + 1 : y);
    row.states = match->workspace.states;
    row.previous = from;
    row.previous_min = from_min;
    row.vertical = to;
    row.vertical_min = to_min;
    match->geometry.kernels->vertical(&row);
}

static enum po_status cancelled(const struct sgm_match *match, struct po_error *error)
{
    return cancel_requested(match->input->cancel)
               ? po_fail(error, PO_CANCELLED, "matching was cancelled")
               : PO_OK;
}

static uint8_t *checkpoint(struct sgm_match *match, int block)
{
    return match->workspace.checkpoints +
           (size_t)(block - 1) * match->geometry.state_bytes;
}

static uint8_t *checkpoint_min(struct sgm_match *match, int block)
{
    return match->workspace.checkpoint_min +
           (size_t)(block - 1) * (size_t)match->geometry.width_px;
}

static int block_end(const struct sgm_geometry *geometry, int block)
{
    int end = (block + 1) * geometry->block_rows;
    return end < geometry->height_px ? end : geometry->height_px;
}

/* From the bottom to the top of block 1: keeps the upward state at every block's top. */
static enum po_status make_checkpoints(struct sgm_match *match, struct po_error *error)
{
    const struct sgm_geometry *geometry = &match->geometry;
    int blocks = geometry_blocks(geometry);
    memset(checkpoint(match, blocks), 0, geometry->state_bytes);
    memset(checkpoint_min(match, blocks), 0, (size_t)geometry->width_px);
    for (int block = blocks - 1; block > 0; block--) {
        const uint8_t *from = checkpoint(match, block + 1);
        const uint8_t *from_min = checkpoint_min(match, block + 1);
        uint8_t *to = checkpoint(match, block);
        uint8_t *to_min = checkpoint_min(match, block);
        for (int y = block_end(geometry, block) - 1; y >= block * geometry->block_rows;
             y--) {
            if (cancelled(match, error) != PO_OK)
                return PO_CANCELLED;
            upward_row(match, y, from, from_min, to, to_min);
            from = to;
            from_min = to_min;
        }
    }
    return PO_OK;
}

static enum po_status upward_block(struct sgm_match *match, int block,
                                   struct po_error *error)
{
    const struct sgm_geometry *geometry = &match->geometry;
    int first = block * geometry->block_rows;
    const uint8_t *from = checkpoint(match, block + 1);
    const uint8_t *from_min = checkpoint_min(match, block + 1);
    for (int y = block_end(geometry, block) - 1; y >= first; y--) {
        if (cancelled(match, error) != PO_OK)
            return PO_CANCELLED;
        uint8_t *to =
            match->workspace.up_block + (size_t)(y - first) * geometry->state_bytes;
        upward_row(match, y, from, from_min, to, match->workspace.up_min);
        from = to;
        from_min = match->workspace.up_min;
    }
    return PO_OK;
}

static enum po_status sweep_rows(struct sgm_match *match, int first, int end,
                                 struct po_error *error)
{
    for (int y = first; y < end; y++) {
        if (cancelled(match, error) != PO_OK)
            return PO_CANCELLED;
        const uint8_t *up = NULL;
        if (match->geometry.paths == 4)
            up = match->workspace.up_block +
                 (size_t)(y - first) * match->geometry.state_bytes;
        sweep_row(match, y, up);
    }
    return PO_OK;
}

static enum po_status sweep_blocks(struct sgm_match *match, struct po_error *error)
{
    enum po_status status = make_checkpoints(match, error);
    for (int block = 0; status == PO_OK && block < geometry_blocks(&match->geometry);
         block++) {
        status = upward_block(match, block, error);
        if (status == PO_OK)
            status = sweep_rows(match, block * match->geometry.block_rows,
                                block_end(&match->geometry, block), error);
    }
    return status;
}

enum po_status sgm_sweep(const struct po_match_settings *settings,
                         const struct sgm_geometry *geometry,
                         const struct match_input *input, struct scratch *scratch,
                         struct match_output *output, struct po_error *error)
{
    struct sgm_match match = {.geometry = *geometry, .input = input, .output = output};
    match.guide = input->guide.pixels != NULL ? input->guide : input->left;
    sgm_penalties_make(settings, input->prior != NULL, &match.penalties);
    size_t mark = scratch_mark(scratch);
    enum po_status status =
        sgm_workspace_take(geometry, scratch, &match.workspace, error);
    if (status != PO_OK)
        goto cleanup;
    layout_begin(geometry, &match.workspace);
    features_begin(geometry, &match.workspace);
    if (input->prior != NULL)
        prior_begin(geometry, &match.workspace);
    memset(match.workspace.states, 0, PIXEL_STATES * geometry->state_bytes);
    memset(match.workspace.down_min, 0, (size_t)geometry->width_px);
    status = geometry->paths == 4 ? sweep_blocks(&match, error)
                                  : sweep_rows(&match, 0, geometry->height_px, error);
    output->evaluations += (uint64_t)geometry->width_px * (uint64_t)geometry->height_px *
                           (uint64_t)geometry->range.count;
cleanup:
    scratch_rewind(scratch, mark);
    return status;
}
