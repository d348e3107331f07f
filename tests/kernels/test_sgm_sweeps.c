/* SPDX-License-Identifier: Apache-2.0 */
/* The sweeps of every CPU level against the scalar reference, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/kernel_fixture.h"

/* Everything one row of the sweeps reads and writes, for the layout of one level. */
struct sweep_case {
    struct sgm_row row;
    size_t slots;
    size_t positions;
    size_t chunks;
    int32_t *offsets;
    int32_t *prior_penalty_offsets;
    int32_t *prior_penalty_starts;
    uint16_t *winner_slots;
    uint16_t *excluded_offsets;
    uint8_t *inputs[10];
    int input_count;
    bool timed;
};

static uint8_t *input(struct sweep_case *test, uint8_t *buffer)
{
    test->inputs[test->input_count++] = buffer;
    return buffer;
}

static void sweep_case_layout(struct sweep_case *test, int lanes, int disparities)
{
    struct sgm_row *row = &test->row;
    int step = lanes > SLOT_STEP ? lanes : SLOT_STEP;
    int vectors = (disparities + step - 1) / step * step / lanes;
    row->layout = (struct lane_layout){disparities, lanes, vectors};
    row->tile_pixels = vectors * (PLANE_STRIDE - lanes);
    row->tile_stride = (size_t)vectors * PHASE_STRIDE;
    test->slots = (size_t)layout_slots(&row->layout);
    size_t count = (size_t)row->tile_pixels + (size_t)vectors;
    test->offsets = malloc(count * sizeof(int32_t));
    assert_non_null(test->offsets);
    for (size_t p = 0; p < count; p++)
        test->offsets[p] =
            (int32_t)(p % (size_t)vectors * PHASE_STRIDE + p / (size_t)vectors);
    row->right_offsets = test->offsets;
}

/* The tables hold what their comments in sgm_kernels.h say, written out naively. */
static void sweep_case_tables(struct sweep_case *test)
{
    struct sgm_row *row = &test->row;
    const struct lane_layout *layout = &row->layout;
    int disparities = layout->disparities;
    uint8_t *padding = input(test, buffer_new(test->slots));
    uint8_t *excluded = input(test, buffer_new(4 * (MAX_LANES + 3)));
    test->winner_slots = malloc(2 * (size_t)disparities * sizeof(uint16_t));
    test->excluded_offsets =
        malloc((size_t)disparities * (size_t)layout->vectors * sizeof(uint16_t));
    assert_non_null(test->winner_slots);
    assert_non_null(test->excluded_offsets);
    memset(excluded, 0, 4 * (MAX_LANES + 3));
    int starts[4] = {0, MAX_LANES, 2 * MAX_LANES + 1, 3 * MAX_LANES + 3};
    for (int run = 1; run <= 3; run++)
        memset(excluded + starts[run], 255, (size_t)run);
    for (int d = 0; d < (int)test->slots; d++)
        padding[layout_slot(layout, d)] = d < disparities ? 0 : 255;
    for (int d = 0; d < disparities; d++) {
        int step = d > 0 && d + 1 < disparities ? 1 : 0;
        test->winner_slots[2 * d] = (uint16_t)layout_slot(layout, d - step);
        test->winner_slots[2 * d + 1] = (uint16_t)layout_slot(layout, d + step);
        for (int v = 0; v < layout->vectors; v++) {
            int first = -1;
            int run = 0;
            for (int e = d - 1; e <= d + 1; e++)
                if (e >= 0 && e < (int)test->slots && e % layout->vectors == v) {
                    first = run == 0 ? e / layout->vectors : first;
                    run++;
                }
            test->excluded_offsets[d * layout->vectors + v] =
                (uint16_t)(run == 0 ? 0 : starts[run] - first);
        }
    }
    row->padding = padding;
    row->excluded = excluded;
    row->winner_slots = test->winner_slots;
    row->excluded_offsets = test->excluded_offsets;
}

static void sweep_case_prior(struct sweep_case *test)
{
    struct sgm_row *row = &test->row;
    int positions = 3 * (int)test->slots;
    test->prior_penalty_offsets = malloc((size_t)positions * sizeof(int32_t));
    test->prior_penalty_starts = malloc((size_t)row->width * sizeof(int32_t));
    assert_non_null(test->prior_penalty_offsets);
    assert_non_null(test->prior_penalty_starts);
    int vectors = row->layout.vectors;
    int stride = positions / vectors + SPAN_PADDING;
    uint8_t *prior_penalty = input(test, buffer_new((size_t)stride * (size_t)vectors));
    for (int i = 0; i < stride * vectors; i++)
        prior_penalty[i] = (uint8_t)(random_bits() % (PRIOR_PENALTY_MAX + 1));
    for (int p = 0; p < positions; p++)
        test->prior_penalty_offsets[p] = p % vectors * stride + p / vectors;
    for (int x = 0; x < row->width; x++)
        test->prior_penalty_starts[x] = (int32_t)(random_bits() % (2 * test->slots));
    row->prior_penalty = prior_penalty;
    row->prior_penalty_offsets = test->prior_penalty_offsets;
    row->prior_penalty_starts = test->prior_penalty_starts;
}

