/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/sandbox_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "cv_shim/cv_module.h"

/* Libraries that are loaded when they are met, and what they and the C library ask of the
 * system. */
static const char *const readable[] = {
    "/lib",           "/lib64",          "/usr/lib",       "/usr/lib64",
    "/usr/local/lib", "/usr/local/cuda", "/opt",           "/etc/ld.so.cache",
    "/etc/localtime", "/proc/cpuinfo",   "/proc/meminfo",  "/proc/stat",
    "/proc/sys/vm",   "/sys/devices",    "/sys/fs/cgroup", "/dev/urandom",
};
static const char *const writable[] = {
    "/dev/null",
#ifdef PO_COVERAGE
    PO_COVERAGE, /* counters are written there at the end */
#endif
};

/* What CUDA asks for, where networks may run on it. */
static const char *const cuda_devices[] = {
    "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia0", "/dev/nvidia1",
    "/dev/nvidia2",   "/dev/nvidia3",    "/dev/shm"};
static const char *const cuda_facts[] = {"/proc/driver", "/proc/devices",
                                         "/dev/nvidia-caps"};

/* The session's files, many in few folders; those below the root need no rule. */
struct session_walk {
    struct sandbox *sandbox;
    char root[PATH_MAX];
    char last[2][PATH_MAX]; /* folders that were looked at, left and right */
};

static bool is_below(const char *root, const char *path)
{
    size_t length = strlen(root);
    return strncmp(root, path, length) == 0 &&
           (path[length] == '/' || path[length] == '\0' || strcmp(root, "/") == 0);
}

/* Where links lead: the fence knows places, not names. */
static enum po_status allow_real(const struct session_walk *walk, const char *path,
                                 struct po_error *error)
{
    char real[PATH_MAX];
    if (realpath(path, real) == NULL || is_below(walk->root, real))
        return PO_OK;
    return sandbox_allow(walk->sandbox, real, SANDBOX_READ, error);
}

static enum po_status allow_file(struct session_walk *walk, const char *path, int side,
                                 struct po_error *error)
{
    char folder[PATH_MAX];
    struct stat entry;
    enum po_status status = PO_OK;
    if (path == NULL || !path_directory(folder, sizeof(folder), path))
        return PO_OK;
    if (strcmp(folder, walk->last[side]) != 0) {
        memcpy(walk->last[side], folder, sizeof(folder));
        status = allow_real(walk, folder, error);
    }
    if (status == PO_OK && lstat(path, &entry) == 0 && S_ISLNK(entry.st_mode))
        status = allow_real(walk, path, error);
    return status;
}

static enum po_status allow_frame(struct session_walk *walk,
                                  const struct frame_entry *frame, struct po_error *error)
{
    const char *paths[] = {frame->left_path,
                           frame->right_path,
                           frame->calibration_path,
                           frame->ground_truth_path,
                           frame->ground_truth_mask_path,
                           frame->prior_path};
    enum po_status status = PO_OK;
    for (int i = 0; i < (int)(sizeof(paths) / sizeof(paths[0])); i++)
        if (status == PO_OK)
            status = allow_file(walk, paths[i], i % 2, error);
    return status;
}

static enum po_status allow_session(struct sandbox *sandbox,
                                    const struct manifest *manifest,
                                    struct po_error *error)
{
    enum po_status status = sandbox_allow(sandbox, manifest->root, SANDBOX_READ, error);
    if (status != PO_OK || sandbox->ruleset < 0)
        return status;
    struct session_walk *walk = calloc(1, sizeof(*walk));
    if (walk == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a sandbox");
    walk->sandbox = sandbox;
    if (realpath(manifest->root, walk->root) == NULL)
        (void)strcpy(walk->root, "//"); /* nothing lies below */
    for (int i = 0; i < manifest->frame_count && status == PO_OK; i++)
        status = allow_frame(walk, &manifest->frames[i], error);
    for (int i = 0; i < manifest->calibration_count && status == PO_OK; i++)
        status = allow_file(walk, manifest->calibrations[i].path, 0, error);
    free(walk);
    return status;
}

/* A library finds its parts, and a network its weights, beside itself. */
static bool comes_with_neighbours(const char *path)
{
    return strstr(path_name(path), ".so") != NULL ||
           strcmp(path_extension(path), "onnx") == 0;
}

/* Every setting that names something that is there. */
static enum po_status allow_settings(struct sandbox *sandbox,
                                     const struct po_settings *settings,
                                     struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < settings_row_count() && status == PO_OK; i++) {
        const struct setting_row *row = settings_row(i);
        char folder[PATH_MAX];
        if (row->kind != SETTING_TEXT)
            continue;
        const char *text = NULL;
        memcpy(&text, (const char *)settings + row->field, sizeof(text));
        if (text == NULL || access(text, F_OK) != 0)
            continue;
        status = sandbox_allow(sandbox, text, SANDBOX_READ, error);
        if (status == PO_OK && comes_with_neighbours(text) &&
            path_directory(folder, sizeof(folder), text))
            status = sandbox_allow(sandbox, folder, SANDBOX_READ, error);
    }
    return status;
}

