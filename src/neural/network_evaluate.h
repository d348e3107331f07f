/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network evaluation: pictures in, a map of disparity or inverse depth at their size out.
 *
 * Memory of ours comes from scratch, as network_evaluate_bytes foretells; the runtime's
 * own is what network_probe measured.
 */
#ifndef NEURAL_NETWORK_EVALUATE_H
#define NEURAL_NETWORK_EVALUATE_H

#include "base/cancel.h"
#include "neural/network_view.h"

struct network_task {
    const struct network *network;
    const struct network_model *model;
    struct network_picture views[2]; /* left and right; NETWORK_DEPTH: [0] alone */
    const struct cancel *cancel;     /* polled between tiles */
};

size_t network_evaluate_bytes(const struct network_model *model, int width_px,
                              int height_px, int channels);

/* What came out, beside the map. */
struct network_findings {
    bool sign_turned; /* outputs were mostly negative and the model does not say why */
    double missing;   /* share of pixels without a finite value */
};

/*
 * Fills `map`, of the size of the views: disparity in pixels of the pictures, or inverse
 * depth as the network gives it. PO_UNSUPPORTED where the runtime refuses; PO_BAD_FORMAT
 * where nothing was measured: no finite value, or one value everywhere.
 */
PO_MUST_CHECK enum po_status network_evaluate(const struct network_task *task,
                                              struct scratch *scratch,
                                              struct network_map *map,
                                              struct network_findings *findings,
                                              struct po_error *error);

#endif
