/* SPDX-License-Identifier: Apache-2.0 */
/* Matrices of one rig that may stand in several files beside each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static enum po_status load(struct calibration_source *other, const char *path)
{
    enum po_status status = calibration_source_load(other, path, NULL);
    return status == PO_OK ? calibration_source_parse(other, NULL) : status;
}

/* The file whose name is this one's with intrinsic and extrinsic exchanged. */
static void offer_named_partner(const struct calibration_source *source,
                                struct calibration_source *partner, struct parts *parts)
{
    static const char *const kinds[2] = {"intrinsic", "extrinsic"};
    for (int i = 0; i < 2 && !are_complete(parts) && partner->root == NULL; i++) {
        if (calibration_source_load_partner(partner, source->path, kinds[i], kinds[1 - i],
                                            NULL) == PO_OK &&
            partner->root != NULL)
            offer(parts, partner);
        else
            calibration_source_release(partner);
    }
}

static void offer_siblings(const struct calibration_source *source,
                           struct calibration_source *others, struct parts *parts)
{
    struct siblings siblings;
    if (siblings_list(source->path, &siblings, NULL) != PO_OK)
        return;
    for (int i = 0; i < siblings.count; i++) {
        if (strcmp(siblings.paths[i], source->path) == 0)
            continue;
        if (load(&others[i], siblings.paths[i]) == PO_OK && others[i].root != NULL)
            offer(parts, &others[i]);
        else
            calibration_source_release(&others[i]);
    }
    siblings_release(&siblings);
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
    enum po_status status = PO_OK;
    struct calibration_source *others = calloc(SIBLINGS_MAX, sizeof(*others));
    if (others == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", source->path);
    offer(&parts, source);
    if (!are_complete(&parts))
        offer_named_partner(source, &partner, &parts);
    if (!are_complete(&parts)) {
        bool pose_is_known = parts.sources.pose != NULL;
        offer_siblings(source, others, &parts);
        if (!pose_is_known && parts.poses_differ)
            status = po_fail(error, PO_BAD_CALIBRATION,
                             "%s: holds no R and T, and more than one file beside it "
                             "does; put the pair that belongs together into one folder",
                             source->path);
    }
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
