/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders appear whole or not at all, and hold what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "support/file_fixture.h"

static void a_file_appears_whole(void **state)
{
    (void)state;
    struct atomic_file *file = calloc(1, sizeof(*file));
    struct po_error error;
    assert_non_null(file);
    put("target", "old", 3);
    assert_int_equal(atomic_file_open(file, inside("target"), &error), PO_OK);
    for (int i = 0; i < 30000; i++)
        assert_int_equal(atomic_file_write(file, "0123456789", 10, &error), PO_OK);
    assert_int_equal(atomic_file_patch(file, 3, "XYZ", 3, &error), PO_OK);
    char *text;
    size_t bytes;
    assert_int_equal(input_file_read(inside("target"), 1 << 20, &text, &bytes, &error),
                     PO_OK);
    assert_memory_equal(text, "old", 3); /* nothing is visible before it is published */
    free(text);
    assert_int_equal(atomic_file_publish(file, &error), PO_OK);
    assert_int_equal(input_file_read(inside("target"), 1 << 20, &text, &bytes, &error),
                     PO_OK);
    assert_int_equal(bytes, 300000);
    assert_memory_equal(text, "012XYZ6789", 10);
    free(text);

    assert_int_equal(atomic_file_open(file, inside("never"), &error), PO_OK);
    atomic_file_discard(file);
    assert_int_equal(access(inside("never"), F_OK), -1);
    assert_int_equal(access(inside(".tmp-never"), F_OK), -1);
    atomic_file_discard(file); /* twice is fine */
    free(file);
}

/* In the order of the file, patched at its start, and written from its end. */
static void the_hash_is_of_what_the_file_holds(void **state)
{
    (void)state;
    enum { ROWS = 4000, ROW_BYTES = 40 };
    struct atomic_file *file = calloc(1, sizeof(*file));
    struct hash hashes[3];
    assert_non_null(file);
    for (int way = 0; way < 3; way++) {
        int descriptor = -1;
        assert_int_equal(atomic_file_open_plain(file, inside("hashed"), true, NULL),
                         PO_OK);
        atomic_file_hash(file);
        for (int i = 0; i < ROWS; i++) {
            char row[ROW_BYTES + 1];
            int number = way == 2 ? ROWS - 1 - i : i;
            (void)snprintf(row, sizeof(row), "%040d", number);
            if (way == 2)
                assert_int_equal(
                    atomic_file_move_to(file, (unsigned)(number * ROW_BYTES), NULL),
                    PO_OK);
            assert_int_equal(atomic_file_write(file, row, ROW_BYTES, NULL), PO_OK);
        }
        if (way == 1)
            assert_int_equal(atomic_file_patch(file, 3, "XYZ", 3, NULL), PO_OK);
        assert_int_equal(atomic_file_begin_sync(file, NULL), PO_OK);
        assert_int_equal(atomic_file_hand_over(file, &hashes[way], &descriptor, NULL),
                         PO_OK);
        atomic_file_discard(file); /* the descriptor is ours now */
        assert_int_equal(atomic_file_sync_handed(&descriptor, "hashed", NULL), PO_OK);
        assert_int_equal(descriptor, -1);
        struct hash read_back;
        assert_int_equal(hash_file(inside("hashed"), &read_back, NULL), PO_OK);
        assert_memory_equal(&read_back, &hashes[way], sizeof(read_back));
    }
    assert_memory_equal(&hashes[0], &hashes[2], sizeof(hashes[0]));
    assert_memory_not_equal(&hashes[0], &hashes[1], sizeof(hashes[0]));
    free(file);
}

static void a_planted_link_is_not_followed(void **state)
{
    (void)state;
    struct atomic_file *file = calloc(1, sizeof(*file));
    struct po_error error;
    struct stat status;
    char treasure[PATH_BYTES];
    assert_non_null(file);
    put("treasure", "gold", 4);
    (void)snprintf(treasure, sizeof(treasure), "%s", inside("treasure"));
    assert_int_equal(symlink(treasure, inside(".tmp-linked")), 0);
    assert_int_equal(atomic_file_open(file, inside("linked"), &error), PO_IO);
    atomic_file_discard(file);
    assert_int_equal(symlink(treasure, inside("plain")), 0);
    assert_int_equal(atomic_file_open_plain(file, inside("plain"), false, &error), PO_IO);
    atomic_file_discard(file);
    assert_int_equal(stat(treasure, &status), 0);
    assert_int_equal(status.st_size, 4);
    free(file);
}

