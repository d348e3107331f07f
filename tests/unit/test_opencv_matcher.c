/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "stereo/opencv_matcher.h"

/* Under a sanitizer the process grows by more than what is asked of it. */
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                     \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { ARENA_BYTES = 256 << 20 };

static const char *const mode_names[4] = {"sgbm", "3way", "hh", "hh4"};

static struct po_match_settings defaults(void)
{
    return (struct po_match_settings){
        .matcher = PO_MATCHER_OPENCV,
        .opencv_mode = PO_OPENCV_3WAY,
        .block_size_px = 3,
        .p1 = PO_AUTO,
        .p2 = PO_AUTO,
        .uniqueness_ratio_percent = 10,
        .left_right_max_diff_px = 1.0,
    };
}

/* A noise scene whose every pixel has the disparity `shift_px`. */
static void make_pair(struct scratch *scratch, int width_px, int height_px, int shift_px,
                      struct match_input *input)
{
    memset(input, 0, sizeof(*input));
    assert_int_equal(image_view_take(scratch, width_px, height_px, 1, &input->left, NULL),
                     PO_OK);
    assert_int_equal(
        image_view_take(scratch, width_px, height_px, 1, &input->right, NULL), PO_OK);
    uint32_t random = 99;
    for (int y = 0; y < height_px; y++) {
        uint8_t *left = image_row(&input->left, y);
        uint8_t *right = image_row(&input->right, y);
        for (int x = 0; x < width_px; x++) {
            random = random * 1664525U + 1013904223U;
            left[x] = (uint8_t)(random >> 24);
            right[x] = (uint8_t)(random >> 16);
        }
        for (int x = 0; x < width_px; x++)
            if (x - shift_px >= 0 && x - shift_px < width_px)
                right[x - shift_px] = left[x];
    }
    input->guide = input->left;
}

static enum po_status match(const struct po_match_settings *settings,
                            const struct match_input *input, struct scratch *scratch,
                            struct disparity_map *map, struct po_error *error)
{
    struct match_plan plan;
    struct match_output output = {0};
    enum po_status status =
        opencv_matcher.plan(settings,
                            &(struct match_size){input->left.width_px,
                                                 input->left.height_px, 1, input->range},
                            0, &plan, error);
    if (status != PO_OK)
        return status;
    assert_int_equal(disparity_map_take(scratch, input->left.width_px,
                                        input->left.height_px, &output.left, NULL),
                     PO_OK);
    size_t before = scratch->used;
    scratch->peak = before;
    status = opencv_matcher.run(settings, &plan, input, scratch, &output, error);
    assert_int_equal(scratch->used, before);
    if (status == PO_OK)
        assert_int_equal(scratch->peak - before, plan.scratch_bytes);
    *map = output.left;
    return status;
}

/* Counts pixels of columns first..last that are within a quarter pixel of the truth. */
static double percent_right(const struct disparity_map *map, int first, int last,
                            int shift_px)
{
    int right = 0;
    for (int y = 0; y < map->height_px; y++)
        for (int x = first; x <= last; x++)
            right += abs(disparity_row(map, y)[x] - shift_px * DISPARITY_SCALE) <= 4;
    return 100.0 * right / (map->height_px * (last - first + 1));
}

static void a_shifted_scene_has_that_disparity_in_every_mode(void **state)
{
    (void)state;
    const int shifts_px[] = {0, 7, 31, -9};
    for (int mode = 0; mode < 4; mode++) {
        for (size_t i = 0; i < sizeof(shifts_px) / sizeof(*shifts_px); i++) {
            struct scratch scratch;
            assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
            struct match_input input;
            int shift_px = shifts_px[i];
            make_pair(&scratch, 200, 64, shift_px, &input);
            input.range = (struct disparity_range){-16, 64};
            struct po_match_settings settings = defaults();
            settings.opencv_mode = (enum po_opencv_mode)mode;
            struct disparity_map map;
            assert_int_equal(match(&settings, &input, &scratch, &map, NULL), PO_OK);
            /* Columns both cameras see, up to the very border. */
            int first = shift_px > 0 ? shift_px : 0;
            int last = shift_px < 0 ? 199 + shift_px : 199;
            double right = percent_right(&map, first + 2, last - 2, shift_px);
            if (right < 97.0)
                fail_msg("%s: %.1f %% of pixels have disparity %d", mode_names[mode],
                         right, shift_px);
            scratch_release(&scratch);
        }
    }
}

