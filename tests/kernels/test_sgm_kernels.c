/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kernel of every CPU level but the sweeps (test_sgm_sweeps.c) against the scalar
 * reference, bit by bit, in dav1d's way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/kernel_fixture.h"

struct census_case {
    int count;
    uint8_t *pixels;
    const uint8_t *neighbours[CENSUS_BITS];
    uint8_t *planes;
    uint8_t *interleaved;
    uint8_t *gradient;
};

static void census_case_run(const struct sgm_kernels *kernels, struct census_case *test)
{
    size_t stride = padded(test->count);
    const uint8_t *sides[6];
    for (int i = 0; i < 6; i++)
        sides[i] = test->neighbours[3 * i];
    kernels->census(test->pixels, test->neighbours, test->count, test->planes, stride);
    kernels->census_interleave(test->planes, stride, test->count, test->interleaved);
    kernels->gradient(sides, test->count, test->gradient);
}

static void census_case_init(struct census_case *test, int count)
{
    size_t stride = padded(count);
    test->count = count;
    test->planes = buffer_new(CENSUS_PLANES * stride);
    test->interleaved = buffer_new(CENSUS_PLANES * stride);
    test->gradient = buffer_new(stride);
}

static void census_case_release(struct census_case *test)
{
    free(test->planes);
    free(test->interleaved);
    free(test->gradient);
}

static void compare_census(const struct sgm_kernels *kernels, int count, int flavour)
{
    size_t stride = padded(count);
    uint8_t *pixels = random_buffer(stride + 2 * CENSUS_BITS, flavour);
    struct census_case expected;
    struct census_case found;
    census_case_init(&expected, count);
    census_case_init(&found, count);
    expected.pixels = found.pixels = pixels;
    for (int i = 0; i < CENSUS_BITS; i++)
        expected.neighbours[i] = found.neighbours[i] = pixels + i;
    census_case_run(&sgm_kernels_scalar, &expected);
    census_case_run(kernels, &found);
    for (size_t k = 0; k < CENSUS_PLANES; k++)
        assert_memory_equal(expected.planes + k * stride, found.planes + k * stride,
                            (size_t)count);
    assert_memory_equal(expected.interleaved, found.interleaved,
                        CENSUS_PLANES * (size_t)count);
    assert_memory_equal(expected.gradient, found.gradient, (size_t)count);
    assert_guarded(found.planes, CENSUS_PLANES * stride);
    assert_guarded(found.interleaved, CENSUS_PLANES * stride);
    assert_guarded(found.gradient, stride);
    census_case_release(&expected);
    census_case_release(&found);
    free(pixels);
}

static void features_are_those_of_the_reference(void **state)
{
    (void)state;
    for (int level = 0; level < LEVELS; level++) {
        const struct sgm_kernels *kernels = sgm_kernels_find(levels[level]);
        for (int i = 0; kernels != NULL && i < WIDTHS * 3; i++)
            compare_census(kernels, widths[i / 3], i % 3);
    }
}

static void penalties_read_no_further_than_the_guide(void **state)
{
    (void)state;
    for (int i = 0; i < LEVELS * WIDTHS * 6; i++) {
        const struct sgm_kernels *kernels = sgm_kernels_find(levels[i % LEVELS]);
        int count = widths[i / LEVELS % WIDTHS];
        int flavour = i / LEVELS / WIDTHS % 3;
        int channels = i / LEVELS / WIDTHS / 3 == 0 ? 1 : 3;
        if (kernels == NULL)
            continue;
        size_t bytes = (size_t)count * (size_t)channels;
        uint8_t *a = malloc(bytes); /* exact: a sanitizer sees one byte too many */
        uint8_t *b = malloc(bytes);
        assert_non_null(a);
        assert_non_null(b);
        for (size_t k = 0; k < bytes; k++) {
            a[k] = random_byte(flavour);
            b[k] = random_byte(flavour);
        }
        uint8_t *expected = buffer_new(padded(count));
        uint8_t *found = buffer_new(padded(count));
        sgm_kernels_scalar.penalty(a, b, channels, count, 130, 31, expected);
        kernels->penalty(a, b, channels, count, 130, 31, found);
        assert_memory_equal(expected, found, (size_t)count);
        assert_guarded(found, padded(count));
        free(a);
        free(b);
        free(expected);
        free(found);
    }
}

static void fill_chunk(struct winner_chunk *chunk, int flavour)
{
    for (int k = 0; k < WINNER_CHUNK; k++) {
        uint8_t best = random_byte(flavour);
        chunk->winner[k] = (uint16_t)(random_bits() % 1024);
        chunk->best[k] = best;
        chunk->before[k] = (uint8_t)(best + random_bits() % (256U - best));
        chunk->after[k] = (uint8_t)(best + random_bits() % (256U - best));
        chunk->second[k] = (uint8_t)(best + random_bits() % (256U - best));
    }
}

