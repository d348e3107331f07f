/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the system under a calibration's reader fails in turn. A passing fault is
 * told from what the files hold: the status says so (PO_IO, PO_OUT_OF_MEMORY), never that
 * the calibration is broken or absent, and the model is never another one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/input_file.h"
#include "calib/remap_tables.h"
#include "support/calibration_cases.h"
#include "support/failing_calls.h"
#include "support/mat_fixture.h"
#include "support/npy_fixture.h"

enum { MOST_CALLS = 500 };

static const struct {
    enum failing_call call;
    int cause;
} causes[] = {
    {CALL_OPEN, EIO},      {CALL_OPEN, EMFILE}, {CALL_OPEN, EACCES},
    {CALL_READ, EIO},      {CALL_READ, ESTALE}, {CALL_PREAD, EIO},
    {CALL_STAT, EIO},      {CALL_OPENDIR, EIO}, {CALL_READDIR, EIO},
    {CALL_FDOPEN, ENOMEM}, {CALL_LSEEK, EIO},   {CALL_PIPE, EMFILE},
    {CALL_FORK, EAGAIN},   {CALL_POLL, ENOMEM}, {CALL_MEMORY, ENOMEM},
};

static struct calibration undisturbed;
static struct calibration made;

/* What was made is the model that a reader without failures makes. */
static bool is_undisturbed(void)
{
    struct hash a = calibration_hash(&made);
    struct hash b = calibration_hash(&undisturbed);
    return a.low == b.low && a.high == b.high &&
           made.warnings.length == undisturbed.warnings.length &&
           strcmp(made.format, undisturbed.format) == 0;
}

/* Reads a file of the folder and, where it holds remap tables, these. */
static enum po_status read_all(const char *name, const char *cameras,
                               struct calibration *to, struct po_error *error)
{
    static int16_t map_xy[2 * 64];
    static uint16_t map_fraction[64];
    const struct calibration_request request = {.cameras = cameras};
    memset(error, 0, sizeof(*error));
    enum po_status status =
        calibration_read(test_folder_path(&folder, name), &request, to, error);
    if (status == PO_OK && to->maps.present)
        for (int side = 0; side < 2 && status == PO_OK; side++)
            status = remap_tables_read(to, side, map_xy, map_fraction, error);
    return status;
}

/* False: the call was not reached. */
static bool fail_one(const char *name, const char *cameras, size_t c, int number)
{
    struct po_error error;
    int before = lowest_free_descriptor();
    fail_call(causes[c].call, number, causes[c].cause);
    enum po_status status = read_all(name, cameras, &made, &error);
    if (!mend_calls())
        return false;
    bool same = status == PO_OK && is_undisturbed();
    bool said =
        input_status_is_passing(status) && strstr(error.message, folder.path) != NULL;
    if (!same && !said) {
        print_error("%s: %s %d failed with %s: %s: %s\n", name,
                    failing_call_names[causes[c].call], number, strerror(causes[c].cause),
                    po_status_name(status), error.message);
        fail();
    }
    assert_int_equal(lowest_free_descriptor(), before);
    return true;
}

static int fail_each(const char *name, const char *cameras)
{
    int failures = 0;
    struct po_error error;
    enum po_status status = read_all(name, cameras, &undisturbed, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, PO_OK);
    for (size_t c = 0; c < sizeof(causes) / sizeof(causes[0]); c++)
        for (int number = 1; number < MOST_CALLS && fail_one(name, cameras, c, number);
             number++)
            failures++;
    cut_transfers_short();
    status = read_all(name, cameras, &made, &error);
    (void)mend_calls();
    assert_string_equal(error.message, "");
    assert_int_equal(status, PO_OK);
    assert_true(is_undisturbed());
    return failures;
}

static void each_format_says_what_passes(void **state)
{
    (void)state;
    for (int i = 0; i < CALIBRATION_CASES; i++) {
        const struct calibration_case *of = &calibration_cases[i];
        case_write(of);
        assert_true(fail_each(of->files[0].name, of->cameras) > 5);
        folder_remove(NULL);
        folder_create(NULL);
    }
}

static const double q_values[16] = {1, 0, 0, -3.5, 0, 1, 0,      -3.5,
                                    0, 0, 0, 8,    0, 0, 0.0125, 0};

static void arrays_say_what_passes(void **state)
{
    (void)state;
    write_rig_arrays();
    assert_true(fail_each("K_left.npy", NULL) > 20);
}

