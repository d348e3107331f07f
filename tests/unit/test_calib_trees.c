/* SPDX-License-Identifier: Apache-2.0 */
/* YAML, JSON and XML at the bounds of what is read, whatever they describe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calib/document.h"
#include "support/calibration_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { TEXT_BYTES = 1 << 20 };

static char text[TEXT_BYTES];

/* head, `part` so many times, tail. */
static void repeat(const char *head, const char *part, int count, const char *tail)
{
    size_t used = (size_t)snprintf(text, sizeof(text), "%s", head);
    size_t length = strlen(part);
    for (int i = 0; i < count; i++, used += length)
        memcpy(text + used, part, length);
    (void)snprintf(text + used, sizeof(text) - used, "%s", tail);
}

static const struct {
    const char *head;
    const char *part;
    int count;
    const char *tail;
    enum po_status status;
    const char *said;
} trees[] = {
    /* YAML */
    {"M1: ", "[", 24, "1", PO_BAD_FORMAT, "levels deep"},
    {"M1: ", "[", 300, "1", PO_BAD_FORMAT, "levels deep"},
    {"M1: ", "{a: ", 24, "1", PO_BAD_FORMAT, "levels deep"},
    {"M1: [", "x,", 70000, "1]\n", PO_BAD_FORMAT, "more than 65536 values"},
    {"? [a, b]\n: c\n", "", 0, "", PO_BAD_FORMAT, "as a key"},
    {"? {a: b}\n: c\n", "", 0, "", PO_BAD_FORMAT, "as a key"},
    {"M1: &x [1]\nM2: *x\n", "", 0, "", PO_BAD_FORMAT, "aliases"},
    {"M1: [1\n", "", 0, "", PO_BAD_FORMAT, "not valid YAML"},
    {"M1: \"open\n", "", 0, "", PO_BAD_FORMAT, "not valid YAML"},
    {"# nothing\n", "", 0, "", PO_UNSUPPORTED, "no calibration"},
    {"---\n", "a: 1\n---\n", 40, "b: 2\n", PO_UNSUPPORTED, "no calibration"},
    {"%YAML:1.0\n---\n", "a:1\n", 1, "b:\"two\"\n", PO_UNSUPPORTED, "no calibration"},
    {"a: 1\na: 2\n", "", 0, "", PO_BAD_FORMAT, "stands twice"},
    /* JSON */
    {"{\"M1\":", "[", 24, "1", PO_BAD_FORMAT, "not valid JSON"},
    {"{\"M1\":", "[", 70, "1", PO_BAD_FORMAT, "nested deeper than 64"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[1", "", 0, "]]]]]]]]]]]]]]]]]]]]]]]]]]", PO_BAD_FORMAT,
     "levels deep"},
    {"{\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": "
     "{\"a\": "
     "{\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": {\"a\": "
     "{\"a\": "
     "{\"a\": {\"a\": {\"a\": {\"a\": {",
     "", 0, "}}}}}}}}}}}}}}}}}}}}}}}}}}}", PO_BAD_FORMAT, "levels deep"},
    {"{\"M1\": [", "\"x\",", 70000, "1]}", PO_BAD_FORMAT, "more than 65536 values"},
    {"{\"a\": [", "{},", 66000, "{}]}", PO_BAD_FORMAT, "more than 65536 values"},
    {"{\"a\": true, \"b\": false, \"c\": null, \"d\": 1e-7, \"e\\\"f\": \"x\"}", "", 0,
     "", PO_UNSUPPORTED, "no calibration"},
    {"{\"a\": 1, \"a\": 2}", "", 0, "", PO_BAD_FORMAT, "stands twice"},
    {"{\"a\": 1} {", "", 0, "", PO_BAD_FORMAT, "more text after"},
    {"{\"a\": 1}\n\t \n", "", 0, "", PO_UNSUPPORTED, "no calibration"},
    {"{\"a\": \"\\u12\"}", "", 0, "", PO_BAD_FORMAT, "not valid JSON at line 1"},
    {"{\n\n\"a\": x}", "", 0, "", PO_BAD_FORMAT, "not valid JSON at line 3"},
    /* XML */
    {"<a>", "<b>", 30, "1", PO_BAD_FORMAT, "levels deep"},
    {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "", 0, "", PO_BAD_FORMAT, "DOCTYPE"},
    {"<a><", "b", 300, "/></a>", PO_BAD_FORMAT, "levels deep"},
    {"<a><b>", "1 x ", 35000, "</b></a>", PO_BAD_FORMAT, "more than 65536 values"},
    {"<a>", "<b/>", 66000, "</a>", PO_BAD_FORMAT, "more than 65536 values"},
    {"<a><b>1</b>", "", 0, "", PO_BAD_FORMAT, "not valid XML"},
    {"<a><b>1</c></a>", "", 0, "", PO_BAD_FORMAT, "not valid XML"},
    {"<a b=c></a>", "", 0, "", PO_BAD_FORMAT, "not valid XML"},
    {"<a>&unknown;</a>", "", 0, "", PO_BAD_FORMAT, "not valid XML"},
    {"<", "", 0, "", PO_BAD_FORMAT, "not valid XML"},
    {"<?xml version=\"1.0\"?>\n", "", 0, "", PO_BAD_FORMAT, "not valid XML"},
    {"<a></a>", "", 0, "", PO_UNSUPPORTED, "no calibration"},
    {"<a><b>\"some words\"</b><_>1</_><c>1 2 x</c><d>\" \"</d><e> x y </e></a>", "", 0,
     "", PO_UNSUPPORTED, "no calibration"},
    {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a><b>", "\xe4", 100, "</b></a>",
     PO_BAD_FORMAT, "longer in UTF-8 than the file"},
    {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a><b>", "\xe4", 40, "</b></a>",
     PO_UNSUPPORTED, "no calibration"},
    {"<a><b>", "123456789 ", 20000, "</b></a>", PO_UNSUPPORTED, "no calibration"},
    {"<a><b>1</b><b>2</b></a>", "", 0, "", PO_BAD_FORMAT, "stands twice"},
};

