/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of images (sRGB, IEC 61966-2-1) as amounts of light, which is what glTF's
 * vertex colours are: 16 bit, 65535 = full. */
#ifndef CLOUD_LINEAR_LIGHT_H
#define CLOUD_LINEAR_LIGHT_H

#include <stdint.h>

extern const uint16_t linear_light[256];

#endif
