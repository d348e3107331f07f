/* SPDX-License-Identifier: Apache-2.0 */
/* The scan against the trees of json_file.h: the same values of the same texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json_file.h"
#include "base/json_scan.h"
#include "support/test_folder.h"

enum { DUMP_BYTES = 4 << 20 };

static char folder[64];
static char path[128];
static char *of_scan;
static char *of_tree;

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/test_json_scan_XXXXXX");
    of_scan = calloc(2, DUMP_BYTES);
    if (of_scan == NULL || mkdtemp(folder) == NULL)
        return -1;
    of_tree = of_scan + DUMP_BYTES;
    (void)snprintf(path, sizeof(path), "%s/x.json", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(of_scan);
    return directory_remove(folder, NULL) == PO_OK ? 0 : -1;
}

static void put_file(const char *content, size_t bytes)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(content, 1, bytes, stream), bytes);
    assert_int_equal(fclose(stream), 0);
}

static char *put(char *out, const char *kind, const char *text)
{
    return out + sprintf(out, "%s(%s)", kind, text);
}

static char *put_number(char *out, double number)
{
    return out + sprintf(out, "%a ", number);
}

static char *dump_scan(struct json_scan *scan, char *out)
{
    const char *key;
    switch (json_scan_peek(scan)) {
    case '{':
        assert_true(json_scan_object(scan));
        while ((key = json_scan_member(scan)) != NULL)
            out = dump_scan(scan, put(out, "key", key));
        return put(out, "object", "");
    case '[':
        assert_true(json_scan_array(scan));
        while (json_scan_element(scan))
            out = dump_scan(scan, out);
        return put(out, "array", "");
    case '"':
        return put(out, "text", json_scan_text(scan, "?"));
    case 't':
    case 'f':
        return put(out, "bool", json_scan_bool(scan, false) ? "1" : "0");
    case 'n':
        json_scan_skip(scan);
        return put(out, "null", "");
    default:
        return put_number(out, json_scan_number(scan, 0));
    }
}

static char *dump_tree(const struct json *node, char *out)
{
    switch (json_type(node)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        for (const struct json *item = json_first(node); item != NULL;
             item = json_next(item)) {
            if (json_type(node) == JSON_OBJECT)
                out = put(out, "key", json_key(item));
            out = dump_tree(item, out);
        }
        return put(out, json_type(node) == JSON_OBJECT ? "object" : "array", "");
    case JSON_STRING:
        return put(out, "text", json_string(node, "?"));
    case JSON_BOOL:
        return put(out, "bool", json_bool(node, false) ? "1" : "0");
    case JSON_NULL:
        return put(out, "null", "");
    case JSON_NUMBER:
        break;
    }
    return put_number(out, json_number(node, 0));
}

static enum po_status scan_file(struct po_error *error)
{
    struct json_scan scan;
    enum po_status status = json_scan_open(&scan, path, DUMP_BYTES, error);
    if (status != PO_OK)
        return status;
    (void)dump_scan(&scan, of_scan);
    return json_scan_close(&scan, error);
}

/* Passes over all of it. */
static enum po_status skip_file(void)
{
    struct json_scan scan;
    enum po_status status = json_scan_open(&scan, path, DUMP_BYTES, NULL);
    if (status != PO_OK)
        return status;
    json_scan_skip(&scan);
    return json_scan_close(&scan, NULL);
}

static void expect_as_tree(const char *text, size_t bytes)
{
    struct json *root;
    struct po_error error = {0};
    put_file(text, bytes);
    assert_int_equal(json_read_file(path, DUMP_BYTES, &root, &error), PO_OK);
    (void)dump_tree(root, of_tree);
    json_free(root);
    assert_int_equal(scan_file(&error), PO_OK);
    assert_string_equal(of_scan, of_tree);
    assert_int_equal(skip_file(), PO_OK);
}

static void values_are_those_of_the_tree(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        " [ ] ",
        "7",
        "\"a\"",
        "{\"a\": {\"b\": [1, -2, 3.5, [], {}]}, \"c\": true, \"d\": false, \"e\": null}",
        "[0, -0, 0.1, 1e3, 1E-3, 2.5e+2, 123456789012345678, 12345678901234567890]",
        "[0.30000000000000004, 414.78481012658227, -298.66666666666669, 5e-324]",
        "[1e22, 1e23, 9007199254740993, 1.7976931348623157e308, 1e-400, 0.000001]",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"gr\xc3\xbc\xc3\x9f\", \"\\u00fc\\u20ac\"]",
        "[\"\\ud83d\\ude00\", \"\\uFFFD\", \"\", \"tab\there\", \"\\u0041\\u007f\"]",
        "\xef\xbb\xbf{\"bom\": 1}\r\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        expect_as_tree(texts[i], strlen(texts[i]));
}

