/* SPDX-License-Identifier: Apache-2.0 */
/* How networks want pixels scaled, by name. */
#ifndef NEURAL_NETWORK_NORMALIZATION_H
#define NEURAL_NETWORK_NORMALIZATION_H

#include <stdbool.h>

#include "neural/network_model.h"

/* "imagenet", "unit", "symmetric" or "raw"; false for another name. */
bool network_normalization_set(struct network_model *model, const char *name);

#endif