static void winners_become_the_same_disparities(void **state)
{
    (void)state;
    static int16_t expected[WINNER_CHUNK + SLACK];
    static int16_t found[WINNER_CHUNK + SLACK];
    static uint8_t expected_margins[WINNER_CHUNK];
    static uint8_t found_margins[WINNER_CHUNK];
    struct winner_chunk chunk;
    for (int i = 0; i < 64 * LEVELS; i++) {
        const struct sgm_kernels *kernels = sgm_kernels_find(levels[i % LEVELS]);
        int count = 1 + (int)(random_bits() % WINNER_CHUNK);
        int min_px = (int)(random_bits() % 2048) - 1024;
        if (kernels == NULL)
            continue;
        fill_chunk(&chunk, i % 3);
        uint8_t steep_rise = random_byte(i % 3);
        sgm_kernels_scalar.disparities(&chunk, count, min_px, steep_rise, expected);
        kernels->disparities(&chunk, count, min_px, steep_rise, found);
        assert_memory_equal(expected, found, (size_t)count * sizeof(int16_t));
        sgm_kernels_scalar.right_disparities(chunk.best, chunk.second, count, i, min_px,
                                             expected);
        kernels->right_disparities(chunk.best, chunk.second, count, i, min_px, found);
        assert_memory_equal(expected, found, (size_t)count * sizeof(int16_t));
        sgm_kernels_scalar.uniqueness_margins(&chunk, count, expected_margins);
        kernels->uniqueness_margins(&chunk, count, found_margins);
        assert_memory_equal(expected_margins, found_margins, (size_t)count);
    }
}

enum { FOREST_FEATURES = 5, FOREST_WIDTH = 300 };

static struct forest_tree random_tree(int flavour)
{
    struct forest_tree tree;
    for (int i = 0; i < FOREST_LEAVES; i++)
        tree.leaves[i] = random_byte(flavour);
    for (int i = 0; i < FOREST_DEPTH; i++) {
        tree.features[i] = (uint8_t)(random_bits() % FOREST_FEATURES);
        tree.thresholds[i] = random_byte(flavour);
    }
    return tree;
}

static void compare_forest(const struct sgm_kernels *kernels, int flavour, int count)
{
    static struct forest_tree trees[FOREST_TREES_MAX];
    const uint8_t *features[FOREST_FEATURES];
    uint8_t *rows[FOREST_FEATURES];
    struct byte_forest forest = {(int)(random_bits() % (FOREST_TREES_MAX + 1)),
                                 (int16_t)(random_bits() % 2000 - 1000), 0, trees};
    for (int i = 0; i < forest.count; i++)
        trees[i] = random_tree(flavour);
    for (int i = 0; i < FOREST_FEATURES; i++)
        features[i] = rows[i] = random_buffer(padded(count), flavour);
    uint8_t *expected = buffer_new(padded(count));
    uint8_t *found = buffer_new(padded(count));
    static struct ready_forest ready;
    uint8_t *classes = NULL;
    if (random_bits() % 2 == 0) {
        classes = buffer_new(padded(count));
        for (int x = 0; x < count; x++)
            classes[x] = random_bits() % 50 == 0 ? PIXEL_MEASURED : PIXEL_FILLED_MISMATCH;
    }
    forest_make_ready(&forest, &ready);
    sgm_kernels_scalar.forest(&ready, features, classes, count, expected);
    kernels->forest(&ready, features, classes, count, found);
    for (int x = 0; x < count; x++)
        if (classes == NULL || classes[x] == PIXEL_MEASURED)
            assert_int_equal(expected[x], found[x]);
    assert_guarded(found, padded(count));
    for (int i = 0; i < FOREST_FEATURES; i++)
        free(rows[i]);
    free(classes);
    free(expected);
    free(found);
}

static void forests_give_the_same_scores(void **state)
{
    (void)state;
    for (int i = 0; i < 48 * LEVELS; i++) {
        const struct sgm_kernels *kernels = sgm_kernels_find(levels[i % LEVELS]);
        if (kernels != NULL)
            compare_forest(kernels, i % 3, 1 + (int)(random_bits() % FOREST_WIDTH));
    }
}

static void tables_of_bytes_translate_the_same(void **state)
{
    (void)state;
    uint8_t table[257];
    for (int i = 0; i < 8 * LEVELS; i++) {
        const struct sgm_kernels *kernels = sgm_kernels_find(levels[i % LEVELS]);
        int count = 1 + (int)(random_bits() % FOREST_WIDTH);
        uint8_t *bytes = random_buffer(padded(count), 0);
        uint8_t *found = buffer_new(padded(count));
        for (int k = 0; k < 257; k++)
            table[k] = random_byte(0);
        for (int x = 0; x < count && i < 4 * LEVELS; x++)
            bytes[x] = (uint8_t)x;
        if (kernels != NULL) {
            kernels->translate(table + 1, bytes, count, found);
            for (int x = 0; x < count; x++)
                assert_int_equal(found[x], table[1 + bytes[x]]);
            assert_guarded(found, padded(count));
        }
        free(bytes);
        free(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_those_of_the_reference),
        cmocka_unit_test(penalties_read_no_further_than_the_guide),
        cmocka_unit_test(winners_become_the_same_disparities),
        cmocka_unit_test(forests_give_the_same_scores),
        cmocka_unit_test(tables_of_bytes_translate_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
