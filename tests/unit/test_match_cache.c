/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "match/match_cache.h"
#include "support/test_folder.h"

enum { WIDTH = 37, HEIGHT = 11 };
static const uint64_t ROOMY = 1 << 20;

struct fixture {
    char directory[64];
    struct scratch scratch;
    struct atomic_file *file;
};

static void take(struct fixture *fixture, struct match_output *output, int seed)
{
    memset(output, 0, sizeof(*output));
    assert_int_equal(
        disparity_map_take(&fixture->scratch, WIDTH, HEIGHT, &output->left, NULL), PO_OK);
    assert_int_equal(
        disparity_map_take(&fixture->scratch, WIDTH, HEIGHT, &output->right, NULL),
        PO_OK);
    assert_int_equal(image_view_take(&fixture->scratch, WIDTH, HEIGHT, 1,
                                     &output->uniqueness_margin, NULL),
                     PO_OK);
    assert_int_equal(
        image_view_take(&fixture->scratch, WIDTH, HEIGHT, 1, &output->cost, NULL), PO_OK);
    assert_int_equal(
        image_view_take(&fixture->scratch, WIDTH, HEIGHT, 1, &output->first_pass, NULL),
        PO_OK);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            disparity_row(&output->left, y)[x] = (int16_t)(seed * (x + y * WIDTH));
            disparity_row(&output->right, y)[x] = (int16_t)(seed * 3 - x);
            image_row(&output->uniqueness_margin, y)[x] = (uint8_t)(seed + x);
            image_row(&output->cost, y)[x] = (uint8_t)(seed - y);
            image_row(&output->first_pass, y)[x] = (uint8_t)(seed + x - y);
        }
    }
}

static void assert_same(const struct match_output *a, const struct match_output *b)
{
    for (int y = 0; y < HEIGHT; y++) {
        assert_memory_equal(disparity_row(&a->left, y), disparity_row(&b->left, y),
                            WIDTH * 2);
        assert_memory_equal(disparity_row(&a->right, y), disparity_row(&b->right, y),
                            WIDTH * 2);
        assert_memory_equal(image_row(&a->uniqueness_margin, y),
                            image_row(&b->uniqueness_margin, y), WIDTH);
        assert_memory_equal(image_row(&a->cost, y), image_row(&b->cost, y), WIDTH);
        assert_memory_equal(image_row(&a->first_pass, y), image_row(&b->first_pass, y),
                            WIDTH);
    }
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    (void)snprintf(fixture->directory, sizeof(fixture->directory),
                   "/tmp/po_cache_XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    assert_int_equal(scratch_init(&fixture->scratch, 1 << 20, NULL), PO_OK);
    fixture->file = calloc(1, sizeof(*fixture->file));
    assert_non_null(fixture->file);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(directory_remove(fixture->directory, NULL), PO_OK);
    scratch_release(&fixture->scratch);
    free(fixture->file);
    free(fixture);
    return 0;
}

static struct hash key_of(uint64_t number)
{
    return hash_bytes(&number, sizeof(number));
}

static void store(struct fixture *fixture, uint64_t key, struct match_output *output,
                  uint64_t limit)
{
    const struct match_cache cache = {fixture->directory, limit};
    const struct kept_match match = {output, {0.5, -0.25, 0.125, 77, true}};
    assert_int_equal(match_cache_store(&cache, key_of(key), &match, fixture->file, NULL),
                     PO_OK);
}

static bool load(struct fixture *fixture, uint64_t key, struct match_output *output)
{
    const struct match_cache cache = {fixture->directory, ROOMY};
    struct kept_match match = {.output = output};
    bool loaded = match_cache_load(&cache, key_of(key), &match);
    if (loaded) {
        assert_true(match.vertical_disparity.a_px == 0.5 &&
                    match.vertical_disparity.b_px == -0.25);
        assert_true(match.vertical_disparity.corrected);
        assert_int_equal(match.vertical_disparity.points, 77);
    }
    return loaded;
}

static void what_was_kept_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct match_output kept;
    struct match_output back;
    take(fixture, &kept, 5);
    take(fixture, &back, 0);
    assert_false(load(fixture, 1, &back));
    store(fixture, 1, &kept, ROOMY);
    assert_true(load(fixture, 1, &back));
    assert_same(&kept, &back);
    assert_false(load(fixture, 2, &back));
}

static void entry_path(const struct fixture *fixture, uint64_t key, char path[256])
{
    char text[HASH_TEXT_BYTES];
    hash_text(key_of(key), text);
    (void)snprintf(path, 256, "%s/%s.match", fixture->directory, text);
}

static void a_changed_byte_is_seen(void **state)
{
    struct fixture *fixture = *state;
    struct match_output kept;
    char path[256];
    take(fixture, &kept, 7);
    store(fixture, 1, &kept, ROOMY);
    entry_path(fixture, 1, path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 300, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, 300, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
    assert_false(load(fixture, 1, &kept));
    assert_int_not_equal(access(path, F_OK),
                         0); /* removed, so that it is not tried again */
}

static void a_truncated_entry_is_seen(void **state)
{
    struct fixture *fixture = *state;
    struct match_output kept;
    char path[256];
    take(fixture, &kept, 7);
    store(fixture, 1, &kept, ROOMY);
    entry_path(fixture, 1, path);
    assert_int_equal(truncate(path, 500), 0);
    assert_false(load(fixture, 1, &kept));
}

static void another_size_does_not_fit(void **state)
{
    struct fixture *fixture = *state;
    struct match_output kept;
    take(fixture, &kept, 7);
    store(fixture, 1, &kept, ROOMY);
    kept.left.height_px--;
    assert_false(load(fixture, 1, &kept));
}

static void the_least_recently_used_goes(void **state)
{
    struct fixture *fixture = *state;
    struct match_output kept;
    char path[256];
    take(fixture, &kept, 7);
    store(fixture, 1, &kept, ROOMY);
    entry_path(fixture, 1, path);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    uint64_t two = 2 * (uint64_t)status.st_size;
    for (uint64_t key = 1; key <= 3; key++) {
        struct timespec times[2] = {{1000 + (time_t)key, 0}, {1000 + (time_t)key, 0}};
        store(fixture, key, &kept, ROOMY);
        entry_path(fixture, key, path);
        assert_int_equal(utimensat(-1, path, times, 0), 0);
    }
    assert_true(load(fixture, 1, &kept)); /* now the latest */
    match_cache_trim(fixture->directory, two);
    assert_false(load(fixture, 2, &kept));
    assert_true(load(fixture, 1, &kept));
    assert_true(load(fixture, 3, &kept));
}

static void what_is_above_the_limit_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    struct match_output kept;
    take(fixture, &kept, 7);
    store(fixture, 1, &kept, 100);
    assert_false(load(fixture, 1, &kept));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_kept_comes_back),     TEST(a_changed_byte_is_seen),
        TEST(a_truncated_entry_is_seen),    TEST(another_size_does_not_fit),
        TEST(the_least_recently_used_goes), TEST(what_is_above_the_limit_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
