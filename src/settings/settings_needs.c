/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_needs.h"

#include <string.h>

static bool asks(const struct po_settings *settings, unsigned artefacts)
{
    return (settings->output.artefacts & artefacts) != 0;
}

static bool makes_surface(const struct po_settings *settings)
{
    return settings->cloud.surface_reconstruction;
}

static bool writes_cloud(const struct po_settings *settings)
{
    return asks(settings, PO_OUT_CLOUD);
}

static bool writes_geometry(const struct po_settings *settings)
{
    return writes_cloud(settings) || makes_surface(settings);
}

/* Points are selected for whatever shows them. */
static bool selects_points(const struct po_settings *settings)
{
    return writes_geometry(settings) || asks(settings, PO_OUT_VIEW);
}

static bool is_matched_by_opencv(const struct po_settings *settings)
{
    return settings->match.matcher == PO_MATCHER_OPENCV;
}

/* A frame whose network fails is matched by sgm. */
static bool may_be_matched_by_sgm(const struct po_settings *settings)
{
    return !is_matched_by_opencv(settings);
}

static bool is_matched_by_network(const struct po_settings *settings)
{
    return settings->match.matcher == PO_MATCHER_NETWORK;
}

static bool has_prior(const struct po_settings *settings)
{
    return settings->network.prior != NULL;
}

static bool runs_network(const struct po_settings *settings)
{
    return is_matched_by_network(settings) || has_prior(settings);
}

static bool finds_range(const struct po_settings *settings)
{
    return settings->match.num_disparities == PO_AUTO;
}

static bool cuts_depths(const struct po_settings *settings)
{
    return selects_points(settings) || asks(settings, PO_OUT_DEPTH);
}

static bool min_depth_serves(const struct po_settings *settings)
{
    return finds_range(settings) || cuts_depths(settings);
}

static bool max_depth_serves(const struct po_settings *settings)
{
    return min_depth_serves(settings) || settings->match.min_disparity_px == PO_AUTO;
}

static bool drops_speckles(const struct po_settings *settings)
{
    return settings->match.speckle_size_px != 0;
}

static bool is_refined_classically(const struct po_settings *settings)
{
    return settings->refine.refine == PO_REFINE_CLASSIC;
}

static bool inpaints(const struct po_settings *settings)
{
    const struct po_refine_settings *refine = &settings->refine;
    return refine->fill == PO_FILL_INPAINT ||
           (refine->fill == PO_FILL_AUTO && refine->refine == PO_REFINE_CLASSIC);
}

static bool drops_outliers(const struct po_settings *settings)
{
    return settings->cloud.outlier_neighbours > 0;
}

static bool has_rims(const struct po_settings *settings)
{
    return selects_points(settings) && !settings->cloud.include_filled;
}

static bool has_ground_truth(const struct po_settings *settings)
{
    return settings->output.ground_truth != NULL;
}

static bool takes_calibration(const struct po_settings *settings)
{
    const char *calibration = settings->input.calibration;
    return calibration == NULL || strcmp(calibration, "none") != 0;
}

static bool lists_session(const struct po_settings *settings)
{
    return settings->input.left == NULL;
}

static bool has_pool(const struct po_settings *settings)
{
    return settings->run.parallel && !settings->run.in_process;
}

static bool may_paint(const struct po_settings *settings)
{
    return settings->output.progress != PO_PROGRESS_ALWAYS || !settings->output.quiet;
}

static const char no_cloud[] = "where --outputs holds no cloud";
static const char no_points[] =
    "where no cloud is asked for: see --outputs, --surface-reconstruction";
static const char given_range[] =
    "on a range that is given, where neither a cloud nor a depth image is asked for";
static const char one_pair[] = "on the one pair of --left and --right";

static const struct setting_need needs[] = {
    {"layout", lists_session, one_pair},
    {"cameras", lists_session, one_pair},
    {"pair-tolerance", lists_session, one_pair},
    {"follow-outside", lists_session, one_pair},
    {"left-glob", lists_session, one_pair},
    {"right-glob", lists_session, one_pair},
    {"calibration-unit", takes_calibration, "with --calibration none"},
    {"distortion", takes_calibration, "with --calibration none"},
    {"rectified-focal", takes_calibration, "with --calibration none"},
    {"rectified", takes_calibration, "with --calibration none"},
    {"sgm-level", may_be_matched_by_sgm, "with --matcher opencv"},
    {"opencv-mode", is_matched_by_opencv, "without --matcher opencv"},
    {"block-size", is_matched_by_opencv, "without --matcher opencv"},
    {"range-per-frame", finds_range, "on a range that --num-disparities gives"},
    {"min-depth", min_depth_serves, given_range},
    {"max-depth", max_depth_serves, given_range},
    {"speckle-range", drops_speckles, "with --speckle-size 0"},
    {"bilateral-diameter", is_refined_classically, "without --refine classic"},
    {"bilateral-sigma-color", is_refined_classically, "without --refine classic"},
    {"bilateral-sigma-space", is_refined_classically, "without --refine classic"},
    {"inpaint-radius", inpaints, "without --fill inpaint or --refine classic"},
    {"network-config", is_matched_by_network, "without --matcher network"},
    {"network-check", is_matched_by_network, "without --matcher network"},
    {"network-device", runs_network, "without --matcher network or --prior"},
    {"onnxruntime", runs_network, "without --matcher network or --prior"},
    {"prior-config", has_prior, "without --prior"},
    {"prior-every", has_prior, "without --prior"},
    {"cloud-format", writes_cloud, no_cloud},
    {"cloud-fields", writes_cloud, no_cloud},
    {"normals", writes_cloud, no_cloud},
    {"unit", writes_geometry, no_points},
    {"axes", writes_geometry, no_points},
    {"include-filled", selects_points, no_points},
    {"edge-jump", selects_points, no_points},
    {"outlier-neighbours", selects_points, no_points},
    {"outlier-sigma", drops_outliers, "without --outlier-neighbours"},
    {"min-component", selects_points, no_points},
    {"voxel", selects_points, no_points},
    {"decimate", selects_points, no_points},
    {"roi", selects_points, no_points},
    {"min-confidence", selects_points, no_points},
    {"edge-confidence", has_rims,
     "with --include-filled, or where no cloud is asked for"},
    {"max-depth-error", selects_points, no_points},
    {"mesh-format", makes_surface, "without --surface-reconstruction"},
    {"gt-scale", has_ground_truth, "without --ground-truth"},
    {"pool-timeout", has_pool,
     "without a pool: --no-parallel and --in-process have none"},
    {"pool-restarts", has_pool,
     "without a pool: --no-parallel and --in-process have none"},
    {"progress", may_paint, "with --quiet"},
};

int setting_need_count(void)
{
    return sizeof(needs) / sizeof(*needs);
}

const struct setting_need *setting_need(int index)
{
    return &needs[index];
}
