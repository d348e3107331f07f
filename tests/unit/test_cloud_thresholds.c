/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of a cloud that look at a pixel and its neighbours alone, at their very limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cloud/depth_sigma.h"
#include "support/cloud_fixture.h"

enum { WIDTH = 61, HEIGHT = 47, PIXELS = WIDTH * HEIGHT, NEAR = 50 * 16 };
enum { DECIMATED_POINTS = 750 };
static const uint32_t DECIMATED_HASH = 0x7cbe3baf;

static void a_depth_at_its_limit_stays(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR); /* 1000 mm */
    f.input.min_depth_mm = 1000;
    f.input.max_depth_mm = 1000;
    cloud_fixture_set(&f, 3, 0, NEAR + 1);
    cloud_fixture_set(&f, 4, 0, NEAR - 1);
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS - 2);
    cloud_fixture_release(&f);
}

static void an_error_at_its_limit_stays(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    static const struct {
        int x, code, class;
    } pixels[] = {{10, 32, PIXEL_MEASURED},
                  {20, 0, PIXEL_MEASURED},
                  {30, 255, PIXEL_MEASURED},
                  {40, 32, PIXEL_FILLED_OCCLUSION}};
    f.settings.max_depth_error_percent = 10;
    f.settings.include_filled = true;
    for (int i = 0; i < 4; i++) {
        int x = pixels[i].x;
        bool measured = pixels[i].class == PIXEL_MEASURED;
        int least = depth_sigma_least(depth_sigma_px(pixels[i].code, measured), 10, 0);
        for (int y = 0; y < 2; y++) {
            image_row(&f.input.sigma, y)[x] = (uint8_t)pixels[i].code;
            image_row(&f.input.classes, y)[x] = (uint8_t)pixels[i].class;
            cloud_fixture_set(&f, x, y, least - y);
        }
    }
    cloud_fixture_select(&f);
    for (int i = 0; i < 4; i++) {
        assert_true(cloud_fixture_kept(&f, pixels[i].x, 0));
        assert_false(cloud_fixture_kept(&f, pixels[i].x, 1));
    }
    f.input.sigma.pixels = NULL; /* then nobody knows an error */
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS);
    cloud_fixture_release(&f);
}

/* Every pixel by its own error, whatever those beside it are like: rows of sure ones, of
 * which a few are at a limit or short of it, less sure, or filled. */
static void every_error_counts_by_itself(void **state)
{
    (void)state;
    struct cloud_fixture f;
    uint32_t chance = 4711;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.max_depth_error_percent = 10;
    f.settings.include_filled = true;
    for (int y = 0; y < HEIGHT; y++)
        for (int i = 0; i < y % 5; i++) {
            chance = chance * 1664525U + 1013904223U;
            int x = (int)(chance >> 8) % WIDTH;
            int code = (int)(chance >> 4) % 256;
            bool measured = (chance >> 30) != 0;
            int least = depth_sigma_least(depth_sigma_px(code, measured), 10, 0);
            image_row(&f.input.sigma, y)[x] = (uint8_t)code;
            image_row(&f.input.classes, y)[x] =
                measured ? PIXEL_MEASURED : PIXEL_FILLED_MISMATCH;
            cloud_fixture_set(&f, x, y, least - (int)(chance >> 12) % 2);
        }
    cloud_fixture_select(&f);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool measured = image_row(&f.input.classes, y)[x] == PIXEL_MEASURED;
            double sigma_px = depth_sigma_px(image_row(&f.input.sigma, y)[x], measured);
            bool stays =
                disparity_row(&f.input.map, y)[x] >= depth_sigma_least(sigma_px, 10, 0);
            assert_int_equal(cloud_fixture_kept(&f, x, y), stays);
        }
    assert_in_range(count_list_get(&f.counts, "dropped_depth_error"), 20, 80);
    cloud_fixture_release(&f);
}

static void a_confidence_at_its_limit_stays(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.min_confidence = 200.0 / 255.0;
    image_row(&f.input.confidence, 0)[0] = 199;
    image_row(&f.input.confidence, 0)[1] = 200;
    image_row(&f.input.confidence, HEIGHT - 1)[WIDTH - 1] = 199;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS - 2);
    assert_false(cloud_fixture_kept(&f, 0, 0));
    assert_false(cloud_fixture_kept(&f, WIDTH - 1, HEIGHT - 1));
    f.settings.min_confidence = 1.0; /* the surest alone */
    image_row(&f.input.confidence, 5)[5] = 255;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, 1);
    cloud_fixture_release(&f);
}

/* A hole of one pixel has a rim of 3 px on all sides; what was filled is not judged. */
static void unsure_rims_of_holes_go(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.edge_confidence = 201.0 / 255.0;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS); /* nothing is missing anywhere */
    image_row(&f.input.classes, 10)[20] = PIXEL_FILLED_OCCLUSION;
    image_row(&f.input.confidence, 8)[18] = 201; /* sure enough */
    cloud_fixture_select(&f);
    assert_int_equal(count_list_get(&f.counts, "dropped_edge_confidence"), 7 * 7 - 2);
    assert_true(cloud_fixture_kept(&f, 18, 8));
    assert_true(cloud_fixture_kept(&f, 24, 10));
    assert_true(cloud_fixture_kept(&f, 20, 6));
    assert_false(cloud_fixture_kept(&f, 23, 13));
    assert_false(cloud_fixture_kept(&f, 17, 7));
    f.settings.include_filled = true;
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS); /* a filled hole has no rim */
    f.settings.include_filled = false;
    f.input.confidence.pixels = NULL; /* then nobody knows */
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS - 1);
    cloud_fixture_release(&f);
}

