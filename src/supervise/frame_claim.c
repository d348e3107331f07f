/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/frame_claim.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "record/own_files.h"
#include "supervise/session_progress.h"

/* One that cannot be examined counts as there. */
static bool has_cloud(const char *folder)
{
    char path[SESSION_PATH_BYTES];
    struct stat facts;
    const char *name;
    for (int i = 0; (name = own_cloud_name(i)) != NULL; i++)
        if (path_join(path, sizeof(path), folder, name) &&
            (lstat(path, &facts) == 0 || (errno != ENOENT && errno != ENOTDIR)))
            return true;
    return false;
}

/* A calibration that is gone by mistake must not cost the clouds made with it. */
static enum po_status keep_cloud(const struct session_run *run, int frame,
                                 const char *folder, struct po_error *error)
{
    if (manifest_frame_has_unit(run->manifest, frame) ||
        run->effective.values.run.force || !has_cloud(folder))
        return PO_OK;
    return po_fail(error, PO_BAD_CALIBRATION,
                   "%s: holds a cloud, and now no calibration is found to make one with; "
                   "give --calibration, or --force to replace it by disparities",
                   folder);
}

static enum po_status check(const struct session_run *run, int frame,
                            struct po_error *error)
{
    char folder[SESSION_PATH_BYTES];
    char note[SESSION_PATH_BYTES];
    const char *id = run->manifest->frames[frame].id;
    if (!path_join(folder, sizeof(folder), run->paths.frames, id) ||
        !path_join(note, sizeof(note), run->paths.inputs, id))
        return po_fail(error, PO_IO, "%s: the path is too long", id);
    enum po_status status = own_frame_check(folder, note, error);
    return status == PO_OK ? keep_cloud(run, frame, folder, error) : status;
}

void frame_claim_check(struct session_run *run)
{
    for (int i = 0; i < run->state.frame_count; i++) {
        struct po_error cause = {0};
        struct frame_state *row = &run->state.frames[i];
        if (row->status != PO_FRAME_PENDING)
            continue;
        enum po_status status = check(run, i, &cause);
        if (status == PO_OK)
            continue;
        row->stage = STAGE_COMMIT;
        run_state_end(&run->state, i, PO_FRAME_FAILED, status, cause.message);
        session_report_frame(run, i);
    }
}
