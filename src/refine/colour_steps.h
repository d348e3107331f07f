/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of colour between pixels: the largest difference of any channel. */
#ifndef REFINE_COLOUR_STEPS_H
#define REFINE_COLOUR_STEPS_H

#include <stdint.h>

/* steps[x] between pixel x of `a` and pixel x of `b`, of 1 or 3 channels. */
void colour_steps(const uint8_t *a, const uint8_t *b, int count, int channels,
                  uint8_t *steps);

#endif
