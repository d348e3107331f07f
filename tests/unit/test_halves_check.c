/* SPDX-License-Identifier: Apache-2.0 */
/* Which pictures are two views side by side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/halves_check.h"
#include "cv_shim/cv_shim.h"
#include "support/image_fixture.h"

enum { WIDTH = 320, HEIGHT = 240, SHIFT = 17 };

static uint8_t pixels[HEIGHT][2 * WIDTH];
static struct po_error error;

/* Smooth noise: the same for the same seed and place. */
static uint8_t texture(uint32_t seed, int x, int y)
{
    uint32_t value = seed;
    for (int i = 0; i < 4; i++) {
        uint32_t cell = (uint32_t)((x + (i & 1) * 2) / 4) * 73856093U ^
                        (uint32_t)((y + (i >> 1) * 2) / 4) * 19349663U ^ seed;
        cell = (cell ^ cell >> 13) * 1274126177U;
        value += (cell ^ cell >> 16) & 63;
    }
    return (uint8_t)value;
}

/* The right half shows the scene of `right_seed`, SHIFT pixels to the left. */
static void write_halves(uint32_t right_seed, int width_px)
{
    char head[64];
    static struct bytes file;
    file.used = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < 2 * WIDTH; x++)
            pixels[y][x] =
                x < WIDTH ? texture(0, x, y) : texture(right_seed, x - WIDTH + SHIFT, y);
    int bytes = snprintf(head, sizeof(head), "P5 %d %d 255\n", width_px, HEIGHT);
    bytes_add(&file, head, (size_t)bytes);
    for (int y = 0; y < HEIGHT; y++)
        bytes_add(&file, pixels[y], (size_t)width_px);
    fixture_write(file.data, file.used);
}

static struct halves_check check_of(void)
{
    struct halves_check check;
    if (halves_check_file(fixture.path, NULL, &check, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_true(check.known);
    return check;
}

static void two_views_are_a_pair(void **state)
{
    (void)state;
    write_halves(0, 2 * WIDTH);
    struct halves_check check = check_of();
    assert_true(check.is_pair);
    assert_int_equal(check.width_px, 2 * WIDTH);
    assert_true(2 * check.agreeing > check.corners);
}

static void two_pictures_are_none(void **state)
{
    (void)state;
    write_halves(77, 2 * WIDTH);
    assert_false(check_of().is_pair);
    write_halves(0, WIDTH + 20); /* of the shape of one picture */
    assert_false(check_of().is_pair);
}

static void what_cannot_be_read_says_so(void **state)
{
    (void)state;
    struct halves_check check;
    fixture_write("P5 640 240 255\n", 15);
    assert_int_equal(halves_check_file(fixture.path, NULL, &check, &error), PO_BAD_IMAGE);
    assert_false(check.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_views_are_a_pair),
        cmocka_unit_test(two_pictures_are_none),
        cmocka_unit_test(what_cannot_be_read_says_so),
    };
    if (cv_shim_init(&error) != PO_OK)
        return 1;
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
