/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed and compared: cut texts, UTF-8, base64, figures, paths and log lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/count_list.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/json_file.h"
#include "base/log.h"
#include "base/outside_text.h"
#include "base/path.h"
#include "base/readable.h"
#include "base/scratch.h"
#include "base/utf8.h"
#include "base/warning_list.h"
#include "support/folder_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *text;
    size_t bytes; /* of the first sequence; 0: none */
} sequences[] = {
    {"a", 1},
    {"\x7f", 1},
    {"", 0},
    {"\x80", 0},
    {"\xc1\x81", 0},
    {"\xc2\x80", 2},
    {"\xc2", 0},
    {"\xc2\x7f", 0},
    {"\xdf\xbf", 2},
    {"\xe0\x9f\xbf", 0},
    {"\xe0\xa0\x80", 3},
    {"\xe0\xa0", 0},
    {"\xe1\x80\xc0", 0},
    {"\xed\x9f\xbf", 3},
    {"\xed\xa0\x80", 0},
    {"\xef\xbf\xbf", 3},
    {"\xf0\x8f\x80\x80", 0},
    {"\xf0\x90\x80\x80", 4},
    {"\xf0\x90\x80", 0},
    {"\xf4\x8f\xbf\xbf", 4},
    {"\xf4\x90\x80\x80", 0},
    {"\xf5\x80\x80\x80", 0},
    {"\xff", 0},
};

static void sequences_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sequences); i++)
        assert_int_equal(utf8_sequence_bytes(sequences[i].text), sequences[i].bytes);
}

static const struct {
    const char *text;
    const char *keep;
    const char *clean;
} outsides[] = {
    {"plain", "", "plain"},
    {"a\x1b[31mb", "", "a?[31mb"},
    {"tab\tline\n", "\t", "tab\tline?"},
    {"tab\tline\n", "\n\t", "tab\tline\n"},
    {"\x7f", "", "?"},
    {"\xc2\x9b"
     "31m",
     "", "?31m"},                         /* a C1 control */
    {"\xc2\xa0", "", "\xc2\xa0"},         /* the first above them */
    {"\xe2\x80\x8d", "", "\xe2\x80\x8d"}, /* just below the marks of direction */
    {"\xe2\x80\x8e", "", "?"},
    {"\xe2\x80\xae"
     "gpj.exe",
     "", "?gpj.exe"},
    {"\xe2\x80\xaf", "", "\xe2\x80\xaf"},
    {"\xe2\x81\xa6", "", "?"},
    {"\xe2\x81\xaa", "", "\xe2\x81\xaa"},
    {"caf\xc3\xa9 \xff", "", "caf\xc3\xa9 ?"},
    {"\xf0\x9f\x90\x80", "", "\xf0\x9f\x90\x80"},
};

static void control_bytes_never_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(outsides); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "%s", outsides[i].text);
        outside_text_clean(text, outsides[i].keep);
        assert_string_equal(text, outsides[i].clean);
    }
}

static void lines_of_any_length_are_whole(void **state)
{
    (void)state;
    static char long_text[5000];
    static char printed[6000];
    char lines[] = "one\x1b\ntwo\t3";
    FILE *stream = tmpfile();
    assert_non_null(stream);
    memset(long_text, 'x', sizeof(long_text) - 1);
    text_line(stream, "%s|", long_text);
    text_part(stream, "short");
    text_tab(stream);
    text_lines(stream, lines);
    rewind(stream);
    size_t used = fread(printed, 1, sizeof(printed) - 1, stream);
    (void)fclose(stream);
    assert_int_equal(used, sizeof(long_text) + 1 + strlen("short\tone?\ntwo\t3"));
    assert_memory_equal(printed + sizeof(long_text) - 2, "x|\nshort\tone?\ntwo\t3", 19);
}

static const struct {
    const char *data;
    const char *text;
} encodings[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"\xff\xfe\xfd", "//79"}};

