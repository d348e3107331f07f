/* SPDX-License-Identifier: Apache-2.0 */
/* MATLAB's files: each class of numbers, structs, objects, and what is broken. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/calibration_file.h"
#include "calib/mat_print.h"
#include "support/folder_fixture.h"
#include "support/mat_fixture.h"
#include "support/npy_fixture.h"

static struct mat_bytes mat;
static struct calibration calibration;
static struct po_error error;

static const double k_left[9] = {500, 0, 320, 0, 500, 240, 0, 0, 1};
static const double k_turned[9] = {500, 0, 0, 0, 500, 0, 321, 241, 1};
static const double d_zero[5] = {0, 0, 0, 0, 0};
static const double turn[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
static const double move[3] = {-60, 0, 0};

/* Of a struct's names, as a small element. */
static const uint32_t field_length[2] = {5 | 4u << 16, 32};

static void put_rest(void)
{
    mat_matrix(&mat, "K2", CLASS_DOUBLE, k_left, 3, 3);
    mat_matrix(&mat, "D1", CLASS_DOUBLE, d_zero, 1, 5);
    mat_matrix(&mat, "D2", CLASS_DOUBLE, d_zero, 1, 5);
    mat_matrix(&mat, "R", CLASS_DOUBLE, turn, 3, 3);
    mat_matrix(&mat, "T", CLASS_DOUBLE, move, 3, 1);
}

static enum po_status read_it(void)
{
    memset(&error, 0, sizeof(error));
    write_bytes("stereo.mat", mat.bytes, mat.used);
    return calibration_read(test_folder_path(&folder, "stereo.mat"), NULL, &calibration,
                            &error);
}

/* Whether libmatio is installed: without it the reader says so, and the rest is skipped.
 */
static bool has_library(void)
{
    mat_begin(&mat);
    mat_matrix(&mat, "K1", CLASS_DOUBLE, k_left, 3, 3);
    put_rest();
    if (read_it() == PO_OK)
        return true;
    assert_non_null(strstr(error.message, "libmatio"));
    print_message("libmatio is not installed\n");
    return false;
}

static void each_class_of_number(void **state)
{
    (void)state;
    static const uint32_t classes[] = {CLASS_DOUBLE, CLASS_SINGLE, CLASS_INT16,
                                       CLASS_UINT16, CLASS_INT32,  CLASS_UINT32,
                                       CLASS_INT64,  CLASS_UINT64};
    static const uint32_t small[] = {CLASS_INT8, CLASS_UINT8};
    static const double low[9] = {100, 0, 64, 0, 100, 48, 0, 0, 1};
    if (!has_library())
        skip();
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        mat_begin(&mat);
        mat_matrix(&mat, "K1", classes[i], k_left, 3, 3);
        put_rest();
        enum po_status status = read_it();
        assert_string_equal(error.message, "");
        assert_int_equal(status, PO_OK);
        assert_true(calibration.cameras[0].cx == 320 && calibration.cameras[0].cy == 240);
        assert_string_equal(calibration.format, "matlab");
    }
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
        mat_begin(&mat);
        mat_matrix(&mat, "K1", small[i], low, 3, 3);
        put_rest();
        assert_int_equal(read_it(), PO_OK);
        assert_true(calibration.cameras[0].fx == 100 && calibration.cameras[0].cy == 48);
    }
}

/* MATLAB's own order, with the fields of a struct a camera. */
static void put_camera(const char *name, bool tangential)
{
    static const double radial[3] = {-0.1, 0.01, 0.001};
    static const double slanted[2] = {0.001, -0.002};
    char fields[4][32] = {"IntrinsicMatrix", "RadialDistortion", "TangentialDistortion",
                          ""};
    const int32_t one[2] = {1, 1};
    size_t place = mat_array(&mat, name, CLASS_STRUCT, one, 2);
    mat_put(&mat, field_length, sizeof(field_length));
    mat_element(&mat, MAT_INT8, fields, (size_t)(tangential ? 3 : 2) * 32);
    mat_matrix(&mat, "", CLASS_DOUBLE, k_turned, 3, 3);
    mat_matrix(&mat, "", CLASS_DOUBLE, radial, 1, 3);
    if (tangential)
        mat_matrix(&mat, "", CLASS_DOUBLE, slanted, 1, 2);
    mat_array_end(&mat, place);
}

