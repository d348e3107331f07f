/* SPDX-License-Identifier: Apache-2.0 */
#include "store/output_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/own_files.h"
#include "store/shard_locks.h"

enum po_status output_folder_clean(const struct session_paths *paths, const char *tag,
                                   struct po_error *error)
{
    const struct {
        const char *directory;
        const struct leftover_names *names;
    } places[] = {
        {paths->output, &own_output_leftovers}, {paths->frames, &own_frames_leftovers},
        {paths->state, &own_state_leftovers},   {paths->inputs, &own_kept_leftovers},
        {paths->matches, &own_kept_leftovers},  {paths->priors, &own_kept_leftovers},
        {paths->shards, &own_kept_leftovers}};
    enum po_status status = PO_OK;
    if (tag != NULL)
        return own_directory_clean_tagged(paths->frames, &own_frames_leftovers, tag,
                                          error);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (status == PO_OK)
            status = own_directory_clean(places[i].directory, places[i].names, error);
    return status;
}

/* /proc and its like refuse new folders with an errno that says nothing. */
static bool takes_folders(const char *directory)
{
    char probe[SESSION_PATH_BYTES + 8];
    (void)snprintf(probe, sizeof(probe), "%s/.tmp-po", directory);
    if (mkdir(probe, 0777) == 0)
        return rmdir(probe) == 0;
    return errno != ENOENT && errno != EPERM && errno != EROFS && errno != EOPNOTSUPP;
}

/* Whether the place for the results can never be written as it is: a file in the way, no
 * right to write, a file system that is read-only or takes no folders. A full disk is
 * another matter. */
static bool is_unusable(const char *path)
{
    char existing[SESSION_PATH_BYTES];
    struct stat entry;
    (void)snprintf(existing, sizeof(existing), "%s", path);
    while (stat(existing, &entry) != 0) {
        char *slash = strrchr(existing, '/');
        if (errno == EACCES || errno == ENOTDIR)
            return true;
        if (errno != ENOENT || strcmp(existing, ".") == 0 || strcmp(existing, "/") == 0)
            return false; /* a fault of the system, not of the place */
        if (slash == NULL || slash == existing)
            (void)snprintf(existing, sizeof(existing), "%s", slash == NULL ? "." : "/");
        else
            *slash = '\0';
    }
    return !S_ISDIR(entry.st_mode) || access(existing, W_OK | X_OK) != 0 ||
           !takes_folders(existing);
}

static enum po_status blame_output(const struct session_paths *paths,
                                   enum po_status status, struct po_error *error)
{
    if (status != PO_IO || (!is_unusable(paths->output) && !is_unusable(paths->frames) &&
                            !is_unusable(paths->inputs)))
        return status;
    if (error != NULL)
        error->status = PO_BAD_ARGUMENT;
    return PO_BAD_ARGUMENT;
}

enum po_status output_folder_take(struct session_paths *paths, struct output_lock *lock,
                                  enum output_lock_kind kind,
                                  const struct po_settings *settings,
                                  const struct manifest *manifest, struct po_error *error)
{
    enum po_status status = session_paths_make(paths, settings, manifest, error);
    if (status == PO_OK)
        status = shard_locks_check(paths->shards, error);
    if (status == PO_OK)
        status = output_lock_take(lock, paths->state, kind, error);
    if (status == PO_OK)
        status = output_folder_clean(paths, NULL, error);
    return blame_output(paths, status, error);
}

enum po_status output_folder_join(struct session_paths *paths, struct output_lock *lock,
                                  const char *tag, const struct po_settings *settings,
                                  const struct manifest *manifest, struct po_error *error)
{
    enum po_status status = session_paths_make(paths, settings, manifest, error);
    if (status == PO_OK)
        status = output_lock_take(lock, paths->state, OUTPUT_SHARED, error);
    if (status == PO_OK)
        status = output_folder_clean(paths, tag, error);
    return blame_output(paths, status, error);
}
