/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of the cloud in their order, counted and watched. */
#include <math.h>
#include <string.h>

#include "cloud/cloud_filters.h"

enum { PERCENT = 100, NEVER_IMPLAUSIBLE = 101 };

struct cloud_filter {
    const char *count_name;
    const char *what;   /* subject of the warning */
    const char *remedy; /* what to look at when too much goes */
    int implausible_percent;
    bool (*wanted)(const struct po_cloud_settings *settings);
    enum po_status (*run)(struct filter_job *job, struct po_error *error);
    size_t (*scratch_bytes)(int width_px, int height_px); /* NULL: none */
};

static bool always(const struct po_cloud_settings *settings)
{
    (void)settings;
    return true;
}

static bool confidence_wanted(const struct po_cloud_settings *settings)
{
    return settings->min_confidence > 0;
}

static bool edge_jump_wanted(const struct po_cloud_settings *settings)
{
    return settings->edge_jump_px > 0;
}

static bool outliers_wanted(const struct po_cloud_settings *settings)
{
    return settings->outlier_neighbours > 0;
}

static bool components_wanted(const struct po_cloud_settings *settings)
{
    return settings->min_component_points > 1;
}

static bool region_wanted(const struct po_cloud_settings *settings)
{
    return settings->roi_given;
}

static bool voxels_wanted(const struct po_cloud_settings *settings)
{
    return settings->voxel_mm > 0;
}

static const struct cloud_filter DEPTH_LIMITS = {
    "dropped_depth",
    "the depth limits",
    "check --min-depth, --max-depth and the unit of the calibration",
    50,
    always,
    threshold_depth,
    NULL,
};

/* The words for the same filter where no limit was set: what goes then has no parallax.
 */
static const char no_parallax[] = "the lack of parallax (disparity + doffs not above 0)";
static const char no_parallax_remedy[] =
    "check the sign of doffs, and whether left and right are exchanged (--swap)";

static const struct cloud_filter CONFIDENCE_LIMIT = {
    "dropped_confidence",
    "the confidence limit",
    "lower --min-confidence",
    50,
    confidence_wanted,
    threshold_confidence,
    NULL,
};

static const struct cloud_filter EDGE_JUMPS = {
    "dropped_edge_jump",
    "the filter of flying pixels",
    "raise --edge-jump, or switch it off with 0",
    50,
    edge_jump_wanted,
    edge_jump_filter,
    edge_jump_scratch_bytes,
};

static const struct cloud_filter OUTLIERS = {
    "dropped_outlier", "the outlier filter", "raise --outlier-sigma", 50,
    outliers_wanted,   outlier_filter,       outlier_scratch_bytes,
};

static const struct cloud_filter COMPONENTS = {
    "dropped_component",     "the filter of small components",
    "lower --min-component", 50,
    components_wanted,       component_filter,
    component_scratch_bytes,
};

static const struct cloud_filter REGION = {
    "dropped_region",
    "the region of interest",
    "check --roi, which is in millimetres",
    95,
    region_wanted,
    threshold_region,
    NULL,
};

static const struct cloud_filter VOXELS = {
    "dropped_voxel", "voxel thinning", "lower --voxel",     NEVER_IMPLAUSIBLE,
    voxels_wanted,   voxel_filter,     voxel_scratch_bytes,
};

/* In the order they run; voxel thinning, which is no judgement on points, is last. */
static const struct cloud_filter *const FILTERS[] = {
    &DEPTH_LIMITS, &CONFIDENCE_LIMIT, &EDGE_JUMPS, &OUTLIERS, &COMPONENTS, &REGION,
};

enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]) };
_Static_assert((int)FILTER_COUNT < (int)CLOUD_FILTER_MAX,
               "totals hold all filters and voxels");

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
        size_t bytes = filter_scratch_bytes(FILTERS[i], settings, width_px, height_px);
        most = bytes > most ? bytes : most;
    }
    size_t thinning = filter_scratch_bytes(&VOXELS, settings, width_px, height_px);
    return thinning > most ? thinning : most;
}

/* Thinning leaves no neighbours to join: the surface keeps the mask before it. */
static bool surface_apart(const struct po_cloud_settings *settings)
{
    return voxels_wanted(settings) && settings->surface_reconstruction;
}