static void each_tree_is_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(trees); i++) {
        memset(&error, 0, sizeof(error));
        repeat(trees[i].head, trees[i].part, trees[i].count, trees[i].tail);
        test_folder_write(&folder, "calibration", text);
        enum po_status status = calibration_read(test_folder_path(&folder, "calibration"),
                                                 NULL, &calibration, &error);
        if (status != trees[i].status || strstr(error.message, trees[i].said) == NULL)
            fail_msg("tree %zu: %s: %s", i, po_status_name(status), error.message);
        assert_non_null(strstr(error.message, "/calibration"));
    }
}

static const struct {
    const char *text;
    bool is_number;
} scalars[] = {{"1", true},    {"-1.5e3", true}, {".nan", true},  {".NaN", true},
               {".inf", true}, {"-.Inf", true},  {"+.inf", true}, {"0x10", true},
               {"", false},    {"1x", false},    {"x", false},    {"1 2", false}};

static void scalars_are_numbers_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scalars); i++) {
        double value = 0;
        assert_int_equal(scalar_number(scalars[i].text, &value), scalars[i].is_number);
    }
}

/* Rigs whose numbers are all there and do not fit each other. */
#define K(f, s, x) "[[" f ", " s ", " x "], [0, 500, 240], [0, 0, 1]]"
#define UNIT "[1, 0, 0, 0, 1, 0, 0, 0, 1]"
#define P(f, s, t, cy) "[" f ", " s ", 320, " t ", 0, 500, " cy ", 0, 0, 0, 1, 0]"
#define RECTIFIED(p1, p2, t)                                                             \
    "{\"M1\": " K("500", "0", "320") ", \"D1\": [], \"M2\": " K(                         \
        "500", "0", "320") ", \"D2\": [], \"R\": " UNIT ", \"T\": " t ", \"R1\": " UNIT  \
                           ", \"R2\": " UNIT ", \"P1\": " p1 ", \"P2\": " p2             \
                           ", \"image_size\": [640, 480]}"
