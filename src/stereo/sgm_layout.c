/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_layout.h"

#include <string.h>

/* Where the run of `length` 255s starts: MAX_LANES zeros lie before each and at the end.
 */
static int run_start(int length)
{
    return length * MAX_LANES + length * (length - 1) / 2;
}

/* Moves the fitting run onto the lanes of `vector` that hold d - 1 .. d + 1. */
static uint16_t hidden_offset(const struct lane_layout *layout, int d, int vector)
{
    int first = 0;
    int length = 0;
    for (int e = d + 1; e >= d - 1; e--)
        if (e >= 0 && e < layout_slots(layout) && e % layout->vectors == vector) {
            first = e / layout->vectors;
            length++;
        }
    return (uint16_t)(length > 0 ? run_start(length) - first : 0);
}

void layout_begin(const struct sgm_geometry *geometry, struct sgm_workspace *workspace)
{
    const struct lane_layout *layout = &geometry->layout;
    for (int p = 0; p < geometry->tile_pixels + layout->vectors; p++)
        workspace->right_offsets[p] =
            p % layout->vectors * PHASE_STRIDE + p / layout->vectors;
    for (int d = 0; d < layout_slots(layout); d++)
        workspace->padding[layout_slot(layout, d)] = d < layout->disparities ? 0 : 255;
    memset(workspace->excluded, 0, EXCLUDED_BYTES);
    for (int length = 1; length <= EXCLUDED_RUNS; length++)
        memset(workspace->excluded + run_start(length), 255, (size_t)length);
    for (int d = 0; d < layout->disparities; d++) {
        int inside = d > 0 && d + 1 < layout->disparities;
        uint16_t *slots = workspace->winner_slots + (ptrdiff_t)2 * d;
        slots[0] = (uint16_t)layout_slot(layout, d - inside);
        slots[1] = (uint16_t)layout_slot(layout, d + inside);
        for (int i = 0; i < layout->vectors; i++)
            workspace->excluded_offsets[d * layout->vectors + i] =
                hidden_offset(layout, d, i);
    }
}
