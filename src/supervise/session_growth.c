/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_growth.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "supervise/session_manifest.h"

/* A folder of inputs with the time of the last change of its entries. Of those that the
 * run itself writes into nothing can be told. */
static struct hash add_folder(const struct session_run *run, const char *path,
                              struct hash sum)
{
    struct stat facts;
    struct stat output;
    if (stat(path, &facts) != 0 || stat(run->paths.output, &output) != 0 ||
        (facts.st_dev == output.st_dev && facts.st_ino == output.st_ino))
        return sum;
    const int64_t entries[] = {(int64_t)facts.st_dev, (int64_t)facts.st_ino,
                               (int64_t)facts.st_mtim.tv_sec,
                               (int64_t)facts.st_mtim.tv_nsec};
    return hash_combine(sum, hash_bytes(entries, sizeof(entries)));
}

/* Adds the folder of `file` unless it is the one that was added last. */
static struct hash add_folder_of(const struct session_run *run, const char *file,
                                 char *last, struct hash sum)
{
    char folder[SESSION_PATH_BYTES];
    if (!path_directory(folder, sizeof(folder), file) || strcmp(folder, last) == 0)
        return sum;
    memcpy(last, folder, sizeof(folder));
    return add_folder(run, folder, sum);
}

/* All folders that entries of this session may come to. */
static struct hash folders_of(const struct session_run *run)
{
    char last_left[SESSION_PATH_BYTES] = "";
    char last_right[SESSION_PATH_BYTES] = "";
    struct hash sum = add_folder(run, run->manifest->root, hash_bytes("", 0));
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct frame_entry *entry = &run->manifest->frames[i];
        sum = add_folder_of(run, entry->left_path, last_left, sum);
        sum = add_folder_of(run, entry->right_path, last_right, sum);
    }
    return sum;
}

void session_growth_begin(struct session_run *run)
{
    run->folders = folders_of(run);
}

static const char *changed_input(const struct session_run *run, int frame,
                                 struct po_error *cause)
{
    const struct frame_entry *entry = &run->manifest->frames[frame];
    const char *paths[] = {entry->left_path, entry->right_path};
    for (int side = 0; side < 2; side++) {
        const struct input_stat *seen = &run->probes.frames[frame].seen[side];
        if (seen->inode != 0 &&
            input_file_unchanged(paths[side], seen, cause) == PO_CHANGED)
            return paths[side];
    }
    return NULL;
}

static bool ended_by_content(const struct frame_state *row)
{
    return row->status == PO_FRAME_FAILED && row->cause != PO_BAD_CALIBRATION;
}

/* Frames that failed on files which were being written; their reports say so. */
static int take_growing_frames(struct session_run *run)
{
    int count = 0;
    for (int i = 0; i < run->state.frame_count; i++) {
        struct po_error cause = {0};
        struct frame_state *row = &run->state.frames[i];
        if (!ended_by_content(row))
            continue;
        if (row->cause != PO_CHANGED && changed_input(run, i, &cause) == NULL)
            continue;
        if (row->cause != PO_CHANGED)
            run_state_note(&run->state, i, cause.message);
        row->cause = PO_CHANGED;
        count++;
    }
    return count;
}

/* Pairs and files that are there now and were not when the run began. */
static int count_arrivals(const struct session_run *run)
{
    struct manifest *now = NULL;
    int arrived = 0;
    const struct hash folders = folders_of(run);
    bool is_same = folders.high == run->folders.high && folders.low == run->folders.low;
    if (is_same || run->role == RUN_SHARD) /* that is the plan's to ask */
        return 0;
    if (session_manifest_load(&run->effective.values, &now, NULL) == PO_OK)
        arrived = now->frame_count - run->manifest->frame_count +
                  (now->unmatched_count - run->manifest->unmatched_count);
    manifest_destroy(now);
    return arrived > 0 ? arrived : 0;
}

static void say(struct session_run *run, int growing, int arrived)
{
    warning_list_tell(
        &run->warnings,
        "the session was written while it was read: %d frame%s failed on "
        "files that were not complete, %d file%s or pairs came after it was "
        "listed; run again when all of it is there",
        growing, growing == 1 ? "" : "s", arrived, arrived == 1 ? "" : "s");
}

void session_growth_end(struct session_run *run)
{
    int growing = take_growing_frames(run);
    int arrived = count_arrivals(run);
    if (growing == 0 && arrived == 0)
        return;
    say(run, growing, arrived);
    if (!run->values.loaded)
        (void)unlink(run->paths.values);
}
