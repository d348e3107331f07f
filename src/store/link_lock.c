/* SPDX-License-Identifier: Apache-2.0 */
#include "store/link_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/own_directory.h"
#include "base/path.h"
#include "store/lock_holder.h"

enum { BEATS = 6, TRIES = 8 };

const double link_lock_stale_s = 60;

/* A name beside `path` that nobody else has. */
static enum po_status name_beside(const char *path, char *name, struct po_error *error)
{
    char directory[ATOMIC_FILE_PATH_BYTES];
    char last[512];
    unsigned char noise[8] = {0};
    if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
        return directory_failed("find a random name for", path, error);
    int length = snprintf(last, sizeof(last), ".tmp-%s.%02x%02x%02x%02x%02x%02x%02x%02x",
                          path_name(path), noise[0], noise[1], noise[2], noise[3],
                          noise[4], noise[5], noise[6], noise[7]);
    if (length < 0 || (size_t)length >= sizeof(last) ||
        !path_directory(directory, sizeof(directory), path) ||
        !path_join(name, ATOMIC_FILE_PATH_BYTES, directory, last))
        return po_fail(error, PO_IO, "%s: the path is too long", path);
    return PO_OK;
}

static int64_t modified_ns(const struct stat *facts)
{
    return (int64_t)facts->st_mtim.tv_sec * 1000000000 + facts->st_mtim.tv_nsec;
}

/* Touches an open file: the time it then bears is the file system's. */
static bool touch(int descriptor, struct stat *facts)
{
    return futimens(descriptor, NULL) == 0 && fstat(descriptor, facts) == 0;
}

/* A file of ours under a name of its own, saying who we are. */
struct claim {
    char name[ATOMIC_FILE_PATH_BYTES];
    int descriptor;
    struct stat facts; /* as it was made */
};

static void drop_claim(struct claim *claim)
{
    (void)unlink(claim->name);
    (void)close(claim->descriptor);
    claim->descriptor = -1;
}

