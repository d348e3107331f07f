/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a frame's view: base64, the choice of points, and reading the page back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base64.h"
#include "frame/frame_view.h"
#include "image/jpeg_writer.h"
#include "report/frame_page.h"
#include "report/page_asset.h"

static void base64_as_the_rfc_has_it(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char text[16] = "";
        size_t bytes = strlen(vectors[i][0]);
        base64_encode((const unsigned char *)vectors[i][0], bytes, text);
        assert_int_equal(base64_length(bytes), strlen(vectors[i][1]));
        assert_string_equal(text, vectors[i][1]);
    }
}

static void add_pixels(struct frame_view *view, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        frame_view_add_point(view, &(struct view_point){.pixel = first + i});
}

/* However many there are, and in whatever parts they come. */
static void points_are_chosen_by_their_place(void **state)
{
    (void)state;
    const struct view_size size = frame_view_size(1456, 1088, false);
    struct scratch scratch;
    struct frame_view once;
    struct frame_view parts;
    assert_int_equal(scratch_init(&scratch, 2 * frame_view_bytes(&size), NULL), PO_OK);
    assert_int_equal(frame_view_take(&scratch, &size, &once, NULL), PO_OK);
    assert_int_equal(frame_view_take(&scratch, &size, &parts, NULL), PO_OK);
    add_pixels(&once, 0, 400000);
    frame_view_finish_points(&once);
    assert_in_range(once.point_count, VIEW_MAX_POINTS * 9 / 10, VIEW_MAX_POINTS);
    int halves[2] = {0, 0};
    for (int i = 0; i < once.point_count; i++)
        halves[once.points[i].pixel >= 200000]++;
    assert_true(abs(halves[0] - halves[1]) < VIEW_MAX_POINTS / 20);
    add_pixels(&parts, 200000, 200000);
    add_pixels(&parts, 0, 200000);
    frame_view_finish_points(&parts);
    assert_int_equal(parts.point_count, once.point_count);
    assert_int_equal(parts.limit, once.limit);
    scratch_release(&scratch);
}

static void what_is_expected_changes_no_choice(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0,     6000,  64999,  65000,
                                      70000, 81000, 400000, 1500000};
    const struct view_size size = frame_view_size(1456, 1088, false);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct scratch scratch;
        struct frame_view plain;
        struct frame_view told;
        assert_int_equal(scratch_init(&scratch, 2 * frame_view_bytes(&size), NULL),
                         PO_OK);
        assert_int_equal(frame_view_take(&scratch, &size, &plain, NULL), PO_OK);
        assert_int_equal(frame_view_take(&scratch, &size, &told, NULL), PO_OK);
        frame_view_expect(&told, counts[i]);
        assert_true(told.limit < UINT32_MAX || counts[i] < 80000);
        add_pixels(&plain, 11, counts[i]);
        add_pixels(&told, 11, counts[i]);
        assert_int_equal(told.point_count, plain.point_count);
        assert_int_equal(told.limit, plain.limit);
        scratch_release(&scratch);
    }
}

static void few_points_all_stay(void **state)
{
    (void)state;
    const struct view_size size = frame_view_size(320, 240, true);
    struct scratch scratch;
    struct frame_view view;
    assert_int_equal(scratch_init(&scratch, frame_view_bytes(&size), NULL), PO_OK);
    assert_int_equal(frame_view_take(&scratch, &size, &view, NULL), PO_OK);
    add_pixels(&view, 7, 6000);
    frame_view_finish_points(&view);
    assert_int_equal(view.point_count, 6000);
    scratch_release(&scratch);
}

/* Noise is the largest there is. */
static void a_picture_fits_its_room(void **state)
{
    (void)state;
    enum { WIDTH = 33, HEIGHT = 17 };
    static uint8_t pixels[HEIGHT][WIDTH][3];
    struct image_view image = {WIDTH, HEIGHT, 3, (ptrdiff_t)WIDTH * 3, &pixels[0][0][0]};
    size_t room = jpeg_room_bytes(WIDTH, HEIGHT);
    unsigned char *jpeg = malloc(room);
    size_t bytes = 0;
    struct po_error error = {0};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++)
                pixels[y][x][c] = (uint8_t)((x * 7919 + y * 104729 + c * 31) >> 3);
    assert_int_equal(jpeg_encode(&image, jpeg, room, &bytes, &error), PO_OK);
    assert_in_range(bytes, 100, room);
    assert_memory_equal(jpeg, "\xff\xd8", 2);
    assert_memory_equal(jpeg + bytes - 2, "\xff\xd9", 2);
    assert_int_equal(jpeg_encode(&image, jpeg, 50, &bytes, &error), PO_INTERNAL);
    free(jpeg);
}

