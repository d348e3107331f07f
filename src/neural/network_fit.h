/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network fit: how a picture lies in a network's input. Smaller pictures are padded by
 * repeating their edge, larger ones scaled down or cut into overlapping tiles; none is
 * ever enlarged. Pure geometry.
 */
#ifndef NEURAL_NETWORK_FIT_H
#define NEURAL_NETWORK_FIT_H

#include <stddef.h>

#include "neural/network_model.h"
#include "process_offline/status.h"

struct network_fit {
    int tensor_width_px; /* of the network's input */
    int tensor_height_px;
    int width_px; /* of the picture, or of a tile of it, at the network's scale */
    int height_px;
    int left; /* where it sits in the input */
    int top;
    double scale_x; /* network pixels a picture pixel, at most 1 */
    double scale_y;
    int tiles_x; /* 1: the picture is one tile */
    int tiles_y;
    int overlap_x; /* px of a tile whose values count for the tile before */
    int overlap_y;
};

/* PO_UNSUPPORTED where tiles cannot overlap enough: the input is too narrow. */
PO_MUST_CHECK enum po_status network_fit_make(const struct network_model *model,
                                              int width_px, int height_px,
                                              struct network_fit *fit,
                                              struct po_error *error);

/* A tile's place in the picture, and the part of the picture whose values it gives. */
struct network_tile {
    int x, y; /* of its first pixel */
    int own_left, own_top;
    int own_right, own_bottom; /* past the last */
};

struct network_tile network_tile_at(const struct network_fit *fit, int width_px,
                                    int height_px, int index);

/* Floats of one view's tensor. */
size_t network_view_floats(const struct network_model *model,
                           const struct network_fit *fit);

#endif