static void the_left_band_is_matched(void **state)
{
    (void)state;
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
    struct match_input input;
    make_pair(&scratch, 200, 64, 4, &input);
    input.range = (struct disparity_range){0, 96};
    struct po_match_settings settings = defaults();
    struct disparity_map map;
    assert_int_equal(match(&settings, &input, &scratch, &map, NULL), PO_OK);
    assert_true(percent_right(&map, 6, 95, 4) > 97.0);
    scratch_release(&scratch);
}

static void unmatched_pixels_hold_the_invalid_code(void **state)
{
    (void)state;
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
    struct match_input input;
    make_pair(&scratch, 200, 64, 40, &input); /* outside the range: nothing matches */
    input.range = (struct disparity_range){-16, 32};
    struct po_match_settings settings = defaults();
    settings.uniqueness_ratio_percent = 40;
    struct disparity_map map;
    assert_int_equal(match(&settings, &input, &scratch, &map, NULL), PO_OK);
    int invalid = 0;
    for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 200; x++) {
            int value = disparity_row(&map, y)[x];
            invalid += value == DISPARITY_INVALID;
            assert_true(value == DISPARITY_INVALID || (value >= -256 && value < 256));
        }
    }
    assert_true(invalid > 64 * 200 / 2);
    scratch_release(&scratch);
}

static enum po_status plan_of(struct po_match_settings settings, int width_px,
                              int height_px, struct disparity_range range)
{
    struct match_plan plan;
    struct po_error error = {0};
    enum po_status status = opencv_matcher.plan(
        &settings, &(struct match_size){width_px, height_px, 1, range}, 0, &plan, &error);
    assert_true((status == PO_OK) == (error.message[0] == '\0'));
    return status;
}

static void hostile_settings_are_refused(void **state)
{
    (void)state;
    const struct disparity_range good = {0, 64};
    struct po_match_settings settings = defaults();
    assert_int_equal(plan_of(settings, 640, 480, good), PO_OK);
    const int blocks[] = {-3, 0, 2, 4, 13, 255, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
        settings.block_size_px = blocks[i];
        assert_int_equal(plan_of(settings, 640, 480, good), PO_BAD_ARGUMENT);
    }
    settings = defaults();
    const struct disparity_range ranges[] = {
        {0, 0},         {0, 15},        {0, 17},         {0, -16},
        {0, 1040},      {-1025, 64},    {INT32_MIN, 64}, {INT32_MAX, 64},
        {0, INT32_MAX}, {0, INT32_MIN}, {640, 64},       {-800, 64},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
        assert_int_equal(plan_of(settings, 640, 480, ranges[i]), PO_BAD_ARGUMENT);
    settings.p1 = 100;
    settings.p2 = 100;
    assert_int_equal(plan_of(settings, 640, 480, good), PO_BAD_ARGUMENT);
    settings.p2 = 40000;
    assert_int_equal(plan_of(settings, 640, 480, good), PO_BAD_ARGUMENT);
    settings = defaults();
    settings.opencv_mode = (enum po_opencv_mode)9;
    assert_int_equal(plan_of(settings, 640, 480, good), PO_BAD_ARGUMENT);
    settings = defaults();
    settings.uniqueness_ratio_percent = 100;
    assert_int_equal(plan_of(settings, 640, 480, good), PO_BAD_ARGUMENT);
}

/* At half a block OpenCV reads memory it never wrote (opencv#25828). */
static void images_below_a_block_are_refused(void **state)
{
    (void)state;
    struct po_match_settings settings = defaults();
    settings.block_size_px = 11;
    assert_int_equal(plan_of(settings, 5, 480, (struct disparity_range){-4, 16}),
                     PO_BAD_ARGUMENT);
    assert_int_equal(plan_of(settings, 11, 480, (struct disparity_range){-4, 16}),
                     PO_BAD_ARGUMENT);
    assert_int_equal(plan_of(settings, 480, 11, (struct disparity_range){-4, 16}),
                     PO_BAD_ARGUMENT);
    assert_int_equal(plan_of(settings, 12, 12, (struct disparity_range){-4, 16}), PO_OK);
    assert_int_equal(plan_of(settings, 65000, 480, (struct disparity_range){0, 1024}),
                     PO_BAD_ARGUMENT);
}

/* The smallest images that pass the guard: freed memory of any content changes nothing.
 */
static void small_images_give_the_same_bytes_every_time(void **state)
{
    (void)state;
    for (int mode = 0; mode < 4; mode++) {
        for (int block = 1; block <= 11; block += 2) {
            struct scratch scratch;
            assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
            struct match_input input;
            make_pair(&scratch, block + 1, block + 1, 2, &input);
            input.range = (struct disparity_range){-16, 48};
            struct po_match_settings settings = defaults();
            settings.block_size_px = block;
            settings.opencv_mode = (enum po_opencv_mode)mode;
            struct disparity_map maps[2];
            for (int i = 0; i < 2; i++) {
                void *dirt = malloc(1 << 20);
                assert_non_null(dirt);
                memset(dirt, i == 0 ? 0x11 : 0xEE, 1 << 20);
                free(dirt);
                assert_int_equal(match(&settings, &input, &scratch, &maps[i], NULL),
                                 PO_OK);
            }
            for (int y = 0; y <= block; y++)
                assert_memory_equal(disparity_row(&maps[0], y),
                                    disparity_row(&maps[1], y),
                                    (size_t)(block + 1) * sizeof(int16_t));
            scratch_release(&scratch);
        }
    }
}

static void a_budget_too_small_names_both_numbers(void **state)
{
    (void)state;
    struct po_match_settings settings = defaults();
    settings.opencv_mode = PO_OPENCV_HH;
    struct match_plan plan;
    struct po_error error;
    assert_int_equal(
        opencv_matcher.plan(
            &settings,
            &(struct match_size){1456, 1088, 1, (struct disparity_range){-16, 96}},
            100 << 20, &plan, &error),
        PO_MEMORY_LIMIT);
    assert_non_null(strstr(error.message, "100 MB"));
    /* FIELD_NOTES-sized pair: HH holds two volumes of 16-bit costs. */
    assert_true(plan.library_bytes > 500U << 20);
}

static void a_raised_flag_cancels(void **state)
{
    (void)state;
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
    struct match_input input;
    make_pair(&scratch, 200, 64, 4, &input);
    input.range = (struct disparity_range){0, 64};
    struct cancel cancel;
    atomic_init(&cancel.requested, 1);
    input.cancel = &cancel;
    struct po_match_settings settings = defaults();
    struct disparity_map map;
    assert_int_equal(match(&settings, &input, &scratch, &map, NULL), PO_CANCELLED);
    scratch_release(&scratch);
}

static size_t status_bytes(const char *key)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    size_t kilobytes = 0;
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            kilobytes = strtoul(line + strlen(key), NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return kilobytes << 10;
}

static bool reset_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file == NULL)
        return false;
    bool written = fputs("5", file) >= 0;
    return fclose(file) == 0 && written;
}

