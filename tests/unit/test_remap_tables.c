/* SPDX-License-Identifier: Apache-2.0 */
/* Remap tables in place of a lens model: which are taken, and what is said of others. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/calibration_file.h"
#include "calib/remap_tables.h"
#include "support/folder_fixture.h"
#include "support/npy_fixture.h"

enum { SIDE = 8, PIXELS = SIDE * SIDE };

static struct calibration calibration;
static struct po_error error;
static int16_t map_xy[2 * PIXELS];
static uint16_t map_fraction[PIXELS];

static const double q_values[16] = {1, 0, 0, -3.5, 0, 1, 0,      -3.5,
                                    0, 0, 0, 8,    0, 0, 0.0125, 0};
static const char *const names[4] = {"leftMapX.npy", "leftMapY.npy", "rightMapX.npy",
                                     "rightMapY.npy"};

static enum po_status read_file(const char *name)
{
    memset(&error, 0, sizeof(error));
    enum po_status status =
        calibration_read(test_folder_path(&folder, name), NULL, &calibration, &error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = remap_tables_read(&calibration, side, map_xy, map_fraction, &error);
    return status;
}

/* A table of places: x, y, x and y by turns, or fractions. */
static void write_table(int which, const char *type, const char *shape, double value)
{
    double values[2 * PIXELS];
    bool both = strstr(shape, ", 2)") != NULL;
    for (int i = 0; i < 2 * PIXELS; i++) {
        int pixel = both ? i / 2 : i % PIXELS;
        bool is_y = both ? i % 2 == 1 : which % 2 == 1;
        values[i] = strcmp(type, "<u2") == 0 ? 3 : is_y ? pixel / SIDE : pixel % SIDE;
    }
    if (!isnan(value))
        values[5] = value;
    write_npy(names[which], type, "False", shape, values, both ? 2 * PIXELS : PIXELS);
}

#define ONE "(8, 8)"
#define TWO "(8, 8, 2)"
#define WRONG PO_BAD_CALIBRATION

