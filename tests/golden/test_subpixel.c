/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sub-pixel step on scenes of known disparity: the bias that costs and paths leave at
 * each fraction, what is left of it on slanted planes, exposure and rows that differ, and
 * where it must not move anything. A bias is to be half of what the map has before the
 * step.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/steps.h"
#include "stereo/matchers.h"
#include "support/synthetic_scene.h"

enum { WIDTH = 400, HEIGHT = 200, ARENA_BYTES = 64 << 20, EIGHTHS = 8 };

struct frame {
    struct synthetic_scene scene;
    struct image_view left, right, classes;
    struct disparity_map before, after;
};

static struct scratch scratch;

static int setup(void **state)
{
    (void)state;
    return scratch_init(&scratch, ARENA_BYTES, NULL);
}

static int teardown(void **state)
{
    (void)state;
    scratch_release(&scratch);
    return 0;
}

static struct image_view take_grey(int width_px, int height_px)
{
    struct image_view view;
    assert_int_equal(image_view_take(&scratch, width_px, height_px, 1, &view, NULL), 0);
    for (int y = 0; y < height_px; y++)
        memset(image_row(&view, y), 0, (size_t)width_px);
    return view;
}

static struct disparity_map take_map(int width_px, int height_px)
{
    struct disparity_map map;
    assert_int_equal(disparity_map_take(&scratch, width_px, height_px, &map, NULL), 0);
    return map;
}

static void fill_classes(const struct image_view *classes, enum pixel_class class)
{
    for (int y = 0; y < classes->height_px; y++)
        memset(image_row(classes, y), (int)class, (size_t)classes->width_px);
}

/* Disparities a x + b y + offset. */
static struct frame make_frame(double a, double b, double offset_px)
{
    struct frame frame = {
        .scene = synthetic_scene_make(SYNTHETIC_PLANE, WIDTH, HEIGHT, 0),
        .left = take_grey(WIDTH, HEIGHT),
        .right = take_grey(WIDTH, HEIGHT),
        .classes = take_grey(WIDTH, HEIGHT),
        .before = take_map(WIDTH, HEIGHT),
        .after = take_map(WIDTH, HEIGHT),
    };
    frame.scene.slope_x = a;
    frame.scene.slope_y = b;
    frame.scene.offset_px = offset_px;
    synthetic_scene_render(&frame.scene, 0, &frame.left);
    synthetic_scene_render(&frame.scene, 1, &frame.right);
    fill_classes(&frame.classes, PIXEL_MEASURED);
    return frame;
}

static void match(struct frame *frame, enum po_sgm_level level)
{
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    const struct match_input input = {.left = frame->left,
                                      .right = frame->right,
                                      .guide = frame->left,
                                      .range = {0, 64}};
    struct po_settings settings;
    struct match_plan plan;
    struct match_output output;
    po_settings_defaults(&settings);
    settings.match.level = level;
    const struct match_size size = {WIDTH, HEIGHT, 1, input.range};
    assert_int_equal(matcher->plan(&settings.match, &size, 0, &plan, NULL), 0);
    assert_int_equal(matcher_take_output(matcher, &scratch, WIDTH, HEIGHT, &output, NULL),
                     0);
    assert_int_equal(
        matcher->run(&settings.match, &plan, &input, &scratch, &output, NULL), 0);
    median_5x5(&output.left, &row_kernels_plain, &frame->before);
}

static void copy_map(const struct disparity_map *from, struct disparity_map *to)
{
    for (int y = 0; y < from->height_px; y++)
        memcpy(disparity_row(to, y), disparity_row(from, y),
               (size_t)from->width_px * sizeof(int16_t));
}

