/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every format broken in every way of a table: keys missing, numbers that are none, too
 * few, not finite or enormous, texts cut off or doubled. Each is an error that names a
 * file of the folder, or a calibration without nonsense; nothing stays open.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/matrix3.h"
#include "calib/rectification.h"
#include "support/calibration_cases.h"

static struct calibration calibration;
static char original[CASE_TEXT_BYTES];
static char broken[2 * CASE_TEXT_BYTES];

/* What is being broken, for the output. */
static struct {
    const struct calibration_case *of;
    const char *file;
    const char *how;
    size_t at;
} now;

enum { MOST_SAID = 60 };

static int problems;

static void expect(bool holds, const char *what, const struct po_error *error)
{
    if (holds)
        return;
    if (++problems <= MOST_SAID)
        print_error("%s, %s, %s at byte %zu, '%.30s': %s (%s)\n", now.of->format,
                    now.file, now.how, now.at, original + now.at, what, error->message);
}

static bool is_sane(const struct rectification *made)
{
    return made->rig.focal_px > 0 && made->rig.baseline_mm > 0 &&
           isfinite(made->rig.focal_px) && isfinite(made->rig.baseline_mm) &&
           isfinite(made->rig.cx_px) && isfinite(made->rig.cy_px) &&
           all_finite(made->projection[0], 12) && all_finite(made->projection[1], 12);
}

/* What was accepted can be used, or says why not. */
static void use(struct calibration *made)
{
    struct rectification rectification;
    struct po_error error = {0};
    int width_px = made->width_px > 0 ? made->width_px : 640;
    int height_px = made->height_px > 0 ? made->height_px : 480;
    if (width_px > 4096 || height_px > 4096)
        return;
    enum po_status status = calibration_fit_images(made, width_px, height_px, &error);
    if (status == PO_OK)
        status = rectification_make(made, width_px, height_px, &rectification, &error);
    expect(status == PO_OK || error.message[0] != '\0', "fails without a word", &error);
    expect(status != PO_OK || is_sane(&rectification), "is nonsense", &error);
}

static enum po_status judge(void)
{
    struct po_error error;
    test_folder_write(&folder, now.file, broken);
    int before = dup(STDERR_FILENO);
    (void)close(before);
    enum po_status status = case_read(now.of, &calibration, &error);
    int after = dup(STDERR_FILENO);
    (void)close(after);
    expect(before == after, "a descriptor stays open", &error);
    if (status == PO_OK) {
        use(&calibration);
        return status;
    }
    expect(status == PO_BAD_FORMAT || status == PO_BAD_CALIBRATION ||
               status == PO_UNSUPPORTED,
           "has another status", &error);
    expect(strstr(error.message, folder.path) != NULL, "names no file", &error);
    expect(strlen(error.message) > strlen(folder.path) + strlen(now.file) + 8,
           "says nothing", &error);
    return status;
}

static void put(size_t begin, size_t end, const char *text)
{
    now.at = begin;
    (void)snprintf(broken, sizeof(broken), "%.*s%s%s", (int)begin, original, text,
                   original + end);
}

static bool is_of_number(char c)
{
    return c != '\0' && strchr("0123456789.-+e", c) != NULL;
}

/* The first number from `at` on, a word of its own; false: there is none. */
static bool next_number(size_t at, size_t *begin, size_t *end)
{
    for (; original[at] != '\0'; at++) {
        bool starts = at == 0 || strchr(" [,\t\n=:", original[at - 1]) != NULL;
        size_t length = strspn(original + at, "0123456789.-+e");
        if (!starts || length == 0)
            continue;
        *begin = at;
        *end = at + length;
        if (strcspn(original + at, "0123456789") < length &&
            !is_of_number(original[*end]))
            return true;
    }
    return false;
}

static void other_numbers(void)
{
    static const char *const others[] = {"nan", "1e300", "-1", "0", "x", "[1, 2]", ""};
    size_t begin;
    size_t end = 0;
    while (next_number(end, &begin, &end))
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            now.how = others[i];
            put(begin, end, others[i]);
            (void)judge();
        }
}

