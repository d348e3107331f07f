/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's arrays as people and programs write and break them, alone and in an .npz. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

#include "calib/calibration_file.h"
#include "support/folder_fixture.h"
#include "support/npy_fixture.h"

static struct calibration calibration;
static struct po_error error;

static enum po_status read_file(const char *name)
{
    memset(&error, 0, sizeof(error));
    return calibration_read(test_folder_path(&folder, name), NULL, &calibration, &error);
}

static const double k_left[9] = {500, 0, 320, 0, 500, 240, 0, 0, 1};
static const double k_columns[9] = {500, 0, 0, 0, 500, 0, 320, 240, 1};
static const double k_small[9] = {100, 0, 64, 0, 100, 48, 0, 0, 1};

static void each_type_of_number(void **state)
{
    (void)state;
    static const char *const types[] = {"<f8", ">f8", "<f4", ">f4", "=f8", "<i8",
                                        ">i8", "<i4", "<u4", "<i2", ">u2"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        write_rig_arrays();
        write_npy("K_left.npy", types[i], "False", "(3, 3)", k_left, 9);
        assert_int_equal(read_file("K_left.npy"), PO_OK);
        assert_true(calibration.cameras[0].fx == 500 && calibration.cameras[0].cx == 320);
        write_npy("K_left.npy", types[i], "True", "(3, 3)", k_columns, 9);
        assert_int_equal(read_file("K_left.npy"), PO_OK);
        assert_true(calibration.cameras[0].cx == 320 && calibration.cameras[0].cy == 240);
    }
    write_npy("K_left.npy", "|u1", "False", "(3, 3)", k_small, 9);
    assert_int_equal(read_file("K_left.npy"), PO_OK);
    assert_true(calibration.cameras[0].fx == 100);
}

static const struct {
    const char *header;
    enum po_status status;
    const char *said;
} headers[] = {
    {"{'fortran_order': False, 'shape': (3, 3), }", PO_BAD_FORMAT, "names no type"},
    {"{'descr' '<f8', 'shape': (3, 3), }", PO_BAD_FORMAT, "names no type"},
    {"{'descr': 8, 'shape': (3, 3), }", PO_BAD_FORMAT, "names no type"},
    {"{'descr': [('a', '<f8')], 'shape': (3, 3), }", PO_UNSUPPORTED, "records"},
    {"{'descr': '<c16', 'shape': (3, 3), }", PO_UNSUPPORTED, "'<c16"},
    {"{'descr': '<f2', 'shape': (3, 3), }", PO_UNSUPPORTED, "float64"},
    {"{'descr': '<i3', 'shape': (3, 3), }", PO_UNSUPPORTED, "float64"},
    {"{'descr': '<u0', 'shape': (3, 3), }", PO_UNSUPPORTED, "float64"},
    {"{'descr': '|b2', 'shape': (3, 3), }", PO_UNSUPPORTED, "float64"},
    {"{'descr': '<f99999999999999999999', 'shape': (3, 3), }", PO_UNSUPPORTED, "float64"},
    {"{'descr': '<", PO_UNSUPPORTED, "float64"},
    {"{'descr': '<f8', 'fortran_order': False, }", PO_BAD_FORMAT, "names no shape"},
    {"{'descr': '<f8', 'shape': 9, }", PO_BAD_FORMAT, "names no shape"},
    {"{'descr': '<f8', 'shape': (3, -3), }", PO_BAD_FORMAT, "at most 4 sides"},
    {"{'descr': '<f8', 'shape': (x), }", PO_BAD_FORMAT, "at most 4 sides"},
    {"{'descr': '<f8', 'shape': (3, 3", PO_BAD_FORMAT, "at most 4 sides"},
    {"{'descr': '<f8', 'shape': (1, 1, 1, 3, 3), }", PO_BAD_FORMAT, "at most 4 sides"},
    {"{'descr': '<f8', 'shape': (18446744073709551615, 1), }", PO_BAD_FORMAT, "large"},
    {"{'descr': '<f8', 'shape': (72057594037927936, 9999), }", PO_BAD_FORMAT, "large"},
    {"{'descr': '<f8', 'shape': (72057594037927936, 5), }", PO_BAD_FORMAT, "large"},
    {"{'descr': '<f8', 'shape': (3, 4), }", PO_BAD_FORMAT, "12 values"},
    {"{'descr': '<f8', 'shape': (3, 2), }", PO_BAD_CALIBRATION, "6 numbers; want 9"},
    {"{'descr': '<f8', 'shape': (), }", PO_BAD_CALIBRATION, "1 numbers; want 9"},
    {"{'descr': '<U9', 'shape': (), }", PO_BAD_CALIBRATION, "holds no M1"},
};

