/* SPDX-License-Identifier: Apache-2.0 */
/* The size of an image from its first bytes, and what is no header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/image_reader.h"
#include "image/image_size.h"
#include "support/image_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEAD(text) text, sizeof(text) - 1

static const struct {
    const char *head;
    size_t bytes;
    int width_px; /* 0: none */
    int height_px;
} heads[] = {
    {HEAD(""), 0, 0},
    {HEAD("\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\1\2\0\0\0\3"), 258, 3},
    {HEAD("\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\1\2\0\0\0"), 0, 0},
    {HEAD("\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\0\0\0\0\0\3"), 0, 0},
    {HEAD("\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\1\2\0\0\0\0"), 0, 0},
    {HEAD("\x89PNG\r\n\x1a\n\0\0\0\15IHDR\xff\0\1\2\0\0\0\3"), 0, 0},
    {HEAD("\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\1\2\xff\0\0\3"), 0, 0},
    {HEAD("\xff\xd8\xff\xc0\0\21\10\0\3\1\2"), 258, 3},
    {HEAD("\xff\xd8\xff\xff\xff\xc2\0\21\10\0\3\1\2"), 258, 3},
    {HEAD("\xff\xd8\xff\xe0\0\4..\xff\xc0\0\21\10\0\3\1\2"), 258, 3},
    {HEAD("\xff\xd8\xff\xc4\0\4..\xff\xc9\0\21\10\0\3\1\2"), 258, 3},
    {HEAD("\xff\xd8\xff\xc8\0\4..\xff\xcf\0\21\10\0\3\1\2"), 258, 3},
    {HEAD("\xff\xd8\xff\xcc\0\4..\xff\xc0\0\21\10\0\3\1\2"), 258, 3},
    {HEAD("\xff\xd8\xff\xe0\0\4..no marker here"), 0, 0},
    {HEAD("\xff\xd8\xff\xe0\xff\xff........."), 0, 0},
    {HEAD("\xff\xd9\xff\xc0\0\21\10\0\3\1\2"), 0, 0},
    {HEAD("\xff\xd8\xff"), 0, 0},
    {HEAD("P5\n12 34\n255\n"), 12, 34},
    {HEAD("P2 # a comment\n# more\n 12\t34 "), 12, 34},
    {HEAD("P6\n12# ends nowhere"), 0, 0},
    {HEAD("P6\n12 x"), 0, 0},
    {HEAD("P6\n12"), 0, 0},
    {HEAD("P6\n"), 0, 0},
    {HEAD("P6 9999999999999999999999 2"), 0, 0},
    {HEAD("P6 2 1000001"), 0, 0},
    {HEAD("P6 0 2"), 0, 0},
    {HEAD("P1 12 34"), 0, 0},
    {HEAD("P7 12 34"), 0, 0},
    {HEAD("P6"), 0, 0},
    {HEAD("BM................\2\1\0\0\3\0\0\0"), 258, 3},
    {HEAD("BM................\2\1\0\0\375\377\377\377"), 258, 3}, /* top down */
    {HEAD("BM................\2\1\0\0\0\0\0\0"), 0, 0},
    {HEAD("BM................\2\1\0\0\0\0\0\x80"), 0, 0},
    {HEAD("BM................\2\1\0\0\3\0\0"), 0, 0},
    {HEAD("BX................\2\1\0\0\3\0\0\0"), 0, 0},
    {HEAD("no image at all, whatever its name says"), 0, 0},
};

static void each_head_is_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        int size[2] = {-1, -1};
        bool found = image_size_of_head((const uint8_t *)heads[i].head, heads[i].bytes,
                                        &size[0], &size[1]);
        if (found != (heads[i].width_px > 0))
            fail_msg("head %zu", i);
        assert_int_equal(size[0], found ? heads[i].width_px : -1);
        assert_int_equal(size[1], found ? heads[i].height_px : -1);
        fixture_write(heads[i].head, heads[i].bytes);
        int peeked[2];
        assert_int_equal(image_size_peek(fixture.path, &peeked[0], &peeked[1], NULL),
                         PO_OK);
        assert_int_equal(peeked[0], heads[i].width_px);
        assert_int_equal(peeked[1], found ? heads[i].height_px : 0);
    }
    static const char *const nothing[] = {"/nowhere.png", "/"};
    for (size_t i = 0; i < COUNT(nothing); i++) {
        int size[2] = {-1, -1};
        assert_int_equal(image_size_peek(nothing[i], &size[0], &size[1], NULL), PO_OK);
        assert_true(size[0] == 0 && size[1] == 0);
    }
}

/* A file that became another one between its probe and its decoding. */
static void each_change_of_a_header_is_seen(void **state)
{
    (void)state;
    static struct image_source source = {.path = "a.png"};
    const struct image_header was = {.format = IMAGE_PNG,
                                     .width_px = 8,
                                     .height_px = 4,
                                     .channels = 3,
                                     .bits = 8,
                                     .decoder_bytes = 100};
    struct image_header now[] = {was, was, was, was, was, was, was, was};
    struct po_error error = {0};
    now[1].format = IMAGE_TIFF;
    now[2].width_px = 9;
    now[3].height_px = 5;
    now[4].channels = 1;
    now[5].bits = 16;
    now[6].is_float = true;
    now[7].decoder_bytes = 101;
    for (size_t i = 0; i < COUNT(now); i++)
        assert_int_equal(image_header_same(&source, &was, &now[i], &error),
                         i == 0 ? PO_OK : PO_CHANGED);
    assert_non_null(strstr(error.message, "a.png"));
}

static const uint8_t grey[] = "P5\n2 1\n255\nab";
static const uint8_t other[] = "\x89PNG\r\n\x1a\n\0\0\0\15IHDR";

static void another_format_is_a_change(void **state)
{
    (void)state;
    struct image_header header;
    struct image_view image;
    struct scratch scratch;
    struct po_error error = {0};
    const struct image_request request = {.scale = {65535, 0}};
    fixture_write(grey, sizeof(grey) - 1);
    assert_int_equal(image_file_probe(fixture.path, &header, &error), PO_OK);
    assert_int_equal(scratch_init(&scratch, image_file_scratch_bytes(&header), &error),
                     PO_OK);
    fixture_write(other, sizeof(other) - 1);
    assert_int_equal(
        image_file_read(fixture.path, &header, &request, &scratch, &image, &error),
        PO_CHANGED);
    assert_non_null(strstr(error.message, fixture.path));
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_head_is_measured),
        cmocka_unit_test(each_change_of_a_header_is_seen),
        cmocka_unit_test(another_format_is_a_change),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
