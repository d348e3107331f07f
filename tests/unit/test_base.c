/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/count_list.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/json_file.h"
#include "base/number.h"
#include "base/warning_list.h"
#include "support/file_fixture.h"

static void sizes_do_not_wrap(void **state)
{
    (void)state;
    size_t result = 7;
    assert_false(size_multiply(SIZE_MAX / 2, 3, &result));
    assert_false(size_add(SIZE_MAX, 1, &result));
    assert_false(size_align(SIZE_MAX - 2, 64, &result));
    assert_int_equal(result, 7);
    assert_true(size_multiply(6, 7, &result));
    assert_int_equal(result, 42);
}

static void names_sort_as_people_count(void **state)
{
    (void)state;
    assert_true(path_compare_natural("left2.png", "left10.png") < 0);
    assert_true(path_compare_natural("left10.png", "left2.png") > 0);
    assert_true(path_compare_natural("a007", "a7") != 0);
    assert_true(path_compare_natural("18446744073709551616", "18446744073709551617") < 0);
    assert_int_equal(path_compare_natural("a1", "a1"), 0);
    assert_string_equal(path_name("/a/b.c"), "b.c");
    assert_string_equal(path_extension("/a.b/c"), "");
    assert_string_equal(path_extension(".hidden"), "");
    char small[8];
    assert_false(path_join(small, sizeof(small), "abcd", "efgh"));
    assert_true(path_glob_match("a_*.png", "a_1.png"));
    assert_false(path_glob_match("*", ".hidden"));
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    struct po_error error;
    int fd;
    assert_int_equal(mkfifo(inside("fifo"), 0600), 0);
    assert_int_equal(input_file_open(inside("fifo"), &fd, NULL, &error), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "FIFO"));
    assert_int_equal(input_file_open(files.path, &fd, NULL, &error), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "directory"));
    assert_int_equal(input_file_open(inside("none"), &fd, NULL, &error), PO_NOT_FOUND);
    assert_int_equal(input_file_open("/dev/zero", &fd, NULL, &error), PO_UNSUPPORTED);
}

/* Whether all of a mapped file lies in memory. */
static bool is_resident(void *pages, size_t bytes)
{
    unsigned char resident[1024];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    assert_int_equal(mincore(pages, bytes, resident), 0);
    for (size_t i = 0; i < bytes / page; i++)
        if ((resident[i] & 1) == 0)
            return false;
    return true;
}

static void an_expected_file_is_read_ahead(void **state)
{
    enum { BYTES = 4 << 20, TRIES = 4000 };
    (void)state;
    char *content = calloc(1, BYTES);
    assert_non_null(content);
    put("late", content, BYTES);
    free(content);
    int fd = open(inside("late"), O_RDONLY | O_CLOEXEC);
    void *pages = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(fd >= 0 && pages != MAP_FAILED);
    assert_int_equal(fsync(fd), 0);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    bool was_dropped = !is_resident(pages, BYTES);
    input_file_expect(inside("none"));
    input_file_expect(inside("late"));
    int tries = 0;
    while (!is_resident(pages, BYTES) && tries++ < TRIES)
        (void)usleep(5000);
    assert_true(tries < TRIES);
    (void)munmap(pages, BYTES);
    (void)close(fd);
    if (!was_dropped)
        skip(); /* a file system in memory */
}

static void text_is_cleaned_or_refused(void **state)
{
    (void)state;
    struct po_error error;
    char *text;
    size_t bytes;
    put("bom",
        "\xef\xbb\xbf"
        "a\r\nb\r",
        7);
    assert_int_equal(input_file_read_text(inside("bom"), 100, &text, &bytes, &error),
                     PO_OK);
    assert_string_equal(text, "a\nb");
    free(text);
    put("utf16",
        "\xff\xfe"
        "a\0",
        4);
    assert_int_equal(input_file_read_text(inside("utf16"), 100, &text, &bytes, &error),
                     PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "UTF-16"));
    put("nul", "a\0b", 3);
    assert_int_equal(input_file_read_text(inside("nul"), 100, &text, &bytes, &error),
                     PO_BAD_FORMAT);
    put("large", "0123456789", 10);
    assert_int_equal(input_file_read(inside("large"), 9, &text, &bytes, &error),
                     PO_BAD_FORMAT);
    put("empty", "", 0);
    assert_int_equal(input_file_read(inside("empty"), 9, &text, &bytes, &error),
                     PO_BAD_FORMAT);
}

