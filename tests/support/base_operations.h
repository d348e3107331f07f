/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What base does with files and folders, each as one operation in a fresh folder: what
 * lies there before, what is done, and what must hold after it was done or failed.
 * Include after cmocka.h, in the one program that plays them.
 */
#ifndef SUPPORT_BASE_OPERATIONS_H
#define SUPPORT_BASE_OPERATIONS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/json_file.h"
#include "base/named_file.h"
#include "base/own_directory.h"
#include "base/path.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"

enum { WRITTEN_BYTES = 200000, OLD_BYTES = 3 };

struct cause {
    int value;
    const char *said; /* NULL: as strerror says it */
};

/* `any` stands for what no one has a word for. */
static const struct cause writing[] = {
    {ENOSPC, "the disk is full"},
    {EDQUOT, "disk"},
    {EROFS, "choose --output"},
    {EFBIG, NULL},
    {EMFILE, NULL},
    {ENFILE, NULL},
    {EACCES, "choose --output"},
    {EPERM, "choose --output"},
    {EIO, NULL},
};
static const struct cause reading[] = {{EIO, NULL},    {EACCES, NULL},
                                       {EMFILE, NULL}, {ELOOP, "loop"},
                                       {ENXIO, NULL},  {ENOMEM, "memory"}};

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* What is done in the folder; PO_OK or why not. */
struct operation {
    const char *name;
    void (*prepare)(void);
    enum po_status (*run)(struct po_error *error);
    /* After a failure, and after a success. */
    void (*check)(bool done);
    const char *named; /* in every message */
    const struct cause *causes;
    int cause_count;
    uint64_t passed_over; /* bits of calls whose failure does no harm */
};

#define BIT(call) (UINT64_C(1) << (call))

static struct atomic_file file;
static char content[WRITTEN_BYTES];

static const char *at(const char *name)
{
    return test_folder_path(&folder, name);
}

static size_t entries_of(const char *path)
{
    size_t count = 0;
    DIR *listing = opendir(path);
    assert_non_null(listing);
    while (readdir(listing) != NULL)
        count++;
    (void)closedir(listing);
    return count - 2; /* . and .. */
}

/* The file holds the old three bytes or the new ones, whole. */
static void check_target(const char *path, bool done)
{
    struct input_stat facts;
    assert_int_equal(input_file_stat(path, &facts, NULL), PO_OK);
    assert_int_equal(facts.size_bytes, done ? WRITTEN_BYTES : OLD_BYTES);
}

/* Files. */
static enum po_status write_json(struct po_error *error)
{
    struct json *root = json_new_object();
    static char long_text[WRITTEN_BYTES - 15];
    memset(long_text, 'x', sizeof(long_text) - 1);
    json_add_string(root, "text", long_text);
    enum po_status status = json_write_file(root, at("target"), error);
    json_free(root);
    return status;
}

static void put_old(void)
{
    test_folder_write(&folder, "target", "old");
}