#define RAW(k1, k2, t, more)                                                             \
    "{\"M1\": " k1 ", \"D1\": [], \"M2\": " k2 ", \"D2\": [], \"R\": " UNIT              \
    ", \"T\": " t ", \"image_size\": [640, 480]" more "}"

static const struct {
    const char *text;
    bool rectified; /* --rectified */
    bool swap;
    enum po_status status;
    const char *said; /* in the error or a warning */
} rigs[] = {
    {RECTIFIED(P("500", "0", "0", "240"), P("500", "0", "-30000", "240"), "[-60,0,0]"),
     false, false, PO_OK, ""},
    {RECTIFIED(P("500", "0", "0", "240"), P("500", "0", "-30000", "240"), "[-60,0,0]"),
     true, false, PO_OK, ""},
    {RECTIFIED(P("500", "0", "0", "240"), P("500", "0", "30000", "240"), "[-60,0,0]"),
     true, false, PO_OK, "only its size is used"},
    {RECTIFIED(P("500", "0", "0", "240"), P("600", "0", "-36000", "240"), "[-60,0,0]"),
     true, false, PO_BAD_CALIBRATION, "one focal length"},
    {RECTIFIED(P("500", "9", "0", "240"), P("500", "0", "-30000", "240"), "[-60,0,0]"),
     true, false, PO_BAD_CALIBRATION, "skew"},
    {RECTIFIED(P("-500", "0", "0", "240"), P("500", "0", "-30000", "240"), "[-60,0,0]"),
     true, false, PO_BAD_CALIBRATION, "above 0 px"},
    {RECTIFIED(P("500", "0", "0", "240"), P("1e9", "0", "-30000", "240"), "[-60,0,0]"),
     true, false, PO_BAD_CALIBRATION, "above 0 px"},
    {RECTIFIED(P("500", "0", "0", "240"), P("500", "0", "0", "240"), "[-60,0,0]"), true,
     false, PO_BAD_CALIBRATION, "the baseline is 0"},
    {RECTIFIED(P("500", "0", "0", "240"), P("500", "0", "-30000", "250"), "[-60,0,0]"),
     true, false, PO_OK, "rows do not correspond"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[-60,0,0]", ""), true, false,
     PO_BAD_CALIBRATION, "--rectified needs"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[60,0,0]", ""), false, true, PO_OK,
     "as --swap says"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[-60,0,0]", ""), false, true, PO_OK,
     ""},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[0,-60,0]", ""), false, false,
     PO_OK, "above each other"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[0,60,0]", ""), false, true, PO_OK,
     "above each other"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[0,0,60]", ""), false, false,
     PO_BAD_CALIBRATION, "behind each other"},
    {RAW(K("500", "0", "320"), K("700", "0", "320"), "[-60,0,0]", ""), false, false,
     PO_OK, "differ by more than 10 %"},
    {RAW(K("500", "90", "320"), K("500", "90", "320"), "[-60,0,0]", ""), false, false,
     PO_OK, "skew of 90 px"},
    {RAW(K("500", "0", "40"), K("500", "0", "320"), "[-60,0,0]", ""), false, false, PO_OK,
     "far from the middle"},
    {RAW(K("500", "0", "320"), K("500", "0", "620"), "[-60,0,0]", ""), false, false,
     PO_OK, "right camera"},
    {"{\"M1\": [500,0,160,0,500,120,0,0,1], \"D1\": [], \"M2\": [500,0,160,0,500,120,0,0,"
     "1], \"D2\": [], \"R\": " UNIT ", \"T\": [-60,0,0], \"image_size\": [640, 480]}",
     false, false, PO_OK, "matrices of binned images"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[-60,0,0]",
         ", \"baseline_mm\": 90"),
     false, false, PO_OK, "90"},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[-0.06,0,0]",
         ", \"baseline_mm\": 60"),
     false, false, PO_OK, ""},
    {RAW(K("500", "0", "320"), K("500", "0", "320"), "[-60,0,0]",
         ", \"baseline_mm\": 1e300"),
     false, false, PO_BAD_CALIBRATION, "baseline"},
    {"{\"M1\": [500,0,320,0,500,240,0,1,1], \"D1\": [], \"M2\": [500,0,320,0,500,240,0,0,"
     "1], \"D2\": [], \"R\": " UNIT ", \"T\": [-60,0,0]}",
     false, false, PO_BAD_CALIBRATION, "0 0 1"},
    {"{\"M1\": [500,0,320,7,500,240,0,0,1], \"D1\": [], \"M2\": [500,0,320,0,500,240,0,0,"
     "1], \"D2\": [], \"R\": " UNIT ", \"T\": [-60,0,0]}",
     false, false, PO_BAD_CALIBRATION, "0 0 1"},
};