static void tables_say_what_passes(void **state)
{
    (void)state;
    static const char *const names[] = {"leftMapX.npy", "leftMapY.npy", "rightMapX.npy",
                                        "rightMapY.npy"};
    for (int i = 0; i < 4; i++) {
        double places[64];
        for (int k = 0; k < 64; k++)
            places[k] = i % 2 == 0 ? k % 8 : k / 8;
        write_npy(names[i], "<f4", "False", "(8, 8)", places, 64);
    }
    write_npy("Q.npy", "<f8", "False", "(4, 4)", q_values, 16);
    assert_true(fail_each("leftMapX.npy", NULL) > 20);
}

/* In a child: a call that fails there ends in the parent. */
static void matlab_says_what_passes(void **state)
{
    (void)state;
    static struct mat_bytes mat;
    static const double k[9] = {500, 0, 320, 0, 500, 240, 0, 0, 1};
    static const double d[5] = {0, 0, 0, 0, 0};
    static const double r[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    static const double t[3] = {-60, 0, 0};
    struct po_error error;
    mat_begin(&mat);
    mat_matrix(&mat, "K1", CLASS_DOUBLE, k, 3, 3);
    mat_matrix(&mat, "K2", CLASS_DOUBLE, k, 3, 3);
    mat_matrix(&mat, "D1", CLASS_DOUBLE, d, 1, 5);
    mat_matrix(&mat, "D2", CLASS_DOUBLE, d, 1, 5);
    mat_matrix(&mat, "R", CLASS_DOUBLE, r, 3, 3);
    mat_matrix(&mat, "T", CLASS_DOUBLE, t, 3, 1);
    write_bytes("stereo.mat", mat.bytes, mat.used);
    if (read_all("stereo.mat", NULL, &undisturbed, &error) != PO_OK) {
        assert_non_null(strstr(error.message, "libmatio"));
        skip();
    }
    static const struct {
        enum failing_call call;
        int cause;
        bool harmless; /* and then all is read */
    } calls[] = {{CALL_PIPE, EMFILE, false}, {CALL_FORK, EAGAIN, false},
                 {CALL_OPEN, EMFILE, false}, {CALL_STAT, EIO, false},
                 {CALL_READ, EIO, false},    {CALL_PREAD, EIO, false},
                 {CALL_READ, EINTR, true},   {CALL_POLL, EINTR, true},
                 {CALL_WAIT, EINTR, true}};
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        for (int number = 1; number < 4; number++) {
            int before = lowest_free_descriptor();
            fail_call(calls[i].call, number, calls[i].cause);
            enum po_status status = read_all("stereo.mat", NULL, &made, &error);
            bool reached = mend_calls();
            bool same = status == PO_OK && is_undisturbed();
            if (!same && (calls[i].harmless || !input_status_is_passing(status)))
                fail_msg("%s %d: %s", failing_call_names[calls[i].call], number,
                         error.message);
            assert_true(reached || same);
            assert_int_equal(lowest_free_descriptor(), before);
        }
}

/* Of two files with a pose the wrong one would be taken were the first passed over. */
static void no_other_part_takes_its_place(void **state)
{
    (void)state;
    test_folder_write(&folder, "cameras.json",
                      "{\"M1\": " CASE_K ", \"D1\": [0, 0, 0, 0], \"M2\": " CASE_K
                      ", \"D2\": [0, 0, 0, 0]}");
    test_folder_write(&folder, "pose.json", "{\"R\": [0, 0, 0], \"T\": [-60, 0, 0]}");
    test_folder_write(&folder, "notes.json", "{\"text\": 1}");
    assert_true(fail_each("cameras.json", NULL) > 10);
    test_folder_write(&folder, "intrinsics.json",
                      "{\"M1\": " CASE_K ", \"D1\": [0, 0, 0, 0], \"M2\": " CASE_K
                      ", \"D2\": [0, 0, 0, 0]}");
    test_folder_write(&folder, "extrinsics.json",
                      "{\"R\": [0, 0, 0], \"T\": [-70, 0, 0]}");
    assert_true(fail_each("intrinsics.json", NULL) > 10);
    test_folder_write(&folder, "extrinsics.json", "{\"R\": [0, 0, 0], \"T\":");
    struct po_error error;
    assert_int_equal(read_all("intrinsics.json", NULL, &made, &error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "extrinsics.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_format_says_what_passes),  FOLDER_TEST(arrays_say_what_passes),
        FOLDER_TEST(tables_say_what_passes),        FOLDER_TEST(matlab_says_what_passes),
        FOLDER_TEST(no_other_part_takes_its_place),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