/* Where LD_LIBRARY_PATH sends the loader. */
static enum po_status allow_library_path(struct sandbox *sandbox, struct po_error *error)
{
    const char *path = getenv("LD_LIBRARY_PATH");
    enum po_status status = PO_OK;
    while (path != NULL && *path != '\0' && status == PO_OK) {
        char folder[PATH_MAX];
        size_t length = strcspn(path, ":;");
        if (length > 0 && length < sizeof(folder)) {
            memcpy(folder, path, length);
            folder[length] = '\0';
            status = sandbox_allow(sandbox, folder, SANDBOX_READ, error);
        }
        path += length + (path[length] != '\0');
    }
    return status;
}

static enum po_status allow_list(struct sandbox *sandbox, const char *const *paths,
                                 size_t count, enum sandbox_access access,
                                 struct po_error *error)
{
    enum po_status status = PO_OK;
    for (size_t i = 0; i < count && status == PO_OK; i++)
        status = sandbox_allow(sandbox, paths[i], access, error);
    return status;
}

/* The module with OpenCV may lie in a build folder. Each of its places, as a child looks
 * for itself. */
static enum po_status allow_module(struct sandbox *sandbox, struct po_error *error)
{
    char path[PATH_MAX];
    enum po_status status = PO_OK;
    for (int i = 0; i < CV_MODULE_PLACES && status == PO_OK; i++)
        status = cv_module_place(i, path, sizeof(path))
                     ? sandbox_allow(sandbox, path, SANDBOX_READ, error)
                     : po_fail(error, PO_IO, "cannot find where this program lies: %s",
                               strerror(errno));
    return status;
}

static enum po_status allow_cuda(struct sandbox *sandbox,
                                 const struct po_settings *settings,
                                 struct po_error *error)
{
    bool runs = settings->network.network != NULL || settings->network.prior != NULL;
    if (!runs || settings->network.device == PO_NETWORK_CPU)
        return PO_OK;
    enum po_status status =
        allow_list(sandbox, cuda_devices, sizeof(cuda_devices) / sizeof(cuda_devices[0]),
                   SANDBOX_WRITE, error);
    if (status == PO_OK)
        status =
            allow_list(sandbox, cuda_facts, sizeof(cuda_facts) / sizeof(cuda_facts[0]),
                       SANDBOX_READ, error);
    return status;
}

enum po_status sandbox_make(struct sandbox *sandbox, const struct settings_set *settings,
                            const struct manifest *manifest, const char *output,
                            struct po_error *error)
{
    const struct po_run_settings *run = &settings->values.run;
    if (!run->sandbox || run->in_process)
        return PO_OK;
    enum po_status status = sandbox_init(sandbox, error);
    if (status == PO_OK)
        status = allow_list(sandbox, readable, sizeof(readable) / sizeof(readable[0]),
                            SANDBOX_READ, error);
    if (status == PO_OK)
        status = allow_list(sandbox, writable, sizeof(writable) / sizeof(writable[0]),
                            SANDBOX_WRITE, error);
    if (status == PO_OK)
        status = allow_library_path(sandbox, error);
    if (status == PO_OK)
        status = allow_module(sandbox, error);
    if (status == PO_OK)
        status = allow_cuda(sandbox, &settings->values, error);
    if (status == PO_OK)
        status = allow_settings(sandbox, &settings->values, error);
    if (status == PO_OK)
        status = allow_session(sandbox, manifest, error);
    if (status == PO_OK)
        status = sandbox_allow(sandbox, output, SANDBOX_WRITE, error);
    return status;
}