static void sweep_case_init(struct sweep_case *test, int lanes, int width,
                            int disparities, int flavour, bool takes_prior)
{
    *test = (struct sweep_case){.row = {.width = width}};
    struct sgm_row *row = &test->row;
    sweep_case_layout(test, lanes, disparities);
    sweep_case_tables(test);
    if (takes_prior)
        sweep_case_prior(test);
    size_t tiles = (size_t)((width + row->tile_pixels - 1) / row->tile_pixels);
    uint8_t *census = input(test, random_buffer(CENSUS_PLANES * (size_t)width, flavour));
    uint8_t *gradient = input(test, random_buffer(padded(width), flavour));
    uint8_t *right = input(test, random_buffer(tiles * row->tile_stride, flavour));
    uint8_t *p2 = input(test, random_buffer(2 * padded(width + 1), 0));
    for (size_t i = 0; i < CENSUS_PLANES * (size_t)width; i++)
        census[i] &= 0xF0;
    for (size_t i = 0; i < tiles * row->tile_stride; i++)
        if (i % PHASE_STRIDE < CENSUS_PLANES * PLANE_STRIDE)
            right[i] &= 0x0F;
        else
            right[i] = (uint8_t)(GRADIENT_MIN + right[i] % (GRADIENT_MAX - GRADIENT_MIN));
    for (int i = 0; i < width; i++)
        gradient[i] =
            (uint8_t)(GRADIENT_MIN + gradient[i] % (GRADIENT_MAX - GRADIENT_MIN));
    for (size_t i = 0; i < 2 * padded(width + 1); i++)
        p2[i] = (uint8_t)(31 + p2[i] % 100);
    row->left_census = census;
    row->left_gradient = gradient;
    row->right = right;
    row->p1_horizontal = 20;
    row->p1_vertical = 14;
    row->p2_horizontal = p2;
    row->p2_vertical = p2 + padded(width + 1);
    row->wants_second = flavour != 1;
    test->positions = (size_t)width + test->slots - 1;
    test->chunks = ((size_t)width + WINNER_CHUNK - 1) / WINNER_CHUNK;
}

static void sweep_case_release(struct sweep_case *test)
{
    for (int i = 0; i < test->input_count; i++)
        free(test->inputs[i]);
    free(test->offsets);
    free(test->prior_penalty_offsets);
    free(test->prior_penalty_starts);
    free(test->winner_slots);
    free(test->excluded_offsets);
}

enum { VERTICAL, LEFTWARD, FORWARD, SWEEPS };
enum { STATES = 3 }; /* of a pixel at most */

/* What the sweeps write. */
struct sweep_result {
    uint8_t *states;
    uint8_t *down;
    uint8_t *down_min;
    uint8_t *vertical;
    uint8_t *vertical_min;
    struct winner_chunk *winners;
    uint8_t *right_best;
    uint8_t *right_tag;
    double times[SWEEPS];
};

static void sweep_result_init(struct sweep_result *result, const struct sweep_case *test)
{
    size_t width = (size_t)test->row.width;
    size_t state = width * test->slots;
    result->states = buffer_new(STATES * state);
    result->down = buffer_new(state);
    result->down_min = buffer_new(width);
    result->vertical = buffer_new(state);
    result->vertical_min = buffer_new(width);
    result->winners = (struct winner_chunk *)(void *)buffer_new(
        test->chunks * sizeof(struct winner_chunk));
    result->right_best = buffer_new(test->positions);
    result->right_tag = buffer_new(test->positions);
    memset(result->states, 0, STATES * state);
    memset(result->down, 0, state);
    memset(result->down_min, 0, width);
    memset(result->vertical, 0, state);
    memset(result->vertical_min, 0, width);
}

static void sweep_result_release(struct sweep_result *result)
{
    free(result->states);
    free(result->down);
    free(result->down_min);
    free(result->vertical);
    free(result->vertical_min);
    free(result->winners);
    free(result->right_best);
    free(result->right_tag);
}

static double timed(void (*kernel)(const struct sgm_row *row), const struct sgm_row *row)
{
    double start = seconds();
    kernel(row);
    return seconds() - start;
}

