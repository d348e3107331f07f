/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/mesh_split.h"

#include "cloud/surface_step.h"

/* The first two share the diagonal 0-3, the others the diagonal 1-2. */
const int mesh_triangles[SQUARE_TRIANGLES][TRIANGLE_CORNERS] = {
    {0, 2, 3},
    {0, 3, 1},
    {0, 2, 1},
    {1, 2, 3},
};

static inline int absolute(int value)
{
    return value < 0 ? -value : value;
}

/*
 * The diagonal with the smaller step is taken; where it carries no triangle, because a
 * corner is missing or across a jump, the other one may still carry one. Without
 * branches, so that compilers work on many squares at once.
 */
static inline int code_of(const int d[4], const int kept[4], int doffs)
{
    int s01 = surface_step_is_small(d[0], d[1], doffs) & kept[0] & kept[1];
    int s23 = surface_step_is_small(d[2], d[3], doffs) & kept[2] & kept[3];
    int s02 = surface_step_is_small(d[0], d[2], doffs) & kept[0] & kept[2];
    int s13 = surface_step_is_small(d[1], d[3], doffs) & kept[1] & kept[3];
    int s03 = surface_step_is_small(d[0], d[3], doffs);
    int s12 = surface_step_is_small(d[1], d[2], doffs);
    int first = (s02 & s23 & s03) | (s03 & s13 & s01) << 1;
    int second = (s02 & s12 & s01) << 2 | (s12 & s23 & s13) << 3;
    int first_is_flatter = absolute(d[0] - d[3]) <= absolute(d[1] - d[2]);
    int preferred = first_is_flatter ? first : second;
    int other = first_is_flatter ? second : first;
    return preferred != 0 ? preferred : other;
}

unsigned mesh_split_row(const struct pixel_row *above, const struct pixel_row *below,
                        int count, int doffs, uint8_t *codes)
{
    const int16_t *a = above->values;
    const int16_t *b = below->values;
    const uint8_t *kept_a = above->kept;
    const uint8_t *kept_b = below->kept;
    unsigned triangles = 0;
    for (int x = 0; x < count; x++) {
        const int d[4] = {a[x], a[x + 1], b[x], b[x + 1]};
        const int kept[4] = {kept_a[x] != 0, kept_a[x + 1] != 0, kept_b[x] != 0,
                             kept_b[x + 1] != 0};
        codes[x] = (uint8_t)code_of(d, kept, doffs);
    }
    for (int x = 0; x < count; x++)
        triangles += (codes[x] & 1U) + (codes[x] >> 1 & 1U) + (codes[x] >> 2 & 1U) +
                     (codes[x] >> 3);
    return triangles;
}
