/* SPDX-License-Identifier: Apache-2.0 */
/* What stands where a file is to be read or written, and whether it stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/input_file.h"
#include "base/named_file.h"
#include "support/folder_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names that a person gave for a file, and what is there. */
static void names_are_judged(void **state)
{
    (void)state;
    struct named_file_place place;
    struct po_error error;
    char link[TEST_PATH_BYTES];
    test_folder_write(&folder, "here", "x");
    (void)snprintf(link, sizeof(link), "%s", test_folder_path(&folder, "link"));
    assert_int_equal(symlink(test_folder_path(&folder, "here"), link), 0);
    assert_int_equal(mkfifo(test_folder_path(&folder, "pipe"), 0600), 0);
    assert_int_equal(symlink("nowhere", test_folder_path(&folder, "dangling")), 0);
    const struct {
        const char *path;
        enum po_status status;
        const char *said; /* of what is refused */
        bool through;
    } names[] = {
        {test_folder_path(&folder, "here"), PO_OK, "", false},
        {link, PO_OK, "", false},
        {test_folder_path(&folder, "new"), PO_OK, "", false},
        {test_folder_path(&folder, "pipe"), PO_OK, "", true},
        {"/dev/null", PO_OK, "", true},
        {"/dev/stdin/", PO_BAD_ARGUMENT, "stdin", false},
        {folder.path, PO_BAD_ARGUMENT, "is a directory", false},
        {test_folder_path(&folder, "dangling"), PO_BAD_ARGUMENT, "link to nothing",
         false},
        {test_folder_path(&folder, "none/file"), PO_BAD_ARGUMENT, "its folder", false},
        {test_folder_path(&folder, "here/file"), PO_BAD_ARGUMENT, "ot a directory",
         false},
        {test_folder_path(&folder, "none/"), PO_BAD_ARGUMENT, "not the name", false},
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        memset(&error, 0, sizeof(error));
        assert_int_equal(named_file_find(names[i].path, &place, &error), names[i].status);
        assert_non_null(strstr(error.message, names[i].said));
        if (names[i].status == PO_OK)
            assert_true(place.through == names[i].through);
    }
}

/* What is read has to be a regular file. */
static void kinds_of_files_are_named(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/socket",
                   folder.path);
    assert_int_equal(bind(end, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(mkfifo(test_folder_path(&folder, "pipe"), 0600), 0);
    assert_int_equal(symlink("loop", test_folder_path(&folder, "loop")), 0);
    const struct {
        const char *path;
        const char *said;
        const char *opened; /* where opening says something else */
    } kinds[] = {
        {folder.path, "a directory", NULL},
        {test_folder_path(&folder, "pipe"), "a FIFO", NULL},
        {address.sun_path, "a socket", "is a socket or device"},
        {"/dev/null", "a device", NULL},
        {test_folder_path(&folder, "loop"), "loop", NULL},
        {"/dev/null/file", "no such file", NULL},
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct po_error error = {0};
        struct input_stat facts;
        int descriptor = -1;
        assert_int_not_equal(input_file_stat(kinds[i].path, &facts, &error), PO_OK);
        assert_non_null(strstr(error.message, kinds[i].said));
        assert_int_not_equal(input_file_open(kinds[i].path, &descriptor, NULL, &error),
                             PO_OK);
        assert_non_null(strstr(error.message, kinds[i].opened != NULL ? kinds[i].opened
                                                                      : kinds[i].said));
        assert_int_equal(descriptor, -1);
    }
    (void)close(end);
}

/* A file that is written while it is read, in each of the ways that stat can tell. */
static void changes_are_told_apart(void **state)
{
    (void)state;
    struct input_stat before;
    struct po_error error = {0};
    test_folder_write(&folder, "frame", "12345");
    const char *path = test_folder_path(&folder, "frame");
    assert_int_equal(input_file_stat(path, &before, &error), PO_OK);
    assert_int_equal(input_file_unchanged(path, &before, &error), PO_OK);
    struct input_stat other[] = {before, before, before, before, before};
    other[0].size_bytes = 4;
    other[1].size_bytes = 9;
    other[2].mtime_ns++;
    other[3].ctime_ns++;
    other[4].inode++;
    for (size_t i = 0; i < COUNT(other); i++) {
        assert_int_equal(input_file_unchanged(path, &other[i], &error), PO_CHANGED);
        assert_non_null(strstr(error.message, i == 0 ? "grew" : "was written"));
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(input_file_unchanged(path, &before, &error), PO_CHANGED);
    assert_non_null(strstr(error.message, "was removed"));
}

/* What is no text, and what line ends become. */
static void texts_are_cleaned_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t count;
        const char *text; /* NULL: refused */
        const char *said;
    } texts[] = {
        {"a\r\nb\rc\r", 7, "a\nb\rc", NULL},
        {"\xef\xbb\xbf"
         "a",
         4, "a", NULL},
        {"\xff\xfe"
         "a\0",
         4, NULL, "UTF-16"},
        {"\xfe\xff\0a", 4, NULL, "UTF-16"},
        {"a\0b", 3, NULL, "NUL bytes"},
        {"\xff", 1, "\xff", NULL},
        {"", 0, NULL, "is empty"},
        {"\xff\x01", 2, "\xff\x01", NULL},
        {"123456789", 9, NULL, "at most 8"},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct po_error error = {0};
        const char *path = test_folder_path(&folder, "text");
        char *text = NULL;
        size_t bytes = 7;
        FILE *stream = fopen(path, "wb");
        assert_non_null(stream);
        assert_int_equal(fwrite(texts[i].bytes, 1, texts[i].count, stream),
                         texts[i].count);
        (void)fclose(stream);
        enum po_status status = input_file_read_text(path, 8, &text, &bytes, &error);
        assert_int_equal(status, texts[i].text != NULL ? PO_OK : PO_BAD_FORMAT);
        if (texts[i].text != NULL)
            assert_string_equal(text, texts[i].text);
        else
            assert_non_null(strstr(error.message, texts[i].said));
        assert_int_equal(bytes, texts[i].text != NULL ? strlen(texts[i].text) : 0);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(names_are_judged),
        FOLDER_TEST(kinds_of_files_are_named),
        FOLDER_TEST(changes_are_told_apart),
        FOLDER_TEST(texts_are_cleaned_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
