/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shard_locks.h"

#include <dirent.h>
#include <errno.h>

#include "base/own_directory.h"
#include "base/path.h"

#define PLAN_LOCK "plan.lock"

static enum po_status check_shard(const char *folder, const struct shard *shard,
                                  struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct link_lock_state state;
    enum po_status status = shard_path(folder, shard, ".lock", path, error);
    if (status == PO_OK)
        status = link_lock_await(path, link_lock_stale_s, &state, error);
    if (status != PO_LOCKED)
        return status;
    return po_fail(error, PO_LOCKED,
                   "%s: shard %d of %d is at work (%s); wait until it has ended", path,
                   shard->number, shard->count, state.holder);
}

enum po_status shard_locks_check(const char *shards, struct po_error *error)
{
    const struct dirent *entry;
    DIR *folder = opendir(shards);
    if (folder == NULL)
        return errno == ENOENT ? PO_OK : directory_failed("open", shards, error);
    enum po_status status = PO_OK;
    errno = 0;
    while (status == PO_OK && (entry = readdir(folder)) != NULL) {
        struct shard shard;
        if (shard_name_parse(entry->d_name, ".lock", &shard))
            status = check_shard(shards, &shard, error);
        errno = 0;
    }
    if (status == PO_OK && errno != 0)
        status = directory_failed("list", shards, error);
    (void)closedir(folder);
    return status;
}

static enum po_status plan_lock_path(const struct session_paths *paths, char *path,
                                     struct po_error *error)
{
    return path_join(path, ATOMIC_FILE_PATH_BYTES, paths->shards, PLAN_LOCK)
               ? PO_OK
               : po_fail(error, PO_IO, "%s: the path is too long", paths->shards);
}

static enum po_status check_plan(const struct session_paths *paths,
                                 struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct link_lock_state state;
    enum po_status status = plan_lock_path(paths, path, error);
    if (status == PO_OK)
        status = link_lock_await(path, link_lock_stale_s, &state, error);
    if (status != PO_LOCKED)
        return status;
    return po_fail(error, PO_LOCKED,
                   "%s: the session is being planned or merged (%s); wait until that has "
                   "ended",
                   path, state.holder);
}

enum po_status shard_lock_take(struct link_lock *lock, const struct session_paths *paths,
                               const struct shard *shard, struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct po_error cause = {0};
    enum po_status status = directory_make(paths->shards, error);
    if (status == PO_OK)
        status = shard_path(paths->shards, shard, ".lock", path, error);
    if (status != PO_OK)
        return status;
    status = link_lock_take(lock, path, link_lock_stale_s, &cause);
    if (status == PO_LOCKED)
        return po_fail(error, PO_LOCKED, "shard %d of %d is being worked on already: %s",
                       shard->number, shard->count, cause.message);
    if (status != PO_OK)
        return po_fail(error, status, "%s", cause.message);
    status = check_plan(paths, error);
    if (status != PO_OK)
        link_lock_release(lock);
    return status;
}

enum po_status plan_lock_take(struct link_lock *lock, const struct session_paths *paths,
                              struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct po_error cause = {0};
    enum po_status status = directory_make(paths->shards, error);
    if (status == PO_OK)
        status = plan_lock_path(paths, path, error);
    if (status != PO_OK)
        return status;
    status = link_lock_take(lock, path, link_lock_stale_s, &cause);
    if (status == PO_LOCKED)
        return po_fail(error, PO_LOCKED,
                       "the session is being planned or merged already: %s",
                       cause.message);
    if (status != PO_OK)
        return po_fail(error, status, "%s", cause.message);
    status = shard_locks_check(paths->shards, error);
    if (status != PO_OK)
        link_lock_release(lock);
    return status;
}
