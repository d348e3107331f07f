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

/* What all kernels of row `y` share; `states` are its costs and sums. */
static struct sgm_row row_begin(struct sgm_match *match, uint8_t *states)
{
    const struct sgm_geometry *geometry = &match->geometry;
    struct sgm_workspace *workspace = &match->workspace;
    return (struct sgm_row){
        .width = geometry->width_px,
        .paths = geometry->paths,
        .layout = geometry->layout,
        .p1_horizontal = match->penalties.horizontal.p1,
        .p1_vertical = match->penalties.vertical.p1,
        .p2_horizontal = workspace->p2_horizontal,
        .p2_vertical = workspace->p2_vertical,
        .states = states,
    };
}

/* What its costs are made of. */
static void row_features(struct sgm_match *match, int y, struct sgm_row *row)
{
    const struct sgm_geometry *geometry = &match->geometry;
    struct sgm_workspace *workspace = &match->workspace;
    features_row(geometry, match->input, y, workspace);
    row->left_census = workspace->left_census;
    row->left_gradient = workspace->left_gradient;
    row->right = workspace->right;
    row->tile_pixels = geometry->tile_pixels;
    row->tile_stride = (size_t)geometry->layout.vectors * PHASE_STRIDE;
    row->right_offsets = workspace->right_offsets;
    row->padding = workspace->padding;
    if (match->input->prior == NULL)
        return;
    prior_row(geometry, match->input, y, workspace);
    row->prior_penalty = workspace->prior_penalty;
    row->prior_penalty_offsets = workspace->prior_penalty_offsets;
    row->prior_penalty_starts = workspace->prior_penalty_starts;
}

/* Sums and winners of row `y`, whose states are those of its sweep from right to left. */
static void winning_row(struct sgm_match *match, int y, struct sgm_row *row)
{
    struct sgm_workspace *workspace = &match->workspace;
    vertical_penalties(match, y, y > 0 ? y - 1 : y);
    row->down = workspace->down;
    row->down_min = workspace->down_min;
    row->winner_slots = workspace->winner_slots;
    row->excluded = workspace->excluded;
    row->excluded_offsets = workspace->excluded_offsets;
    row->winners = workspace->winners;
    row->wants_second = match->output->uniqueness_margin.pixels != NULL;
    row->right_best = workspace->right_best;
    row->right_tag = workspace->right_tag;
    match->geometry.sweeps->forward(row);
    winners_row(&match->geometry, match->penalties.steep_rise, row, y, match->output);
}

/* Upward path costs of one row. */
struct upward_costs {
    uint8_t *costs;
    uint8_t *smallest;
};

/* The upward path comes to row `y` from the one below. */
static void row_upward(struct sgm_match *match, int y, const struct upward_costs *from,
                       const struct upward_costs *to, struct sgm_row *row)
{
    row_features(match, y, row);
    vertical_penalties(match, y, y + 1 < match->geometry.height_px ? y + 1 : y);
    row->previous = from->costs;
    row->previous_min = from->smallest;
    row->vertical = to->costs;
    row->vertical_min = to->smallest;
}

static enum po_status cancelled(const struct sgm_match *match, struct po_error *error)
{
    return cancel_requested(match->input->cancel)
               ? po_fail(error, PO_CANCELLED, "matching was cancelled")
               : PO_OK;
}

/* The upward path at the top of block `block`, or below the last. */
static struct upward_costs checkpoint(struct sgm_match *match, int block)
{
    const struct sgm_geometry *geometry = &match->geometry;
    const struct sgm_workspace *workspace = &match->workspace;
    const size_t index = (size_t)block - 1;
    return (struct upward_costs){
        workspace->checkpoints + index * geometry->state_bytes,
        workspace->checkpoint_min + index * (size_t)geometry->width_px,
    };
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
    struct upward_costs from = checkpoint(match, blocks);
    memset(from.costs, 0, geometry->state_bytes);
    memset(from.smallest, 0, (size_t)geometry->width_px);
    for (int block = blocks - 1; block > 0; block--) {
        const int first = block * geometry->block_rows;
        const struct upward_costs to = checkpoint(match, block);
        for (int y = block_end(geometry, block) - 1; y >= first; y--) {
            if (cancelled(match, error) != PO_OK)
                return PO_CANCELLED;
            struct sgm_row row = row_begin(match, NULL);
            row_upward(match, y, &from, &to, &row);
            geometry->sweeps->vertical(&row);
            from = to;
        }
    }
    return PO_OK;
}

static uint8_t *block_states(const struct sgm_match *match, int n)
{
    return match->workspace.states +
           (size_t)n * (size_t)layout_states(4) * match->geometry.state_bytes;
}

/* From the bottom to the top of a block: costs, and the means of the upward and the
 * leftward path, of all its rows. */
static enum po_status upward_block(struct sgm_match *match, int block,
                                   struct po_error *error)
{
    const struct sgm_geometry *geometry = &match->geometry;
    const struct upward_costs to = {match->workspace.up, match->workspace.up_min};
    struct upward_costs from = checkpoint(match, block + 1);
    int first = block * geometry->block_rows;
    for (int y = block_end(geometry, block) - 1; y >= first; y--) {
        if (cancelled(match, error) != PO_OK)
            return PO_CANCELLED;
        struct sgm_row row = row_begin(match, block_states(match, y - first));
        row_upward(match, y, &from, &to, &row);
        horizontal_penalties(match, y);
        geometry->sweeps->upward(&row);
        from = to;
    }
    return PO_OK;
}

static enum po_status downward_block(struct sgm_match *match, int block,
                                     struct po_error *error)
{
    const struct sgm_geometry *geometry = &match->geometry;
    int first = block * geometry->block_rows;
    for (int y = first; y < block_end(geometry, block); y++) {
        if (cancelled(match, error) != PO_OK)
            return PO_CANCELLED;
        struct sgm_row row = row_begin(match, block_states(match, y - first));
        horizontal_penalties(match, y);
        winning_row(match, y, &row);
    }
    return PO_OK;
}

/* Four paths. */
static enum po_status sweep_blocks(struct sgm_match *match, struct po_error *error)
{
    memset(match->workspace.down, 0, match->geometry.state_bytes);
    enum po_status status = make_checkpoints(match, error);
    for (int block = 0; status == PO_OK && block < geometry_blocks(&match->geometry);
         block++) {
        status = upward_block(match, block, error);
        if (status == PO_OK)
            status = downward_block(match, block, error);
    }
    return status;
}

/* Three paths. */
static enum po_status sweep_once(struct sgm_match *match, struct po_error *error)
{
    const struct sgm_geometry *geometry = &match->geometry;
    uint8_t *states = match->workspace.states;
    memset(states, 0, (size_t)layout_states(3) * geometry->state_bytes);
    for (int y = 0; y < geometry->height_px; y++) {
        if (cancelled(match, error) != PO_OK)
            return PO_CANCELLED;
        struct sgm_row row = row_begin(match, states);
        row_features(match, y, &row);
        horizontal_penalties(match, y);
        geometry->sweeps->backward(&row);
        winning_row(match, y, &row);
    }
    return PO_OK;
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
    memset(match.workspace.down_min, 0, (size_t)geometry->width_px);
    status =
        geometry->paths == 4 ? sweep_blocks(&match, error) : sweep_once(&match, error);
    output->evaluations += (uint64_t)geometry->width_px * (uint64_t)geometry->height_px *
                           (uint64_t)geometry->range.count;
cleanup:
    scratch_rewind(scratch, mark);
    return status;
}
