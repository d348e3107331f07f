/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "rectify/row_alignment.h"
#include "support/synthetic_texture.h"

enum { WIDTH = 900, HEIGHT = 500, CORNERS = 300 };

/* A pair of disparity 30 + y/50 whose right rows are off by a + b x' + c y'. */
struct offset {
    double a, b, c;
};

static void render(struct image_view *image, int right, struct offset offset)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            double row = y;
            double column = x;
            if (right) {
                row = y - (offset.a + offset.b * (2.0 * x / WIDTH - 1.0) +
                           offset.c * (2.0 * y / HEIGHT - 1.0));
                column = x + 30.0 + row / 50.0;
            }
            const double point[3] = {column, row, 0.0};
            image_row(image, y)[x] = (uint8_t)synthetic_texture(point, 7.0, 3, 0);
        }
    }
}

static struct row_alignment measure(struct offset offset)
{
    struct scratch scratch;
    struct row_alignment alignment;
    struct row_alignment_request request = {.max_corners = CORNERS};
    size_t plan = row_alignment_bytes(WIDTH, HEIGHT, CORNERS);
    size_t images = 2 * image_view_bytes(WIDTH, HEIGHT, 1);
    assert_int_equal(scratch_init(&scratch, plan + images, NULL), PO_OK);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &request.left, NULL),
                     PO_OK);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &request.right, NULL),
                     PO_OK);
    render(&request.left, 0, offset);
    render(&request.right, 1, offset);
    assert_int_equal(row_alignment_measure(&request, &scratch, &alignment, NULL), PO_OK);
    assert_int_equal(scratch.used, images); /* all given back */
    scratch_release(&scratch);
    return alignment;
}

static void aligned_rows_are_aligned(void **state)
{
    (void)state;
    struct row_alignment alignment = measure((struct offset){0, 0, 0});
    assert_true(alignment.found);
    assert_true(row_alignment_worst_px(&alignment) < 0.1);
    assert_true(fabs(alignment.disparity_low_px - 30.0) < 2.0);
    assert_true(fabs(alignment.disparity_high_px - 40.0) < 2.0);
}

static void a_constant_offset_is_measured(void **state)
{
    (void)state;
    struct row_alignment alignment = measure((struct offset){17.3, 0, 0});
    assert_true(alignment.found);
    assert_true(fabs(alignment.a_px - 17.3) < 0.15);
    assert_true(fabs(alignment.median_px - 17.3) < 0.15);
}

static void a_tilted_offset_is_measured(void **state)
{
    (void)state;
    struct row_alignment alignment = measure((struct offset){-3.0, 1.5, -2.0});
    assert_true(alignment.found);
    assert_true(fabs(alignment.a_px + 3.0) < 0.2);
    assert_true(fabs(alignment.b_px - 1.5) < 0.25);
    assert_true(fabs(alignment.c_px + 2.0) < 0.25);
}

static void nothing_is_said_of_unrelated_images(void **state)
{
    (void)state;
    struct scratch scratch;
    struct row_alignment alignment;
    struct row_alignment_request request = {.max_corners = CORNERS};
    assert_int_equal(scratch_init(&scratch,
                                  row_alignment_bytes(WIDTH, HEIGHT, CORNERS) +
                                      2 * image_view_bytes(WIDTH, HEIGHT, 1),
                                  NULL),
                     PO_OK);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &request.left, NULL),
                     PO_OK);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &request.right, NULL),
                     PO_OK);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const double point[3] = {x, y, 0.0};
            image_row(&request.left, y)[x] = (uint8_t)synthetic_texture(point, 7.0, 3, 0);
            image_row(&request.right, y)[x] =
                (uint8_t)synthetic_texture(point, 7.0, 99, 0);
        }
    }
    assert_int_equal(row_alignment_measure(&request, &scratch, &alignment, NULL), PO_OK);
    assert_false(alignment.found);
    memset(request.left.pixels, 128, image_view_bytes(WIDTH, HEIGHT, 1));
    assert_int_equal(row_alignment_measure(&request, &scratch, &alignment, NULL), PO_OK);
    assert_false(alignment.found);
    assert_int_equal(alignment.corners, 0);
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligned_rows_are_aligned),
        cmocka_unit_test(a_constant_offset_is_measured),
        cmocka_unit_test(a_tilted_offset_is_measured),
        cmocka_unit_test(nothing_is_said_of_unrelated_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
