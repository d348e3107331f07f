/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session_paths.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/path.h"
#include "frame/prior_folder.h"
#include "match/match_cache.h"

static const char default_output[] = "reconstruction";

static enum po_status choose_output(struct session_paths *paths,
                                    const struct po_settings *settings, const char *root,
                                    struct po_error *error)
{
    bool fits;
    if (settings->output.output != NULL)
        fits =
            path_join(paths->output, sizeof(paths->output), "", settings->output.output);
    else
        fits = path_join(paths->output, sizeof(paths->output), root, default_output);
    /* Room for a frame's id and file names below it. */
    if (!fits || strlen(paths->output) > SESSION_PATH_BYTES - 512)
        return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    return PO_OK;
}

/* Results stay below the output directory, also where a session that came with one has
 * a link in its place. The output directory itself may well be a link of its owner. */
static enum po_status refuse_link(const char *path, struct po_error *error)
{
    struct stat status;
    bool is_there = lstat(path, &status) == 0;
    if (!is_there && errno != ENOENT && errno != ENOTDIR)
        return directory_failed("look at", path, error);
    if (is_there && S_ISLNK(status.st_mode))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: is a symbolic link, and results stay inside the output "
                       "directory; remove the link or choose another --output",
                       path);
    return PO_OK;
}

static enum po_status make_own_folders(const struct session_paths *paths,
                                       struct po_error *error)
{
    const char *const own[] = {paths->frames,  paths->state,  paths->inputs,
                               paths->matches, paths->priors, paths->shards};
    enum po_status status = PO_OK;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && status == PO_OK; i++)
        status = refuse_link(own[i], error);
    if (status == PO_OK)
        status = directory_make(paths->frames, error);
    if (status == PO_OK)
        status = directory_make(paths->inputs, error);
    return status;
}

enum po_status session_paths_name_at(struct session_paths *paths,
                                     const struct po_settings *settings, const char *root,
                                     struct po_error *error)
{
    enum po_status status = choose_output(paths, settings, root, error);
    if (status != PO_OK)
        return status;
    const struct {
        char *path;
        const char *folder;
        const char *name;
    } places[] = {{paths->frames, paths->output, "frames"},
                  {paths->state, paths->output, ".state"},
                  {paths->inputs, paths->state, "inputs"},
                  {paths->values, paths->state, "session.json"},
                  {paths->matches, paths->state, MATCH_CACHE_FOLDER},
                  {paths->priors, paths->state, PRIOR_FOLDER},
                  {paths->plan, paths->state, "plan.json"},
                  {paths->shards, paths->state, "shards"}};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (!path_join(places[i].path, SESSION_PATH_BYTES, places[i].folder,
                       places[i].name))
            return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    return PO_OK;
}

enum po_status session_paths_name(struct session_paths *paths,
                                  const struct po_settings *settings,
                                  const struct manifest *manifest, struct po_error *error)
{
    return session_paths_name_at(paths, settings, manifest->root, error);
}

enum po_status session_paths_make(struct session_paths *paths,
                                  const struct po_settings *settings,
                                  const struct manifest *manifest, struct po_error *error)
{
    enum po_status status = session_paths_name(paths, settings, manifest, error);
    return status == PO_OK ? make_own_folders(paths, error) : status;
}
