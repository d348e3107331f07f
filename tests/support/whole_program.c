/* SPDX-License-Identifier: Apache-2.0 */
#include "support/whole_program.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "supervise/exit_status.h"
#include "support/session_files.h"

enum { WALK_DEPTH = 16, COPY_BYTES = 1 << 16 };

static struct test_folder folder;

/* What the walk that is going on looks for: nftw takes no context. */
static struct {
    const char *from;
    const char *to;
    bool differs;
    char found[TEST_PATH_BYTES];
} walk;

static void must(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

const char *program_path(const char *name)
{
    return test_folder_path(&folder, name);
}

void program_begin(int frames)
{
    struct po_error error = {0};
    test_folder_create(&folder);
    const struct session_files files = {.frames = frames,
                                        .width_px = 64,
                                        .height_px = 48,
                                        .kind = SYNTHETIC_PLANE,
                                        .channels = 3};
    must(session_files_write(&files, program_path("session"), &error) == PO_OK,
         error.message);
}

void program_end(void)
{
    test_folder_remove(&folder);
}

/* Reads back what was said and gives the descriptors back. */
static void hear(int saved[2], int heard, struct program_run *run)
{
    for (int i = 0; i < 2; i++) {
        must(dup2(saved[i], STDOUT_FILENO + i) >= 0, "dup2");
        (void)close(saved[i]);
    }
    ssize_t got = pread(heard, run->text, sizeof(run->text) - 1, 0);
    run->text[got > 0 ? got : 0] = '\0';
    (void)close(heard);
}

static int listen(int saved[2])
{
    int heard = open(program_path("said"), O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
    must(heard >= 0, "said");
    (void)fflush(stdout);
    for (int i = 0; i < 2; i++) {
        saved[i] = dup(STDOUT_FILENO + i);
        must(saved[i] >= 0 && dup2(heard, STDOUT_FILENO + i) >= 0, "dup2");
    }
    return heard;
}

/* Words that getopt may change. */
static int make_words(const program_words *words, char **made)
{
    int count = 0;
    made[count++] = strdup("process_offline");
    made[count++] = strdup("--input");
    made[count++] = strdup(program_path("session"));
    made[count++] = strdup("--output");
    made[count++] = strdup(program_path("output"));
    for (int i = 0; i < PROGRAM_WORDS && (*words)[i] != NULL; i++) {
        const char *word = (*words)[i];
        made[count++] = strdup(word[0] == '@' ? program_path(word + 2) : word);
    }
    made[count] = NULL;
    return count;
}

void program_run(const program_words *words, void (*armed)(void), struct program_run *run)
{
    char *made[PROGRAM_WORDS + 6];
    int saved[2];
    struct options options = {0};
    struct po_error error = {0};
    int count = make_words(words, made);
    int heard = listen(saved);
    enum po_status status = options_parse(count, made, &options, &error);
    if (status == PO_OK) {
        armed();
        status = command_run(&options, &run->exit_status, &error);
    }
    if (status != PO_OK) {
        log_error("%s", error.message);
        run->exit_status = exit_status_of_error(status);
    }
    options_release(&options);
    log_set_level(LOG_INFO);
    hear(saved, heard, run);
    while (count > 0)
        free(made[--count]);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[COPY_BYTES];
    ssize_t got;
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    must(in >= 0 && out >= 0, to);
    while ((got = read(in, bytes, sizeof(bytes))) > 0)
        must(write(out, bytes, (size_t)got) == got, to);
    struct stat facts;
    must(fstat(in, &facts) == 0, from);
    const struct timespec times[2] = {facts.st_atim, facts.st_mtim};
    must(futimens(out, times) == 0, to);
    (void)close(in);
    (void)close(out);
}

static int copy_one(const char *path, const struct stat *facts, int kind,
                    struct FTW *place)
{
    char to[TEST_PATH_BYTES];
    (void)facts;
    (void)place;
    (void)snprintf(to, sizeof(to), "%.2000s%.2000s", walk.to, path + strlen(walk.from));
    if (kind == FTW_D)
        must(mkdir(to, 0777) == 0, to);
    else
        copy_file(path, to);
    return 0;
}

static void copy_tree(const char *from, const char *to)
{
    must(directory_remove(to, NULL) == PO_OK, to);
    walk.from = from;
    walk.to = to;
    must(nftw(from, copy_one, WALK_DEPTH, FTW_PHYS) == 0, from);
}

void program_lay_output(const char *from)
{
    const char *output = program_path("output");
    if (from != NULL)
        copy_tree(program_path(from), output);
    else
        must(directory_remove(output, NULL) == PO_OK, output);
}

void program_copy(const char *from, const char *to)
{
    copy_tree(program_path(from), program_path(to));
}

static bool same_bytes(const char *a, const char *b)
{
    static char bytes[2][COPY_BYTES];
    ssize_t got[2] = {0};
    int files[2] = {open(a, O_RDONLY), open(b, O_RDONLY)};
    bool same = files[0] >= 0 && files[1] >= 0;
    do {
        for (int i = 0; i < 2 && same; i++)
            got[i] = read(files[i], bytes[i], COPY_BYTES);
        same =
            same && got[0] == got[1] && memcmp(bytes[0], bytes[1], (size_t)got[0]) == 0;
    } while (same && got[0] > 0);
    for (int i = 0; i < 2; i++)
        if (files[i] >= 0)
            (void)close(files[i]);
    return same;
}

static int compare_one(const char *path, const struct stat *facts, int kind,
                       struct FTW *place)
{
    char other[TEST_PATH_BYTES];
    (void)facts;
    (void)place;
    (void)snprintf(other, sizeof(other), "%.2000s%.2000s", walk.to,
                   path + strlen(walk.from));
    if (kind == FTW_F && !same_bytes(path, other))
        walk.differs = true;
    return 0;
}

/* But for . and .., and what is half made. */
static int entries_of(const char *path)
{
    int count = 0;
    DIR *listing = opendir(path);
    const struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.';
    if (listing != NULL)
        (void)closedir(listing);
    return count;
}

/* Both ways: nothing is missing, nothing is too much. */
bool program_frames_are(const char *reference, int *count)
{
    char name[TEST_PATH_BYTES];
    (void)snprintf(name, sizeof(name), "%s/frames", reference);
    const char *wanted = program_path(name);
    const char *made = program_path("output/frames");
    *count = entries_of(made);
    walk.from = made;
    walk.to = wanted;
    walk.differs = false;
    if (*count > 0)
        (void)nftw(made, compare_one, WALK_DEPTH, FTW_PHYS);
    if (*count != entries_of(wanted))
        return !walk.differs;
    walk.from = wanted;
    walk.to = made;
    (void)nftw(wanted, compare_one, WALK_DEPTH, FTW_PHYS);
    return !walk.differs;
}

static int find_leftover(const char *path, const struct stat *facts, int kind,
                         struct FTW *place)
{
    const char *name = path + place->base;
    (void)facts;
    (void)kind;
    if (strncmp(name, ".tmp-", 5) == 0 || strncmp(name, ".old-", 5) == 0)
        (void)snprintf(walk.found, sizeof(walk.found), "%s", path);
    return 0;
}

const char *program_leftover(void)
{
    walk.found[0] = '\0';
    (void)nftw(program_path("output"), find_leftover, WALK_DEPTH, FTW_PHYS);
    return walk.found[0] != '\0' ? walk.found : NULL;
}