static void step_with(const struct row_kernels *kernels, struct frame *frame)
{
    const struct subpixel_views views = {frame->left, frame->right, &frame->classes,
                                         kernels};
    size_t mark = scratch_mark(&scratch);
    copy_map(&frame->before, &frame->after);
    scratch.peak = mark;
    assert_int_equal(subpixel_step(&views, &scratch, &frame->after, NULL), 0);
    assert_int_equal(scratch_mark(&scratch), mark);
    assert_true(scratch.peak - mark <= subpixel_bytes(frame->after.width_px));
}

/* As refinement ends. */
static void average(struct frame *frame)
{
    size_t mark = scratch_mark(&scratch);
    scratch.peak = mark;
    assert_int_equal(flat_mean(&frame->classes, &scratch, &frame->after, NULL), 0);
    assert_int_equal(scratch_mark(&scratch), mark);
    assert_int_equal(scratch.peak - mark, flat_mean_bytes(frame->after.width_px));
}

static void step(struct frame *frame)
{
    step_with(row_kernels_find(PO_CPU_AUTO), frame);
}

struct errors {
    double mean_px;
    double absolute_px;
};

/* Of pixels that both images show, and that were matched. */
static struct errors errors_of(const struct frame *frame, const struct disparity_map *map)
{
    struct errors errors = {0, 0};
    int count = 0;
    for (int y = 8; y < HEIGHT - 8; y++)
        for (int x = 72; x < WIDTH - 8; x++) {
            double truth = synthetic_scene_disparity(&frame->scene, x, y);
            if (fabs(disparity_row(&frame->before, y)[x] / 16.0 - truth) >= 1)
                continue;
            double error = disparity_row(map, y)[x] / 16.0 - truth;
            errors.mean_px += error;
            errors.absolute_px += fabs(error);
            count++;
        }
    assert_true(count > WIDTH * HEIGHT / 2);
    return (struct errors){errors.mean_px / count, errors.absolute_px / count};
}

static void fractions_come_out_right(void **state)
{
    (void)state;
    for (int level = PO_SGM_FAST; level <= PO_SGM_QUALITY; level += 2)
        for (int eighth = 0; eighth < EIGHTHS; eighth++) {
            size_t mark = scratch_mark(&scratch);
            struct frame frame = make_frame(0, 0, 10 + eighth / (double)EIGHTHS);
            match(&frame, (enum po_sgm_level)level);
            step(&frame);
            struct errors before = errors_of(&frame, &frame.before);
            struct errors after = errors_of(&frame, &frame.after);
            print_message("level %d, fraction %d/8: %+.3f, mean %.3f px -> %+.3f, %.3f\n",
                          level, eighth, before.mean_px, before.absolute_px,
                          after.mean_px, after.absolute_px);
            assert_true(fabs(after.mean_px) < 0.02);
            if (eighth > 0) {
                assert_true(fabs(after.mean_px) < 0.5 * fabs(before.mean_px));
                assert_true(after.absolute_px < 0.65 * before.absolute_px);
            }
            scratch_rewind(&scratch, mark);
        }
}

static void slanted_planes_are_met_closer(void **state)
{
    (void)state;
    static const struct {
        double a, b;
    } planes[] = {{0, 0.01}, {0.01, 0}, {0.03, 0.07}, {0.05, 0.05}};
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++) {
        size_t mark = scratch_mark(&scratch);
        struct frame frame = make_frame(planes[i].a, planes[i].b, 9.3);
        match(&frame, PO_SGM_BALANCED);
        step(&frame);
        average(&frame);
        struct errors before = errors_of(&frame, &frame.before);
        struct errors after = errors_of(&frame, &frame.after);
        print_message("plane %.2f %.2f: %.4f px -> %+.4f, mean %.4f px\n", planes[i].a,
                      planes[i].b, before.absolute_px, after.mean_px, after.absolute_px);
        assert_true(fabs(after.mean_px) < 0.02);
        assert_true(after.absolute_px < 0.55 * before.absolute_px);
        scratch_rewind(&scratch, mark);
    }
}

