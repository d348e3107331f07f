/* SPDX-License-Identifier: Apache-2.0 */
#include "report/count_words.h"

#include <string.h>

static const char full_size[] = "full size";
static const char no_share[] = "";
static const char candidates[] = "cloud_candidates";

static const struct count_words rows[] = {
    {"class_measured", "measured", full_size},
    {"class_filled_occlusion", "filled where one camera cannot see", full_size},
    {"class_filled_mismatch", "filled where the match was not trusted", full_size},
    {"class_filled_prior", "filled by the depth prior", full_size},
    {"class_none", "left empty", full_size},
    {"matched", "found a match at first", NULL},
    {"left_right_dropped", "dropped: left and right disagree", NULL},
    {"textureless_dropped", "dropped: nothing to match there", NULL},
    {"uniqueness_dropped", "dropped: a second match is as good", NULL},
    {"speckle_dropped", "dropped: small islands", NULL},
    {"cloud_candidates", "went to the cloud's filters", NULL},
    {"dropped_depth", "outside the depth limits", candidates},
    {"dropped_depth_error", "depth too unsure", candidates},
    {"dropped_confidence", "confidence too low", candidates},
    {"dropped_edge_confidence", "flying pixels at rims", candidates},
    {"dropped_edge_jump", "flying pixels at depth edges", candidates},
    {"dropped_outlier", "far from their neighbours", candidates},
    {"dropped_component", "small loose pieces", candidates},
    {"dropped_region", "outside the region of interest", candidates},
    {"dropped_voxel", "thinned by voxels", candidates},
    {"dropped_decimate", "thinned by decimation", candidates},
    {"cloud_points", "points written", candidates},
    {"row_offset_points", "points that measured the vertical disparity", no_share},
    {"rows_corrected", NULL, no_share},
    {"strips", "row strips", no_share},
    {"strip_rows", "rows in a strip", no_share},
};

const struct count_words *count_words_find(const char *name)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

double count_words_percent(const struct count_words *words,
                           const struct frame_record *record, uint64_t value)
{
    int scale =
        words->whole != full_size && record->downscale > 1 ? record->downscale : 1;
    double whole = (double)record->width_px / scale * record->height_px / scale;
    if (words->whole == no_share)
        return -1.0;
    if (words->whole != NULL && words->whole != full_size)
        whole = (double)frame_record_count(record, words->whole);
    return whole > 0 ? 100.0 * (double)value / whole : -1.0;
}
