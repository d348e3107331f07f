/* SPDX-License-Identifier: Apache-2.0 */
#include "store/output_claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/path.h"
#include "record/own_files.h"
#include "store/path_places.h"

static enum po_status check_one(struct path_places *places, const char *what,
                                const char *path, struct po_error *error)
{
    const char *met = NULL;
    struct po_error cause = {0};
    if (path == NULL)
        return PO_OK;
    enum po_status status = path_places_follow(places, path, &met, &cause);
    /* What cannot be read is reported by who reads it. */
    if (status == PO_IO || (status == PO_OK && met == NULL))
        return PO_OK;
    if (status != PO_OK)
        return po_fail(error, status, "%s", cause.message);
    return po_fail(
        error, PO_BAD_ARGUMENT,
        "%s: this input (%s) lies in %s, where this run would replace or remove "
        "it; choose another --output",
        path, what, met);
}

static enum po_status check_frame(struct path_places *places,
                                  const struct frame_entry *frame, struct po_error *error)
{
    enum po_status status = check_one(places, "image", frame->left_path, error);
    if (status == PO_OK && frame->right_path != NULL)
        status = check_one(places, "image", frame->right_path, error);
    if (status == PO_OK)
        status = check_one(places, "calibration", frame->calibration_path, error);
    if (status == PO_OK)
        status = check_one(places, "ground truth", frame->ground_truth_path, error);
    if (status == PO_OK)
        status = check_one(places, "ground truth", frame->ground_truth_mask_path, error);
    if (status == PO_OK)
        status = check_one(places, "depth prior", frame->prior_path, error);
    return status;
}

static enum po_status check_session(struct path_places *places,
                                    const struct manifest *manifest,
                                    struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < manifest->calibration_count && status == PO_OK; i++)
        status = check_one(places, "calibration", manifest->calibrations[i].path, error);
    for (int i = 0; i < manifest->unused_count && status == PO_OK; i++)
        status = check_one(places, "calibration", manifest->unused[i].path, error);
    for (int i = 0; i < manifest->unmatched_count && status == PO_OK; i++)
        status = check_one(places, "image", manifest->unmatched[i], error);
    for (int i = 0; i < manifest->frame_count && status == PO_OK; i++)
        status = check_frame(places, &manifest->frames[i], error);
    return status;
}

static enum po_status check_settings(struct path_places *places,
                                     const struct settings_set *set,
                                     struct po_error *error)
{
    const struct po_settings *settings = &set->values;
    const char *truth = settings->output.ground_truth;
    if (truth != NULL && strcmp(truth, "auto") == 0)
        truth = NULL;
    enum po_status status = check_one(places, "session", settings->input.input, error);
    if (status == PO_OK)
        status = check_one(places, "calibration", settings->input.calibration, error);
    if (status == PO_OK)
        status = check_one(places, "ground truth", truth, error);
    if (status == PO_OK)
        status = check_one(places, "baseline", settings->output.baseline, error);
    for (int i = 0; i < set->file_count && status == PO_OK; i++)
        status = check_one(places, "configuration", set->files[i], error);
    return status;
}

/* All that is replaced or removed, as far as it is there. */
static enum po_status add_places(struct path_places *places,
                                 const struct output_claim *claim,
                                 char files[2][ATOMIC_FILE_PATH_BYTES],
                                 struct po_error *error)
{
    static const char *const names[2] = {"report.json", "report.html"};
    enum po_status status = path_places_add(places, claim->frames, error);
    if (status == PO_OK)
        status = path_places_add(places, claim->state, error);
    for (int i = 0; i < 2 && status == PO_OK; i++) {
        if (!path_join(files[i], ATOMIC_FILE_PATH_BYTES, claim->output, names[i]))
            return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
        status = path_places_add(places, files[i], error);
    }
    return status;
}

/* A place below --output that cannot be examined is as wrong as one that is taken. */
static enum po_status as_argument(enum po_status status, struct po_error *error)
{
    if (status != PO_IO)
        return status;
    if (error != NULL)
        error->status = PO_BAD_ARGUMENT;
    return PO_BAD_ARGUMENT;
}

/* The nearest part of the path that is there, if it is no directory. */
static enum po_status check_directory(const char *output, struct po_error *error)
{
    struct stat found;
    char path[ATOMIC_FILE_PATH_BYTES];
    int length = snprintf(path, sizeof(path), "%s", output);
    if (length < 0 || (size_t)length >= sizeof(path))
        return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    while (stat(path, &found) != 0 && strrchr(path, '/') > path)
        *strrchr(path, '/') = '\0';
    if (stat(path, &found) != 0 || S_ISDIR(found.st_mode))
        return PO_OK; /* what else is wrong with it shows where it is used */
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--output %s: %s is a file, and results go into a directory; choose "
                   "another one",
                   output, strcmp(path, output) == 0 ? "it" : path);
}

enum po_status output_claim_check(const struct output_claim *claim,
                                  const struct manifest *manifest,
                                  const struct settings_set *settings,
                                  struct po_error *error)
{
    char files[2][ATOMIC_FILE_PATH_BYTES];
    struct path_places *places = calloc(1, sizeof(*places));
    if (places == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    enum po_status status = check_directory(claim->output, error);
    if (status == PO_OK)
        status = add_places(places, claim, files, error);
    if (status == PO_OK)
        status = check_settings(places, settings, error);
    if (status == PO_OK)
        status = check_session(places, manifest, error);
    if (status == PO_OK)
        status = own_state_check(claim->state, error);
    if (status == PO_OK)
        status = own_reports_check(claim->output, error);
    free(places);
    return as_argument(status, error);
}
