/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_plan.h"

#include "cloud/cloud_file.h"
#include "cloud/mesh.h"
#include "cloud/selection.h"

size_t cloud_scratch_bytes(const struct po_cloud_settings *settings, int width_px,
                           int height_px)
{
    size_t most = selection_scratch_bytes(settings, width_px, height_px);
    size_t write = cloud_write_scratch_bytes(settings, width_px);
    size_t mesh = settings->surface_reconstruction ? mesh_scratch_bytes(width_px) : 0;
    most = write > most ? write : most;
    most = mesh > most ? mesh : most;
    return scratch_sum(selection_output_bytes(settings, width_px, height_px), most);
}