static const struct {
    const char *tables[4][2]; /* type and shape; NULL: not there */
    double value;             /* of one element */
    enum po_status status;
    const char *said;
} rows[] = {
    {{{"<f4", ONE}, {"<f4", ONE}, {"<f4", ONE}, {"<f4", ONE}}, NAN, PO_OK, ""},
    {{{">f8", ONE}, {"<f8", ONE}, {"<f4", ONE}, {">f4", ONE}}, NAN, PO_OK, ""},
    {{{"<f4", TWO}, {NULL}, {"<f4", TWO}, {NULL}}, NAN, PO_OK, ""},
    {{{"<i2", TWO}, {NULL}, {"<i2", TWO}, {NULL}}, NAN, PO_OK, ""},
    {{{"<i2", TWO}, {"<u2", ONE}, {"<i2", TWO}, {"<u2", ONE}}, NAN, PO_OK, ""},
    /* places outside are none */
    {{{"<f4", ONE}, {"<f4", ONE}, {"<f4", ONE}, {"<f4", ONE}}, 1e30, PO_OK, ""},
    {{{"<f4", ONE}, {"<f4", ONE}, {"<f4", ONE}, {"<f4", ONE}}, -HUGE_VAL, PO_OK, ""},
    {{{"<i2", TWO}, {"<u2", ONE}, {"<i2", TWO}, {"<u2", ONE}}, 1024, WRONG, "fraction"},
    /* kinds */
    {{{"<i4", ONE}, {"<i4", ONE}, {"<f4", ONE}, {"<f4", ONE}}, NAN, WRONG, "floats"},
    {{{"<f4", ONE}, {"<u2", ONE}, {"<f4", ONE}, {"<f4", ONE}}, NAN, WRONG, "floats"},
    {{{"<f4", TWO}, {"<f4", ONE}, {"<f4", TWO}, {"<f4", ONE}}, NAN, WRONG, "floats"},
    {{{"<f4", ONE}, {"<f4", TWO}, {"<f4", ONE}, {"<f4", TWO}}, NAN, WRONG, "floats"},
    {{{"<f4", ONE}, {NULL}, {"<f4", ONE}, {NULL}}, NAN, WRONG, "leftMapX"},
    {{{"<i2", ONE}, {"<u2", ONE}, {"<i2", TWO}, {"<u2", ONE}}, NAN, WRONG, "floats"},
    {{{"<i2", TWO}, {"<i2", ONE}, {"<i2", TWO}, {"<i2", ONE}}, NAN, WRONG, "floats"},
    {{{"<i2", TWO}, {"<u2", TWO}, {"<i2", TWO}, {"<u2", TWO}}, NAN, WRONG, "floats"},
    {{{"<u2", TWO}, {"<u2", ONE}, {"<u2", TWO}, {"<u2", ONE}}, NAN, WRONG, "floats"},
    /* sizes */
    {{{"<f4", ONE}, {"<f4", "(4, 16)"}, {"<f4", ONE}, {"<f4", ONE}}, NAN, WRONG, "size"},
    {{{"<f4", ONE}, {"<f4", "(8, 4)"}, {"<f4", ONE}, {"<f4", ONE}}, NAN, WRONG, "size"},
    {{{"<f4", "(64,)"}, {"<f4", "(64,)"}, {"<f4", ONE}, {"<f4", ONE}},
     NAN,
     WRONG,
     "size"},
    {{{"<f4", "(1, 64)"}, {"<f4", "(1, 64)"}, {"<f4", ONE}, {"<f4", ONE}},
     NAN,
     WRONG,
     "size"},
    {{{"<f4", "(64, 1)"}, {"<f4", "(64, 1)"}, {"<f4", ONE}, {"<f4", ONE}},
     NAN,
     WRONG,
     "size"},
    {{{"<f4", "(40000, 8)"}, {"<f4", "(40000, 8)"}, {"<f4", ONE}, {"<f4", ONE}},
     NAN,
     WRONG,
     "size"},
    {{{"<f4", "(8, 40000)"}, {"<f4", "(8, 40000)"}, {"<f4", ONE}, {"<f4", ONE}},
     NAN,
     WRONG,
     "size"},
    {{{"<f4", ONE}, {"<f4", ONE}, {"<f4", "(4, 16)"}, {"<f4", "(4, 16)"}},
     NAN,
     WRONG,
     "left and right differ"},
    {{{"<f4", ONE}, {"<f4", ONE}, {"<f4", "(8, 4)"}, {"<f4", "(8, 4)"}},
     NAN,
     WRONG,
     "left and right differ"},
    {{{"<f4", ONE}, {"<f4", ONE}, {"<f4", TWO}, {NULL}}, NAN, WRONG, "differ"},
    {{{"<f4", TWO}, {NULL}, {"<i2", TWO}, {NULL}}, NAN, WRONG, "differ"},
    /* ends too early: the values are not read with the shape */
    {{{"<f4", "(200, 200)"},
      {"<f4", "(200, 200)"},
      {"<f4", "(200, 200)"},
      {"<f4", "(200, 200)"}},
     NAN,
     WRONG,
     "ends early"},
};

static void write_row(size_t row)
{
    for (int i = 0; i < 4; i++) {
        (void)unlink(test_folder_path(&folder, names[i]));
        if (rows[row].tables[i][0] != NULL)
            write_table(i, rows[row].tables[i][0], rows[row].tables[i][1],
                        i == (rows[row].value == 1024 ? 1 : 0) ? rows[row].value : NAN);
    }
}

static void each_kind_of_table(void **state)
{
    (void)state;
    write_npy("Q.npy", "<f8", "False", "(4, 4)", q_values, 16);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_row(i);
        enum po_status status = read_file("Q.npy");
        if (status != rows[i].status || strstr(error.message, rows[i].said) == NULL)
            fail_msg("row %zu: %s: %s", i, po_status_name(status), error.message);
        assert_true(status == PO_OK || strstr(error.message, folder.path) != NULL);
        if (status == PO_OK) {
            assert_int_equal(map_xy[18], 1);
            assert_int_equal(map_xy[19], 1);
        }
    }
}