/* A plane on which every fraction is as frequent. */
static void fractions_of_a_plane_are_as_frequent(void **state)
{
    (void)state;
    double shares[2][EIGHTHS] = {{0}};
    struct frame frame = make_frame(0.01, 0.005, 9.3);
    match(&frame, PO_SGM_BALANCED);
    step(&frame);
    int count = 0;
    for (int y = 8; y < HEIGHT - 8; y++)
        for (int x = 72; x < WIDTH - 8; x++, count++) {
            shares[0][(disparity_row(&frame.before, y)[x] & 15) / 2]++;
            shares[1][(disparity_row(&frame.after, y)[x] & 15) / 2]++;
        }
    for (int i = 0; i < EIGHTHS; i++) {
        double percent = 100 * shares[1][i] / count;
        print_message("eighth %d: %.2f -> %.2f %%\n", i, 100 * shares[0][i] / count,
                      percent);
        assert_true(percent > 11 && percent < 14);
    }
    scratch_rewind(&scratch, 0);
}

/* The mean of a window that is measured and flat; else what the pixel holds. */
static int mean_of_window(const struct frame *frame, int x, int y)
{
    int sum = 0, least = INT16_MAX, most = INT16_MIN;
    for (int j = y - 1; j <= y + 1; j++)
        for (int i = x - 1; i <= x + 1; i++) {
            bool inside = i >= 0 && j >= 0 && i < WIDTH && j < HEIGHT;
            if (!inside || image_row(&frame->classes, j)[i] != PIXEL_MEASURED)
                return disparity_row(&frame->before, y)[x];
            int value = disparity_row(&frame->before, j)[i];
            sum += value;
            least = value < least ? value : least;
            most = value > most ? value : most;
        }
    return most - least > 24 ? disparity_row(&frame->before, y)[x]
                             : (int)floor(sum / 9.0 + 0.5);
}

/* Slopes of both signs, steps, holes and values below zero. */
static void a_mean_is_of_flat_measured_windows(void **state)
{
    (void)state;
    struct frame frame = make_frame(0, 0, 10);
    uint32_t random = 1;
    int averaged = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            random = random * 1664525U + 1013904223U;
            int noise = (int)(random >> 24) % 24;
            disparity_row(&frame.before, y)[x] =
                (int16_t)((x / 40 % 2 == 0 ? 0 : 320) - y - x / 16 + noise);
            image_row(&frame.classes, y)[x] =
                (random >> 8 & 31) == 0 ? PIXEL_FILLED_MISMATCH : PIXEL_MEASURED;
        }
    copy_map(&frame.before, &frame.after);
    average(&frame);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int wanted = mean_of_window(&frame, x, y);
            assert_int_equal(disparity_row(&frame.after, y)[x], wanted);
            averaged += wanted != disparity_row(&frame.before, y)[x];
        }
    assert_in_range(averaged, WIDTH * HEIGHT / 10, WIDTH * HEIGHT * 9 / 10);
    scratch_rewind(&scratch, 0);
}

/* Values a quarter of a pixel off, without a matcher. */
static struct frame quarter_off(void)
{
    struct frame frame = make_frame(0, 0, 10.25);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            disparity_row(&frame.before, y)[x] = 10 * 16;
    return frame;
}

static void darken(struct image_view *image)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            image_row(image, y)[x] = (uint8_t)(image_row(image, y)[x] * 9 / 10 + 20);
}