/* RFC 4648, section 10; and in blocks through a file. */
static void base64_is_that_of_the_standard(void **state)
{
    (void)state;
    static unsigned char data[10000];
    static char expected[20000];
    for (size_t i = 0; i < COUNT(encodings); i++) {
        char text[32] = "";
        size_t bytes = strlen(encodings[i].data);
        base64_encode((const unsigned char *)encodings[i].data, bytes, text);
        assert_int_equal(base64_length(bytes), strlen(encodings[i].text));
        assert_string_equal(text, encodings[i].text);
    }
    struct atomic_file *file = calloc(1, sizeof(*file));
    char *content = NULL;
    size_t bytes = 0;
    assert_non_null(file);
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 7);
    base64_encode(data, sizeof(data), expected);
    assert_int_equal(atomic_file_open(file, test_folder_path(&folder, "text"), NULL),
                     PO_OK);
    assert_int_equal(base64_write(file, data, sizeof(data), NULL), PO_OK);
    assert_int_equal(base64_write(file, data, 0, NULL), PO_OK);
    assert_int_equal(atomic_file_publish(file, NULL), PO_OK);
    assert_int_equal(input_file_read(test_folder_path(&folder, "text"), 1 << 20, &content,
                                     &bytes, NULL),
                     PO_OK);
    assert_int_equal(bytes, base64_length(sizeof(data)));
    assert_string_equal(content, expected);
    free(content);
    free(file);
}

/* Six bits by six bits, with every value of three bytes' worth of neighbours. */
static void base64_of_any_length(void **state)
{
    (void)state;
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum { BYTES = 3000 };
    char text[4 * BYTES];
    uint32_t random = 3;
    for (size_t bytes = 0; bytes <= BYTES; bytes += bytes < 100 ? 1 : 29) {
        unsigned char *data = malloc(bytes + 1); /* reading behind it is found out */
        assert_non_null(data);
        for (size_t i = 0; i < bytes; i++) {
            random = random * 1664525U + 1013904223U;
            data[i] = (unsigned char)(random >> 24);
        }
        base64_encode(data, bytes, text);
        for (size_t i = 0; i < base64_length(bytes); i++) {
            size_t bit = 6 * i;
            unsigned pair = bit / 8 < bytes ? (unsigned)data[bit / 8] << 8 : 0;
            pair |= bit / 8 + 1 < bytes ? data[bit / 8 + 1] : 0U;
            char want = digits[pair >> (10 - bit % 8) & 63];
            assert_int_equal(text[i], bit >= 8 * bytes ? '=' : want);
        }
        free(data);
    }
}

static void figures_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } times[] = {{-1, "?"},       {0.0 / 1, "0 ms"}, {2e8, "?"},       {0.8124, "812 ms"},
                 {9.84, "9.8 s"}, {187, "3:07"},     {3723, "1:02:03"}};
    char text[READABLE_BYTES];
    char narrow[6];
    for (size_t i = 0; i < COUNT(times); i++) {
        readable_seconds(times[i].seconds, text, sizeof(text));
        assert_string_equal(text, times[i].text);
    }
    readable_count(12345678, text, sizeof(text));
    assert_string_equal(text, "12,345,678");
    readable_count(12345678, narrow, sizeof(narrow));
    assert_string_equal(narrow, "12,3"); /* cut */
    readable_size(1536, text, sizeof(text));
    assert_string_equal(text, "1.5 KB");
}

static void paths_are_joined_and_compared(void **state)
{
    (void)state;
    static const char *const joins[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"a", "/b", "/b"}, {"", "b", "b"}};
    static const char *const folders[][2] = {
        {"a/b", "a"}, {"/b", "/"}, {"b", "."}, {"/a/b/", "/a/b"}};
    static const struct {
        const char *a;
        const char *b;
        int order;
    } compared[] = {{"a", "b", -1},     {"b", "a", 1},      {"a", "ab", -1},
                    {"ab", "a", 1},     {"a1", "ab", -1},   {"ab", "a1", 1},
                    {"a2", "a10", -1},  {"a10", "a2", 1},   {"a07", "a8", -1},
                    {"a8", "a07", 1},   {"a1b", "a1c", -1}, {"", "", 0},
                    {"a007", "a07", -1}};
    char path[64];
    char small[4];
    for (size_t i = 0; i < COUNT(joins); i++) {
        assert_true(path_join(path, sizeof(path), joins[i][0], joins[i][1]));
        assert_string_equal(path, joins[i][2]);
        assert_false(path_join(path, strlen(joins[i][2]), joins[i][0], joins[i][1]));
    }
    for (size_t i = 0; i < COUNT(folders); i++) {
        assert_true(path_directory(path, sizeof(path), folders[i][0]));
        assert_string_equal(path, folders[i][1]);
        assert_false(path_directory(path, strlen(folders[i][1]), folders[i][0]));
    }
    assert_false(path_directory(small, sizeof(small), "/abcd/e"));
    for (size_t i = 0; i < COUNT(compared); i++) {
        int order = path_compare_natural(compared[i].a, compared[i].b);
        assert_int_equal((order > 0) - (order < 0), compared[i].order);
    }
}