static void each_header_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        uint8_t bytes[512];
        write_rig_arrays();
        size_t used = npy_start(bytes, headers[i].header);
        for (int k = 0; k < 9; k++)
            used += npy_put(bytes + used, "<f8", k_left[k]);
        write_bytes("K_left.npy", bytes, used);
        assert_int_equal(read_file("T.npy"), headers[i].status);
        if (strstr(error.message, headers[i].said) == NULL)
            fail_msg("%s: %s", headers[i].header, error.message);
        assert_non_null(strstr(error.message, folder.path));
    }
}

static void copy(uint8_t *to, const char *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)from[i];
}

/* Version 2 has four bytes for the header's length. */
static size_t second_version(uint8_t *to, const char *header, size_t claimed)
{
    copy(to, "\x93NUMPY\2\0", 8);
    for (int i = 0; i < 4; i++)
        to[8 + i] = (uint8_t)(claimed >> (8 * i));
    copy(to + 12, header, strlen(header));
    return 12 + strlen(header);
}

static void each_cut_is_named(void **state)
{
    (void)state;
    static const char header[] = "{'descr': '<f8', 'shape': (3, 3), }";
    uint8_t bytes[512];
    write_rig_arrays();
    size_t used = second_version(bytes, header, strlen(header));
    for (int k = 0; k < 9; k++)
        used += npy_put(bytes + used, "<f8", k_left[k]);
    write_bytes("K_left.npy", bytes, used);
    assert_int_equal(read_file("T.npy"), PO_OK);
    for (size_t left = 6; left < used; left++) {
        write_bytes("K_left.npy", bytes, left);
        assert_int_equal(read_file("T.npy"), PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, "K_left.npy"));
    }
    (void)second_version(bytes, header, 1 << 24);
    write_bytes("K_left.npy", bytes, used);
    assert_int_equal(read_file("T.npy"), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "16777216 bytes; at most 8192"));
    write_bytes("K_left.npy", "NUMPY or not", 12);
    assert_int_equal(read_file("T.npy"), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "is no NumPy array"));
}

static size_t text_array(uint8_t *to, const char *type, const char *text, size_t letters)
{
    char header[96];
    (void)snprintf(header, sizeof(header), "{'descr': '%s', 'shape': (), }", type);
    size_t used = npy_start(to, header);
    for (size_t i = 0; i < letters; i++) {
        uint8_t *letter = to + used + 4 * i;
        memset(letter, 0, 4);
        letter[type[0] == '>' ? 3 : 0] = (uint8_t)(i < strlen(text) ? text[i] : '\0');
    }
    return used + 4 * letters;
}

/* The unit as numpy.savez writes a str, in either order of bytes. */
static void texts_are_read(void **state)
{
    (void)state;
    static const char *const types[] = {"<U8", ">U8"};
    static const double metres[3] = {-1.5, 0, 0};
    uint8_t bytes[512];
    for (int i = 0; i < 2; i++) {
        write_rig_arrays();
        write_npy("T.npy", "<f8", "False", "(3,)", metres, 3);
        size_t used = text_array(bytes, types[i], "metres", 8);
        write_bytes("unit.npy", bytes, used);
        assert_int_equal(read_file("K_left.npy"), PO_OK);
        assert_true(calibration.translation_mm[0] == -1500);
        write_bytes("unit.npy", bytes, used - 18);
        assert_int_equal(read_file("K_left.npy"), PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, "ends within its text"));
    }
    char longest[120] = "{'descr': '<U70', 'shape': (), }";
    size_t used = npy_start(bytes, longest);
    for (size_t i = 0; i < 70; i++)
        copy(bytes + used + 4 * i, "m\0\0\0", 4);
    write_bytes("unit.npy", bytes, used + (size_t)4 * 70);
    assert_int_equal(read_file("K_left.npy"), PO_OK); /* no unit that is known */
    assert_string_not_equal(calibration.unit_origin, "file");
}

static void objects_and_crowds(void **state)
{
    (void)state;
    static double many[4096];
    char name[TEST_PATH_BYTES];
    uint8_t bytes[512];
    size_t used = npy_start(bytes, "{'descr': '|O', 'shape': (), }");
    write_bytes("params.npy", bytes, used);
    assert_int_equal(read_file("params.npy"), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "pickle"));
    write_rig_arrays();
    assert_int_equal(unlink(test_folder_path(&folder, "params.npy")), 0);
    for (int i = 0; i < 16; i++) {
        (void)snprintf(name, sizeof(name), "many%d.npy", i);
        write_npy(name, "<f4", "False", "(4096,)", many, 4096);
    }
    assert_int_equal(read_file("K_left.npy"), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "65536 numbers"));
    memset(name, 'n', 140);
    (void)snprintf(name + 140, 8, ".npy");
    folder_remove(NULL);
    folder_create(NULL);
    write_rig_arrays();
    write_npy(name, "<f4", "False", "(9,)", many, 9);
    assert_int_equal(read_file("K_left.npy"), PO_OK);
}