/* Several rows in a row: states of the first are the input of the next. */
static void sweep(const struct sgm_sweeps *kernels, const struct sweep_case *test,
                  struct sweep_result *result)
{
    sweep_result_init(result, test);
    struct sgm_row row = test->row;
    row.states = result->states;
    row.down = result->down;
    row.down_min = result->down_min;
    row.previous = row.vertical = result->vertical;
    row.previous_min = row.vertical_min = result->vertical_min;
    row.winners = result->winners;
    row.right_best = result->right_best;
    row.right_tag = result->right_tag;
    for (int round = 0; round < ROUNDS; round++) {
        result->times[VERTICAL] = timed(kernels->vertical, &row);
        result->times[LEFTWARD] =
            timed(row.paths == 4 ? kernels->upward : kernels->backward, &row);
        result->times[FORWARD] = timed(kernels->forward, &row);
    }
}

static void assert_winners_equal(const struct sweep_case *test,
                                 const struct sweep_result *expected,
                                 const struct sweep_result *found)
{
    for (int x = 0; x < test->row.width; x++) {
        const struct winner_chunk *a = expected->winners + x / WINNER_CHUNK;
        const struct winner_chunk *b = found->winners + x / WINNER_CHUNK;
        int k = x % WINNER_CHUNK;
        assert_int_equal(a->winner[k], b->winner[k]);
        assert_int_equal(a->best[k], b->best[k]);
        assert_int_equal(a->before[k], b->before[k]);
        assert_int_equal(a->after[k], b->after[k]);
        if (test->row.wants_second)
            assert_int_equal(a->second[k], b->second[k]);
    }
    for (size_t p = 0; p < test->positions; p++) {
        assert_int_equal(expected->right_best[p], found->right_best[p]);
        if (expected->right_best[p] != SUM_SATURATED)
            assert_int_equal(expected->right_tag[p], found->right_tag[p]);
    }
}

static void compare_results(const char *name, const struct sgm_sweeps *sweeps,
                            const struct sweep_case *test)
{
    struct sweep_result expected;
    struct sweep_result found;
    sweep(sgm_kernels_scalar.sweeps, test, &expected);
    sweep(sweeps, test, &found);
    size_t width = (size_t)test->row.width;
    size_t state = width * test->slots;
    assert_memory_equal(expected.states, found.states, STATES * state);
    assert_memory_equal(expected.down, found.down, state);
    assert_memory_equal(expected.down_min, found.down_min, width);
    assert_memory_equal(expected.vertical, found.vertical, state);
    assert_memory_equal(expected.vertical_min, found.vertical_min, width);
    assert_winners_equal(test, &expected, &found);
    assert_guarded(found.states, STATES * state);
    assert_guarded(found.down, state);
    assert_guarded(found.vertical, state);
    assert_guarded(found.right_best, test->positions);
    assert_guarded(found.right_tag, test->positions);
    if (test->timed) {
        static const char *const names[][SWEEPS] = {
            {"vertical", "backward", "forward"},
            {"vertical", "upward", "forward of four"}};
        for (int i = 0; i < SWEEPS; i++)
            report(names[test->row.paths - 3][i], name, expected.times[i],
                   found.times[i]);
    }
    sweep_result_release(&expected);
    sweep_result_release(&found);
}

static void compare_sweeps(const char *name, const struct sgm_sweeps *sweeps, int width,
                           int disparities, int flavour, bool takes_prior)
{
    struct sweep_case test;
    sweep_case_init(&test, sweeps->lanes, width, disparities, flavour, takes_prior);
    test.timed = width == MAX_WIDTH && disparities == 96 && !takes_prior && flavour == 0;
    for (int paths = 3; paths <= 4; paths++) {
        test.row.paths = paths;
        compare_results(name, sweeps, &test);
    }
    sweep_case_release(&test);
}

/* The rows of `turn` differ from level to level, so that all are met in the end. */
static void compare_all(const char *name, const struct sgm_sweeps *sweeps, int turn)
{
    static const int ranges[] = {16, 32, 48, 96, 112, 160, 192, 224, 256, 304};
    enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };
    for (int i = 0; i < RANGES; i++) {
        compare_sweeps(name, sweeps, widths[(i + 3 * turn) % WIDTHS], ranges[i], i % 3,
                       true);
        compare_sweeps(name, sweeps, 5 + 13 * i, ranges[i], (i + 1) % 3, false);
    }
    compare_sweeps(name, sweeps, 1, 16, 0, false);
    compare_sweeps(name, sweeps, 40, 1024, 2, true);
    for (int flavour = 0; flavour < 3; flavour++)
        compare_sweeps(name, sweeps, MAX_WIDTH, 96, flavour, false);
}

static void sweeps_are_those_of_the_reference(void **state)
{
    (void)state;
    for (int level = 0; level < LEVELS; level++) {
        const struct sgm_kernels *kernels = sgm_kernels_find(levels[level]);
        if (kernels == NULL)
            continue;
        compare_all(kernels->name, kernels->sweeps, level);
        if (kernels->wide_sweeps != NULL)
            compare_all("wide", kernels->wide_sweeps, level);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_are_those_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
