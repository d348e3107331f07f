/* SPDX-License-Identifier: Apache-2.0 */
/* Matrices of one rig that may stand in several files beside each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/matrices.h"
#include "calib/siblings.h"

/* Who holds what; sources NULL while nobody is found. */
struct parts {
    struct matrices_sources sources;
    bool poses_differ; /* more than one file offers a pose */
};

static void offer(struct parts *parts, const struct calibration_source *source)
{
    struct matrix_names names;
    matrix_names_find(source->root, &names);
    if (matrices_hold_pose(&names)) {
        parts->poses_differ |= parts->sources.pose != NULL;
        if (parts->sources.pose == NULL)
            parts->sources.pose = source;
    }
    for (int side = 0; side < 2; side++) {
        bool one = matrices_hold_one_camera(&names) &&
                   (names.of[ROLE_MATRIX][side] != NULL ||
                    (names.single[ROLE_MATRIX] != NULL &&
                     side_of_name(path_name(source->path)) == side));
        if (parts->sources.cameras[side] == NULL &&
            (matrices_hold_cameras(&names) || one))
            parts->sources.cameras[side] = source;
    }
}

static bool are_complete(const struct parts *parts)
{
    return parts->sources.pose != NULL && parts->sources.cameras[0] != NULL &&
           parts->sources.cameras[1] != NULL;
}

/* The file whose name is this one's with intrinsic and extrinsic exchanged. Where it is
 * there and broken, nothing else takes its place. */
static enum po_status offer_named_partner(const struct calibration_source *source,
                                          struct calibration_source *partner,
                                          struct parts *parts, struct po_error *error)
{
    static const char *const kinds[2] = {"intrinsic", "extrinsic"};
    for (int i = 0; i < 2 && !are_complete(parts) && partner->root == NULL; i++) {
        struct po_error cause = {0};
        enum po_status status = calibration_source_load_partner(
            partner, source->path, kinds[i], kinds[1 - i], &cause);
        if (status == PO_OK && partner->root != NULL)
            offer(parts, partner);
        else
            calibration_source_release(partner);
        if (status != PO_OK && status != PO_NOT_FOUND)
            return po_fail(error, status, "%s", cause.message);
    }
    return PO_OK;
}

/* What is no calibration is passed over; what cannot be read now may be a part. */
static enum po_status offer_sibling(struct calibration_source *other, const char *path,
                                    struct parts *parts, struct po_error *error)
{
    struct po_error cause = {0};
    enum po_status status = calibration_source_load(other, path, &cause);
    if (status == PO_OK)
        status = calibration_source_parse(other, &cause);
    if (status == PO_OK && other->root != NULL)
        offer(parts, other);
    else
        calibration_source_release(other);
    return input_status_is_passing(status) ? po_fail(error, status, "%s", cause.message)
                                           : PO_OK;
}

static enum po_status offer_siblings(const struct calibration_source *source,
                                     struct calibration_source *others,
                                     struct parts *parts, struct po_error *error)
{
    struct siblings siblings;
    enum po_status status = siblings_list(source->path, &siblings, error);
    for (int i = 0; i < siblings.count && status == PO_OK; i++)
        if (strcmp(siblings.paths[i], source->path) != 0)
            status = offer_sibling(&others[i], siblings.paths[i], parts, error);
    siblings_release(&siblings);
    return status;
}

/* Looks beside a file for the parts that it lacks. */
static enum po_status find_parts(const struct calibration_source *source,
                                 struct calibration_source *partner,
                                 struct calibration_source *others, struct parts *parts,
                                 struct po_error *error)
{
    offer(parts, source);
    if (are_complete(parts))
        return PO_OK;
    enum po_status status = offer_named_partner(source, partner, parts, error);
    if (status != PO_OK || are_complete(parts))
        return status;
    bool pose_is_known = parts->sources.pose != NULL;
    status = offer_siblings(source, others, parts, error);
    if (status == PO_OK && !pose_is_known && parts->poses_differ)
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "%s: holds no R and T, and more than one file beside it "
                         "does; put the pair that belongs together into one folder",
                         source->path);
    return status;
}

/* "extrinsics.yml", the file that intrinsics.yml was written with; "" for other names. */
static void hint_at_partner(const char *path, char *hint, size_t bytes)
{
    const char *name = path_name(path);
    const char *inside = strstr(name, "intrinsic");
    const char *outside = strstr(name, "extrinsic");
    hint[0] = '\0';
    if (inside != NULL || outside != NULL) {
        const char *at = inside != NULL ? inside : outside;
        (void)snprintf(hint, bytes, " (%.*s%s%s is looked for first)", (int)(at - name),
                       name, inside != NULL ? "extrinsic" : "intrinsic",
                       at + strlen("intrinsic"));
    }
}

static enum po_status fail_incomplete(const struct calibration_source *source,
                                      const struct parts *parts, struct po_error *error)
{
    char present[400];
    char hint[CALIBRATION_PATH];
    struct matrix_names names;
    join_members(present, sizeof(present), source->root);
    hint_at_partner(source->path, hint, sizeof(hint));
    matrix_names_find(source->root, &names);
    bool r = names.of[ROLE_ROTATION][0] != NULL;
    bool t = names.of[ROLE_TRANSLATION][0] != NULL;
    if (parts->sources.pose == NULL && r != t)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%s: holds %s but not its other half; keys tried: %s; it holds: %s",
            source->path, r ? "R" : "T",
            r ? "T, translation_vector, trans_vec, tvec"
              : "R, rotation_matrix, rot_mat, rvec",
            present);
    if (parts->sources.pose == NULL)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: holds no R and T (extrinsics), and no file beside it does%s; "
                       "it holds: %s",
                       source->path, hint, present);
    return po_fail(error, PO_BAD_CALIBRATION,
                   "%s: holds no M1 D1 M2 D2 (K_left, cameraMatrix1, mtxL ... of both "
                   "cameras), and no file beside it does%s; it holds: %s",
                   source->path, hint, present);
}

enum po_status matrices_read_spread(const struct calibration_source *source,
                                    struct parsed_calibration *parsed,
                                    struct po_error *error)
{
    struct parts parts = {0};
    struct calibration_source partner = {0};
    struct calibration_source *others = calloc(SIBLINGS_MAX, sizeof(*others));
    if (others == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", source->path);
    enum po_status status = find_parts(source, &partner, others, &parts, error);
    if (status == PO_OK && !are_complete(&parts))
        status = fail_incomplete(source, &parts, error);
    if (status == PO_OK)
        status = matrices_read(&parts.sources, parsed, error);
    calibration_source_release(&partner);
    for (int i = 0; i < SIBLINGS_MAX; i++)
        calibration_source_release(&others[i]);
    free(others);
    return status;
}
