/* SPDX-License-Identifier: Apache-2.0 */
/* How a picture lies in a network's input, and how its pixels get there and back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural/network_view.h"

static struct network_model plain_model(void)
{
    return (struct network_model){.kind = NETWORK_STEREO,
                                  .input = {0, 1},
                                  .channels = 3,
                                  .scale = 1.0F,
                                  .deviation = {1.0F, 1.0F, 1.0F},
                                  .multiple = 32,
                                  .output_scale = 1.0};
}

static struct network_fit fit_of(const struct network_model *model, int width, int height)
{
    struct network_fit fit;
    struct po_error error = {0};
    assert_int_equal(network_fit_make(model, width, height, &fit, &error), PO_OK);
    return fit;
}

static void test_any_size_is_padded_to_a_multiple(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    struct network_fit fit = fit_of(&model, 100, 65);
    assert_int_equal(fit.tensor_width_px, 128);
    assert_int_equal(fit.tensor_height_px, 96);
    assert_int_equal(fit.width_px, 100);
    assert_float_equal(fit.scale_x, 1.0, 0.0);
    assert_int_equal(fit.top, 0);
}

static void test_a_place_moves_the_picture(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    model.place = PLACE_BOTTOM_LEFT;
    assert_int_equal(fit_of(&model, 100, 65).top, 31);
    assert_int_equal(fit_of(&model, 100, 65).left, 0);
    model.place = PLACE_CENTRE;
    assert_int_equal(fit_of(&model, 100, 65).top, 15);
    assert_int_equal(fit_of(&model, 100, 65).left, 14);
}

static void test_larger_pictures_shrink_alike_and_smaller_ones_never_grow(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    model.fixed_width_px = 64;
    model.fixed_height_px = 64;
    struct network_fit fit = fit_of(&model, 256, 64);
    assert_float_equal(fit.scale_x, 0.25, 1e-12);
    assert_float_equal(fit.scale_y, 0.25, 1e-12);
    assert_int_equal(fit.width_px, 64);
    assert_int_equal(fit.height_px, 16);
    assert_float_equal(fit_of(&model, 32, 32).scale_x, 1.0, 0.0);
    model.kind = NETWORK_DEPTH; /* has no disparities: sides may shrink apart */
    assert_float_equal(fit_of(&model, 256, 64).scale_y, 1.0, 0.0);
}

/* Every pixel has one owner, the last tile to write it, with its partner in view. */
static void test_tiles_cover_the_picture(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    model.large = LARGE_TILES;
    model.fixed_width_px = 256;
    model.fixed_height_px = 192;
    model.max_disparity_px = 48;
    enum { WIDTH = 700, HEIGHT = 401 };
    struct network_fit fit = fit_of(&model, WIDTH, HEIGHT);
    assert_true(fit.tiles_x > 2 && fit.tiles_y > 1);
    char *owned = calloc(WIDTH, HEIGHT);
    for (int i = 0; i < fit.tiles_x * fit.tiles_y; i++) {
        struct network_tile tile = network_tile_at(&fit, WIDTH, HEIGHT, i);
        assert_true(tile.x >= 0 && tile.x + fit.width_px <= WIDTH);
        assert_true(tile.y >= 0 && tile.y + fit.height_px <= HEIGHT);
        assert_true(tile.own_left == 0 || tile.own_left - tile.x >= 48);
        for (int y = tile.own_top; y < tile.own_bottom; y++)
            memset(owned + (size_t)y * WIDTH + tile.own_left, 1,
                   (size_t)(tile.own_right - tile.own_left));
    }
    assert_null(memchr(owned, 0, (size_t)WIDTH * HEIGHT));
    free(owned);
}

static void test_tiles_narrower_than_their_overlap_are_refused(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    struct network_fit fit;
    struct po_error error = {0};
    model.large = LARGE_TILES;
    model.fixed_width_px = 128;
    assert_int_equal(network_fit_make(&model, 700, 100, &fit, &error), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "scale"));
}

enum { SIDE = 8, PIXELS = SIDE * SIDE };

/* Packs a ramp into a tensor of one or three channels. */
static void pack(const struct network_model *model, bool mirrored, float *tensor)
{
    uint8_t pixels[PIXELS * 3];
    struct scratch scratch = {0};
    struct po_error error = {0};
    for (int i = 0; i < PIXELS; i++)
        for (int c = 0; c < 3; c++)
            pixels[i * 3 + c] = (uint8_t)(i % SIDE * 10 + i / SIDE + c * 100);
    struct network_picture picture = {SIDE,   SIDE,    3, (ptrdiff_t)SIDE * 3,
                                      pixels, mirrored};
    struct network_fit fit = fit_of(model, SIDE, SIDE);
    struct network_tile tile = network_tile_at(&fit, SIDE, SIDE, 0);
    assert_int_equal(scratch_init(&scratch, network_view_pack_bytes(&picture), &error),
                     PO_OK);
    assert_int_equal(
        network_view_pack(&picture, &(struct network_part){model, &fit, &tile},
                          &(struct network_slice){tensor, 0, model->channels}, &scratch,
                          &error),
        PO_OK);
    assert_true(scratch.peak <= network_view_pack_bytes(&picture));
    scratch_release(&scratch);
}

