/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model configuration: the small JSON that says how a network wants its pictures. Its
 * keys stand in one table; an unknown key or a value out of bounds is an error that names
 * it.
 *
 * Ownership: read/release; a released or zeroed one is fine to release.
 */
#ifndef NEURAL_MODEL_CONFIG_H
#define NEURAL_MODEL_CONFIG_H

#include <stdbool.h>

#include "base/json_file.h"
#include "neural/network.h"
#include "neural/network_model.h"

enum { MODEL_CONFIG_PATH_BYTES = 4096, MODEL_CONFIG_MAX_BYTES = 64 * 1024 };

struct model_config {
    struct json *root; /* NULL: nothing is said */
    bool normalizes;   /* it says how pixels are scaled */
    char path[MODEL_CONFIG_PATH_BYTES];
};

/* `config` as in network_model_make. No file beside the model is no error. */
PO_MUST_CHECK enum po_status model_config_read(const char *model_path, const char *config,
                                               struct model_config *result,
                                               struct po_error *error);
void model_config_release(struct model_config *config);

/* Overwrites in `model` what the configuration says. */
PO_MUST_CHECK enum po_status model_config_apply(const struct model_config *config,
                                                const struct network *network,
                                                struct network_model *model,
                                                struct po_error *error);

#endif
