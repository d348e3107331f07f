/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_rows.h"

static const char *const cloud_formats[] = {"ply", "ply-ascii", "pcd", "xyz",
                                            "las", "glb",       NULL};
static const char *const mesh_formats[] = {"ply", "obj", "glb", NULL};
static const char *const axes[] = {"opencv", "opengl", "ros", NULL};
static const char *const units[] = {"mm", "m", NULL};
static const char *const cloud_fields[] = {"confidence", "sigma", "class", "disparity",
                                           NULL};
static const char *const artefacts[] = {"cloud",      "disparity", "depth",
                                        "confidence", "class",     "preview",
                                        "view",       "prior",     NULL};

#define CHOICE(m, list)                                                                  \
    .kind = SETTING_CHOICE, .field = SETTING_CHOICE_FIELD(m), .choices = (list)
#define LIST(m, list)                                                                    \
    .kind = SETTING_LIST, .field = SETTING_FIELD(unsigned, m), .choices = (list)
#define INT(m, low, high)                                                                \
    .kind = SETTING_INT, .field = SETTING_FIELD(int, m), .min = (low), .max = (high)
#define REAL(m, low, high)                                                               \
    .kind = SETTING_REAL, .field = SETTING_FIELD(double, m), .min = (low), .max = (high)
#define LENGTH(m, low, high)                                                             \
    .kind = SETTING_LENGTH, .field = SETTING_FIELD(double, m), .min = (low), .max = (high)
#define FLAG(m) .kind = SETTING_FLAG, .field = SETTING_FIELD(bool, m)
#define TEXT(m) .kind = SETTING_TEXT, .field = SETTING_FIELD(const char *, m)
#define CLOUD .group = "Cloud", .effect = SETTING_CLOUD
#define OUTPUT .group = "Output"
#define COMPARE .group = "Comparison"