/* Of more files than are looked into the first are, in whatever order they were made. */
static void the_first_files_are_looked_into(void **state)
{
    (void)state;
    char name[32];
    for (int way = 0; way < 2; way++) {
        for (int i = 0; i < 60; i++) {
            (void)snprintf(name, sizeof(name), "frame%d.npy", way == 0 ? i : 59 - i);
            write_npy(name, "<f8", "False", "(3, 3)", k_left, 9);
        }
        write_rig_arrays();
        assert_int_equal(read_file("T.npy"), PO_OK);
        assert_true(calibration.cameras[1].fx == 500);
        folder_remove(NULL);
        folder_create(NULL);
        write_rig_arrays();
    }
}

/* An .npz of the folder's arrays; `secret`: encrypted. */
static void zip_rig(const char *name, const char *secret)
{
    static const char *const members[] = {"K_left",  "K_right", "D_left",
                                          "D_right", "R",       "T"};
    char inside[32];
    int problem = 0;
    zip_t *archive =
        zip_open(test_folder_path(&folder, name), ZIP_CREATE | ZIP_TRUNCATE, &problem);
    assert_non_null(archive);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        (void)snprintf(inside, sizeof(inside), "%s.npy", members[i]);
        zip_source_t *source =
            zip_source_file(archive, test_folder_path(&folder, inside), 0, -1);
        zip_int64_t index = zip_file_add(archive, inside, source, ZIP_FL_OVERWRITE);
        assert_true(index >= 0);
        assert_int_equal(
            zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0), 0);
        if (secret != NULL)
            assert_int_equal(zip_file_set_encryption(archive, (zip_uint64_t)index,
                                                     ZIP_EM_AES_128, secret),
                             0);
    }
    assert_int_equal(zip_close(archive), 0);
}

static size_t load(const char *name, uint8_t *bytes, size_t capacity)
{
    FILE *file = fopen(test_folder_path(&folder, name), "rb");
    assert_non_null(file);
    size_t used = fread(bytes, 1, capacity, file);
    (void)fclose(file);
    return used;
}

static void zips_are_read_and_broken(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 14];
    static uint8_t other[1 << 14];
    write_rig_arrays();
    zip_rig("rig.npz", NULL);
    assert_int_equal(read_file("rig.npz"), PO_OK);
    assert_true(calibration.cameras[1].fx == 500);
    size_t used = load("rig.npz", bytes, sizeof(bytes));
    int accepted = 0;
    for (size_t i = 4; i < used; i++) {
        memcpy(other, bytes, used);
        other[i] ^= 0xff;
        write_bytes("other.npz", other, used);
        enum po_status status = read_file("other.npz");
        accepted += status == PO_OK;
        assert_true(status == PO_OK || status == PO_BAD_FORMAT ||
                    status == PO_BAD_CALIBRATION || status == PO_UNSUPPORTED);
        assert_true(status == PO_OK || strstr(error.message, "other.npz") != NULL);
        if (i % 8 != 0)
            continue;
        write_bytes("other.npz", bytes, i);
        status = read_file("other.npz");
        assert_true(status == PO_BAD_FORMAT || status == PO_UNSUPPORTED);
        assert_non_null(strstr(error.message, "other.npz"));
    }
    assert_true(accepted < (int)used / 2); /* times, attributes, versions */
    zip_rig("secret.npz", "word");
    assert_int_equal(read_file("secret.npz"), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "is encrypted"));
}

/* What libzip would allocate for is looked at before. */
static const struct {
    int at; /* of the end record */
    uint8_t value;
    const char *said;
} ends[] = {{11, 0x7f, "more than 256 members"}, {15, 0x7f, "64-bit"}};

static void directories_are_bounded(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 14];
    write_rig_arrays();
    zip_rig("rig.npz", NULL);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t used = load("rig.npz", bytes, sizeof(bytes));
        bytes[used - 22 + (size_t)ends[i].at] = ends[i].value;
        write_bytes("wide.npz", bytes, used);
        assert_int_equal(read_file("wide.npz"), PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, ends[i].said));
    }
    size_t used = load("rig.npz", bytes, sizeof(bytes));
    copy(bytes + used, "PK\6\7", 4);
    write_bytes("wide.npz", bytes, used + 4);
    assert_int_equal(read_file("wide.npz"), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "64-bit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_type_of_number),
        FOLDER_TEST(each_header_is_judged),
        FOLDER_TEST(each_cut_is_named),
        FOLDER_TEST(texts_are_read),
        FOLDER_TEST(the_first_files_are_looked_into),
        FOLDER_TEST(objects_and_crowds),
        FOLDER_TEST(zips_are_read_and_broken),
        FOLDER_TEST(directories_are_bounded),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