static bool says(const char *wanted)
{
    bool found = strstr(error.message, wanted) != NULL;
    for (int i = 0; i < calibration.warnings.length; i++)
        found |= strstr(calibration.warnings.texts[i], wanted) != NULL;
    return found;
}

static void each_rig_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rigs); i++) {
        const struct calibration_request request = {.rectified = rigs[i].rectified,
                                                    .swap = rigs[i].swap};
        memset(&error, 0, sizeof(error));
        test_folder_write(&folder, "calibration.json", rigs[i].text);
        enum po_status status =
            calibration_read(test_folder_path(&folder, "calibration.json"), &request,
                             &calibration, &error);
        if (status != rigs[i].status || !says(rigs[i].said))
            fail_msg("rig %zu: %s: %s", i, po_status_name(status), error.message);
        assert_true(status == PO_OK || strstr(error.message, "calibration.json") != NULL);
    }
}

/* Pairs of ROS whose projections give no baseline. */
#define INFO(shift)                                                                      \
    "k: [500, 0, 320, 0, 500, 240, 0, 0, 1]\nd: []\ndistortion_model: plumb_bob\n"       \
    "r: [1, 0, 0, 0, 1, 0, 0, 0, 1]\np: [500, 0, 320, " shift                            \
    ", 0, 500, 240, 0, 0, 0, 1, 0]\nwidth: 640\nheight: 480\n"

static const struct {
    const char *left;
    const char *right;
    const char *said;
} infos[] = {
    {INFO("0"), INFO("0"), "calibrated one by one"},
    {INFO("-50"), INFO("-50"), "both cameras have the same"},
    {INFO("-50"), INFO("0"), "the two files are exchanged"},
    {INFO("0"), "k: [0,0,0,0,0,0,0,0,0]\nd: []\np: [0,0,0,0,0,0,0,0,0,0,0,0]\n",
     "not calibrated"},
    {INFO("0"),
     "k: [500, 0, 320, 0, 500, 240, 0, 0, 1]\nd: []\nr: " UNIT
     "\np: [500,0,320,-50,0,500,240,0,0,0,1,0]\nwidth: 320\nheight: 240\n",
     "want one size"},
    {INFO("0"), "other: 1\n", "holds no camera_info"},
};

static void pairs_of_ros_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(infos); i++) {
        memset(&error, 0, sizeof(error));
        test_folder_write(&folder, "left.yaml", infos[i].left);
        test_folder_write(&folder, "right.yaml", infos[i].right);
        enum po_status status = calibration_read(test_folder_path(&folder, "left.yaml"),
                                                 NULL, &calibration, &error);
        assert_int_equal(status, PO_BAD_CALIBRATION);
        if (strstr(error.message, infos[i].said) == NULL)
            fail_msg("pair %zu: %s", i, error.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_tree_is_bounded),
        cmocka_unit_test(scalars_are_numbers_or_not),
        FOLDER_TEST(each_rig_is_judged),
        FOLDER_TEST(pairs_of_ros_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