/* What makes a rig of the tables. */
static void a_rig_is_wanted_beside_them(void **state)
{
    (void)state;
    static const double p1[12] = {8, 0, 3.5, 0, 0, 8, 3.5, 0, 0, 0, 1, 0};
    static const double p2[12] = {8, 0, 3.5, -640, 0, 8, 3.5, 0, 0, 0, 1, 0};
    write_row(0);
    assert_int_equal(read_file(names[0]), PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "neither Q nor P1 and P2"));
    write_npy("P1.npy", "<f8", "False", "(3, 4)", p1, 12);
    assert_int_equal(read_file(names[0]), PO_BAD_CALIBRATION);
    write_npy("P2.npy", "<f8", "False", "(3, 4)", p2, 12);
    assert_int_equal(read_file(names[0]), PO_OK);
    assert_true(calibration.rig.baseline_mm == 80);
    write_npy("P1.npy", "<f8", "False", "(3, 3)", p1, 9);
    assert_int_equal(read_file(names[0]), PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "P1 has 9 numbers; want 12"));
    write_npy("Q.npy", "<f8", "False", "(4, 3)", q_values, 12);
    assert_int_equal(read_file(names[0]), PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "Q has 12 numbers; want 16"));
}

/* Tables are for raw images of one size, and cannot be scaled. */
static void tables_fit_or_not(void **state)
{
    (void)state;
    static const struct {
        int width_px, height_px;
        bool sized; /* the file says 8x8 */
        bool fits;
    } fits[] = {{8, 8, false, true},  {8, 8, true, true},    {16, 8, true, false},
                {8, 16, true, false}, {16, 16, false, true}, {40, 8, false, false},
                {1, 8, false, false}, {8, 40, false, false}, {8, 1, false, false}};
    static const double size[2] = {8, 8};
    write_npy("Q.npy", "<f8", "False", "(4, 4)", q_values, 16);
    write_row(0);
    for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        (void)unlink(test_folder_path(&folder, "imageSize.npy"));
        if (fits[i].sized)
            write_npy("imageSize.npy", "<i4", "False", "(2,)", size, 2);
        assert_int_equal(read_file("Q.npy"), PO_OK);
        enum po_status status = calibration_fit_images(&calibration, fits[i].width_px,
                                                       fits[i].height_px, &error);
        assert_int_equal(status, fits[i].fits ? PO_OK : PO_BAD_CALIBRATION);
        if (fits[i].fits)
            assert_int_equal(calibration.width_px, fits[i].width_px);
        else
            assert_non_null(strstr(error.message, "its remap tables (8x8)"));
        (void)calibration_hash(&calibration);
    }
}

/* cv::FileStorage's text: long runs of numbers are looked for in the file itself. */
static char text[1 << 18];
static size_t text_used;

static void put(const char *more)
{
    text_used += (size_t)snprintf(text + text_used, sizeof(text) - text_used, "%s", more);
}

/* The numbers are long, so that a small table is long enough. */
static void put_table(const char *name, const char *type, const char *sides, int count,
                      const char *odd)
{
    char line[96];
    (void)snprintf(line, sizeof(line), "%s: !!opencv-matrix\n   %s\n", name, sides);
    put(line);
    if (type != NULL) {
        (void)snprintf(line, sizeof(line), "   dt: %s\n", type);
        put(line);
    }
    put("   data: [ ");
    for (int i = 0; i < count; i++) {
        (void)snprintf(line, sizeof(line), "%d.%060d, ", i % 8, 0);
        put(i == 7 && odd != NULL ? odd : line);
    }
    put("1 ]\n");
}

#define SIDES "rows: 25\n   cols: 25"

static const struct {
    const char *type;
    const char *sides;
    size_t count;
    const char *odd;
    enum po_status status;
    const char *said;
} texts[] = {
    {"f", SIDES, 624, NULL, PO_OK, ""},
    {"d", SIDES, 624, NULL, PO_OK, ""},
    {"1f", SIDES, 624, NULL, PO_OK, ""},
    {"f", SIDES, 624, "1e400, ", PO_OK, ""},
    {"f", SIDES, 600, NULL, WRONG, "ends early"},
    {"f", SIDES, 624, "1-2, ", WRONG, "no number"},
    {"f", SIDES, 624, ",", WRONG, "ends early"},
    {NULL, SIDES, 624, NULL, WRONG, "floats"},
    {"u", SIDES, 624, NULL, WRONG, "floats"},
    {"i", SIDES, 624, NULL, WRONG, "floats"},
    {"s", SIDES, 624, NULL, WRONG, "floats"},
    {"2s", SIDES, 624, NULL, WRONG, "floats"},
    {"w", SIDES, 624, NULL, WRONG, "floats"},
    {"f", "rows: 25", 624, NULL, WRONG, "floats"},
    {"f", "rows: 0\n   cols: 25", 624, NULL, WRONG, "floats"},
    {"f", "rows: 40000\n   cols: 25", 624, NULL, WRONG, "floats"},
    {"f", "rows: 25\n   cols: x", 624, NULL, WRONG, "floats"},
    {"f", "rows: 25\n   cols: 40000", 624, NULL, WRONG, "floats"},
    {"f", SIDES, 20, NULL, WRONG, "too small for a remap table"},
};

