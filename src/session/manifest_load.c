/* SPDX-License-Identifier: Apache-2.0 */
#include "session/manifest_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/frame_selection.h"
#include "session/manifest_parts.h"

static void *take(char **pointer)
{
    void *taken = *pointer;
    *pointer = NULL;
    return taken;
}

/* Moves the strings of a pair into a frame. */
static void fill_frame(struct frame_entry *frame, struct pair *pair, int index)
{
    frame_id_make(pair->key, index, frame->id);
    frame->left_path = take(&pair->left);
    frame->right_path = take(&pair->right);
    frame->side_by_side = pair->side_by_side;
    frame->calibration = -1;
    frame->problem = take(&pair->problem);
    frame->problem_cause = frame->problem != NULL ? PO_BAD_SESSION : PO_OK;
    frame->ground_truth_path = take(&pair->ground_truth);
    frame->ground_truth_mask_path = take(&pair->ground_truth_mask);
    frame->ground_truth_scale = pair->ground_truth_scale;
}

static int compare_ids(const void *a, const void *b)
{
    const struct frame_entry *const *x = a;
    const struct frame_entry *const *y = b;
    return strcmp((*x)->id, (*y)->id);
}

static enum po_status check_ids(const struct manifest *manifest, struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t count = (size_t)manifest->frame_count;
    const struct frame_entry **order =
        calloc(count + 1, sizeof(const struct frame_entry *));
    if (order == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %zu frames", count);
    for (size_t i = 0; i < count; i++)
        order[i] = &manifest->frames[i];
    qsort(order, count, sizeof(const struct frame_entry *), compare_ids);
    for (size_t i = 1; i < count && status == PO_OK; i++)
        if (strcmp(order[i - 1]->id, order[i]->id) == 0)
            status = po_fail(error, PO_BAD_SESSION,
                             "two frames have the id '%s': %s and %s; rename one",
                             order[i]->id, order[i - 1]->left_path, order[i]->left_path);
    free(order);
    return status;
}

static enum po_status no_frame_selected(const struct po_input_settings *input, int count,
                                        struct po_error *error)
{
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--frames %.200s: selects none of the %d frames (0-%d)", input->frames,
                   count, count - 1);
}

