/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network model: how pictures become a network's inputs and its output becomes disparity
 * or inverse depth. Read from a small JSON beside the model (model.onnx: model.json) or
 * from --network-config; what neither says is guessed from the model's own names and
 * shapes, and each guess is said in `guesses`.
 *
 * A plain value: it owns nothing.
 */
#ifndef NEURAL_NETWORK_MODEL_H
#define NEURAL_NETWORK_MODEL_H

#include <stdbool.h>

#include "base/warning_list.h"
#include "neural/network.h"

enum network_kind {
    NETWORK_STEREO, /* two rectified views to disparity */
    NETWORK_DEPTH,  /* one view to inverse depth, without scale and shift */
};

/* Where a picture smaller than the network's input sits; the edge repeats around it. */
enum network_place { PLACE_TOP_LEFT, PLACE_BOTTOM_LEFT, PLACE_CENTRE };

/* What happens to a picture larger than a fixed input. */
enum network_large { LARGE_SCALE, LARGE_TILES };

struct network_model {
    enum network_kind kind;
    int input[2]; /* index of the left and the right view's input; equal: both views are
                     channels of one input, left first. NETWORK_DEPTH: [0] alone */
    int output;
    int output_channel;
    int channels; /* of a view: 1 grey, 3 colour */
    bool bgr;
    bool channels_last;
    float scale; /* value = (pixel * scale - mean) / deviation */
    float mean[3];
    float deviation[3];
    int side_px;        /* where any size goes, the shorter side is scaled down to it; 0:
                           never */
    int multiple;       /* sides of any size are padded to a multiple of it */
    int fixed_width_px; /* 0: any */
    int fixed_height_px;
    enum network_place place;
    enum network_large large;
    double output_scale;  /* output * output_scale = disparity in pixels of the input */
    bool sign_known;      /* else mostly negative outputs are taken as -disparity */
    int max_disparity_px; /* the largest the network can give; 0: not known */
};

#endif
