/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a folder is, and whether its files are whole, with each call of the system
 * failing in turn: what cannot be looked at is never guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "record/own_files.h"
#include "support/record_fixture.h"

static const char old_report[] = "{\"program\": \"process_offline\"}";

/* What cannot be looked at is neither ours nor another's: PO_IO, and nothing is taken. */
static enum po_status check_frame(struct po_error *error)
{
    return own_frame_check(at("frames/a"), at("note"), error);
}

static enum po_status check_reports(struct po_error *error)
{
    return own_reports_check(folder.path, error);
}

static enum po_status check_state(struct po_error *error)
{
    return own_state_check(at(".state"), error);
}

static void judge_ours(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
}

static void judge_theirs(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_BAD_ARGUMENT || input_status_is_passing(status));
}

static void who_made_it_is_never_guessed(void **state)
{
    (void)state;
    struct po_error error = {0};
    static enum po_status (*const checks[])(struct po_error *) = {
        check_frame, check_reports, check_state};
    for (int i = 0; i < COUNT(checks); i++)
        assert_int_equal(checks[i](&error), PO_OK); /* nothing is there */
    fill(&record);
    test_folder_write(&folder, "frames/a/frame.json", "x");
    assert_int_equal(write_to(at("frames/a/frame.json"), &error), PO_OK);
    test_folder_write(&folder, "report.json", old_report);
    test_folder_write(&folder, ".state/lock", "");
    test_folder_write(&folder, ".state/session.json", "{}");
    test_folder_write(&folder, ".state/.tmp-session.json", "{}");
    for (int i = 0; i < COUNT(checks); i++) {
        assert_int_equal(checks[i](&error), PO_OK);
        assert_true(fail_each(checks[i], judge_ours) > 1);
    }
    test_folder_write(&folder, "frames/a/frame.json", "{\"schema\": ");
    test_folder_write(&folder, "report.json", "{\"program\": \"another\"}");
    test_folder_write(&folder, ".state/notes.txt", "mine");
    for (int i = 0; i < COUNT(checks); i++) {
        assert_int_equal(checks[i](&error), PO_BAD_ARGUMENT);
        assert_true(fail_each(checks[i], judge_theirs) > 1);
    }
    (void)unlink(at(".state/notes.txt"));
    (void)unlink(at(".state/lock"));
    assert_int_equal(check_state(&error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "no lock of this program"));
    test_folder_write(&folder, ".state/.tmp-notes.txt", "mine");
    assert_int_equal(check_state(&error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, ".tmp-notes.txt"));
    test_folder_write(&folder, "note", "made by this program");
    assert_int_equal(check_frame(&error), PO_OK);
    assert_true(fail_each(check_frame, judge_ours) > 1);
    (void)unlink(at("note"));
    assert_int_equal(mkdir(at("note"), 0700), 0); /* it says nothing */
    assert_int_equal(check_frame(&error), PO_BAD_ARGUMENT);
}

static enum po_status verify(struct po_error *error)
{
    return frame_record_verify(&record, folder.path, true, error);
}

static void judge_verified(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
}

static void an_artefact_that_cannot_be_read_is_not_missing(void **state)
{
    (void)state;
    struct po_error error = {0};
    char hash[HASH_TEXT_BYTES];
    hash_text(hash_bytes("hello", 5), hash);
    frame_record_init(&record);
    assert_true(frame_record_add_artefact(&record, "one", 5, hash));
    assert_true(frame_record_add_artefact(&record, "two", 5, NULL)); /* its size alone */
    test_folder_write(&folder, "one", "hello");
    test_folder_write(&folder, "two", "12345");
    assert_int_equal(verify(&error), PO_OK);
    assert_true(fail_each(verify, judge_verified) > 2);
    (void)unlink(at("two"));
    assert_int_equal(mkdir(at("two"), 0700), 0);
    assert_int_equal(verify(&error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "two: missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(who_made_it_is_never_guessed),
        FOLDER_TEST(an_artefact_that_cannot_be_read_is_not_missing),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
