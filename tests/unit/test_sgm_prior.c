/* SPDX-License-Identifier: Apache-2.0 */
/* The penalty of a prior, as matching finds it by position and offset, against its
 * formula: for every disparity of a range and every prior on and far off it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stereo/kernel_dispatch.h"
#include "stereo/sgm_prior.h"
#include "support/refine_fixture.h"

enum { WIDTH_PX = 3, FAR_PX = 3 * PRIOR_PENALTY_MAX };

/* Buffers of their exact sizes: AddressSanitizer sees one byte more. */
static struct sgm_workspace workspace_create(const struct sgm_geometry *geometry)
{
    size_t positions = PRIOR_PENALTY_SHAPES * (size_t)geometry->prior_penalty_positions;
    struct sgm_workspace workspace = {
        .prior_penalty = malloc(geometry->prior_penalty_bytes),
        .prior_penalty_offsets = malloc(positions * sizeof(int32_t)),
        .prior_penalty_starts = malloc((size_t)geometry->width_px * sizeof(int32_t)),
    };
    assert_non_null(workspace.prior_penalty);
    assert_non_null(workspace.prior_penalty_offsets);
    assert_non_null(workspace.prior_penalty_starts);
    memset(workspace.prior_penalty, 77, geometry->prior_penalty_bytes);
    return workspace;
}

static void workspace_destroy(struct sgm_workspace *workspace)
{
    free(workspace->prior_penalty);
    free(workspace->prior_penalty_offsets);
    free(workspace->prior_penalty_starts);
}

static struct sgm_geometry geometry_of(enum po_cpu_level cpu, struct sgm_window window,
                                       struct disparity_range range)
{
    struct po_settings settings;
    struct sgm_geometry geometry;
    const struct match_size size = {16, 16, 1, range};
    po_settings_defaults(&settings);
    settings.match.level = PO_SGM_QUALITY;
    settings.match.cpu = cpu;
    assert_int_equal(sgm_geometry_make(&settings.match, &size, &geometry, NULL), PO_OK);
    sgm_geometry_window(&window, range, &geometry);
    return geometry;
}

/* As the kernels read it: disparity index d = vector + vectors * lane. */
static int penalty_at(const struct sgm_geometry *geometry,
                      const struct sgm_workspace *workspace, int x, int d)
{
    int vectors = geometry->layout.vectors;
    int position = workspace->prior_penalty_starts[x] + d % vectors;
    assert_in_range(position, 0,
                    PRIOR_PENALTY_SHAPES * geometry->prior_penalty_positions - 1);
    int offset = workspace->prior_penalty_offsets[position] + d / vectors;
    assert_in_range(offset, 0, geometry->prior_penalty_bytes - 1);
    return workspace->prior_penalty[offset];
}

/* |d - prior| - 1 in whole pixels, halves up, from 0 to the most. */
static int penalty_by_formula(int disparity_px, int prior_sixteenths)
{
    int rise = abs(16 * disparity_px - prior_sixteenths) - 16;
    int rounded = rise < 0 ? 0 : (rise + 8) / 16;
    return rounded < PRIOR_PENALTY_MAX ? rounded : PRIOR_PENALTY_MAX;
}

static void expect_formula(enum po_cpu_level cpu, struct disparity_range range)
{
    const struct sgm_window window = {.width_px = WIDTH_PX, .height_px = 1};
    const struct sgm_geometry geometry = geometry_of(cpu, window, range);
    struct sgm_workspace workspace = workspace_create(&geometry);
    const struct disparity_map prior = take_map(WIDTH_PX, 1);
    const struct match_input input = {.prior = &prior};
    int first = 16 * (range.min_px - FAR_PX);
    int last = 16 * (range.min_px + layout_slots(&geometry.layout) + FAR_PX);
    prior_begin(&geometry, &workspace);
    for (int value = first; value <= last; value++) {
        int x = abs(value) % WIDTH_PX;
        disparity_row(&prior, 0)[x] = (int16_t)value;
        prior_row(&geometry, &input, 0, &workspace);
        for (int d = 0; d < range.count; d++) {
            int found = penalty_at(&geometry, &workspace, x, d);
            int expected = penalty_by_formula(range.min_px + d, value);
            if (found != expected)
                fail_msg("disparity %d, prior %d / 16: %d, not %d", range.min_px + d,
                         value, found, expected);
        }
    }
    workspace_destroy(&workspace);
}

static void penalties_follow_their_formula(void **state)
{
    (void)state;
    static const struct disparity_range ranges[] = {
        {0, 16}, {-20, 32}, {40, 48}, {-7, 112}};
    static const enum po_cpu_level cpus[] = {PO_CPU_SCALAR, PO_CPU_SSE4, PO_CPU_AVX2,
                                             PO_CPU_AVX512, PO_CPU_NEON};
    for (size_t c = 0; c < sizeof(cpus) / sizeof(cpus[0]); c++)
        for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
            if (sgm_kernels_find(cpus[c]) != NULL)
                expect_formula(cpus[c], ranges[i]);
}

/* Row 1 of a window that begins at (2, 3) is row 4, from column 2 on. */
static void only_a_trusted_prior_counts(void **state)
{
    (void)state;
    enum { N = DISPARITY_INVALID, SIDE_PX = 6, FAR_OFF = 100 * 16 };
    const struct sgm_window window = {2, 3, WIDTH_PX, 2};
    const struct disparity_range range = {0, 16};
    const struct sgm_geometry geometry = geometry_of(PO_CPU_SCALAR, window, range);
    struct sgm_workspace workspace = workspace_create(&geometry);
    const struct disparity_map prior = take_map(SIDE_PX, SIDE_PX);
    const struct image_view confidence = take_image(SIDE_PX, SIDE_PX, 1);
    struct match_input input = {.prior = &prior};
    const int16_t values[WIDTH_PX] = {FAR_OFF, N, FAR_OFF};
    memcpy(disparity_row(&prior, 4) + 2, values, sizeof(values));
    prior_begin(&geometry, &workspace);
    prior_row(&geometry, &input, 1, &workspace);
    for (int d = 0; d < range.count; d++) {
        assert_int_equal(penalty_at(&geometry, &workspace, 0, d), PRIOR_PENALTY_MAX);
        assert_int_equal(penalty_at(&geometry, &workspace, 1, d), 0);
        assert_int_equal(penalty_at(&geometry, &workspace, 2, d), PRIOR_PENALTY_MAX);
    }
    image_row(&confidence, 4)[2] = 1; /* any but 0 */
    image_row(&confidence, 4)[3] = 1;
    input.prior_confidence = &confidence;
    prior_row(&geometry, &input, 1, &workspace);
    for (int d = 0; d < range.count; d++) {
        assert_int_equal(penalty_at(&geometry, &workspace, 0, d), PRIOR_PENALTY_MAX);
        assert_int_equal(penalty_at(&geometry, &workspace, 1, d), 0);
        assert_int_equal(penalty_at(&geometry, &workspace, 2, d), 0);
    }
    workspace_destroy(&workspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(penalties_follow_their_formula, scratch_rewind_all),
        cmocka_unit_test_teardown(only_a_trusted_prior_counts, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
