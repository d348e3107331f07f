/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out about the network of a session. Plain value. */
#ifndef SUPERVISE_NETWORK_STATE_H
#define SUPERVISE_NETWORK_STATE_H

#include <stdint.h>

#include "neural/network_use.h"

struct session_network {
    struct network_use use;
    uint64_t process_bytes; /* of the runtime and the model, in each process */
    double run_s;           /* of a frame, on one core */
};

#endif
