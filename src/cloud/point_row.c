/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/point_row.h"

#include "cloud/cloud_axes.h"

size_t point_row_bytes(int width_px, bool normals)
{
    size_t width = (size_t)width_px;
    size_t bytes = scratch_sum(scratch_array_size(width, sizeof(int)),
                               scratch_array_size(width, sizeof(float[3])));
    bytes = scratch_sum(bytes, scratch_array_size(width, sizeof(float)));
    bytes = scratch_sum(bytes, scratch_array_size(width, sizeof(double)));
    if (!normals)
        return bytes;
    bytes = scratch_sum(bytes, scratch_array_size(width, sizeof(float[3])));
    return scratch_sum(bytes, normal_rows_bytes(width_px));
}

/* (x - cx) / f, as in triangulation_point. */
static void fill_rays(const struct triangulation *triangulation, int width, double *rays)
{
    for (int x = 0; x < width; x++)
        rays[x] = (x - triangulation->cx_px) * triangulation->per_focal_x;
}

enum po_status point_row_take(const struct cloud_input *input,
                              const struct image_view *keep, bool normals,
                              struct scratch *scratch, struct point_row *row,
                              struct po_error *error)
{
    size_t width = (size_t)input->map.width_px;
    *row = (struct point_row){.input = input, .keep = keep};
    enum po_status status = triangulation_make(&input->rig, input->settings->unit,
                                               &row->triangulation, error);
    if (status != PO_OK)
        return status;
    row->columns = scratch_take_array(scratch, width, sizeof(int));
    row->xyz = scratch_take_array(scratch, width, sizeof(float[3]));
    row->depths = scratch_take_array(scratch, width, sizeof(float));
    row->rays = scratch_take_array(scratch, width, sizeof(double));
    if (normals)
        row->normals = scratch_take_array(scratch, width, sizeof(float[3]));
    if (row->columns == NULL || row->xyz == NULL || row->depths == NULL ||
        row->rays == NULL || (normals && row->normals == NULL))
        return scratch_exhausted(scratch, "a row of points", error);
    fill_rays(&row->triangulation, input->map.width_px, row->rays);
    return normals
               ? normal_rows_take(scratch, input->map.width_px, &row->normal_rows, error)
               : PO_OK;
}

void point_row_load(struct point_row *row, int y)
{
    const struct triangulation *triangulation = &row->triangulation;
    int width = row->keep->width_px;
    const uint8_t *keep = image_row(row->keep, y);
    double ray_y = (y - triangulation->cy_px) * triangulation->per_focal_y;
    int count = 0;
    for (int x = 0; x < width; x++) {
        row->columns[count] = x;
        count += keep[x] & 1;
    }
    row->y = y;
    row->count = count;
    triangulation_depth_row(triangulation, disparity_row(&row->input->map, y), width,
                            row->depths);
    for (int i = 0; i < count; i++) {
        double z = row->depths[row->columns[i]];
        row->xyz[i][0] = (float)(row->rays[row->columns[i]] * z);
        row->xyz[i][1] = (float)(ray_y * z);
        row->xyz[i][2] = (float)z;
    }
    if (row->normals != NULL)
        normal_rows_fit(&row->normal_rows, row->input, row->keep, y,
                        &(struct row_normals){row->columns, count, row->normals});
    cloud_axes_apply(row->input->rig.turn, row->input->settings->axes, row->xyz, count);
    if (row->normals != NULL)
        cloud_axes_apply(row->input->rig.turn, row->input->settings->axes, row->normals,
                         count);
}
