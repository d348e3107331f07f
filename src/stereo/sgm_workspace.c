/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_workspace.h"

#include <string.h>

#include "base/checked.h"

enum { MAX_BUFFERS = 40 };

struct buffer {
    void *pointer; /* where the address goes */
    size_t bytes;
};

struct buffer_list {
    struct buffer buffers[MAX_BUFFERS];
    int count;
};

static void add(struct buffer_list *list, void *pointer, size_t count, size_t bytes)
{
    size_t product = count > 0 && bytes > SIZE_MAX / count ? SIZE_MAX : count * bytes;
    list->buffers[list->count++] = (struct buffer){pointer, product};
}

static size_t span(int count)
{
    return (size_t)count + SPAN_PADDING;
}

static void list_features(const struct sgm_geometry *geometry,
                          struct sgm_workspace *workspace, struct buffer_list *list)
{
    int width = geometry->width_px;
    add(list, &workspace->left_ring, RING_ROWS, span(width) + 2 * (size_t)LEFT_MARGIN);
    add(list, &workspace->right_ring, RING_ROWS, geometry->ring_stride);
    add(list, &workspace->left_planes, CENSUS_PLANES, span(width));
    add(list, &workspace->left_census, CENSUS_PLANES, span(width));
    add(list, &workspace->left_gradient, 1, span(width));
    add(list, &workspace->right, 1, geometry->right_bytes);
    add(list, &workspace->p2_horizontal, 1, span(width));
    add(list, &workspace->p2_vertical, 1, span(width));
}

static void list_tables(const struct sgm_geometry *geometry,
                        struct sgm_workspace *workspace, struct buffer_list *list)
{
    size_t disparities = (size_t)geometry->range.count;
    size_t slots = (size_t)layout_slots(&geometry->layout);
    size_t max_vectors = slots / MIN_LANES;
    add(list, &workspace->right_offsets, (size_t)MAX_VECTORS * PLANE_STRIDE,
        sizeof(int32_t));
    add(list, &workspace->padding, slots, 1);
    add(list, &workspace->winner_slots, 2 * disparities, sizeof(uint16_t));
    add(list, &workspace->excluded, EXCLUDED_BYTES, 1);
    add(list, &workspace->excluded_offsets, disparities * max_vectors, sizeof(uint16_t));
}

static void list_states(const struct sgm_geometry *geometry,
                        struct sgm_workspace *workspace, struct buffer_list *list)
{
    size_t width = (size_t)geometry->width_px;
    size_t state = geometry->state_bytes;
    size_t rows = geometry->paths < 4 ? 1 : (size_t)geometry->block_rows;
    add(list, &workspace->states, rows * (size_t)layout_states(geometry->paths), state);
    add(list, &workspace->down_min, 1, width);
    if (geometry->paths < 4)
        return;
    size_t blocks = (size_t)geometry_blocks(geometry);
    add(list, &workspace->down, 1, state);
    add(list, &workspace->up, 1, state);
    add(list, &workspace->up_min, 1, width);
    add(list, &workspace->checkpoints, blocks, state);
    add(list, &workspace->checkpoint_min, blocks, width);
    add(list, &workspace->prior_penalty, 1, geometry->prior_penalty_bytes);
    size_t positions =
        2 * (size_t)layout_slots(&geometry->layout) + (size_t)4 * PRIOR_PENALTY_MAX + 1;
    add(list, &workspace->prior_penalty_offsets,
        PRIOR_PENALTY_SHAPES * (positions + MAX_VECTORS), sizeof(int32_t));
    add(list, &workspace->prior_penalty_starts, width, sizeof(int32_t));
}

static void list_winners(const struct sgm_geometry *geometry,
                         struct sgm_workspace *workspace, struct buffer_list *list)
{
    size_t chunks = ((size_t)geometry->width_px + WINNER_CHUNK - 1) / WINNER_CHUNK;
    add(list, &workspace->winners, chunks, sizeof(struct winner_chunk));
    add(list, &workspace->right_best, 1, span(geometry->positions));
    add(list, &workspace->right_tag, 1, span(geometry->positions));
}

static void list_all(const struct sgm_geometry *geometry, struct sgm_workspace *workspace,
                     struct buffer_list *list)
{
    list->count = 0;
    list_features(geometry, workspace, list);
    list_tables(geometry, workspace, list);
    list_states(geometry, workspace, list);
    list_winners(geometry, workspace, list);
}

size_t sgm_workspace_bytes(const struct sgm_geometry *geometry)
{
    struct sgm_workspace workspace;
    struct buffer_list list;
    list_all(geometry, &workspace, &list);
    size_t bytes = 0;
    for (int i = 0; i < list.count; i++)
        bytes = scratch_sum(bytes, scratch_size(list.buffers[i].bytes));
    return bytes;
}

enum po_status sgm_workspace_take(const struct sgm_geometry *geometry,
                                  struct scratch *scratch,
                                  struct sgm_workspace *workspace, struct po_error *error)
{
    struct buffer_list list;
    *workspace = (struct sgm_workspace){0};
    list_all(geometry, workspace, &list);
    for (int i = 0; i < list.count; i++) {
        void *memory = scratch_take(scratch, list.buffers[i].bytes);
        if (memory == NULL)
            return scratch_exhausted(scratch, "semi-global matching", error);
        memcpy(list.buffers[i].pointer, &memory, sizeof(memory));
    }
    return PO_OK;
}