/* Columns are 2 mm apart at 1000 mm, and so are rows: 60 and 46 mm from the axis. */
static void points_on_the_walls_of_a_region_stay(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.roi_given = true;
    const double whole[6] = {-60, 60, -46, 46, 1000, 1000};
    memcpy(f.settings.roi_mm, whole, sizeof(whole));
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, PIXELS);
    const double less[6] = {-58, 60, -46, 44, 1000, 1000};
    memcpy(f.settings.roi_mm, less, sizeof(less));
    cloud_fixture_select(&f);
    assert_int_equal(f.selection.points, (WIDTH - 1) * (HEIGHT - 1));
    cloud_fixture_release(&f);
}

/* Which points stay is part of a cloud's bytes, so it is pinned here. */
static void decimation_keeps_the_same_pixels(void **state)
{
    (void)state;
    struct cloud_fixture f;
    cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
    f.settings.decimate = 4;
    cloud_fixture_select(&f);
    uint32_t hash = 2166136261U; /* FNV-1a over the mask */
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            hash = (hash ^ (uint32_t)cloud_fixture_kept(&f, x, y)) * 16777619U;
    assert_int_equal(f.selection.points, DECIMATED_POINTS);
    assert_int_equal(hash, DECIMATED_HASH);
    uint8_t row[WIDTH];
    for (int x = 0; x < WIDTH; x++)
        row[x] = cloud_fixture_kept(&f, x, 20);
    f.input.top_row = 7; /* of a strip: its rows are those of the whole */
    cloud_fixture_select(&f);
    for (int x = 0; x < WIDTH; x++)
        assert_int_equal(cloud_fixture_kept(&f, x, 13), row[x]);
    cloud_fixture_release(&f);
}

/* ---- edges ------------------------------------------------------------------------- */

static int neighbour(const struct cloud_fixture *f, const uint8_t *kept, int x, int y)
{
    x = x < 0 ? 0 : x >= WIDTH ? WIDTH - 1 : x;
    y = y < 0 ? 0 : y >= HEIGHT ? HEIGHT - 1 : y;
    return kept[y * WIDTH + x] ? disparity_row(&f->input.map, y)[x] : DISPARITY_INVALID;
}

/* At least four of eight neighbours within the jump, and no two opposite ones beyond it
 * on different sides. */
static bool stays(const struct cloud_fixture *f, const uint8_t *kept, int x, int y,
                  int jump)
{
    static const int ways[4][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
    int centre = disparity_row(&f->input.map, y)[x];
    int support = 0;
    bool between = false;
    for (int i = 0; i < 4; i++) {
        int side[2] = {0, 0};
        for (int s = 0; s < 2; s++) {
            int sign = s == 0 ? 1 : -1;
            int value = neighbour(f, kept, x + sign * ways[i][0], y + sign * ways[i][1]);
            if (value == DISPARITY_INVALID)
                continue;
            support += abs(value - centre) <= jump;
            side[s] = value - centre > jump ? 1 : value - centre < -jump ? -1 : 0;
        }
        between |= side[0] * side[1] < 0;
    }
    return support >= 4 && !between;
}

static void edges_are_those_of_the_definition(void **state)
{
    (void)state;
    static uint8_t kept[PIXELS];
    uint32_t random = 1;
    for (int round = 0; round < 12; round++) {
        struct cloud_fixture f;
        cloud_fixture_init(&f, WIDTH, HEIGHT, NEAR);
        for (int i = 0; i < PIXELS; i++) {
            random = random * 1664525U + 1013904223U;
            int step = (int)(random >> 16 & 3U); /* multiples of half the jump */
            bool hole = (random >> 20) % 10 < (unsigned)(round % 4);
            cloud_fixture_set(&f, i % WIDTH, i / WIDTH,
                              hole ? DISPARITY_INVALID : NEAR + 8 * step);
            kept[i] = !hole;
        }
        f.settings.edge_jump_px = round < 6 ? 1.0 : 0.5;
        cloud_fixture_select(&f);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                assert_int_equal(cloud_fixture_kept(&f, x, y),
                                 kept[y * WIDTH + x] &&
                                     stays(&f, kept, x, y, round < 6 ? 16 : 8));
        cloud_fixture_release(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_depth_at_its_limit_stays),
        cmocka_unit_test(an_error_at_its_limit_stays),
        cmocka_unit_test(every_error_counts_by_itself),
        cmocka_unit_test(a_confidence_at_its_limit_stays),
        cmocka_unit_test(unsure_rims_of_holes_go),
        cmocka_unit_test(points_on_the_walls_of_a_region_stay),
        cmocka_unit_test(decimation_keeps_the_same_pixels),
        cmocka_unit_test(edges_are_those_of_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