static void test_pixels_are_normalized_by_channel(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    float tensor[3 * PIXELS];
    model.multiple = 1;
    model.scale = 0.5F;
    model.mean[1] = 3.0F;
    model.deviation[2] = 2.0F;
    pack(&model, false, tensor);
    assert_float_equal(tensor[SIDE + 2], 10.5, 1e-6);               /* 21 / 2 */
    assert_float_equal(tensor[PIXELS + SIDE + 2], 57.5, 1e-6);      /* 121 / 2 - 3 */
    assert_float_equal(tensor[2 * PIXELS + SIDE + 2], 55.25, 1e-6); /* 221 / 2 / 2 */
    model.bgr = true;
    pack(&model, false, tensor);
    assert_float_equal(tensor[SIDE + 2], 110.5, 1e-6);
}

static void test_channels_last_and_mirrored(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    float tensor[3 * PIXELS];
    model.multiple = 1;
    model.channels_last = true;
    pack(&model, true, tensor);
    assert_float_equal(tensor[0], 70.0, 0.0); /* the last column comes first */
    assert_float_equal(tensor[1], 170.0, 0.0);
}

static void test_shrinking_averages(void **state)
{
    (void)state;
    struct network_model model = plain_model();
    float tensor[3 * 16];
    model.fixed_width_px = 4;
    model.fixed_height_px = 4;
    pack(&model, false, tensor);
    assert_float_equal(tensor[0], 5.5, 1e-5); /* of 0, 10, 1, 11 */
    assert_float_equal(tensor[5], 27.5, 1e-5);
}

static struct network_result result_of(int rank, const int64_t *shape, const float *data)
{
    struct network_result result = {.rank = rank, .data = data};
    memcpy(result.shape, shape, (size_t)rank * sizeof(*shape));
    return result;
}

static enum po_status unpack(const struct network_result *result, int channel, int side,
                             bool mirrored, float *values)
{
    struct network_model model = plain_model();
    struct po_error error = {0};
    model.multiple = 1;
    model.output_channel = channel;
    struct network_fit fit = fit_of(&model, side, side);
    struct network_tile tile = network_tile_at(&fit, side, side, 0);
    struct network_map map = {side, side, values};
    return network_view_unpack(result, &(struct network_part){&model, &fit, &tile},
                               mirrored, &map, &error);
}

static void test_outputs_of_every_shape(void **state)
{
    (void)state;
    static const float data[] = {0, 1, 2, 3, 10, 11, 12, 13};
    static const int64_t flat[] = {2, 2}, stacked[] = {1, 2, 2, 2}, paired[] = {2, 2, 2};
    float values[4];
    struct network_result result = result_of(2, flat, data);
    assert_int_equal(unpack(&result, 0, 2, false, values), PO_OK);
    assert_float_equal(values[3], 3.0, 0.0);
    result = result_of(4, stacked, data);
    assert_int_equal(unpack(&result, 1, 2, false, values), PO_OK);
    assert_float_equal(values[2], 12.0, 0.0);
    result = result_of(3, paired, data);
    assert_int_equal(unpack(&result, 1, 2, true, values), PO_OK);
    assert_float_equal(values[2], 13.0, 0.0);
    assert_int_equal(unpack(&result, 2, 2, false, values), PO_UNSUPPORTED);
    result.rank = 1;
    assert_int_equal(unpack(&result, 0, 2, false, values), PO_UNSUPPORTED);
}

/* Half-size outputs are read between their values on a slope, never across an edge. */
static void test_smaller_outputs_keep_edges(void **state)
{
    (void)state;
    static const float data[] = {1.0F, 1.5F, 40.0F, 40.0F};
    static const int64_t shape[] = {2, 2};
    float values[16];
    struct network_result result = result_of(2, shape, data);
    assert_int_equal(unpack(&result, 0, 4, false, values), PO_OK);
    assert_float_equal(values[1], 1.125, 1e-6);
    for (int i = 0; i < 16; i++)
        assert_true(values[i] < 2.0F || values[i] > 39.0F);
}

static void test_what_is_no_number_stays_none(void **state)
{
    (void)state;
    static const float data[] = {INFINITY, 1, 2, NAN};
    static const int64_t shape[] = {2, 2};
    float values[4];
    struct network_result result = result_of(2, shape, data);
    assert_int_equal(unpack(&result, 0, 2, false, values), PO_OK);
    assert_true(isnan(values[0]) && isnan(values[3]) && values[1] == 1.0F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_size_is_padded_to_a_multiple),
        cmocka_unit_test(test_a_place_moves_the_picture),
        cmocka_unit_test(test_larger_pictures_shrink_alike_and_smaller_ones_never_grow),
        cmocka_unit_test(test_tiles_cover_the_picture),
        cmocka_unit_test(test_tiles_narrower_than_their_overlap_are_refused),
        cmocka_unit_test(test_pixels_are_normalized_by_channel),
        cmocka_unit_test(test_channels_last_and_mirrored),
        cmocka_unit_test(test_shrinking_averages),
        cmocka_unit_test(test_outputs_of_every_shape),
        cmocka_unit_test(test_smaller_outputs_keep_edges),
        cmocka_unit_test(test_what_is_no_number_stays_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
