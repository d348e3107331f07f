/* SPDX-License-Identifier: Apache-2.0 */
/* Prior use: where the frames of a run take their depth priors from. A plain value. */
#ifndef NEURAL_PRIOR_USE_H
#define NEURAL_PRIOR_USE_H

#include "neural/network_use.h"

enum prior_source { PRIOR_NONE, PRIOR_MAPS, PRIOR_NETWORK };

struct prior_use {
    enum prior_source source;
    struct network_use network; /* PRIOR_NETWORK, once it was tried; else unset */
};

#endif