/* Pairs that are selected become frames; `pair_of_frame` remembers which. */
static enum po_status select_frames(struct manifest *manifest,
                                    const struct po_input_settings *input,
                                    const struct frame_selection *selection,
                                    struct pair_list *pairs, int *pair_of_frame,
                                    struct po_error *error)
{
    manifest->frames = calloc((size_t)pairs->count, sizeof(*manifest->frames));
    if (manifest->frames == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d frames", pairs->count);
    for (int i = 0; i < pairs->count; i++) {
        bool enough = input->single_frame && manifest->frame_count == 1;
        if (enough || !frame_selection_holds(selection, i)) {
            manifest->skipped_count++;
            continue;
        }
        pair_of_frame[manifest->frame_count] = i;
        fill_frame(&manifest->frames[manifest->frame_count++], &pairs->pairs[i], i);
    }
    if (manifest->frame_count == 0)
        return no_frame_selected(input, pairs->count, error);
    for (int i = 0; i < selection->count; i++)
        if (selection->ranges[i].first >= pairs->count)
            warning_list_add(&manifest->warnings,
                             "--frames %d: there are only frames 0-%d",
                             selection->ranges[i].first, pairs->count - 1);
        else if (selection->ranges[i].last >= pairs->count &&
                 selection->ranges[i].last != FRAME_RANGE_OPEN)
            warning_list_add(
                &manifest->warnings, "--frames %d-%d: there are only frames 0-%d",
                selection->ranges[i].first, selection->ranges[i].last, pairs->count - 1);
    return check_ids(manifest, error);
}

/* Exchanges the images where the user or the calibration says so. Their ground truth was
 * made for the other left image. */
static void swap_images(struct manifest *manifest, const struct po_input_settings *input)
{
    for (int i = 0; i < manifest->frame_count; i++) {
        struct frame_entry *frame = &manifest->frames[i];
        bool swapped =
            frame->calibration >= 0 && manifest->calibrations[frame->calibration].swapped;
        if (!swapped && !input->swap)
            continue;
        char *left = frame->left_path;
        frame->left_path = frame->right_path;
        frame->right_path = left;
        frame->halves_swapped = frame->side_by_side;
        if (frame->ground_truth_path != NULL)
            warning_list_add(&manifest->warnings,
                             "left and right are exchanged, so ground truth is not used");
        free(frame->ground_truth_path);
        free(frame->ground_truth_mask_path);
        frame->ground_truth_path = frame->ground_truth_mask_path = NULL;
    }
}

static enum po_status find_ground_truth(struct found_session *found,
                                        const char *ground_truth, double scale,
                                        struct po_error *error)
{
    enum po_status status = PO_OK;
    bool directory = ground_truth != NULL && strcmp(ground_truth, "auto") != 0;
    for (int i = 0; i < found->pairs.count && status == PO_OK; i++) {
        struct pair *pair = &found->pairs.pairs[i];
        if (directory)
            status = ground_truth_of_directory(ground_truth, pair, error);
        else if (ground_truth != NULL && pair->ground_truth == NULL)
            status = ground_truth_beside(found->base, found->pairs.count == 1, pair,
                                         &found->pairs.warnings, error);
        if (pair->ground_truth != NULL && scale > 0)
            pair->ground_truth_scale = scale;
        if (pair->ground_truth_scale <
            0) { /* not known: no score is better than a wrong */
            free(pair->ground_truth);
            pair->ground_truth = NULL;
        }
    }
    return status;
}

/* Asked for, and silently without effect otherwise. */
static void warn_of_missing_truth(struct manifest *manifest, const char *ground_truth)
{
    int missing = 0;
    for (int i = 0; i < manifest->frame_count; i++)
        missing += manifest->frames[i].ground_truth_path == NULL;
    if (ground_truth != NULL && missing > 0)
        warning_list_add(&manifest->warnings,
                         "--ground-truth %.120s: no ground truth for %d of %d frames",
                         ground_truth, missing, manifest->frame_count);
}

static enum po_status check_truth_folder(const char *ground_truth, struct po_error *error)
{
    struct po_error trouble = {0};
    if (ground_truth == NULL || strcmp(ground_truth, "auto") == 0 ||
        directory_exists(ground_truth, ".", &trouble))
        return trouble_status(&trouble, error);
    return po_fail(
        error, PO_BAD_ARGUMENT,
        "--ground-truth %.200s: is not a folder; give auto or one with the true "
        "disparities",
        ground_truth);
}

static enum po_status fill_manifest(struct manifest *manifest,
                                    const struct po_input_settings *input,
                                    struct found_session *found, struct po_error *error)
{
    struct frame_selection *selection = calloc(1, sizeof(*selection));
    int *pair_of_frame = calloc((size_t)found->pairs.count + 1, sizeof(*pair_of_frame));
    enum po_status status;
    (void)snprintf(manifest->layout, sizeof(manifest->layout), "%s", found->layout->name);
    manifest->root = strdup(input->input != NULL ? input->input : found->base);
    if (selection == NULL || pair_of_frame == NULL || manifest->root == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
        goto cleanup;
    }
    status = frame_selection_parse(input->frames, selection, error);
    if (status == PO_OK)
        status = select_frames(manifest, input, selection, &found->pairs, pair_of_frame,
                               error);
    if (status == PO_OK && !found->without_calibrations)
        status = manifest_calibrate(manifest, input, found, pair_of_frame, error);
    if (status == PO_OK) {
        manifest->sides_are_digits = found->pairs.is_weak;
        swap_images(manifest, input);
        warning_list_join(&manifest->warnings, &found->pairs.warnings);
        manifest->unmatched = found->pairs.unmatched;
        manifest->unmatched_count = found->pairs.unmatched_count;
        found->pairs.unmatched = NULL;
        found->pairs.unmatched_count = 0;
    }

cleanup:
    free(selection);
    free(pair_of_frame);
    return status;
}

static enum po_status load(const struct manifest_request *request,
                           bool without_calibrations, struct manifest **manifest,
                           struct po_error *error)
{
    const struct po_input_settings *input = request->input;
    const char *ground_truth = request->ground_truth;
    *manifest = NULL;
    if (input->input == NULL && input->left == NULL && input->right == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "nothing to do: give --input DIR, or --left FILE --right FILE");
    struct found_session *found = calloc(1, sizeof(*found));
    struct manifest *made = calloc(1, sizeof(*made));
    bool automatic = ground_truth != NULL && strcmp(ground_truth, "auto") == 0;
    enum po_status status;
    if (found == NULL || made == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of frames");
        goto cleanup;
    }
    found->without_calibrations = without_calibrations;
    found->peek = request->peek;
    status = check_truth_folder(ground_truth, error);
    if (status != PO_OK)
        goto cleanup;
    if (input->left != NULL || input->right != NULL)
        status = session_find_pair(input, automatic, found, error);
    else
        status = session_find(input, automatic, found, error);
    if (status == PO_OK)
        status =
            find_ground_truth(found, ground_truth, request->ground_truth_scale, error);
    if (status == PO_OK)
        status = fill_manifest(made, input, found, error);
    if (status == PO_OK) {
        warn_of_missing_truth(made, ground_truth);
        *manifest = made;
        made = NULL;
    }

cleanup:
    manifest_destroy(made);
    if (found != NULL)
        pair_list_release(&found->pairs);
    free(found);
    return status;
}

enum po_status manifest_load_as(const struct manifest_request *request,
                                struct manifest **manifest, struct po_error *error)
{
    return load(request, false, manifest, error);
}

enum po_status manifest_load(const struct po_input_settings *input,
                             const char *ground_truth, double ground_truth_scale,
                             struct manifest **manifest, struct po_error *error)
{
    const struct manifest_request request = {input, ground_truth, ground_truth_scale,
                                             NULL};
    return load(&request, false, manifest, error);
}

enum po_status manifest_load_pairs(const struct po_input_settings *input,
                                   struct manifest **manifest, struct po_error *error)
{
    return load(&(struct manifest_request){.input = input}, true, manifest, error);
}