static void hashes_are_parsed(void **state)
{
    (void)state;
    struct hash hash = hash_bytes("text", 4);
    struct hash back;
    char text[HASH_TEXT_BYTES];
    hash_text(hash, text);
    assert_true(hash_parse(text, &back));
    assert_memory_equal(&hash, &back, sizeof(hash));
    text[3] = 'x';
    assert_false(hash_parse(text, &back));
    hash_text(hash, text);
    text[20] = 'x';
    assert_false(hash_parse(text, &back));
    text[20] = '\0';
    assert_false(hash_parse(text, &back));
}

static void lists_keep_what_fits(void **state)
{
    (void)state;
    static struct warning_list list;
    static struct warning_list other;
    static struct count_list counts;
    char text[1000];
    static char names[COUNT_LIST_MAX + 2][8];
    memset(text, 'p', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    warning_list_add(&list, "/%s: its rows do not align", text);
    assert_non_null(strstr(list.texts[0], "...")); /* the middle is left out */
    assert_non_null(strstr(list.texts[0], "its rows do not align"));
    warning_list_add(&other, "second");
    other.dropped = 3;
    warning_list_join(&list, &other);
    assert_int_equal(list.length, 2);
    assert_int_equal(list.dropped, 3);
    for (int i = 0; i < COUNT_LIST_MAX + 2; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "n%d", i);
        count_list_add(&counts, names[i], 1);
        count_list_add(&counts, names[i], 2);
    }
    assert_int_equal(counts.length, COUNT_LIST_MAX);
    assert_int_equal(count_list_get(&counts, "n7"), 3);
    assert_int_equal(count_list_get(&counts, names[COUNT_LIST_MAX]), 0);
}

