/* SPDX-License-Identifier: Apache-2.0 */
#include "record/own_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "base/path.h"
#include "record/frame_record.h"

enum { OPENING_BYTES = 65536 }; /* reports in HTML name us behind their style sheet */

/* Every name that any version has given. */
static const struct {
    enum own_place place;
    const char *name;
    bool is_cloud;
} rows[] = {
    {OWN_OUTPUT, "report.json", false},
    {OWN_OUTPUT, "report.html", false},
    {OWN_STATE, "lock", false},
    {OWN_STATE, "session.json", false},
    {OWN_STATE, "rectification.json", false},
    {OWN_STATE, "report.json", false}, /* a draft, to compare with a baseline */
    {OWN_STATE, "plan.json", false},
    {OWN_STATE, "shards", false}, /* locks and records of shards */
    {OWN_STATE, "trial", false},  /* the frame that --plan measures */
    {OWN_STATE, "inputs", false},
    {OWN_STATE, "matches", false},
    {OWN_STATE, "priors", false}, /* those that frames carry on */
    {OWN_FRAME, FRAME_RECORD_FILE, false},
    {OWN_FRAME, "cloud.ply", true},
    {OWN_FRAME, "cloud.pcd", true},
    {OWN_FRAME, "cloud.xyz", true},
    {OWN_FRAME, "cloud.las", true},
    {OWN_FRAME, "cloud.glb", true},
    {OWN_FRAME, "surface.ply", true},
    {OWN_FRAME, "surface.obj", true},
    {OWN_FRAME, "surface.glb", true},
    {OWN_FRAME, "disparity.pfm", false},
    {OWN_FRAME, "depth.png", false},
    {OWN_FRAME, "confidence.png", false},
    {OWN_FRAME, "class.png", false},
    {OWN_FRAME, "preview.png", false},
    {OWN_FRAME, "view.html", false},
    {OWN_FRAME, "prior.pfm", false},
    {OWN_FRAME, "prior.png", false},
};

/* What the beginning of a file of ours holds. */
static const struct own_content {
    const char *name;
    const char *mark;
} contents[] = {
    {"report.json", "\"program\": \"process_offline\""},
    {"report.html", "class=\"note\">process_offline "},
};
static const char *const frame_marks[] = {"\"schema\": ", "\"version\": ", "\"key\": \""};

bool own_name(enum own_place place, const char *name)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].place == place && strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

const char *own_cloud_name(int index)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].is_cloud && index-- == 0)
            return rows[i].name;
    return NULL;
}

static bool is_of_frame(const char *name)
{
    return own_name(OWN_FRAME, name);
}

static bool is_of_output(const char *name)
{
    return own_name(OWN_OUTPUT, name);
}

static bool is_of_state(const char *name)
{
    return own_name(OWN_STATE, name);
}

/* Folders of .state hold files of ours alone. */
static bool is_any(const char *name)
{
    (void)name;
    return true;
}

const struct directory_names own_frame_names = {is_of_frame, FRAME_RECORD_FILE};
const struct leftover_names own_output_leftovers = {is_of_output, NULL};
const struct leftover_names own_frames_leftovers = {NULL, &own_frame_names};
const struct leftover_names own_state_leftovers = {is_of_state, NULL};
const struct leftover_names own_kept_leftovers = {is_any, NULL};

