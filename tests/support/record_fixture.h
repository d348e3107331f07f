/* SPDX-License-Identifier: Apache-2.0 */
/* Records in a folder, and calls that fail under them. For programs named *_failures,
 * which have failing calls; include after cmocka.h. */
#ifndef SUPPORT_RECORD_FIXTURE_H
#define SUPPORT_RECORD_FIXTURE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input_file.h"
#include "record/frame_record.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

enum { MOST_CALLS = 300 };

static struct atomic_file file; /* too large for a small stack */
static struct frame_record record;

static const struct {
    enum failing_call call;
    int cause;
} causes[] = {
    {CALL_MEMORY, ENOMEM}, {CALL_OPEN, EMFILE},  {CALL_OPEN, EIO},   {CALL_READ, EIO},
    {CALL_PREAD, EIO},     {CALL_WRITE, ENOSPC}, {CALL_WRITE, EIO},  {CALL_PWRITE, EIO},
    {CALL_FSYNC, EIO},     {CALL_CLOSE, EIO},    {CALL_RENAME, EIO}, {CALL_STAT, EIO},
    {CALL_OPENDIR, EIO},   {CALL_READDIR, EIO},  {CALL_RANDOM, EIO},
};

static inline const char *at(const char *name)
{
    return test_folder_path(&folder, name);
}

static inline char *content_of(const char *name)
{
    char *text = NULL;
    size_t bytes = 0;
    struct po_error error = {0};
    if (access(at(name), F_OK) != 0)
        return NULL;
    assert_int_equal(input_file_read(at(name), 1 << 20, &text, &bytes, &error), PO_OK);
    return text;
}

/* Does `act` with each call failing in turn and lets `judge` see what came of it. */
static inline int fail_each(enum po_status (*act)(struct po_error *error),
                            void (*judge)(enum po_status status,
                                          const struct po_error *error))
{
    int failures = 0;
    for (int c = 0; c < COUNT(causes); c++)
        for (int number = 1; number < MOST_CALLS; number++) {
            struct po_error error = {0};
            int before = lowest_free_descriptor();
            fail_call(causes[c].call, number, causes[c].cause);
            enum po_status status = act(&error);
            if (!mend_calls())
                break;
            failures++;
            assert_int_equal(lowest_free_descriptor(), before);
            if (status != PO_OK && strstr(error.message, folder.path) == NULL)
                fail_msg("%s %d: %s", failing_call_names[causes[c].call], number,
                         error.message);
            judge(status, &error);
        }
    return failures;
}

/* As full as a record can be. */
static inline void fill(struct frame_record *to)
{
    struct count_list counts = {0};
    static char names[COUNT_LIST_MAX][16]; /* the list borrows them */
    char name[32];
    frame_record_init(to);
    (void)snprintf(to->id, sizeof(to->id), "frame \"1\" of C:\\x\x1f");
    (void)snprintf(to->key, sizeof(to->key), "0123456789abcdef");
    for (int i = 0; i < RECORD_INPUTS_MAX; i++)
        assert_true(frame_record_add_input(to, "left", "/a/l.png", 10, "00ff"));
    assert_false(frame_record_add_input(to, "left", "/a/l.png", 10, NULL));
    for (int i = 0; i < RECORD_ARTEFACTS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "artefact%d", i);
        assert_true(frame_record_add_artefact(to, name, 5, NULL));
    }
    assert_false(frame_record_add_artefact(to, "more", 5, NULL));
    for (int i = 0; i < COUNT_LIST_MAX; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "count%d", i);
        count_list_add(&counts, names[i], 1 + (uint64_t)i);
    }
    frame_record_set_counts(to, &counts);
    for (int i = 0; i < WARNING_LIST_MAX + 3; i++)
        warning_list_add(&to->warnings, "warning %d", i);
}

static inline enum po_status write_to(const char *path, struct po_error *error)
{
    enum po_status status = atomic_file_open_plain(&file, path, true, error);
    if (status == PO_OK)
        status = frame_record_write(&record, &file, error);
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

#endif
