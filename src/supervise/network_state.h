/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out about the networks of a session. Plain value. */
#ifndef SUPERVISE_NETWORK_STATE_H
#define SUPERVISE_NETWORK_STATE_H

#include <stdint.h>

#include "neural/prior_use.h"

struct session_network {
    struct network_use use; /* of --matcher network */
    struct prior_use prior; /* of --prior */
    uint64_t process_bytes; /* of the runtime and the models, in each process */
    double run_s;           /* of a frame, on one core */
};

#endif
