/* SPDX-License-Identifier: Apache-2.0 */
/* The automatic range where its answer is known: synthetic pairs, and pairs that say
 * nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check/range_estimate.h"
#include "check/range_histogram.h"
#include "support/synthetic_scene.h"

struct pair {
    struct scratch scratch;
    struct image_view left;
    struct image_view right;
};

static void pair_take(struct pair *pair, int width_px, int height_px)
{
    size_t bytes = scratch_sum(range_estimate_bytes(width_px, height_px),
                               2 * image_view_bytes(width_px, height_px, 1));
    assert_int_equal(scratch_init(&pair->scratch, bytes, NULL), PO_OK);
    assert_int_equal(
        image_view_take(&pair->scratch, width_px, height_px, 1, &pair->left, NULL),
        PO_OK);
    assert_int_equal(
        image_view_take(&pair->scratch, width_px, height_px, 1, &pair->right, NULL),
        PO_OK);
}

static enum po_status estimate(struct pair *pair, double floor_px,
                               struct range_estimate *estimate, struct po_error *error)
{
    struct range_estimate_request request = {
        .left = pair->left, .right = pair->right, .floor_px = floor_px};
    return range_estimate(&request, &pair->scratch, estimate, error);
}

static struct synthetic_scene shifted(int width_px, int height_px, double offset_px)
{
    struct synthetic_scene scene =
        synthetic_scene_make(SYNTHETIC_SHIFT, width_px, height_px, 0);
    scene.offset_px = offset_px;
    return scene;
}

static void expect_around(int width_px, double offset_px, double floor_px)
{
    struct pair pair = {0};
    struct range_estimate found;
    struct synthetic_scene scene = shifted(width_px, 240, offset_px);
    pair_take(&pair, width_px, 240);
    synthetic_scene_render(&scene, 0, &pair.left);
    synthetic_scene_render(&scene, 1, &pair.right);
    assert_int_equal(estimate(&pair, floor_px, &found, NULL), PO_OK);
    assert_true(found.low_px <= offset_px && offset_px <= found.high_px);
    assert_true(found.high_px - found.low_px <= 0.05 * width_px);
    scratch_release(&pair.scratch);
}

static void one_depth_gives_a_narrow_range(void **state)
{
    (void)state;
    expect_around(320, 23.0, 0.0);
    expect_around(640, 150.5, 0.0);
    expect_around(333, 0.0, 0.0);
}

static void the_search_widens_for_near_scenes(void **state)
{
    (void)state;
    expect_around(640, 280.0, 0.0); /* 0.44 of the width */
    expect_around(640, 350.0, 0.0);
}

static void negative_disparities_are_found_where_the_rig_allows_them(void **state)
{
    (void)state;
    struct pair pair = {0};
    struct range_estimate found;
    struct synthetic_scene scene = shifted(320, 240, -12.0);
    expect_around(320, -12.0, -INFINITY);
    expect_around(640, -20.0, -31.0);
    pair_take(&pair, 320, 240);
    synthetic_scene_render(&scene, 0, &pair.left);
    synthetic_scene_render(&scene, 1, &pair.right);
    if (estimate(&pair, 0.0, &found, NULL) == PO_OK)
        assert_true(found.low_px >= 0.0);
    scratch_release(&pair.scratch);
}

static void image_fill(struct image_view *image, int value)
{
    for (int y = 0; y < image->height_px; y++)
        memset(image_row(image, y), value, (size_t)image->width_px);
}

static void expect_refusal(struct pair *pair)
{
    struct range_estimate found;
    struct po_error error = {0};
    assert_int_equal(estimate(pair, -INFINITY, &found, &error), PO_NO_RANGE);
    assert_non_null(strstr(error.message, "--num-disparities"));
    scratch_release(&pair->scratch);
}

static void a_pair_without_texture_is_refused(void **state)
{
    (void)state;
    struct pair pair = {0};
    pair_take(&pair, 400, 300);
    image_fill(&pair.left, 90);
    image_fill(&pair.right, 90);
    expect_refusal(&pair);
}

static void two_different_scenes_are_refused(void **state)
{
    (void)state;
    struct pair pair = {0};
    struct synthetic_scene scene = shifted(400, 300, 10.0);
    pair_take(&pair, 400, 300);
    synthetic_scene_render(&scene, 0, &pair.left);
    scene.seed += 77;
    synthetic_scene_render(&scene, 1, &pair.right);
    expect_refusal(&pair);
}

static void tiny_images_are_refused_not_read_past(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 9}, {16, 1}, {17, 5}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct pair pair = {0};
        pair_take(&pair, sizes[i][0], sizes[i][1]);
        image_fill(&pair.left, 10);
        image_fill(&pair.right, 10);
        expect_refusal(&pair);
    }
}

/* A wall from 4 to 20 px, and `blob` pixels at 90. */
static double highest_with_blob(int blob)
{
    enum { W = 200, H = 250 };
    struct scratch scratch = {0};
    struct disparity_map map;
    struct range_histogram histogram;
    struct range_estimate found = {0};
    const struct disparity_range searched = {0, 160};
    size_t bytes = scratch_sum(disparity_map_bytes(W, H), range_histogram_bytes());
    assert_int_equal(scratch_init(&scratch, bytes, NULL), PO_OK);
    assert_int_equal(disparity_map_take(&scratch, W, H, &map, NULL), PO_OK);
    for (int i = 0; i < W * H; i++)
        disparity_row(&map, i / W)[i % W] =
            (int16_t)((i < blob ? 90 : 4 + i % 17) * DISPARITY_SCALE);
    assert_int_equal(range_histogram_take(&scratch, &map, searched, &histogram, NULL),
                     PO_OK);
    assert_int_equal(range_histogram_bounds(&histogram, 0, 1, &found, NULL), PO_OK);
    scratch_release(&scratch);
    return found.high_px;
}

/* One pixel in a thousand, far from all others, does not speak for the scene. */
static void a_far_blob_is_a_false_match(void **state)
{
    (void)state;
    assert_true(highest_with_blob(0) < 26);
    assert_true(highest_with_blob(45) < 26);
    assert_true(highest_with_blob(100) > 90);
}

static void a_range_is_a_multiple_of_16_that_covers_the_estimate(void **state)
{
    (void)state;
    struct disparity_range range;
    struct po_error error = {0};
    const struct range_estimate small = {.low_px = 3.4, .high_px = 20.2};
    const struct range_estimate signed_range = {.low_px = -7.5, .high_px = 8.0};
    const struct range_estimate huge = {.low_px = 0.0, .high_px = 1500.0};
    assert_int_equal(range_estimate_to_range(&small, &range, NULL), PO_OK);
    assert_int_equal(range.min_px, 3);
    assert_int_equal(range.count, 32);
    assert_int_equal(range_estimate_to_range(&signed_range, &range, NULL), PO_OK);
    assert_int_equal(range.min_px, -8);
    assert_int_equal(range.count, 32);
    assert_int_equal(range_estimate_to_range(&huge, &range, &error), PO_NO_RANGE);
    assert_non_null(strstr(error.message, "--downscale"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_depth_gives_a_narrow_range),
        cmocka_unit_test(the_search_widens_for_near_scenes),
        cmocka_unit_test(negative_disparities_are_found_where_the_rig_allows_them),
        cmocka_unit_test(a_pair_without_texture_is_refused),
        cmocka_unit_test(two_different_scenes_are_refused),
        cmocka_unit_test(tiny_images_are_refused_not_read_past),
        cmocka_unit_test(a_far_blob_is_a_false_match),
        cmocka_unit_test(a_range_is_a_multiple_of_16_that_covers_the_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
