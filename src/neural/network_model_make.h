/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a network's model from its configuration and from its names and shapes. */
#ifndef NEURAL_NETWORK_MODEL_MAKE_H
#define NEURAL_NETWORK_MODEL_MAKE_H

#include "base/warning_list.h"
#include "neural/network.h"
#include "neural/network_model.h"

struct network_origin {
    const char *model_path;
    /* A JSON file, or JSON text that begins with '{', or NULL: the file beside the model,
     * where there is one. */
    const char *config;
    enum network_kind kind;
};

/* PO_BAD_FORMAT names the key; PO_UNSUPPORTED: inputs that are not one or two images of
 * 32-bit floats. */
PO_MUST_CHECK enum po_status network_model_make(const struct network *network,
                                                const struct network_origin *origin,
                                                struct network_model *model,
                                                struct warning_list *guesses,
                                                struct po_error *error);

#endif