static void cut_off_and_doubled(void)
{
    size_t length = strlen(original);
    for (size_t at = 0; at < length; at += original[at] == '\n' ? 1 : 17) {
        size_t end = at + strcspn(original + at, "\n");
        now.how = "cut off";
        put(at, length, "");
        (void)judge();
        now.how = "a line without its end";
        put(at, end, "");
        (void)judge();
        now.how = "doubled";
        put(at, at, original);
        (void)judge();
    }
}

/* Where the values of a key begin: those of OpenCV's matrices come after their sides. */
static size_t first_value(size_t at)
{
    const char *rows = strstr(original + at, "rows:");
    const char *data = strstr(original + at, "data:");
    bool is_matrix = rows != NULL && data != NULL &&
                     original + at + strcspn(original + at, "0123456789") > rows;
    return is_matrix ? (size_t)(data - original) : at;
}

/* A key that is needed: not by another name, not without a number. */
static void break_needed(const char *key)
{
    size_t begin;
    size_t end;
    for (const char *found = strstr(original, key); found != NULL;
         found = strstr(found + 1, key)) {
        size_t at = (size_t)(found - original);
        if (at > 0 && strchr("\n \"{,<", original[at - 1]) == NULL && key[0] != '"')
            continue; /* a part of another key */
        if (found[strlen(key)] == '>' && found[-1] == '/')
            continue;
        size_t word = at + (key[0] == '"');
        struct po_error none = {0};
        now.how = "another key";
        put(word, word + 1, "zz");
        expect(judge() != PO_OK, "is not missed", &none);
        size_t from = first_value(at + strlen(key));
        if (!next_number(from, &begin, &end))
            continue;
        now.how = "no number";
        put(begin, end, "pear");
        expect(judge() != PO_OK, "is not missed", &none);
        now.how = "not a number";
        put(begin, end, ".nan");
        expect(judge() != PO_OK, "is not missed", &none);
    }
}

static void break_file(const struct calibration_case *of, int file)
{
    now.of = of;
    now.file = of->files[file].name;
    other_numbers();
    cut_off_and_doubled();
    for (int i = 0; i < CASE_NEEDED && of->needed[i] != NULL; i++)
        break_needed(of->needed[i]);
    test_folder_write(&folder, now.file, original);
}

static void each_format_is_broken(void **state)
{
    (void)state;
    for (int i = 0; i < CALIBRATION_CASES; i++) {
        const struct calibration_case *of = &calibration_cases[i];
        struct po_error error;
        folder_remove(NULL);
        folder_create(NULL);
        case_write(of);
        enum po_status status = case_read(of, &calibration, &error);
        assert_string_equal(error.message, "");
        assert_int_equal(status, PO_OK);
        assert_string_equal(calibration.format, of->format);
        for (int file = 0; file < CASE_FILES && case_text(of, file, original); file++)
            break_file(of, file);
    }
    assert_int_equal(problems, 0);
}

/* A part of the rig in a file of its own: gone, empty, or no calibration at all. */
static void each_part_is_missed(void **state)
{
    (void)state;
    for (int i = 0; i < CALIBRATION_CASES; i++) {
        const struct calibration_case *of = &calibration_cases[i];
        for (int file = 0; file < CASE_FILES && of->files[1].name != NULL &&
                           of->files[file].name != NULL;
             file++) {
            struct po_error error;
            const char *path = test_folder_path(&folder, of->files[file].name);
            now.of = of;
            now.file = of->files[file].name;
            now.how = "gone";
            broken[0] = '\0';
            case_write(of);
            assert_int_equal(unlink(path), 0);
            enum po_status status = case_read(of, &calibration, &error);
            expect(status == PO_BAD_CALIBRATION || (status == PO_NOT_FOUND && file == 0),
                   "is not missed", &error);
            expect(strstr(error.message, folder.path) != NULL, "names no file", &error);
            now.how = "empty";
            expect(judge() != PO_OK, "is not missed", &error);
            now.how = "something else";
            (void)snprintf(broken, sizeof(broken), "notes: these are no numbers\n");
            expect(judge() != PO_OK, "is not missed", &error);
            assert_int_equal(unlink(path), 0);
        }
        folder_remove(NULL);
        folder_create(NULL);
    }
    assert_int_equal(problems, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_format_is_broken),
        FOLDER_TEST(each_part_is_missed),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* thousands of small files */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