static void structs_and_their_order(void **state)
{
    (void)state;
    static const double size[2] = {480, 640};
    if (!has_library())
        skip();
    for (int tangential = 0; tangential < 2; tangential++) {
        mat_begin(&mat);
        put_camera("CameraParameters1", tangential == 1);
        put_camera("CameraParameters2", tangential == 1);
        mat_matrix(&mat, "RotationOfCamera2", CLASS_DOUBLE, turn, 3, 3);
        mat_matrix(&mat, "TranslationOfCamera2", CLASS_DOUBLE, move, 1, 3);
        mat_matrix(&mat, "imageSize", CLASS_DOUBLE, size, 1, 2);
        enum po_status status = read_it();
        assert_string_equal(error.message, "");
        assert_int_equal(status, PO_OK);
        assert_true(calibration.cameras[0].cx == 320 && calibration.cameras[0].cy == 240);
        assert_int_equal(calibration.width_px, 640);
        assert_true(calibration.cameras[0].coefficients[4] == 0.001);
        assert_true(calibration.cameras[0].coefficients[3] ==
                    (tangential == 1 ? -0.002 : 0));
    }
}

enum { WIDE = 5000 };

static void put_cell(void)
{
    const int32_t one[2] = {1, 1};
    size_t place = mat_array(&mat, "notes", CLASS_CELL, one, 2);
    mat_matrix(&mat, "", CLASS_DOUBLE, move, 1, 1);
    mat_array_end(&mat, place);
}

/* What is no matrix of a calibration is passed over: empty, complex, long, deep. */
static void others_are_passed_over(void **state)
{
    (void)state;
    static uint8_t zeros[8 * WIDE];
    static const int32_t wide[2] = {1, WIDE};
    static const int32_t many[3] = {100, 100, 1};
    static const int32_t one[2] = {1, 1};
    char field[32] = "inner";
    size_t places[6];
    if (!has_library())
        skip();
    mat_begin(&mat);
    put_cell();
    mat_matrix(&mat, "empty", CLASS_DOUBLE, d_zero, 0, 0);
    mat_matrix(&mat, "K1", CLASS_DOUBLE, k_left, 3, 3);
    mat_matrix(&mat, "twist", CLASS_DOUBLE | MAT_COMPLEX, move, 1, 3);
    places[0] = mat_array(&mat, "long", CLASS_UINT8, wide, 2);
    mat_element(&mat, MAT_UINT8, zeros, WIDE);
    mat_array_end(&mat, places[0]);
    places[0] = mat_array(&mat, "broad", CLASS_UINT8, many, 3);
    mat_element(&mat, MAT_UINT8, zeros, 10000);
    mat_array_end(&mat, places[0]);
    for (int i = 0; i < 6; i++) {
        places[i] = mat_array(&mat, i == 0 ? "deep" : "", CLASS_STRUCT, one, 2);
        mat_put(&mat, field_length, sizeof(field_length));
        mat_element(&mat, MAT_INT8, field, 32);
    }
    mat_matrix(&mat, "", CLASS_DOUBLE, move, 1, 1);
    for (int i = 5; i >= 0; i--)
        mat_array_end(&mat, places[i]);
    put_rest();
    enum po_status status = read_it();
    assert_string_equal(error.message, "");
    assert_int_equal(status, PO_OK);
}

static void objects_are_refused_by_name(void **state)
{
    (void)state;
    static const int32_t one[2] = {1, 1};
    char field[32] = "Version";
    if (!has_library())
        skip();
    mat_begin(&mat);
    size_t place = mat_array(&mat, "stereoParams", CLASS_OBJECT, one, 2);
    mat_element(&mat, MAT_INT8, "stereoParameters", 16);
    mat_put(&mat, field_length, sizeof(field_length));
    mat_element(&mat, MAT_INT8, field, 32);
    mat_matrix(&mat, "", CLASS_DOUBLE, turn, 1, 1);
    mat_array_end(&mat, place);
    assert_int_equal(read_it(), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "stereo.mat"));
    assert_non_null(strstr(error.message, "object"));
    mat_begin(&mat);
    mat_matrix(&mat, "speed", CLASS_DOUBLE, move, 1, 3);
    assert_int_equal(read_it(), PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "stereo.mat"));
}