/* The plan's library bytes against the growth of the process, mode by mode. */
static void planned_bytes_are_the_bytes_used(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    for (int mode = 0; mode < 4; mode++) {
        struct scratch scratch;
        assert_int_equal(scratch_init(&scratch, ARENA_BYTES, NULL), PO_OK);
        memset(scratch.base, 0, 32U << 20); /* resident before we measure */
        struct match_input input;
        make_pair(&scratch, 900, 700, 12, &input);
        input.range = (struct disparity_range){-16, 96};
        struct po_match_settings settings = defaults();
        settings.opencv_mode = (enum po_opencv_mode)mode;
        struct match_plan plan;
        assert_int_equal(
            opencv_matcher.plan(&settings, &(struct match_size){900, 700, 1, input.range},
                                0, &plan, NULL),
            PO_OK);
        malloc_trim(0);
        if (!reset_peak())
            skip();
        size_t before = status_bytes("VmRSS:");
        struct disparity_map map;
        assert_int_equal(match(&settings, &input, &scratch, &map, NULL), PO_OK);
        double used = (double)(status_bytes("VmHWM:") - before);
        double planned = (double)plan.library_bytes;
        print_message("%s: planned %.2f MB, used %.2f MB\n", mode_names[mode],
                      planned / 1e6, used / 1e6);
        assert_true(used < planned * 1.05 + 1e6);
        assert_true(used > planned * 0.90 - 1e6);
        scratch_release(&scratch);
    }
}

int main(void)
{
    (void)!cv_shim_init(NULL);
    /* Freed buffers go back to the system, so that the process shows what a run takes. */
    mallopt(M_MMAP_THRESHOLD, 64 << 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shifted_scene_has_that_disparity_in_every_mode),
        cmocka_unit_test(the_left_band_is_matched),
        cmocka_unit_test(unmatched_pixels_hold_the_invalid_code),
        cmocka_unit_test(hostile_settings_are_refused),
        cmocka_unit_test(images_below_a_block_are_refused),
        cmocka_unit_test(small_images_give_the_same_bytes_every_time),
        cmocka_unit_test(a_budget_too_small_names_both_numbers),
        cmocka_unit_test(a_raised_flag_cancels),
        cmocka_unit_test(planned_bytes_are_the_bytes_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
