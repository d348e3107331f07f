/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_prior.h"

enum {
    SHAPE_BELOW_HALF,
    SHAPE_HALF,
    SHAPE_ABOVE_HALF,
    SHAPE_NONE,
    REACH_PX = 2 * PRIOR_PENALTY_MAX
};

/* min(PRIOR_PENALTY_MAX, max(0, |d - prior| - 1)), rounded to nearest, for a prior of
 * sixteenths.
 */
static uint8_t prior_penalty_of(int distance_sixteenths)
{
    int magnitude = distance_sixteenths < 0 ? -distance_sixteenths : distance_sixteenths;
    int prior_penalty = (magnitude - DISPARITY_SCALE / 2) / DISPARITY_SCALE;
    return (uint8_t)(magnitude < DISPARITY_SCALE         ? 0
                     : prior_penalty < PRIOR_PENALTY_MAX ? prior_penalty
                                                         : PRIOR_PENALTY_MAX);
}

/* Pull position of disparity index 0 when the prior's whole part is index 0. */
static int centre_of(const struct sgm_geometry *geometry)
{
    return layout_slots(&geometry->layout) + REACH_PX;
}

void prior_begin(const struct sgm_geometry *geometry, struct sgm_workspace *workspace)
{
    static const int fractions[PRIOR_PENALTY_SHAPES] = {
        [SHAPE_BELOW_HALF] = 0, [SHAPE_HALF] = 8, [SHAPE_ABOVE_HALF] = 15};
    int vectors = geometry->layout.vectors;
    int count = geometry->prior_penalty_positions;
    for (int p = 0; p < PRIOR_PENALTY_SHAPES * count; p++) {
        int shape = p / count;
        int distance =
            DISPARITY_SCALE * (p % count - centre_of(geometry)) - fractions[shape];
        int32_t offset =
            (int32_t)((size_t)(p % vectors) * geometry->prior_penalty_phase_stride +
                      (size_t)(p / vectors));
        workspace->prior_penalty_offsets[p] = offset;
        workspace->prior_penalty[offset] =
            shape == SHAPE_NONE ? 0 : prior_penalty_of(distance);
    }
}

/* What start_of needs of the geometry, in values that loops over pixels keep. */
struct start_terms {
    int32_t min_sixteenths;
    int32_t last; /* whole part beyond which the penalty is the largest for all */
    int32_t centre;
    int32_t positions; /* of a shape */
};

static struct start_terms start_terms_of(const struct sgm_geometry *geometry)
{
    return (struct start_terms){
        DISPARITY_SCALE * geometry->range.min_px,
        layout_slots(&geometry->layout) + REACH_PX,
        centre_of(geometry),
        geometry->prior_penalty_positions,
    };
}

/* Penalty position of disparity index 0. Without branches, so that it takes vectors. */
static inline int32_t start_of(const struct start_terms *terms, int16_t prior,
                               uint8_t confidence)
{
    const int32_t relative = prior - terms->min_sixteenths;
    const int32_t fraction = relative & (DISPARITY_SCALE - 1);
    const int32_t shape = SHAPE_BELOW_HALF + (fraction >= DISPARITY_SCALE / 2) +
                          (fraction > DISPARITY_SCALE / 2);
    int32_t whole = relative >> DISPARITY_FRACTION_BITS;
    whole = whole < -REACH_PX ? -REACH_PX : whole;
    whole = whole > terms->last ? terms->last : whole;
    const int32_t start = shape * terms->positions + terms->centre - whole;
    const bool trusted = (prior != DISPARITY_INVALID) & (confidence != 0);
    return trusted ? start : SHAPE_NONE * terms->positions;
}

void prior_row(const struct sgm_geometry *geometry, const struct match_input *input,
               int y, struct sgm_workspace *workspace)
{
    const struct sgm_window *window = &geometry->window;
    const int16_t *prior = disparity_row(input->prior, window->y + y) + window->x;
    const uint8_t *confidence =
        input->prior_confidence != NULL
            ? image_row(input->prior_confidence, window->y + y) + window->x
            : NULL;
    const struct start_terms terms = start_terms_of(geometry);
    if (confidence == NULL)
        for (int x = 0; x < geometry->width_px; x++)
            workspace->prior_penalty_starts[x] = start_of(&terms, prior[x], 255);
    else
        for (int x = 0; x < geometry->width_px; x++)
            workspace->prior_penalty_starts[x] =
                start_of(&terms, prior[x], confidence[x]);
}
