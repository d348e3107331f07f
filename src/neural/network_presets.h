/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network presets: what the authors of published networks feed them. A preset is named in
 * the configuration, or guessed from the model's file name and layout; the guess is said.
 */
#ifndef NEURAL_NETWORK_PRESETS_H
#define NEURAL_NETWORK_PRESETS_H

#include "neural/network.h"
#include "neural/network_model.h"

/* "midas-small", "midas-large", "dpt", "depth-anything-small"; false for another name. */
bool network_preset_set(struct network_model *model, const char *name);

/* Fills how `model`, whose inputs are read, is fed; adds one guess. */
void network_preset_guess(const struct network *network, const char *model_path,
                          struct network_model *model, struct warning_list *guesses);

/* Whether the name holds the word, in either case. */
bool network_name_holds(const char *name, const char *word);

#endif
