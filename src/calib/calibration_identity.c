/* SPDX-License-Identifier: Apache-2.0 */
/* What distinguishes one calibration from another: its hash, and a sentence on
 * differences. */
#include <stdio.h>

#include "calib/calibration.h"
#include "calib/matrix3.h"

enum { HASHED_VALUES = 160 };

struct value_list {
    int count;
    double values[HASHED_VALUES];
};

static void push(struct value_list *list, const double *values, int count)
{
    for (int i = 0; i < count && list->count < HASHED_VALUES; i++)
        list->values[list->count++] = values[i] + 0.0; /* -0 and 0 are one */
}

static void push_camera(struct value_list *list, const struct camera_model *camera)
{
    const double head[] = {camera->fx,
                           camera->fy,
                           camera->cx,
                           camera->cy,
                           camera->skew,
                           (double)camera->model,
                           (double)camera->coefficient_count};
    push(list, head, 7);
    push(list, camera->coefficients, DISTORTION_MAX);
}

struct hash calibration_hash(const struct calibration *calibration)
{
    struct value_list list = {0};
    const struct rectified_rig *rig = &calibration->rig;
    const double head[] = {calibration->rectified,
                           calibration->width_px,
                           calibration->height_px,
                           (double)calibration->unit,
                           calibration->has_file_rectification,
                           calibration->swapped,
                           rig->focal_px,
                           rig->focal_y_px,
                           rig->cx_px,
                           rig->cy_px,
                           rig->doffs_px,
                           rig->baseline_mm,
                           rig->disparity_count_hint,
                           calibration->rectified_focal,
                           (double)calibration->turn};
    push(&list, head, (int)(sizeof(head) / sizeof(head[0])));
    for (int side = 0; side < 2; side++) {
        push_camera(&list, &calibration->cameras[side]);
        push(&list, calibration->file_rotation[side], 9);
        push(&list, calibration->file_projection[side], 12);
    }
    push(&list, calibration->rotation, 9);
    push(&list, calibration->translation_mm, 3);
    struct hash hash = hash_bytes(list.values, (size_t)list.count * sizeof(double));
    if (calibration->maps.present)
        hash = hash_combine(hash, calibration->maps.content);
    for (int i = 0; i < calibration->size_count; i++) {
        struct value_list size = {0};
        const double pixels[] = {calibration->sizes[i].width_px,
                                 calibration->sizes[i].height_px};
        push(&size, pixels, 2);
        push_camera(&size, &calibration->sizes[i].cameras[0]);
        push_camera(&size, &calibration->sizes[i].cameras[1]);
        push(&size, calibration->sizes[i].rotation, 9);
        hash = hash_combine(hash,
                            hash_bytes(size.values, (size_t)size.count * sizeof(double)));
    }
    return hash;
}

static double baseline_of(const struct calibration *calibration)
{
    return calibration->rectified ? calibration->rig.baseline_mm
                                  : vector3_length(calibration->translation_mm);
}

void calibration_difference(const struct calibration *used,
                            const struct calibration *other, char *text, int text_bytes)
{
    struct hash a = calibration_hash(used);
    struct hash b = calibration_hash(other);
    if (a.low == b.low && a.high == b.high) {
        (void)snprintf(text, (size_t)text_bytes, "the same values");
        return;
    }
    (void)snprintf(
        text, (size_t)text_bytes,
        "%s, %s, %dx%d, focal length %.2f px, baseline %.4g %s (used: %s, %s, %dx%d, "
        "%.2f px, %.4g %s)",
        other->format, other->rectified ? "rectified" : "raw", other->width_px,
        other->height_px, other->cameras[0].fx, baseline_of(other),
        other->unit == RIG_SQUARES ? "squares" : "mm", used->format,
        used->rectified ? "rectified" : "raw", used->width_px, used->height_px,
        used->cameras[0].fx, baseline_of(used),
        used->unit == RIG_SQUARES ? "squares" : "mm");
}
