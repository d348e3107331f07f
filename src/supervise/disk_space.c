/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/disk_space.h"

#include <sys/statvfs.h>

#include "base/log.h"
#include "supervise/frame_planner.h"

/* Bytes a pixel of each artefact: a point of three floats and a colour, a float, deflated
 * images as they mostly turn out. */
static uint64_t bytes_per_pixel(unsigned artefacts)
{
    static const struct {
        enum po_artefact artefact;
        uint64_t bytes;
    } costs[] = {{PO_OUT_CLOUD, 15},
                 {PO_OUT_DISPARITY, 4},
                 {PO_OUT_DEPTH, 2},
                 {PO_OUT_CONFIDENCE, 1},
                 {PO_OUT_CLASS, 1}};
    uint64_t sum = 1;
    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
        if ((artefacts & (unsigned)costs[i].artefact) != 0)
            sum += costs[i].bytes;
    return sum;
}

uint64_t disk_space_forecast(const struct session_run *run)
{
    uint64_t pixels = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        int width_px;
        int height_px;
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        frame_planner_size(run, i, &width_px, &height_px);
        pixels += (uint64_t)width_px * (uint64_t)height_px;
    }
    return pixels * bytes_per_pixel(run->effective.values.output.artefacts);
}

uint64_t disk_space_left(const char *directory)
{
    struct statvfs space;
    if (statvfs(directory, &space) != 0)
        return UINT64_MAX;
    return (uint64_t)space.f_bavail * space.f_frsize;
}

const char *disk_space_place(const struct session_run *run)
{
    const char *output = run->effective.values.output.output;
    struct statvfs space;
    return output != NULL && statvfs(output, &space) == 0 ? output : run->manifest->root;
}

void disk_space_check(struct session_run *run)
{
    uint64_t wanted = disk_space_forecast(run);
    uint64_t left = disk_space_left(run->paths.output);
    if (wanted <= left)
        return;
    warning_list_add(&run->warnings,
                     "%s: about %llu MB will be written, %llu MB are free; free space, "
                     "choose --output elsewhere or fewer --outputs",
                     run->paths.output, (unsigned long long)(wanted >> 20),
                     (unsigned long long)(left >> 20));
    log_warning("%s", run->warnings.texts[run->warnings.length - 1]);
}