/* Longer than the window, so that each kind of token lies across its end somewhere. */
static void long_files_are_read_through_the_window(void **state)
{
    (void)state;
    char *text = malloc(DUMP_BYTES / 4);
    assert_non_null(text);
    for (int shift = 0; shift < 48; shift++) {
        char *out = text + sprintf(text, "{\"%.*s\": 1", shift,
                                   "................................................");
        for (int i = 0; out < text + (160 << 10); i++)
            out += sprintf(out,
                           ",\n  \"key\\n%d\": [true, %d.25e-3, \"a \\\"text\\\" of "
                           "\\u00e4 %d\", null, false, {\"n\": %.17g}]",
                           i, i, i, i / 7.0);
        out += sprintf(out, "}\n");
        expect_as_tree(text, (size_t)(out - text));
    }
    free(text);
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{",           "[1, 2",
        "[1 2]",       "[1,]",
        "{\"a\"}",     "{\"a\": }",
        "{a: 1}",      "[01]",
        "[1.]",        "[.5]",
        "[-]",         "[1e]",
        "[+1]",        "[0x10]",
        "[nan]",       "[tru]",
        "[nulll]",     "\"open",
        "\"\\x\"",     "\"\\u12",
        "\"\\ud83d\"", "\"\\ude00\"",
        "\"\\u0000\"", "1 2",
        "{} []",       "]",
        "[}",          "{]",
        "   ",         "{\"a\": 1,}",
        "[1e5.5]",     "--1",
        "\"\\",        "{\"a\": 1 \"b\": 2}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct po_error error = {0};
        put_file(texts[i], strlen(texts[i]));
        assert_int_equal(scan_file(&error), PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, "x.json: not valid JSON at line 1"));
        assert_int_equal(skip_file(), PO_BAD_FORMAT);
    }
    put_file("[1,\n2,\n\0]", 10);
    struct po_error error = {0};
    assert_int_equal(scan_file(&error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "line 3"));
    put_file("", 0);
    assert_int_equal(scan_file(&error), PO_BAD_FORMAT);
    put_file("\xff\xfe{\0}\0", 6);
    assert_int_equal(scan_file(&error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "UTF-16"));
}

static void depth_and_texts_are_bounded(void **state)
{
    (void)state;
    static char text[200 << 10];
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    put_file(text, 130);
    assert_int_equal(skip_file(), PO_BAD_FORMAT);
    put_file(text + 1, 128);
    assert_int_equal(skip_file(), PO_OK);
    memset(text, 'a', sizeof(text));
    text[0] = text[sizeof(text) - 1] = '"';
    put_file(text, sizeof(text)); /* one text above the window */
    assert_int_equal(skip_file(), PO_BAD_FORMAT);
}

/* Each call takes one value, of whatever type. */
static void other_types_are_passed_over(void **state)
{
    (void)state;
    struct json_scan scan;
    static const char text[] = "[[1, [2]], {\"a\": 1}, \"x\", 5, null, 6]";
    put_file(text, strlen(text));
    assert_int_equal(json_scan_open(&scan, path, 1000, NULL), PO_OK);
    assert_true(json_scan_array(&scan) && json_scan_element(&scan));
    assert_true(json_scan_number(&scan, -1) == -1);
    assert_true(json_scan_element(&scan));
    assert_string_equal(json_scan_text(&scan, "none"), "none");
    assert_true(json_scan_element(&scan));
    assert_false(json_scan_object(&scan));
    assert_true(json_scan_element(&scan));
    assert_true(json_scan_bool(&scan, true));
    assert_true(json_scan_element(&scan));
    assert_false(json_scan_array(&scan));
    assert_true(json_scan_element(&scan));
    assert_true(json_scan_number(&scan, -1) == 6);
    assert_false(json_scan_element(&scan));
    assert_int_equal(json_scan_close(&scan, NULL), PO_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_tree),
        cmocka_unit_test(long_files_are_read_through_the_window),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(depth_and_texts_are_bounded),
        cmocka_unit_test(other_types_are_passed_over),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
