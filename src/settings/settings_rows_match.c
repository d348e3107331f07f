/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_rows.h"

static const char *const profiles[] = {"fast", "balanced", "quality", "classic", NULL};
static const char *const matchers[] = {"sgm", "opencv", "network", NULL};
static const char *const levels[] = {"fast", "balanced", "quality", NULL};
static const char *const opencv_modes[] = {"sgbm", "3way", "hh", "hh4", NULL};
static const char *const cpu_levels[] = {"auto",   "scalar", "sse4", "avx2",
                                         "avx512", "neon",   NULL};
static const char *const refines[] = {"none", "classic", "full", NULL};
static const char *const fills[] = {"auto", "none", "background", "inpaint", NULL};

#define CHOICE(m, list)                                                                  \
    .kind = SETTING_CHOICE, .field = SETTING_CHOICE_FIELD(m), .choices = (list)
#define INT(m, low, high)                                                                \
    .kind = SETTING_INT, .field = SETTING_FIELD(int, m), .min = (low), .max = (high)
#define REAL(m, low, high)                                                               \
    .kind = SETTING_REAL, .field = SETTING_FIELD(double, m), .min = (low), .max = (high)
#define LENGTH(m, low, high)                                                             \
    .kind = SETTING_LENGTH, .field = SETTING_FIELD(double, m), .min = (low), .max = (high)
#define FLAG(m) .kind = SETTING_FLAG, .field = SETTING_FIELD(bool, m)
#define MATCH .group = "Matching", .effect = SETTING_MATCH
#define REFINE .group = "Refinement", .effect = SETTING_REFINE

