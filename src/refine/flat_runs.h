/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Components of pixels that flat steps connect, by union-find over runs: stretches of a
 * row in which each step is flat. The first part of the segmentation (segmentation.c).
 *
 * Invariant: runs lie in raster order and cover every row whole.
 * Ownership: weights and marks are the caller's; the runs come from scratch and go back
 * with the caller's mark.
 */
#ifndef REFINE_FLAT_RUNS_H
#define REFINE_FLAT_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scratch.h"

struct flat_runs {
    int width_px;
    int height_px;
    uint8_t flat_step;
    const uint8_t *right; /* steps to the next pixel; rows without padding */
    const uint8_t *down;  /* steps to the pixel below */
    uint8_t *marks;       /* of a row, padded for scans */
    int32_t *parents;     /* the run above, or minus the component's pixels at a root */
    uint16_t *ends;       /* the column after each run */
    int32_t count;
};

size_t flat_runs_bytes(size_t pixels);
/* False: scratch is too small. */
bool flat_runs_take(struct scratch *scratch, size_t pixels, struct flat_runs *runs);

void flat_runs_join(struct flat_runs *runs);

/* Numbers the components 0.. in raster order: labels[pixel], and sizes[component]
 * in pixels. Returns how many there are. The runs are done with. */
uint32_t flat_runs_label(struct flat_runs *runs, int32_t *labels, uint32_t *sizes);

#endif