static enum po_status write_with(enum po_status opened, struct po_error *error)
{
    enum po_status status = opened;
    if (status == PO_OK)
        status = atomic_file_write(&file, content, WRITTEN_BYTES - 8, error);
    if (status == PO_OK)
        status = atomic_file_print(&file, error, "%08d", 7);
    if (status == PO_OK)
        status = atomic_file_patch(&file, 0, "patched", 7, error);
    if (status == PO_OK)
        status = atomic_file_move_to(&file, 100, error);
    if (status == PO_OK)
        status = atomic_file_write(&file, "moved", 5, error);
    if (status == PO_OK)
        status = atomic_file_begin_sync(&file, error);
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

static enum po_status write_file(struct po_error *error)
{
    return write_with(atomic_file_open(&file, at("target"), error), error);
}

static enum po_status write_shared(struct po_error *error)
{
    return write_with(atomic_file_open_shared(&file, at("target"), error), error);
}

static enum po_status write_named(struct po_error *error)
{
    return write_with(named_file_open(&file, at("target"), error), error);
}

static void is_whole_and_alone(bool done)
{
    check_target(at("target"), done);
    assert_int_equal(entries_of(folder.path), 1);
}

/* Complete before it is synced, by its descriptor alone. */
static enum po_status write_handed(struct po_error *error)
{
    struct hash hash;
    int descriptor = -1;
    enum po_status status = atomic_file_open_plain(&file, at("target"), true, error);
    if (status == PO_OK)
        atomic_file_hash(&file);
    if (status == PO_OK)
        status = atomic_file_write(&file, content, WRITTEN_BYTES, error);
    if (status == PO_OK)
        status = atomic_file_hand_over(&file, &hash, &descriptor, error);
    atomic_file_discard(&file);
    return status == PO_OK ? atomic_file_sync_handed(&descriptor, at("target"), error)
                           : status;
}

static enum po_status write_plain(struct po_error *error)
{
    return write_with(atomic_file_open_plain(&file, at("target"), true, error), error);
}

static void is_whole_if_done(bool done)
{
    if (done)
        check_target(at("target"), true);
    assert_int_equal(entries_of(folder.path), 1);
}

static enum po_status write_through(struct po_error *error)
{
    enum po_status status = named_file_open(&file, "/dev/null", error);
    if (status == PO_OK)
        status = atomic_file_write(&file, content, WRITTEN_BYTES, error);
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

static void nothing(void)
{
}

static void nothing_is_left(bool done)
{
    (void)done;
    assert_int_equal(entries_of(folder.path), 0);
}

/* Folders. */
static bool is_ours(const char *name)
{
    return strcmp(name, "proof") == 0 || strcmp(name, "cloud") == 0;
}

static const struct directory_names names = {is_ours, "proof"};
static const struct leftover_names leftovers = {is_ours, &names};

static void put_frame(void)
{
    test_folder_write(&folder, "frames/one/proof", "");
    test_folder_write(&folder, "frames/one/cloud", "old");
}

static enum po_status publish_frame(struct po_error *error)
{
    char parent[TEST_PATH_BYTES];
    char building[TEST_PATH_BYTES];
    char inside[TEST_PATH_BYTES];
    (void)snprintf(parent, sizeof(parent), "%s", at("frames"));
    const struct atomic_directory frame = {parent, "one", "", &names};
    enum po_status status = directory_make(parent, error);
    if (status == PO_OK)
        status = atomic_directory_begin(&frame, building, sizeof(building), error);
    if (status == PO_OK && !path_join(inside, sizeof(inside), building, "cloud"))
        status = PO_INTERNAL;
    if (status == PO_OK)
        status = write_with(atomic_file_open_plain(&file, inside, false, error), error);
    return status == PO_OK ? atomic_directory_publish(&frame, error) : status;
}

/* The old frame or the new one; what else is there goes when the folder is cleaned. */
static void frame_is_whole(bool done)
{
    struct input_stat facts;
    enum po_status status = input_file_stat(at("frames/one/cloud"), &facts, NULL);
    if (done)
        assert_int_equal(status, PO_OK);
    else if (status == PO_OK)
        assert_true(facts.size_bytes == OLD_BYTES || facts.size_bytes == WRITTEN_BYTES);
    else
        assert_int_equal(status, PO_NOT_FOUND);
    assert_int_equal(own_directory_clean(at("frames"), &leftovers, NULL), PO_OK);
    assert_int_equal(entries_of(at("frames")), status == PO_OK ? 1 : 0);
}

static void put_leftovers(void)
{
    test_folder_write(&folder, "frames/.tmp-one/proof", "");
    test_folder_write(&folder, "frames/.tmp-one/cloud", "half");
    test_folder_write(&folder, "frames/.old-cloud", "half");
    test_folder_write(&folder, "frames/.tmp-theirs/photo", "precious");
    test_folder_write(&folder, "frames/.tmp-notes", "precious");
    test_folder_write(&folder, "frames/photo", "precious");
}

static enum po_status clean_leftovers(struct po_error *error)
{
    return own_directory_clean(at("frames"), &leftovers, error);
}

static enum po_status clean_tagged(struct po_error *error)
{
    return own_directory_clean_tagged(at("frames"), &leftovers, "o", error);
}

static void theirs_stay(bool done)
{
    (void)done;
    assert_int_equal(access(at("frames/.tmp-theirs/photo"), F_OK), 0);
    assert_int_equal(access(at("frames/.tmp-notes"), F_OK), 0);
    assert_int_equal(access(at("frames/photo"), F_OK), 0);
    assert_int_equal(own_directory_clean(at("frames"), &leftovers, NULL), PO_OK);
    assert_int_equal(entries_of(at("frames")), 3);
}

static enum po_status check_frame(struct po_error *error)
{
    return directory_check_own(at("frames/one"), &names, error);
}

static void frame_stays(bool done)
{
    (void)done;
    check_target(at("frames/one/cloud"), false);
}

/* Reading. */
static enum po_status read_whole(struct po_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    enum po_status status = input_file_read_text(at("target"), 100, &text, &bytes, error);
    assert_int_equal(bytes, status == PO_OK ? OLD_BYTES : 0);
    assert_true((text != NULL) == (status == PO_OK));
    free(text);
    return status;
}

static enum po_status hash_whole(struct po_error *error)
{
    struct hash hash;
    return hash_file(at("target"), &hash, error);
}

static enum po_status look_twice(struct po_error *error)
{
    struct input_stat facts;
    enum po_status status = input_file_stat(at("target"), &facts, error);
    return status == PO_OK ? input_file_unchanged(at("target"), &facts, error) : status;
}

static void old_stays(bool done)
{
    (void)done;
    check_target(at("target"), false);
}

#define WRITES writing, COUNT(writing)
#define READS reading, COUNT(reading)

static const struct operation operations[] = {
    {"file", put_old, write_file, is_whole_and_alone, "/target", WRITES, 0},
    {"shared", put_old, write_shared, is_whole_and_alone, "/target", WRITES, 0},
    {"json", put_old, write_json, is_whole_and_alone, "/target", WRITES, 0},
    {"named", put_old, write_named, is_whole_and_alone, "/target", WRITES, 0},
    {"handed", put_old, write_handed, is_whole_if_done, "/target", WRITES,
     BIT(CALL_MEMORY)},
    {"plain", put_old, write_plain, is_whole_if_done, "/target", WRITES, 0},
    {"through", nothing, write_through, nothing_is_left, "/dev/null", WRITES, 0},
    {"frame", put_frame, publish_frame, frame_is_whole, "/", WRITES,
     BIT(CALL_MKDIR) | BIT(CALL_CLOSE)},
    {"clean", put_leftovers, clean_leftovers, theirs_stay, "/frames", WRITES,
     BIT(CALL_CLOSE)},
    {"tagged", put_leftovers, clean_tagged, theirs_stay, "/frames", WRITES,
     BIT(CALL_CLOSE) | BIT(CALL_RENAME)},
    {"check", put_frame, check_frame, frame_stays, "/frames/one", WRITES, 0},
    {"read", put_old, read_whole, old_stays, "/target", READS, BIT(CALL_CLOSE)},
    {"hash", put_old, hash_whole, old_stays, "/target", READS, BIT(CALL_CLOSE)},
    {"look", put_old, look_twice, old_stays, "/target", READS, 0},
};

#endif