static const struct setting_row rows[] = {
    {.name = "profile",
     CHOICE(profile, profiles),
     MATCH,
     .argument = "fast|balanced|quality|classic",
     .help =
         "A set of defaults; given here it wins over --config files. fast: least "
         "time; balanced: most of the accuracy; quality: two passes, about three times "
         "the time of balanced; classic: the usual OpenCV recipe, for comparison."},
    {.name = "matcher",
     CHOICE(match.matcher, matchers),
     MATCH,
     .argument = "sgm|opencv|network",
     .help = "sgm is faster, more accurate and bounded in memory; opencv is StereoSGBM; "
             "network is the ONNX file of --network."},
    {.name = "sgm-level",
     CHOICE(match.level, levels),
     MATCH,
     .argument = "fast|balanced|quality",
     .help = "sgm only: fast and balanced need one sweep over the image and little "
             "memory, quality two sweeps and a second pass."},
    {.name = "opencv-mode",
     CHOICE(match.opencv_mode, opencv_modes),
     MATCH,
     .argument = "sgbm|3way|hh|hh4",
     .help = "opencv only: 3way is the fastest; hh and hh4 hold about 4 x width x height "
             "x disparities bytes."},
    {.name = "min-disparity",
     INT(match.min_disparity_px, -1024, 1024),
     MATCH,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "Smallest disparity searched, in pixels at full size; negative for "
             "verged cameras. auto: from the format, the depth limits or the images."},
    {.name = "num-disparities",
     INT(match.num_disparities, 16, 1024),
     MATCH,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "How many disparities are searched, a multiple of 16. More reach nearer "
             "objects; time and memory grow in proportion."},
    {.name = "range-per-frame",
     FLAG(match.range_per_frame),
     MATCH,
     .help = "Find the automatic range for each frame instead of once a session: for "
             "scenes whose depth changes much."},
    {.name = "min-depth",
     LENGTH(match.min_depth_mm, 0, 1e9),
     MATCH,
     .argument = "LENGTH",
     .help =
         "Nearest depth in clouds and depth.png: 500, 50cm or 0.5m; the range searched "
         "reaches it, unless --num-disparities gives the range. 0: no limit."},
    {.name = "max-depth",
     LENGTH(match.max_depth_mm, 0, 1e9),
     MATCH,
     .argument = "LENGTH",
     .help = "Farthest depth in clouds and depth.png: 30000 or 30m; the range searched "
             "is shortened only where that halves it. 0: no limit."},
    {.name = "block-size",
     INT(match.block_size_px, 1, 11),
     MATCH,
     .argument = "N",
     .help = "opencv only: width of the matched block, odd. Larger is smoother and "
             "rounds off edges."},
    {.name = "p1",
     INT(match.p1, 1, 16384),
     MATCH,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "Penalty of a disparity step of one pixel. Larger flattens slants."},
    {.name = "p2",
     INT(match.p2, 2, 32768),
     MATCH,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "Penalty of a larger step, above p1; at most 130 for sgm, whose path costs "
             "have 8 bits. Larger closes thin gaps, and loses thin objects."},
    {.name = "uniqueness-ratio",
     INT(match.uniqueness_ratio_percent, 0, 99),
     MATCH,
     .argument = "PERCENT",
     .help = "By how much the second best match must cost more than the best, with "
             "either matcher; else the pixel is not measured. 0: off. Larger keeps fewer "
             "and surer pixels."},
    {.name = "left-right-max-diff",
     REAL(match.left_right_max_diff_px, -1, 1024),
     MATCH,
     .argument = "PX",
     .help = "Largest difference between the left and the right match of a pixel; "
             "negative: not checked. Smaller keeps fewer and surer pixels."},
    {.name = "cpu",
     .use = USE_PROCESSES,
     CHOICE(match.cpu, cpu_levels),
     .group = "Matching",
     .effect = SETTING_RUN,
     .argument = "auto|scalar|sse4|avx2|avx512|neon",
     .help = "Instruction set of the kernels; results are the same for all."},
    {.name = "downscale",
     INT(match.downscale, 1, 4),
     MATCH,
     .argument = "auto|1|2|4",
     .allow_auto = true,
     .help = "Match at 1/N of the size: less detail for an eighth of the time a step. "
             "auto: above 2 megapixels with the opencv matcher, else when memory is "
             "short."},
    {.name = "vertical-correction",
     FLAG(refine.vertical_correction),
     MATCH,
     .help =
         "Measure a small vertical disparity on each frame and remove it: half a pixel "
         "costs 2.5 points of bad pixels, and real rigs have it. Off in fast."},
    {.name = "refine",
     CHOICE(refine.refine, refines),
     REFINE,
     .argument = "none|classic|full",
     .help =
         "full: checks, hole classes, planes and weighted medians; classic: bilateral "
         "filter and inpainting; none: the checked match alone."},
    {.name = "fill",
     CHOICE(refine.fill, fills),
     REFINE,
     .argument = "auto|none|background|inpaint",
     .help = "How holes are filled; filled pixels are marked in class.png and stay out "
             "of clouds. auto: by the class of the hole."},
    {.name = "speckle-size",
     INT(match.speckle_size_px, 0, 1000000),
     REFINE,
     .argument = "N|auto",
     .allow_auto = true,
     .help = "Islands of at most N pixels are dropped; 0: none. Larger removes noise "
             "and small objects. auto: 30, or 100 with OpenCV's noisier matcher."},
    {.name = "speckle-range",
     REAL(match.speckle_range_px, 0, 1024),
     REFINE,
     .argument = "PX",
     .help = "Neighbours that differ by at most this belong to one island."},
    {.name = "bilateral-diameter",
     INT(refine.bilateral_diameter_px, 1, 31),
     REFINE,
     .argument = "N",
     .help = "classic only: width of the bilateral filter, in pixels."},
    {.name = "bilateral-sigma-color",
     REAL(refine.bilateral_sigma_color, 0.01, 1000),
     REFINE,
     .argument = "PX",
     .help = "classic only: disparity differences that are smoothed over. Above 1 it "
             "smears edges."},
    {.name = "bilateral-sigma-space",
     REAL(refine.bilateral_sigma_space_px, 0.01, 1000),
     REFINE,
     .argument = "PX",
     .help = "classic only: reach of the bilateral filter."},
    {.name = "inpaint-radius",
     REAL(refine.inpaint_radius_px, 1, 64),
     REFINE,
     .argument = "PX",
     .help = "With --fill inpaint: reach of the inpainting; its time grows with the "
             "square."},
};

const struct setting_part settings_rows_match = {rows, sizeof(rows) / sizeof(*rows)};