static enum po_status make_claim(const char *path, struct claim *claim,
                                 struct po_error *error)
{
    struct lock_holder self;
    char text[LOCK_TEXT_BYTES];
    if (!lock_holder_self(&self) || !process_start_find(self.pid, &self.start))
        return directory_failed("say which process takes it", path, error);
    lock_holder_print(&self, text);
    enum po_status status = name_beside(path, claim->name, error);
    if (status != PO_OK)
        return status;
    claim->descriptor =
        open(claim->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (claim->descriptor < 0)
        return directory_failed("make", claim->name, error);
    errno = ENOSPC; /* where only a part of it is written */
    if (write(claim->descriptor, text, strlen(text)) == (ssize_t)strlen(text) &&
        touch(claim->descriptor, &claim->facts))
        return PO_OK;
    status = directory_failed("write", claim->name, error);
    drop_claim(claim);
    return status;
}

/* Reads a lock; false with errno when it cannot be looked at. */
static bool read_lock(const char *path, struct stat *facts, struct lock_holder *holder)
{
    char text[LOCK_TEXT_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    bool known = fstat(fd, facts) == 0;
    (void)close(fd);
    lock_holder_parse(text, holder);
    return known;
}

enum po_status link_lock_look(const char *path, double stale_s,
                              struct link_lock_state *state, struct po_error *error)
{
    struct claim claim;
    struct stat facts;
    struct lock_holder holder;
    struct lock_holder self;
    *state = (struct link_lock_state){0};
    if (!read_lock(path, &facts, &holder))
        return errno == ENOENT ? PO_OK : directory_failed("read", path, error);
    state->is_there = true;
    state->inode = facts.st_ino;
    state->touched_ns = modified_ns(&facts);
    lock_holder_name(&holder, state->holder);
    if (holder.is_gone)
        return PO_OK;
    if (!lock_holder_self(&self))
        return directory_failed("tell whether its holder is here", path, error);
    state->is_here = lock_holders_share_machine(&holder, &self);
    if (state->is_here) {
        unsigned long long start;
        if (!process_start_find(holder.pid, &start))
            return directory_failed("tell whether its holder lives", path, error);
        state->is_live = start == holder.start;
        return PO_OK;
    }
    enum po_status status = make_claim(path, &claim, error);
    if (status != PO_OK)
        return status;
    state->is_live =
        modified_ns(&claim.facts) - state->touched_ns < (int64_t)(stale_s * 1e9);
    drop_claim(&claim);
    return PO_OK;
}

static enum po_status refuse(const char *path, const struct link_lock_state *state,
                             struct po_error *error)
{
    return po_fail(error, PO_LOCKED, "%s: %s works on it; wait for it", path,
                   state->holder);
}

enum po_status link_lock_await(const char *path, double stale_s,
                               struct link_lock_state *state, struct po_error *error)
{
    static const struct timespec pause = {0, 200000000};
    enum po_status status = link_lock_look(path, stale_s, state, error);
    if (status != PO_OK || !state->is_live)
        return status;
    if (state->is_here)
        return refuse(path, state, error);
    int64_t touched_ns = state->touched_ns;
    log_info("%s: held by %s; waiting for a sign of life, at most %g s", path,
             state->holder, stale_s);
    while (status == PO_OK && state->is_live) {
        (void)nanosleep(&pause, NULL);
        status = link_lock_look(path, stale_s, state, error);
        if (status == PO_OK && state->is_live && state->touched_ns != touched_ns)
            return refuse(path, state, error);
    }
    return status;
}

/*
 * Moves a dead lock aside. Another taker may have been faster, and then it is his living
 * lock that was moved: it is put back.
 */
static enum po_status break_dead(const char *path, const struct link_lock_state *dead,
                                 struct po_error *error)
{
    char aside[ATOMIC_FILE_PATH_BYTES];
    struct stat moved;
    if (!dead->is_there)
        return PO_OK;
    enum po_status status = name_beside(path, aside, error);
    if (status != PO_OK)
        return status;
    if (rename(path, aside) != 0)
        return errno == ENOENT ? PO_OK : directory_failed("move aside", path, error);
    if (stat(aside, &moved) == 0 &&
        (moved.st_ino != dead->inode || modified_ns(&moved) != dead->touched_ns))
        (void)link(aside, path);
    else
        log_info("%s: taken over from %s, which is gone", path, dead->holder);
    (void)unlink(aside);
    return PO_OK;
}

/* Links the claim to the lock's name. The answer of a link call can get lost on a network
 * file system: the count of links is the truth. */
static bool win(const struct claim *claim, const char *path, int *cause)
{
    struct stat facts;
    bool linked = link(claim->name, path) == 0;
    *cause = errno;
    return linked || (fstat(claim->descriptor, &facts) == 0 && facts.st_nlink == 2);
}

/* Who holds the folder clears away what dead processes left in it, and cannot tell a
 * claim that was made just now from those. */
static bool is_cleared_away(const struct claim *claim)
{
    return access(claim->name, F_OK) != 0 && errno == ENOENT;
}

static enum po_status give_way(const char *path, double stale_s, struct po_error *error)
{
    struct link_lock_state state;
    enum po_status status = link_lock_await(path, stale_s, &state, error);
    return status == PO_OK ? break_dead(path, &state, error) : status;
}

/* On failure there is no claim. */
static enum po_status contend(struct claim *claim, const char *path, double stale_s,
                              struct po_error *error)
{
    enum po_status status = make_claim(path, claim, error);
    for (int i = 0; i < TRIES && status == PO_OK; i++) {
        int cause = 0;
        if (win(claim, path, &cause))
            return PO_OK;
        if (cause == EEXIST) {
            status = give_way(path, stale_s, error);
        } else if (cause == ENOENT && is_cleared_away(claim)) {
            drop_claim(claim);
            status = make_claim(path, claim, error);
        } else {
            errno = cause;
            status = directory_failed("lock by a link", path, error);
        }
    }
    if (status == PO_OK)
        status = po_fail(error, PO_LOCKED, "%s: several processes want it at once", path);
    if (claim->descriptor >= 0)
        drop_claim(claim);
    return status;
}

enum po_status link_lock_take(struct link_lock *lock, const char *path, double stale_s,
                              struct po_error *error)
{
    struct claim claim = {.descriptor = -1};
    *lock = (struct link_lock){.descriptor = -1, .stale_s = stale_s};
    if (!path_join(lock->path, sizeof(lock->path), "", path))
        return po_fail(error, PO_IO, "%.200s...: the path is too long", path);
    enum po_status status = contend(&claim, path, stale_s, error);
    if (status != PO_OK)
        return status;
    (void)unlink(claim.name);
    lock->descriptor = claim.descriptor;
    lock->inode = claim.facts.st_ino;
    lock->held = true;
    lock->beaten_ns = clock_monotonic_ns();
    (void)link_lock_now_ns(lock);
    return PO_OK;
}

static bool is_ours(const struct link_lock *lock)
{
    struct stat facts;
    return stat(lock->path, &facts) == 0 && facts.st_ino == lock->inode;
}

int64_t link_lock_now_ns(const struct link_lock *lock)
{
    struct stat facts;
    return lock->held && touch(lock->descriptor, &facts) ? modified_ns(&facts) : 0;
}

void link_lock_beat(struct link_lock *lock)
{
    int64_t now_ns = clock_monotonic_ns();
    if (!lock->held || now_ns - lock->beaten_ns < (int64_t)(lock->stale_s / BEATS * 1e9))
        return;
    lock->beaten_ns = now_ns;
    (void)link_lock_now_ns(lock);
    if (lock->is_lost || is_ours(lock))
        return;
    lock->is_lost = true;
    log_warning("%s: another process took over, as this one gave no sign of life; "
                "both go on, which costs time and nothing else",
                lock->path);
}

void link_lock_release(struct link_lock *lock)
{
    if (!lock->held)
        return;
    /* Its name may stay when the system fails now, and this process goes on. */
    size_t length = strlen(lock_released_text);
    bool is_said =
        pwrite(lock->descriptor, lock_released_text, length, 0) == (ssize_t)length;
    if ((!is_ours(lock) || unlink(lock->path) != 0) && !is_said)
        log_debug("%s: not given back: %s", lock->path, strerror(errno));
    (void)close(lock->descriptor);
    lock->descriptor = -1;
    lock->held = false;
}