static void write_page(const char *path, const char *left, const char *facts,
                       const char *points)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fprintf(
        file, "<img id=\"left\" alt=\"left\" src=\"data:image/jpeg;base64,%s\">", left);
    static const char *const others[] = {"disparity", "class", "confidence"};
    for (int i = 0; i < 3; i++)
        (void)fprintf(file,
                      "<img id=\"%s\" alt=\"%s\" src=\"data:image/jpeg;base64,QQ==\">",
                      others[i], others[i]);
    (void)fprintf(file, "<script type=\"text/plain\" id=\"facts\">%s</script>", facts);
    (void)fprintf(file, "<script type=\"text/plain\" id=\"points\">%s</script>", points);
    assert_int_equal(fclose(file), 0);
}

static bool reads(const char *left, const char *facts, const char *points)
{
    static const char path[] = "/tmp/test_frame_view.html";
    struct frame_page page = {.bytes = 0};
    write_page(path, left, facts, points);
    bool read = frame_page_read(path, &page);
    if (read) {
        assert_string_equal(page.parts[PAGE_LEFT], left);
        assert_string_equal(page.parts[PAGE_FACTS], facts);
        assert_string_equal(page.parts[PAGE_POINTS], points);
    }
    frame_page_release(&page);
    (void)unlink(path);
    return read;
}

/* A file that another program changed must not put its tags into the report. */
static void only_data_is_taken_from_a_page(void **state)
{
    (void)state;
    assert_true(reads("QUJD", "{\"points\":3,\"low\":[-1.5e-3]}", ""));
    assert_false(reads("QU<b>", "{}", "QQ=="));
    assert_false(reads("QUJD\" onerror=\"x", "{}", "QQ=="));
    assert_false(reads("QUJD", "{}<img src=x>", "QQ=="));
    assert_false(reads("QUJD", "{\"a\":\"\\u003c\"}", "QQ=="));
    assert_false(reads("QUJD", "{}", "QQ<b>"));
    struct frame_page page = {.bytes = 0};
    assert_false(frame_page_read("/tmp/no/such/page.html", &page));
    frame_page_release(&page);
}

/* At block borders too, where whole blocks are looked at in one go. */
static void every_byte_of_base64_is_looked_at(void **state)
{
    (void)state;
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    static const int places[] = {0, 1, 126, 127, 128, 129, 255, 256, 299};
    char points[301];
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        for (int byte = 1; byte < 256; byte++) {
            memset(points, 'Q', sizeof(points));
            points[places[i]] = (char)byte;
            points[300] = '\0';
            assert_int_equal(reads("QUJD", "{}", points), strchr(allowed, byte) != NULL);
        }
}

/* Nothing of a longer page is left in a shorter one. */
static void pages_are_read_into_one_room(void **state)
{
    (void)state;
    static const char *const paths[] = {"/tmp/test_frame_view_long.html",
                                        "/tmp/test_frame_view_short.html"};
    struct frame_page page = {.bytes = 0};
    char points[2][1000];
    for (int i = 0; i < 2; i++) {
        memset(points[i], 'Q', sizeof(points[i]));
        points[i][i == 0 ? 999 : 9] = '\0';
        write_page(paths[i], "QUJD", "{}", points[i]);
    }
    for (int i = 0; i < 2; i++) {
        assert_true(frame_page_read(paths[i], &page));
        assert_string_equal(page.parts[PAGE_POINTS], points[i]);
        assert_int_equal(page.part_bytes[PAGE_POINTS], strlen(points[i]));
    }
    const char *room = page.room.bytes;
    assert_true(frame_page_read(paths[1], &page));
    assert_ptr_equal(page.room.bytes, room);
    frame_page_release(&page);
    (void)unlink(paths[0]);
    (void)unlink(paths[1]);
}

static void policies_name_hashes(void **state)
{
    (void)state;
    char hash[PAGE_HASH_BYTES];
    page_asset_hash("viewer.js", hash);
    assert_memory_equal(hash, "sha256-", 7);
    assert_int_equal(strlen(hash), 7 + 44);
    page_asset_hash("no such file", hash);
    assert_string_equal(hash, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_as_the_rfc_has_it),
        cmocka_unit_test(points_are_chosen_by_their_place),
        cmocka_unit_test(few_points_all_stay),
        cmocka_unit_test(what_is_expected_changes_no_choice),
        cmocka_unit_test(a_picture_fits_its_room),
        cmocka_unit_test(only_data_is_taken_from_a_page),
        cmocka_unit_test(every_byte_of_base64_is_looked_at),
        cmocka_unit_test(pages_are_read_into_one_room),
        cmocka_unit_test(policies_name_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
