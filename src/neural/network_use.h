/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network use: a network as the frames of a run use it. A plain value that the supervisor
 * fills from what a child measured; `network` is there only in children that run it.
 */
#ifndef NEURAL_NETWORK_USE_H
#define NEURAL_NETWORK_USE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "neural/network.h"
#include "neural/network_model.h"

struct network_use {
    bool wanted;                   /* else all else is unset */
    bool check;                    /* the mirrored pair, too */
    const struct network *network; /* NULL: only planned with, or it did not load here */
    struct network_model model;
    double apart_timeout_s; /* of a run in a child of its own */
    size_t run_bytes;       /* the runtime's own, while a frame is in it */
    struct hash key;        /* of the model, its description and the runtime */
};

#endif
