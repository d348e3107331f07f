/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network probe: loads a network in this process, runs it once on an empty picture, and
 * says what that took. Asked in a child before a session's memory is planned: what the
 * runtime takes is known only by trying.
 */
#ifndef SURVEY_NETWORK_PROBE_H
#define SURVEY_NETWORK_PROBE_H

#include <stddef.h>

#include "base/hash.h"
#include "neural/network_model.h"

struct network_request {
    struct network_source source;
    const char *config; /* as in network_model_make */
    enum network_kind kind;
    int width_px; /* of the picture; 0: the network is not run */
    int height_px;
    int channels;
};

/* A plain value without pointers, so that it may lie in shared memory. */
struct probed_network {
    enum po_status status; /* of the probe; PO_OK: the rest is known */
    char message[512];
    struct network_model model;
    int tensor_width_px;
    int tensor_height_px;
    size_t fixed_bytes; /* the library and the model, once a process */
    size_t run_bytes;   /* the runtime's own while it runs, once a running frame */
    double run_s;       /* of processor time, the second run: the first one plans */
    char runtime[32];   /* version */
    struct hash key;    /* of the model, its description and the runtime */
    struct warning_list guesses;
};

/* In this process. Fills all of `probed`; the network stays open where `network` is not
 * NULL. */
void network_probe(const struct network_request *request, struct probed_network *probed,
                   struct network **network);

/* In a child of its own, which may crash or hang: probed->status then says so. */
void network_probe_apart(const struct network_request *request, double timeout_s,
                         struct probed_network *probed);

#endif
