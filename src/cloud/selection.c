/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/selection.h"

#include <math.h>

#include "cloud/extent.h"
#include "cloud/filter_table.h"
#include "cloud/filter_warnings.h"

static size_t filter_scratch_bytes(const struct cloud_filter *filter,
                                   const struct po_cloud_settings *settings, int width_px,
                                   int height_px)
{
    return filter->scratch_bytes != NULL && filter->wanted(settings)
               ? filter->scratch_bytes(width_px, height_px)
               : 0;
}

size_t selection_scratch_bytes(const struct po_cloud_settings *settings, int width_px,
                               int height_px)
{
    size_t most = extent_scratch_bytes(width_px, height_px);
    for (int i = 0; i < FILTER_COUNT; i++) {
        size_t bytes =
            filter_scratch_bytes(cloud_filters[i], settings, width_px, height_px);
        most = bytes > most ? bytes : most;
    }
    size_t thinning = filter_scratch_bytes(&filter_voxels, settings, width_px, height_px);
    return thinning > most ? thinning : most;
}

/* Thinning leaves no neighbours to join: the surface keeps the mask before it. */
static bool surface_apart(const struct po_cloud_settings *settings)
{
    return (filter_voxels.wanted(settings) || filter_decimate.wanted(settings)) &&
           settings->surface_reconstruction;
}

size_t selection_output_bytes(const struct po_cloud_settings *settings, int width_px,
                              int height_px)
{
    size_t mask = image_view_bytes(width_px, height_px, 1);
    mask = surface_apart(settings) ? scratch_sum(mask, mask) : mask;
    return scratch_sum(mask, scratch_size(sizeof(struct cloud_totals)));
}

/* Where filters are counted. */
struct filter_tally {
    uint64_t points; /* that are left */
    struct cloud_totals *totals;
    struct count_list *counts;
};

/* Runs filter number `index` of the totals. */
static enum po_status run_filter(const struct cloud_filter *filter, int index,
                                 struct filter_job *job, struct filter_tally *tally,
                                 struct po_error *error)
{
    if (!filter->wanted(job->input->settings))
        return PO_OK;
    if (cancel_requested(job->input->cancel))
        return po_fail(error, PO_CANCELLED, "cancelled while filtering a cloud");
    enum po_status status = filter->run(job, error);
    if (status != PO_OK)
        return status;
    uint64_t after = keep_count(&job->counted);
    count_list_add(tally->counts, filter->count_name, tally->points - after);
    tally->totals->filters[index].before += tally->points;
    tally->totals->filters[index].after += after;
    tally->points = after;
    return PO_OK;
}

/* Candidates at or behind infinity. The mask is empty before and after. */
static uint64_t count_behind(struct filter_job *job)
{
    uint64_t behind = 0;
    threshold_classes(job);
    for (int y = 0; y < job->keep.height_px; y++) {
        const int16_t *values = disparity_row(&job->input->map, y);
        uint8_t *keep = image_row(&job->keep, y);
        bool counts = y >= job->first_row && y < job->first_row + job->counted.height_px;
        for (int x = 0; x < job->keep.width_px; x++) {
            behind += counts && keep[x] != 0 && values[x] + job->doffs <= 0;
            keep[x] = 0;
        }
    }
    return behind;
}

static void count_rows(const struct cloud_input *input, struct filter_job *job)
{
    int end = input->end_row > 0 ? input->end_row : input->map.height_px;
    job->first_row = input->first_row;
    job->counted = image_rows_view(&job->keep, input->first_row, end - input->first_row);
}

/* Masks of the selection and what the filters need of the rig. */
static enum po_status begin(const struct cloud_input *input, struct scratch *scratch,
                            struct filter_job *job, struct cloud_selection *selection,
                            struct po_error *error)
{
    int width = input->map.width_px;
    int height = input->map.height_px;
    *job = (struct filter_job){.input = input, .scratch = scratch};
    enum po_status status =
        triangulation_make(&input->rig, PO_UNIT_MM, &job->triangulation, error);
    if (status != PO_OK)
        return status;
    job->parallax = triangulation_depth_limits(&job->triangulation, 0, 0);
    job->depth_limits = triangulation_depth_limits(
        &job->triangulation, input->min_depth_mm, input->max_depth_mm);
    job->doffs = (int)lround(input->rig.doffs_px * DISPARITY_SCALE);
    status = image_view_take(scratch, width, height, 1, &job->keep, error);
    if (status == PO_OK)
        count_rows(input, job);
    selection->keep = job->keep;
    selection->surface = job->keep;
    if (status == PO_OK && surface_apart(input->settings))
        status = image_view_take(scratch, width, height, 1, &selection->surface, error);
    return status;
}

enum po_status cloud_select_add(const struct cloud_input *input, struct scratch *scratch,
                                struct cloud_selection *selection,
                                struct cloud_totals *totals, struct count_list *counts,
                                struct po_error *error)
{
    struct filter_job job;
    enum po_status status = begin(input, scratch, &job, selection, error);
    if (status != PO_OK)
        return status;
    threshold_classes(&job);
    struct filter_tally tally = {keep_count(&job.counted), totals, counts};
    totals->candidates += tally.points;
    count_list_add(counts, "cloud_candidates", tally.points);
    for (int i = 0; i < FILTER_COUNT && status == PO_OK; i++)
        status = run_filter(cloud_filters[i], i, &job, &tally, error);
    if (status == PO_OK && surface_apart(input->settings))
        image_copy(&job.keep, &selection->surface);
    if (status == PO_OK)
        status = run_filter(&filter_voxels, FILTER_COUNT, &job, &tally, error);
    if (status == PO_OK)
        status = run_filter(&filter_decimate, FILTER_COUNT + 1, &job, &tally, error);
    if (status != PO_OK)
        return status;
    selection->points = tally.points;
    totals->points += tally.points;
    if (tally.points == 0)
        totals->behind += count_behind(&job);
    count_list_add(counts, "cloud_points", tally.points);
    return extent_add(&job, totals, error);
}

enum po_status cloud_select_end(const struct cloud_input *input,
                                const struct cloud_totals *totals,
                                struct cloud_extent *extent,
                                struct warning_list *warnings, struct po_error *error)
{
    struct triangulation triangulation;
    enum po_status status =
        triangulation_make(&input->rig, PO_UNIT_MM, &triangulation, error);
    if (status != PO_OK)
        return status;
    filters_watch(input, totals, warnings);
    extent_finish(&triangulation, totals, extent);
    return PO_OK;
}

enum po_status cloud_select(const struct cloud_input *input, struct scratch *scratch,
                            struct cloud_selection *selection, struct count_list *counts,
                            struct warning_list *warnings, struct po_error *error)
{
    struct cloud_totals *totals = scratch_take(scratch, sizeof(*totals));
    if (totals == NULL)
        return scratch_exhausted(scratch, "the totals of a cloud", error);
    cloud_totals_init(totals);
    enum po_status status =
        cloud_select_add(input, scratch, selection, totals, counts, error);
    if (status != PO_OK)
        return status;
    return cloud_select_end(input, totals, &selection->extent, warnings, error);
}