static const struct setting_row rows[] = {
    {.name = "cloud-format",
     CHOICE(cloud.format, cloud_formats),
     CLOUD,
     .argument = "ply|ply-ascii|pcd|xyz|las|glb",
     .help =
         "File format of the clouds: ply is binary and the most widely read, las is for "
         "surveying tools (1.4, point format 7), glb for the web (glTF 2.0)."},
    {.name = "unit",
     CHOICE(cloud.unit, units),
     CLOUD,
     .argument = "mm|m",
     .help = "Unit of the coordinates in clouds and meshes."},
    {.name = "axes",
     CHOICE(cloud.axes, axes),
     CLOUD,
     .argument = "opencv|opengl|ros",
     .help =
         "Axes of clouds and meshes: opencv x right, y down, z forward; opengl x right, "
         "y up, z backward; ros x forward, y left, z up."},
    {.name = "include-filled",
     FLAG(cloud.include_filled),
     CLOUD,
     .help = "Put filled pixels into clouds too: no holes, but these points are "
             "guesses."},
    {.name = "cloud-fields",
     LIST(cloud.fields, cloud_fields),
     CLOUD,
     .argument = "LIST",
     .help = "Extra fields of each point: confidence, sigma, class, disparity; all or "
             "none. Each costs 1 to 4 bytes a point."},
    {.name = "normals",
     FLAG(cloud.normals),
     CLOUD,
     .help = "Add a normal to each point, 12 bytes a point."},
    {.name = "edge-jump",
     REAL(cloud.edge_jump_px, 0, 1024),
     CLOUD,
     .argument = "PX",
     .help = "Drop points beside a disparity jump above PX: the trail behind edges; 0: "
             "keep them."},
    {.name = "outlier-neighbours",
     INT(cloud.outlier_neighbours, 0, 1000),
     CLOUD,
     .argument = "N",
     .help = "Drop points whose mean distance to N neighbours is unusual; 0: off."},
    {.name = "outlier-sigma",
     REAL(cloud.outlier_sigma, 0.01, 1000),
     CLOUD,
     .argument = "K",
     .help = "Unusual is above the mean by K standard deviations. Smaller drops more."},
    {.name = "min-component",
     INT(cloud.min_component_points, 0, 1000000000),
     CLOUD,
     .argument = "N",
     .help = "Drop connected pieces of fewer than N points; 0: off."},
    {.name = "voxel",
     LENGTH(cloud.voxel_mm, 0, 1e6),
     CLOUD,
     .argument = "LENGTH",
     .help = "Keep one point a cube of this side (5, 5mm, 0.5cm): smaller files, less "
             "detail; 0: off."},
    {.name = "decimate",
     INT(cloud.decimate, 1, 1000000),
     CLOUD,
     .argument = "N",
     .help = "Keep one point in N, scattered evenly over the image: smaller files; 1: "
             "all."},
    {.name = "roi",
     .kind = SETTING_CUSTOM,
     .custom = &setting_custom_region,
     CLOUD,
     .argument = "X0,X1,Y0,Y1,Z0,Z1",
     .help = "Keep only points in this box, in millimetres (or 3m, 300cm) of the "
             "rectified left "
             "camera; "
             "none: all."},
    {.name = "min-confidence",
     REAL(cloud.min_confidence, 0, 1),
     CLOUD,
     .argument = "P",
     .help = "Keep only points at least this sure, 0 to 1. Larger keeps fewer and surer "
             "points."},
    {.name = "edge-confidence",
     REAL(cloud.edge_confidence, 0, 1),
     CLOUD,
     .argument = "P",
     .help =
         "The same of points within 3 px of a hole, where near surfaces grow over what "
         "is behind them: larger, fewer flying points and thinner rims; 0: keep them, as "
         "with --include-filled."},
    {.name = "max-depth-error",
     REAL(cloud.max_depth_error_percent, 0, 100),
     CLOUD,
     .argument = "PERCENT",
     .help = "Drop points whose depth is unsure by more than PERCENT of it (one standard "
             "deviation); larger reaches farther, with more noise; 0: keep all."},
    {.name = "surface-reconstruction",
     FLAG(cloud.surface_reconstruction),
     CLOUD,
     .help = "Also write a mesh, surface.ply, without triangles across depth jumps."},
    {.name = "mesh-format",
     CHOICE(cloud.mesh_format, mesh_formats),
     CLOUD,
     .argument = "ply|obj|glb",
     .help = "File format of the mesh."},
    {.name = "output",
     .use = USE_OUTPUT,
     TEXT(output.output),
     OUTPUT,
     .argument = "DIR",
     .help = "Where results go; by default the directory reconstruction in the "
             "session, or beside the image of --left."},
    {.name = "outputs",
     LIST(output.artefacts, artefacts),
     OUTPUT,
     .effect = SETTING_CLOUD,
     .argument = "LIST",
     .help = "Files of each frame: cloud, disparity, depth, confidence, class, preview, "
             "view (what the report shows); all or none. Fewer save time and disk."},
    {.name = "ground-truth",
     .use = USE_TRUTH,
     TEXT(output.ground_truth),
     COMPARE,
     .effect = SETTING_CLOUD,
     .argument = "auto|DIR",
     .help = "Score each frame against true disparities found in the session (auto) or "
             "in DIR."},
    {.name = "gt-scale",
     .use = USE_TRUTH,
     REAL(output.ground_truth_scale, 0, 65536),
     COMPARE,
     .effect = SETTING_CLOUD,
     .argument = "K",
     .help = "Values of the true disparity images divided by K are pixels; 0: by "
             "layout."},
    {.name = "quality-check",
     .kind = SETTING_CUSTOM,
     .custom = &setting_custom_quality_region,
     COMPARE,
     .effect = SETTING_CLOUD,
     .argument = "WxH+X+Y|PERCENT|auto",
     .help =
         "Depth quality on a flat target: fill rate, distance from the fitted plane "
         "in mm and pixels, Z accuracy. The region is in pixels of the rectified left "
         "image, or 30%: the middle 30 % of width and height; auto: 40%; none."},
    {.name = "true-distance",
     LENGTH(output.true_distance_mm, 0, 1e9),
     COMPARE,
     .effect = SETTING_CLOUD,
     .argument = "LENGTH",
     .help = "Depth of the flat target at the region's centre, as measured with a ruler "
             "(1200, 1.2m): Z accuracy is against it; 0: not known."},
    {.name = "baseline",
     .use = USE_REPORTS,
     TEXT(output.baseline),
     COMPARE,
     .argument = "REPORT",
     .help =
         "Compare with an earlier report.json; status 8 when this run is worse, or no "
         "frame is finished in both."},
    {.name = "tolerance",
     .use = USE_REPORTS,
     TEXT(output.tolerance),
     COMPARE,
     .argument = "LIST",
     .help = "How much worse is fine: bad=0.2,mae=0.05,density=0.5 in the mean, frame=5 "
             "times that in one frame, points=2,extent=2 of a frame (percent or pixels), "
             "time=1.5,memory=1.3 (ratios); 0 for frame, time or memory: not compared."},
    {.name = "junit",
     .use = USE_REPORTS,
     TEXT(output.junit),
     COMPARE,
     .argument = "FILE",
     .help =
         "Also write the frames as JUnit test cases, for CI systems; what got worse than "
         "the baseline is a failure. Replaces only such a file; pipes are written to."},
};

const struct setting_part settings_rows_cloud = {rows, sizeof(rows) / sizeof(*rows)};