/* Runs `print` with stderr in a file; what it wrote. */
static const char *logged(void (*print)(void))
{
    static char text[16384];
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    print();
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    rewind(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

static void every_level(void)
{
    log_error("broken \x1b[0m");
    log_warning("doubtful");
    log_info("plain");
    log_debug("not asked for");
}

static void every_event(void)
{
    const struct log_event all = {"frame", "left\"1\\\n", "done", "match", 12, 3.25};
    const struct log_event bare = {"end", NULL, NULL, NULL, -1, -1};
    log_event(LOG_INFO, &all, "said \"so\"");
    log_event(LOG_ERROR, &bare, "%s", "over");
    char brief[] = "no stack";
    log_brief_error(brief);
}

static void long_lines(void)
{
    static char text[5000];
    memset(text, '"', sizeof(text) - 1);
    const struct log_event all = {"frame", text, text, text, 12, 3.25};
    log_event(LOG_INFO, &all, "%s", text);
    char brief[3000];
    memset(brief, 'x', sizeof(brief));
    brief[sizeof(brief) - 1] = '\0';
    log_brief_error(brief);
}

/* More than a list holds, and the first one again. */
static void all_warnings(void)
{
    static struct warning_list list;
    memset(&list, 0, sizeof(list));
    for (int i = 0; i < WARNING_LIST_MAX + 2; i++)
        warning_list_tell(&list, "warning %d is told", i);
    warning_list_tell(&list, "warning 0 is told");
    assert_int_equal(list.length, WARNING_LIST_MAX);
    assert_int_equal(list.dropped, 2);
}

/* The log says each of them, and not the last one that had room. */
static void warnings_are_told_in_their_own_words(void **state)
{
    (void)state;
    const char *text = logged(all_warnings);
    char wanted[64];
    for (int i = 0; i < WARNING_LIST_MAX + 2; i++) {
        (void)snprintf(wanted, sizeof(wanted), "warning %d is told", i);
        const char *told = strstr(text, wanted);
        assert_non_null(told);
        assert_int_equal(strstr(told + 1, wanted) != NULL, i == 0);
    }
}

static int painted;

static void paint(void *context)
{
    painted += *(int *)context;
}

static void log_lines_are_whole(void **state)
{
    (void)state;
    int one = 1;
    log_set_before_line(paint, &one);
    assert_string_equal(logged(every_level),
                        "error: broken ?[0m\nwarning: doubtful\nplain\n");
    assert_int_equal(painted, 3);
    log_set_before_line(NULL, NULL);
    assert_string_equal(logged(every_event),
                        "said \"so\"\nerror: over\nerror: no stack\n");
    log_set_jsonl(true);
    const char *text = logged(every_event);
    assert_non_null(strstr(text, "\"frame\":\"left\\\"1\\\\?\",\"status\":\"done\","
                                 "\"stage\":\"match\",\"points\":12,\"ms\":3.2"));
    assert_non_null(strstr(text, "\"message\":\"said \\\"so\\\"\"}\n"));
    assert_non_null(strstr(text, "\"event\":\"end\",\"message\":\"over\"}\n"));
    assert_non_null(strstr(text, "\"event\":\"message\",\"message\":\"no stack\"}\n"));
    text = logged(long_lines);
    int lines = 0;
    for (const char *end = text; (end = strchr(end, '\n')) != NULL; end++) {
        assert_memory_equal(end - 2, "\"}", 2); /* cut, and yet closed */
        lines++;
    }
    assert_int_equal(lines, 2);
    log_set_jsonl(false);
    text = logged(long_lines);
    assert_string_equal(text + strlen(text) - 3, "xx\n"); /* cut, and yet a line */
    log_set_jsonl(false);
    log_set_level(LOG_ERROR);
    assert_string_equal(logged(every_level), "error: broken ?[0m\n");
    assert_int_equal(log_get_level(), LOG_ERROR);
    log_set_level(LOG_INFO);
}

static void a_scratch_of_nothing(void **state)
{
    (void)state;
    struct scratch scratch;
    assert_int_equal(scratch_init(&scratch, 0, NULL), PO_OK);
    assert_null(scratch_take(&scratch, 0));
    assert_null(scratch_take_zeroed(&scratch, 8));
    assert_null(scratch_take_array(&scratch, SIZE_MAX, 2));
    scratch_release(&scratch);
    struct po_error error;
    assert_int_equal(scratch_init(&scratch, SIZE_MAX / 2, &error), PO_OUT_OF_MEMORY);
    assert_non_null(strstr(error.message, "--workers"));
}

/* Values of a tree that are absent or of another kind. */
static void trees_answer_for_what_is_absent(void **state)
{
    (void)state;
    struct json *root = NULL;
    struct po_error error;
    static const char text[] =
        "{\"a\": [1, \"\\\\\\\"x\"], \"b\": true, \"c\": null}  \n";
    assert_int_equal(json_parse(text, sizeof(text) - 1, &root, &error), PO_OK);
    const struct json *array = json_get(root, "a");
    assert_int_equal(json_length(array), 2);
    assert_int_equal(json_length(NULL), 0);
    assert_null(json_first(NULL));
    assert_null(json_get(root, "A"));
    assert_null(json_key(json_first(array)));
    assert_string_equal(json_string(json_next(json_first(array)), ""), "\\\"x");
    assert_string_equal(json_string(array, "none"), "none");
    assert_true(json_number(array, 7) == 7);
    assert_true(json_bool(json_get(root, "b"), false));
    assert_true(json_bool(json_get(root, "c"), true));
    assert_int_equal(json_type(json_get(root, "c")), JSON_NULL);
    assert_int_equal(json_type(array), JSON_ARRAY);
    json_free(root);
    assert_int_equal(json_parse("{} x", 4, &root, &error), PO_BAD_FORMAT);
    assert_int_equal(json_parse("", 0, &root, &error), PO_BAD_FORMAT);
    json_add_number(NULL, "a", 1);
    json_append_number(NULL, 1);
    json_add_string(NULL, "a", "b");
    assert_null(json_add_object(NULL, "a"));
    assert_null(json_append_object(NULL));
}

static void each_status_has_a_name(void **state)
{
    (void)state;
    const char *seen[32];
    int count = 0;
    for (int status = 0; status > -32; status--) {
        const char *name = po_status_name((enum po_status)status);
        if (strcmp(name, "unknown") == 0)
            continue;
        for (int i = 0; i < count; i++)
            assert_string_not_equal(seen[i], name);
        seen[count++] = name;
    }
    assert_string_equal(po_status_name(PO_CHANGED), "changed");
    assert_true(count >= 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_are_those_of_the_standard),
        cmocka_unit_test(control_bytes_never_pass),
        cmocka_unit_test(lines_of_any_length_are_whole),
        FOLDER_TEST(base64_is_that_of_the_standard),
        FOLDER_TEST(base64_of_any_length),
        cmocka_unit_test(figures_read_as_people_write_them),
        cmocka_unit_test(paths_are_joined_and_compared),
        cmocka_unit_test(hashes_are_parsed),
        cmocka_unit_test(lists_keep_what_fits),
        cmocka_unit_test(log_lines_are_whole),
        cmocka_unit_test(warnings_are_told_in_their_own_words),
        cmocka_unit_test(a_scratch_of_nothing),
        cmocka_unit_test(trees_answer_for_what_is_absent),
        cmocka_unit_test(each_status_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