static void json_is_bounded(void **state)
{
    (void)state;
    struct po_error error;
    struct json *root;
    char deep[400];
    memset(deep, '[', 200);
    memset(deep + 200, ']', 200);
    assert_int_equal(json_parse(deep, 400, &root, &error), PO_BAD_FORMAT);
    enum { MANY = 16 << 20 };
    char *many = malloc(MANY);
    assert_non_null(many);
    memset(many, '[', 1);
    for (int i = 1; i + 1 < MANY; i += 2)
        memcpy(many + i, "0,", 2);
    memcpy(many + MANY - 1, "]", 1);
    assert_int_equal(json_parse(many, MANY, &root, &error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "more than"));
    free(many);
    assert_int_equal(json_parse("{\"a\": 1} x", 10, &root, &error), PO_BAD_FORMAT);
    assert_int_equal(json_parse("{\n\n\"a\" 1}", 10, &root, &error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "line 3"));
    assert_int_equal(json_parse("{\"a\": [1, \"b\"]}", 15, &root, &error), PO_OK);
    const struct json *list = json_get(root, "a");
    assert_int_equal(json_length(list), 2);
    assert_true(json_number(json_first(list), 0) == 1.0);
    assert_string_equal(json_string(json_next(json_first(list)), ""), "b");
    assert_true(isnan(json_number(json_get(root, "none"), NAN)));
    json_free(root);
}

static void lists_are_bounded(void **state)
{
    (void)state;
    struct count_list counts = {0};
    count_list_add(&counts, "kept", 2);
    count_list_add(&counts, "kept", 3);
    assert_int_equal(count_list_get(&counts, "kept"), 5);
    assert_int_equal(count_list_get(&counts, "none"), 0);
    static struct warning_list warnings;
    for (int i = 0; i < WARNING_LIST_MAX + 5; i++) {
        warning_list_add(&warnings, "warning %d", i);
        warning_list_add(&warnings, "warning %d", i);
    }
    assert_int_equal(warnings.length, WARNING_LIST_MAX);
    assert_int_equal(warnings.dropped, 10);
}

static void hashes_tell_contents_apart(void **state)
{
    (void)state;
    struct hash file;
    struct hash memory = hash_bytes("0123456789", 10);
    put("content", "0123456789", 10);
    assert_int_equal(hash_file(inside("content"), &file, NULL), PO_OK);
    assert_memory_equal(&file, &memory, sizeof(file));
    struct hash other = hash_bytes("0123456788", 10);
    assert_memory_not_equal(&file, &other, sizeof(file));
    struct hash ab = hash_combine(file, other);
    struct hash ba = hash_combine(other, file);
    assert_memory_not_equal(&ab, &ba, sizeof(ab));
}

static void figures_have_no_negative_zero(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {{-0.0, 2, "0.00"},   {-0.0049, 2, "0.00"},  {-0.0051, 2, "-0.01"},
                 {-0.5, 0, "0"},      {-0.51, 0, "-1"},      {0.0051, 2, "0.01"},
                 {0.0049, 2, "0.00"}, {-2.5e-5, 4, "0.0000"}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[32];
        (void)snprintf(text, sizeof(text), "%.*f", cases[i].decimals,
                       shown(cases[i].value, cases[i].decimals));
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_have_no_negative_zero),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(names_sort_as_people_count),
        IN_FOLDER(only_regular_files_are_read),
        IN_FOLDER(an_expected_file_is_read_ahead),
        IN_FOLDER(text_is_cleaned_or_refused),
        cmocka_unit_test(json_is_bounded),
        cmocka_unit_test(lists_are_bounded),
        IN_FOLDER(hashes_tell_contents_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