size_t selection_output_bytes(const struct po_cloud_settings *settings, int width_px,
                              int height_px)
{
    size_t mask = image_view_bytes(width_px, height_px, 1);
    mask = surface_apart(settings) ? scratch_sum(mask, mask) : mask;
    return scratch_sum(mask, scratch_size(sizeof(struct cloud_totals)));
}

static bool has_depth_limits(const struct cloud_input *input)
{
    return input->min_depth_mm > 0 || input->max_depth_mm > 0;
}

static void watch_loss(const struct cloud_filter *filter, const struct cloud_input *input,
                       uint64_t before, uint64_t after, struct warning_list *warnings)
{
    uint64_t dropped = before - after;
    bool unlimited = filter == &DEPTH_LIMITS && !has_depth_limits(input);
    if (before == 0 ||
        dropped * PERCENT <= before * (uint64_t)filter->implausible_percent)
        return;
    warning_list_add(warnings, "%s dropped %llu of %llu points (%llu %%): %s",
                     unlimited ? no_parallax : filter->what, (unsigned long long)dropped,
                     (unsigned long long)before,
                     (unsigned long long)(dropped * PERCENT / before),
                     unlimited ? no_parallax_remedy : filter->remedy);
}

/* Runs filter number `index` of the totals. */
static enum po_status run_filter(const struct cloud_filter *filter, int index,
                                 struct filter_job *job, uint64_t *points,
                                 struct cloud_totals *totals, struct count_list *counts,
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
    count_list_add(counts, filter->count_name, *points - after);
    totals->filters[index].before += *points;
    totals->filters[index].after += after;
    *points = after;
    return PO_OK;
}

/* A setting that cannot be honoured is said, not swallowed. */
static void warn_missing_confidence(const struct cloud_input *input,
                                    struct warning_list *warnings)
{
    if (confidence_wanted(input->settings) && input->confidence.pixels == NULL)
        warning_list_add(warnings, "--min-confidence has no effect: this matcher and "
                                   "refinement give no confidence");
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

static void warn_empty(const struct cloud_input *input, const struct cloud_totals *totals,
                       struct warning_list *warnings)
{
    uint64_t candidates = totals->candidates;
    if (candidates > 0 && totals->behind == candidates)
        warning_list_add(warnings,
                         "the cloud is empty: disparity + doffs is at most 0 at all %llu "
                         "pixels; the sign of doffs (%g px) is wrong, or left and right "
                         "are exchanged (--swap)",
                         (unsigned long long)candidates, input->rig.doffs_px);
    else if (candidates == 0)
        warning_list_add(warnings, "the cloud is empty: no pixel has a %s disparity",
                         input->settings->include_filled ? "valid" : "measured");
    else
        warning_list_add(warnings,
                         "the cloud is empty: its filters dropped all of %llu points",
                         (unsigned long long)candidates);
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

void cloud_totals_init(struct cloud_totals *totals)
{
    memset(totals, 0, sizeof(*totals));
    for (int axis = 0; axis < 3; axis++) {
        totals->min_mm[axis] = INFINITY;
        totals->max_mm[axis] = -INFINITY;
    }
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
    uint64_t points = keep_count(&job.counted);
    totals->candidates += points;
    count_list_add(counts, "cloud_candidates", points);
    for (int i = 0; i < FILTER_COUNT && status == PO_OK; i++)
        status = run_filter(FILTERS[i], i, &job, &points, totals, counts, error);
    if (status == PO_OK && surface_apart(input->settings))
        image_copy(&job.keep, &selection->surface);
    if (status == PO_OK)
        status = run_filter(&VOXELS, FILTER_COUNT, &job, &points, totals, counts, error);
    if (status != PO_OK)
        return status;
    selection->points = points;
    totals->points += points;
    if (points == 0)
        totals->behind += count_behind(&job);
    count_list_add(counts, "cloud_points", points);
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
    warn_missing_confidence(input, warnings);
    for (int i = 0; i <= FILTER_COUNT; i++)
        watch_loss(i < FILTER_COUNT ? FILTERS[i] : &VOXELS, input,
                   totals->filters[i].before, totals->filters[i].after, warnings);
    if (totals->points == 0)
        warn_empty(input, totals, warnings);
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