/* Reads what a regular file begins with; `text` has room for OPENING_BYTES. */
static enum po_status read_text(int fd, const char *path, char *text,
                                struct po_error *error)
{
    struct stat facts;
    text[0] = '\0';
    if (fstat(fd, &facts) != 0)
        return directory_failed("read", path, error);
    if (!S_ISREG(facts.st_mode))
        return PO_OK; /* a folder in its place begins with nothing of ours */
    ssize_t got = input_read_at(fd, text, OPENING_BYTES - 1, 0);
    if (got < 0)
        return directory_failed("read", path, error);
    for (ssize_t i = 0; i < got; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    text[got] = '\0';
    return PO_OK;
}

/* Whether the file begins with all marks; a missing one is as good as ours. */
static enum po_status holds_marks(const char *path, const char *const *marks, int count,
                                  bool *holds, struct po_error *error)
{
    *holds = false;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        *holds = errno == ENOENT;
        bool is_other = errno == ENOENT || errno == ELOOP || errno == ENXIO;
        return is_other ? PO_OK : directory_failed("read", path, error);
    }
    char *text = malloc(OPENING_BYTES);
    if (text == NULL) {
        (void)close(fd);
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    }
    enum po_status status = read_text(fd, path, text, error);
    *holds = status == PO_OK;
    for (int i = 0; i < count && *holds; i++)
        *holds = strstr(text, marks[i]) != NULL;
    free(text);
    (void)close(fd);
    return status;
}

enum po_status own_frame_check(const char *folder, const char *note,
                               struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct stat facts;
    bool is_own = false;
    enum po_status status = directory_check_own(folder, &own_frame_names, error);
    if (status != PO_OK)
        return status;
    if (!path_join(path, sizeof(path), folder, FRAME_RECORD_FILE))
        return po_fail(error, PO_IO, "%s: the path is too long", folder);
    bool is_noted = note != NULL && lstat(note, &facts) == 0;
    if (note != NULL && !is_noted && errno != ENOENT && errno != ENOTDIR)
        return directory_failed("look at", note, error);
    if (is_noted && S_ISREG(facts.st_mode))
        return PO_OK;
    status =
        holds_marks(path, frame_marks,
                    (int)(sizeof(frame_marks) / sizeof(frame_marks[0])), &is_own, error);
    if (status == PO_OK && !is_own)
        status = po_fail(error, PO_BAD_ARGUMENT,
                         "%s: is not of this program; move its folder away or choose "
                         "another --output",
                         path);
    return status;
}

enum po_status own_reports_check(const char *output_directory, struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    enum po_status status = PO_OK;
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]) && status == PO_OK;
         i++) {
        bool is_own = false;
        if (!path_join(path, sizeof(path), output_directory, contents[i].name))
            return po_fail(error, PO_IO, "%s: the path is too long", output_directory);
        status = holds_marks(path, &contents[i].mark, 1, &is_own, error);
        if (status == PO_OK && !is_own)
            status = po_fail(error, PO_BAD_ARGUMENT,
                             "%s: is not a report of this program and is not replaced; "
                             "move it away or choose another --output",
                             path);
    }
    return status;
}

enum po_status own_state_check(const char *state_directory, struct po_error *error)
{
    const struct dirent *entry;
    const char *foreign = NULL;
    bool has_lock = false;
    bool has_values = false;
    DIR *folder = opendir(state_directory);
    if (folder == NULL)
        return errno == ENOENT ? PO_OK : directory_failed("open", state_directory, error);
    errno = 0;
    while (foreign == NULL && (entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;
        bool is_dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        bool is_leftover = strncmp(name, ".tmp-", 5) == 0 && is_of_state(name + 5);
        has_values |= strcmp(name, "session.json") == 0;
        has_lock |= strcmp(name, "lock") == 0;
        if (!is_dots && !is_leftover && !is_of_state(name))
            foreign = name;
    }
    enum po_status status = PO_OK;
    if (foreign != NULL)
        status = po_fail(error, PO_BAD_ARGUMENT,
                         "%s: holds '%.200s', which this program did not write; choose "
                         "another --output",
                         state_directory, foreign);
    else if (errno != 0)
        status = directory_failed("list", state_directory, error);
    else if (has_values && !has_lock)
        status =
            po_fail(error, PO_BAD_ARGUMENT,
                    "%s/session.json: there is no lock of this program beside it, so "
                    "something else made it; choose another --output",
                    state_directory);
    (void)closedir(folder);
    return status;
}
