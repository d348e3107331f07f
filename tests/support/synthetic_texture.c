/* SPDX-License-Identifier: Apache-2.0 */
#include "support/synthetic_texture.h"

#include <math.h>

/* Integer mixing of a lattice point (Wellons' lowbias32 finaliser constants). */
static uint32_t mix(uint32_t value)
{
    value ^= value >> 16;
    value *= 0x7feb352dU;
    value ^= value >> 15;
    value *= 0x846ca68bU;
    value ^= value >> 16;
    return value;
}

static double lattice(int x, int y, int z, uint32_t seed)
{
    uint32_t key = mix((uint32_t)x ^ mix((uint32_t)y ^ mix((uint32_t)z ^ mix(seed))));
    return (double)(key >> 8) / 16777216.0;
}

static double smooth(double t)
{
    return t * t * (3.0 - 2.0 * t);
}

static double blend(double a, double b, double t)
{
    return a + (b - a) * t;
}

static double noise(const double point[3], double step, uint32_t seed)
{
    int cell[3];
    double t[3];
    double rows[4];
    for (int i = 0; i < 3; i++) {
        double scaled = point[i] / step + 0.37 * (i + 1);
        double whole = floor(scaled);
        cell[i] = (int)whole;
        t[i] = smooth(scaled - whole);
    }
    for (int i = 0; i < 4; i++) {
        int y = cell[1] + (i & 1);
        int z = cell[2] + (i >> 1);
        rows[i] =
            blend(lattice(cell[0], y, z, seed), lattice(cell[0] + 1, y, z, seed), t[0]);
    }
    return blend(blend(rows[0], rows[1], t[1]), blend(rows[2], rows[3], t[1]), t[2]);
}

static double octaves(const double point[3], double grain, uint32_t seed)
{
    return 0.45 * noise(point, grain, seed) + 0.3 * noise(point, 2.3 * grain, seed + 1) +
           0.25 * noise(point, 6.1 * grain, seed + 2);
}

double synthetic_texture(const double point[3], double grain, uint32_t seed, int channel)
{
    uint32_t base = mix(seed * 16U + 5U);
    double grey = octaves(point, grain, base);
    double tint = noise(point, 3.0 * grain, base + 11U + (uint32_t)channel);
    double value = 0.8 * grey + 0.2 * tint;
    return fmin(255.0, fmax(0.0, 127.5 + (value - 0.5) * 480.0));
}