static void each_text_of_tables(void **state)
{
    (void)state;
    static int16_t xy[2 * 625];
    static uint16_t fraction[625];
    static const char *const keys[] = {"stereoMapL_x", "stereoMapL_y", "stereoMapR_x",
                                       "stereoMapR_y"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        text_used = 0;
        put("%YAML:1.0\n---\nQ: !!opencv-matrix\n   rows: 4\n   cols: 4\n   dt: d\n   "
            "data: "
            "[ 1, 0, 0, -12, 0, 1, 0, -12, 0, 0, 0, 25, 0, 0, 0.0125, 0 ]\n");
        for (int k = 0; k < 4; k++)
            put_table(keys[k], texts[i].type, texts[i].sides, (int)texts[i].count,
                      texts[i].odd);
        put("end: 1\n");
        test_folder_write(&folder, "maps.yml", text);
        memset(&error, 0, sizeof(error));
        enum po_status status = calibration_read(test_folder_path(&folder, "maps.yml"),
                                                 NULL, &calibration, &error);
        if (status == PO_OK)
            status = remap_tables_read(&calibration, 1, xy, fraction, &error);
        if (status != texts[i].status || strstr(error.message, texts[i].said) == NULL)
            fail_msg("text %zu: %s: %s", i, po_status_name(status), error.message);
        assert_true(status == PO_OK || strstr(error.message, "maps.yml") != NULL);
        if (status == PO_OK)
            assert_int_equal(xy[18], 1);
    }
}

/* A number of any length is one number. */
static void long_numbers_are_one(void **state)
{
    (void)state;
    static int16_t xy[2 * 625];
    static uint16_t fraction[625];
    char odd[500];
    for (int digits = 30; digits < 460; digits += 20) {
        text_used = 0;
        put("%YAML:1.0\n---\nQ: !!opencv-matrix\n   rows: 4\n   cols: 4\n   dt: d\n   "
            "data: "
            "[ 1, 0, 0, -12, 0, 1, 0, -12, 0, 0, 0, 25, 0, 0, 0.0125, 0 ]\n");
        (void)snprintf(odd, sizeof(odd), "7.%0*d, ", digits, 0);
        for (int k = 0; k < 4; k++)
            put_table(k == 0   ? "mapx_left"
                      : k == 1 ? "mapy_left"
                      : k == 2 ? "mapx_right"
                               : "mapy_right",
                      "f", SIDES, 624, odd);
        test_folder_write(&folder, "maps.yml", text);
        assert_int_equal(calibration_read(test_folder_path(&folder, "maps.yml"), NULL,
                                          &calibration, &error),
                         PO_OK);
        enum po_status status = remap_tables_read(&calibration, 0, xy, fraction, &error);
        if (status == PO_OK)
            assert_int_equal(xy[16], 0); /* not a part of the one before */
        else
            assert_int_equal(status, PO_BAD_CALIBRATION);
        assert_true(status == PO_OK || digits > 390);
    }
}

/* Sparse, so that it takes no room here; nothing of it is read. */
static void a_file_of_gigabytes_is_none(void **state)
{
    (void)state;
    const char *path = test_folder_path(&folder, "maps.yml");
    test_folder_write(&folder, "maps.yml", "%YAML:1.0\n");
    if (truncate(path, (1L << 30) + 1) != 0)
        skip();
    assert_int_equal(read_file("maps.yml"), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "larger than 1 GiB"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_kind_of_table),   FOLDER_TEST(a_rig_is_wanted_beside_them),
        FOLDER_TEST(tables_fit_or_not),    FOLDER_TEST(each_text_of_tables),
        FOLDER_TEST(long_numbers_are_one), FOLDER_TEST(a_file_of_gigabytes_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