/* Each row becomes a quarter of the next one. */
static void shift_rows(struct image_view *image)
{
    for (int y = 0; y + 1 < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            image_row(image, y)[x] =
                (uint8_t)((3 * image_row(image, y)[x] + image_row(image, y + 1)[x] + 2) /
                          4);
}

static void exposure_and_rows_may_differ(void **state)
{
    (void)state;
    void (*const changes[])(struct image_view * image) = {NULL, darken, shift_rows};
    for (int i = 0; i < 3; i++) {
        struct frame frame = quarter_off();
        if (changes[i] != NULL)
            changes[i](&frame.right);
        step(&frame);
        struct errors after = errors_of(&frame, &frame.after);
        print_message("change %d: -0.25 px -> %+.3f px\n", i, after.mean_px);
        assert_true(fabs(after.mean_px) < 0.08);
        scratch_rewind(&scratch, 0);
    }
}

static void assert_unmoved(const struct frame *frame)
{
    for (int y = 0; y < HEIGHT; y++)
        assert_memory_equal(disparity_row(&frame->before, y),
                            disparity_row(&frame->after, y), WIDTH * sizeof(int16_t));
}

static void what_is_not_measured_or_flat_stays(void **state)
{
    (void)state;
    struct frame frame = quarter_off();
    fill_classes(&frame.classes, PIXEL_FILLED_MISMATCH);
    step(&frame);
    assert_unmoved(&frame);
    scratch_rewind(&scratch, 0);
    frame = quarter_off();
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            image_row(&frame.left, y)[x] = (uint8_t)(100 + (x + y) % 2);
            image_row(&frame.right, y)[x] = (uint8_t)(100 + (x / 2 + y) % 2);
        }
    step(&frame);
    assert_unmoved(&frame);
    scratch_rewind(&scratch, 0);
}

/* Any values in the map, matches beyond the image too. */
static void every_table_gives_the_same_bytes(void **state)
{
    (void)state;
    struct frame frame = make_frame(0, 0, 10);
    uint32_t random = 1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            random = random * 1664525U + 1013904223U;
            image_row(&frame.classes, y)[x] = (random >> 8 & 7) != 0;
            bool far = (random >> 11 & 63) == 0;
            disparity_row(&frame.before, y)[x] =
                (int16_t)(far ? (int)(random >> 16) - 32768
                              : 156 + (int)(random >> 20 & 7));
        }
    step_with(&row_kernels_plain, &frame);
    struct disparity_map plain = take_map(WIDTH, HEIGHT);
    copy_map(&frame.after, &plain);
    step(&frame);
    int moved = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int by =
                disparity_row(&frame.after, y)[x] - disparity_row(&frame.before, y)[x];
            assert_int_equal(disparity_row(&plain, y)[x],
                             disparity_row(&frame.after, y)[x]);
            assert_true(abs(by) <= 8);
            assert_true(by == 0 || image_row(&frame.classes, y)[x] == PIXEL_MEASURED);
            moved += by != 0;
        }
    assert_true(moved > 1000);
    scratch_rewind(&scratch, 0);
}

static void images_of_any_size_are_taken(void **state)
{
    (void)state;
    for (int width = 1; width < 12; width++)
        for (int height = 1; height < 12; height++) {
            struct frame frame = {.left = take_grey(width, height),
                                  .right = take_grey(width, height),
                                  .classes = take_grey(width, height),
                                  .before = take_map(width, height),
                                  .after = take_map(width, height)};
            fill_classes(&frame.classes, PIXEL_MEASURED);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++) {
                    image_row(&frame.left, y)[x] = (uint8_t)(x * 40 + y * 7);
                    image_row(&frame.right, y)[x] = (uint8_t)(x * 40 + y * 7 + 10);
                    disparity_row(&frame.before, y)[x] = 0;
                }
            step(&frame);
            average(&frame);
            scratch_rewind(&scratch, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions_come_out_right),
        cmocka_unit_test(slanted_planes_are_met_closer),
        cmocka_unit_test(fractions_of_a_plane_are_as_frequent),
        cmocka_unit_test(a_mean_is_of_flat_measured_windows),
        cmocka_unit_test(exposure_and_rows_may_differ),
        cmocka_unit_test(what_is_not_measured_or_flat_stays),
        cmocka_unit_test(every_table_gives_the_same_bytes),
        cmocka_unit_test(images_of_any_size_are_taken),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