static bool is_round_or_proof(const char *name)
{
    return strncmp(name, "round", 5) == 0 || strcmp(name, "proof") == 0;
}

static const struct directory_names round_names = {is_round_or_proof, "proof"};
static const struct leftover_names round_leftovers = {is_round_or_proof, &round_names};

static void make_empty(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static void a_folder_appears_whole(void **state)
{
    (void)state;
    struct po_error error;
    char building[PATH_BYTES];
    char name[PATH_BYTES + 16];
    const struct atomic_directory frame = {files.path, "frame", "", &round_names};
    const struct atomic_directory left = {files.path, "left", "", &round_names};
    for (int round = 0; round < 2; round++) {
        assert_int_equal(
            atomic_directory_begin(&frame, building, sizeof(building), &error), PO_OK);
        (void)snprintf(name, sizeof(name), "%s/round%d", building, round);
        make_empty(name);
        assert_int_equal(atomic_directory_publish(&frame, &error), PO_OK);
    }
    assert_int_equal(access(inside("frame/round1"), F_OK), 0);
    assert_int_equal(access(inside("frame/round0"), F_OK), -1);
    assert_int_equal(access(inside(".old-frame"), F_OK), -1);

    assert_int_equal(atomic_directory_begin(&left, building, sizeof(building), &error),
                     PO_OK);
    assert_int_equal(own_directory_clean(files.path, &round_leftovers, &error), PO_OK);
    assert_int_equal(access(building, F_OK), -1);
}

/* Several processes that publish one folder at once: it is whole at the end, as one of
 * them made it, and none of them fails. */
static void many_publish_one_folder(void **state)
{
    enum { WRITERS = 4, ROUNDS = 200 };
    (void)state;
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] != 0)
            continue;
        char tag[16];
        char building[PATH_BYTES];
        char name[PATH_BYTES + 16];
        struct po_error error;
        (void)snprintf(tag, sizeof(tag), "%d.", i);
        const struct atomic_directory shared = {files.path, "shared", tag, &round_names};
        bool fine = true;
        for (int round = 0; round < ROUNDS && fine; round++) {
            fine = atomic_directory_begin(&shared, building, sizeof(building), &error) ==
                   PO_OK;
            (void)snprintf(name, sizeof(name), "%s/round", building);
            int fd = fine ? open(name, O_CREAT | O_WRONLY, 0600) : -1;
            fine = fd >= 0 && close(fd) == 0 &&
                   atomic_directory_publish(&shared, &error) == PO_OK;
        }
        _exit(fine ? 0 : 1);
    }
    for (int i = 0; i < WRITERS; i++) {
        int ended = -1;
        assert_int_equal(waitpid(children[i], &ended, 0), children[i]);
        assert_int_equal(ended, 0);
    }
    assert_int_equal(access(inside("shared/round"), F_OK), 0);
    assert_int_equal(access(inside("shared/proof"), F_OK), 0);
}

