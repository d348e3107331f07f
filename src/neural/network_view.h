/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network view: pixels of a picture into a network's input, and its output back to the
 * picture's pixels. Scaled down by area, so that fine texture does not alias; a smaller
 * output is read between its pixels only where they agree, so that edges stay edges.
 */
#ifndef NEURAL_NETWORK_VIEW_H
#define NEURAL_NETWORK_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/scratch.h"
#include "neural/network_fit.h"

/* Grey or RGB pixels that somebody else owns. */
struct network_picture {
    int width_px;
    int height_px;
    int channels; /* 1 or 3, interleaved */
    ptrdiff_t stride_bytes;
    const uint8_t *pixels;
    bool mirrored; /* read from right to left */
};

/* A tile of a picture as a model sees it. */
struct network_part {
    const struct network_model *model;
    const struct network_fit *fit;
    const struct network_tile *tile;
};

/* Channels of a tensor, `first` and the model's own after it. */
struct network_slice {
    float *tensor;
    int first;
    int channels; /* of the whole tensor */
};

/* Scratch of network_view_pack. */
size_t network_view_pack_bytes(const struct network_picture *picture);

/* Fills the channels of the slice from the tile of the picture. */
PO_MUST_CHECK enum po_status network_view_pack(const struct network_picture *picture,
                                               const struct network_part *part,
                                               const struct network_slice *slice,
                                               struct scratch *scratch,
                                               struct po_error *error);

/* A picture's own floats, row by row without padding. */
struct network_map {
    int width_px;
    int height_px;
    float *values; /* NaN where the network gave none */
};

/*
 * Writes the part of the map that the tile owns: raw outputs, as if the picture had the
 * network's scale. PO_UNSUPPORTED where the output's shape is no map of the input.
 */
PO_MUST_CHECK enum po_status network_view_unpack(const struct network_result *result,
                                                 const struct network_part *part,
                                                 bool mirrored, struct network_map *map,
                                                 struct po_error *error);

#endif