/* Numbers that are none say so with their key. */
static void nan_is_named(void **state)
{
    (void)state;
    double broken[9];
    if (!has_library())
        skip();
    memcpy(broken, k_left, sizeof(broken));
    broken[4] = 0.0 / (d_zero[0] + 0.0);
    mat_begin(&mat);
    mat_matrix(&mat, "K1", CLASS_DOUBLE, broken, 3, 3);
    put_rest();
    assert_int_equal(read_it(), PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "NaN"));
}

/* Cut off anywhere: an error or all of the rig, never a part of it with the rest unset.
 */
static void cut_files_are_errors(void **state)
{
    (void)state;
    if (!has_library())
        skip();
    mat_begin(&mat);
    mat_matrix(&mat, "K1", CLASS_DOUBLE, k_left, 3, 3);
    put_rest();
    size_t used = mat.used;
    for (size_t left = 14; left < used; left += left < 128 ? 38 : 29) {
        mat.used = left;
        enum po_status status = read_it();
        assert_int_equal(status, left == 128 ? PO_UNSUPPORTED : PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, "stereo.mat"));
    }
    mat.used = used;
    memcpy(mat.bytes, "MATLAB 7.3 MAT", 14);
    mat.bytes[125] = 2;
    enum po_status status = read_it(); /* by the libmatio */
    assert_true(status == PO_BAD_FORMAT || status == PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "stereo.mat"));
}

/* The printer alone, as the child runs it. */
static void the_child_says_how_it_ended(void **state)
{
    (void)state;
    FILE *out = fopen("/dev/null", "w");
    if (!has_library())
        skip();
    assert_non_null(out);
    assert_int_equal(mat_print(test_folder_path(&folder, "stereo.mat"), out),
                     MAT_PRINTED);
    assert_int_equal(mat_print(test_folder_path(&folder, "none.mat"), out),
                     MAT_NOT_OPENED);
    mat.used -= 8; /* within the last variable */
    write_bytes("stereo.mat", mat.bytes, mat.used);
    enum mat_print_end end = mat_print(test_folder_path(&folder, "stereo.mat"), out);
    assert_true(end == MAT_BROKEN || end == MAT_PRINTED);
    (void)fclose(out);
}

/* What is said of the child instead of how it ended; -1: nothing else. */
static int said_state = -1;

/* Stands for that of the C library. */
pid_t waitpid(pid_t pid, int *state, int options)
{
    pid_t ended = (pid_t)syscall(SYS_wait4, pid, state, options, NULL);
    if (ended > 0 && said_state >= 0)
        *state = said_state;
    return ended;
}

static void each_end_of_the_child_has_its_words(void **state)
{
    (void)state;
    static const struct {
        int state; /* as wait(2) gives it: a signal, or an exit status above 8 bits */
        enum po_status status;
        const char *words;
    } ends[] = {
        {MAT_NO_LIBRARY << 8, PO_UNSUPPORTED, "apt install libmatio"},
        {MAT_NOT_OPENED << 8, PO_BAD_FORMAT, "save them again with save"},
        {MAT_BROKEN << 8, PO_BAD_FORMAT, "cannot read it within"},
        {EXIT_FAILURE << 8, PO_BAD_FORMAT, "cannot read it within"},
        {SIGKILL, PO_OUT_OF_MEMORY, "probably for want of memory"},
        {SIGSEGV, PO_BAD_FORMAT, "cannot read it within"},
        {SIGXCPU, PO_BAD_FORMAT, "cannot read it within"},
    };
    if (!has_library())
        skip();
    mat_begin(&mat);
    mat_matrix(&mat, "K1", CLASS_DOUBLE, k_left, 3, 3);
    put_rest();
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        said_state = ends[i].state;
        error = (struct po_error){0};
        enum po_status status = read_it();
        said_state = -1;
        if (status != ends[i].status || strstr(error.message, ends[i].words) == NULL)
            fail_msg("end %zu: %s: %s", i, po_status_name(status), error.message);
        assert_non_null(strstr(error.message, "stereo.mat"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_class_of_number),
        FOLDER_TEST(structs_and_their_order),
        FOLDER_TEST(others_are_passed_over),
        FOLDER_TEST(objects_are_refused_by_name),
        FOLDER_TEST(nan_is_named),
        FOLDER_TEST(cut_files_are_errors),
        FOLDER_TEST(the_child_says_how_it_ended),
        FOLDER_TEST(each_end_of_the_child_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