static void what_others_wrote_stays(void **state)
{
    (void)state;
    const struct atomic_directory folder = {files.path, "theirs", "", &round_names};
    struct po_error error;
    char building[PATH_BYTES];
    char name[PATH_BYTES];
    assert_int_equal(directory_make(inside("theirs"), &error), PO_OK);
    assert_int_equal(directory_check_own(inside("theirs"), &round_names, &error), PO_OK);
    assert_int_equal(directory_check_own(inside("missing"), &round_names, &error), PO_OK);
    make_empty(inside("theirs/round0")); /* our name, and no proof */
    assert_int_equal(directory_remove_own(inside("theirs"), &round_names, &error),
                     PO_BAD_ARGUMENT);
    make_empty(inside("theirs/proof"));
    assert_int_equal(directory_check_own(inside("theirs"), &round_names, &error), PO_OK);
    make_empty(inside("theirs/photo"));
    assert_int_equal(atomic_directory_begin(&folder, building, sizeof(building), &error),
                     PO_OK);
    assert_int_equal(atomic_directory_publish(&folder, &error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "'photo'"));
    assert_int_equal(access(inside("theirs/round0"), F_OK), 0);
    assert_true(path_join(name, sizeof(name), files.path, ".old-theirs"));
    assert_int_equal(rename(inside("theirs"), name), 0);
    make_empty(inside(".tmp-letter"));
    assert_int_equal(own_directory_clean(files.path, &round_leftovers, &error), PO_OK);
    assert_int_equal(access(inside(".old-theirs/photo"), F_OK), 0);
    assert_int_equal(access(inside(".tmp-letter"), F_OK), 0);
    assert_int_equal(symlink(files.path, inside("frame-link")), 0);
    assert_int_equal(directory_check_own(inside("frame-link"), &round_names, &error),
                     PO_BAD_ARGUMENT);
}

static void a_folder_that_cannot_be_made_says_why(void **state)
{
    (void)state;
    struct po_error error;
    put("file", "x", 1);
    assert_int_equal(directory_make(inside("file/below"), &error), PO_IO);
    assert_non_null(strstr(error.message, "Not a directory"));
    assert_int_equal(directory_make(inside("a/b/c"), &error), PO_OK);
    assert_int_equal(directory_make(inside("a/b/c"), &error), PO_OK);
}

/* Writes of any size, and from any place on, go to the system in whole pieces. */
static void files_are_written_in_pieces(void **state)
{
    enum { PIECE = ATOMIC_FILE_BUFFER_BYTES, BYTES = 9 * PIECE + 777, FIRST = 12345 };
    static const unsigned sizes[] = {1,         PIECE - 1, PIECE, 1,    2 * PIECE + 3,
                                     PIECE / 2, PIECE + 1, 7,     8000, 3 * PIECE};
    (void)state;
    struct po_error error;
    struct stat info;
    static struct atomic_file file;
    static unsigned char content[BYTES], back[BYTES];
    for (size_t i = 0; i < BYTES; i++)
        content[i] = (unsigned char)(i * 131 + i / 251);
    assert_int_equal(atomic_file_open_plain(&file, inside("pieces"), true, &error),
                     PO_OK);
    atomic_file_expect(&file, BYTES);
    assert_int_equal(fstat(file.descriptor, &info), 0);
    assert_int_equal(info.st_size, 0);
    assert_int_equal(atomic_file_write(&file, content, FIRST, &error), PO_OK);
    assert_int_equal(atomic_file_move_to(&file, FIRST, &error), PO_OK);
    for (size_t at = FIRST, i = 0; at < BYTES; i = (i + 1) % 10) {
        size_t taken = BYTES - at < sizes[i] ? BYTES - at : sizes[i];
        assert_int_equal(atomic_file_write(&file, content + at, taken, &error), PO_OK);
        at += taken;
        assert_int_equal(fstat(file.descriptor, &info), 0);
        assert_int_equal(info.st_size, at < PIECE ? FIRST : at / PIECE * PIECE);
    }
    assert_int_equal(atomic_file_publish(&file, &error), PO_OK);
    atomic_file_discard(&file);
    FILE *written = fopen(inside("pieces"), "rb");
    assert_non_null(written);
    assert_int_equal(fread(back, 1, BYTES, written), BYTES);
    assert_int_equal(fgetc(written), EOF);
    assert_int_equal(fclose(written), 0);
    assert_memory_equal(back, content, BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_appears_whole),
        IN_FOLDER(the_hash_is_of_what_the_file_holds),
        IN_FOLDER(a_planted_link_is_not_followed),
        IN_FOLDER(a_folder_appears_whole),
        IN_FOLDER(many_publish_one_folder),
        IN_FOLDER(what_others_wrote_stays),
        IN_FOLDER(a_folder_that_cannot_be_made_says_why),
        IN_FOLDER(files_are_written_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
