/* SPDX-License-Identifier: Apache-2.0 */
/* A continuous random texture in space: smooth noise on a lattice, three octaves. */
#ifndef SUPPORT_SYNTHETIC_TEXTURE_H
#define SUPPORT_SYNTHETIC_TEXTURE_H

#include <stdint.h>

/* 0..255 for channel 0..2 at a point; `grain` is the finest lattice step, in the units
 * of the point. */
double synthetic_texture(const double point[3], double grain, uint32_t seed, int channel);

#endif
