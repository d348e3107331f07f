/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_rows.h"

static const char *const devices[] = {"auto", "cpu", "cuda", NULL};

#define TEXT(m) .kind = SETTING_TEXT, .field = SETTING_FIELD(const char *, m)
#define FLAG(m) .kind = SETTING_FLAG, .field = SETTING_FIELD(bool, m)
#define CHOICE(m, list)                                                                  \
    .kind = SETTING_CHOICE, .field = SETTING_CHOICE_FIELD(m), .choices = (list)
/* What a network file holds is part of a frame's key by its content, not by its path. */
#define RUN .group = "Networks", .effect = SETTING_RUN
#define MATCH .group = "Networks", .effect = SETTING_MATCH

static const struct setting_row rows[] = {
    {.name = "network",
     TEXT(network.network),
     RUN,
     .argument = "FILE",
     .help = "The ONNX file of --matcher network: any network of two rectified views. "
             "None is part of this program; see the README."},
    {.name = "network-config",
     .use = USE_NETWORK,
     TEXT(network.network_config),
     RUN,
     .argument = "FILE|JSON",
     .help =
         "How the network wants its views, as a JSON file or text: normalize, colour, "
         "side, multiple, place, large, output, output_scale, max_disparity. Without it: "
         "the .json beside the model, else guesses, which are reported."},
    {.name = "network-check",
     FLAG(network.network_check),
     MATCH,
     .help = "Run the network on the mirrored pair, too, for a left-right check: twice "
             "its time, fewer and surer pixels."},
    {.name = "prior",
     TEXT(network.prior),
     RUN,
     .argument = "FILE|DIR",
     .help = "Inverse depth without scale, as a second opinion where nothing is "
             "measured: an ONNX network that sees the left view (MiDaS, DPT, Depth "
             "Anything), or a folder with a PFM or 16-bit PNG a frame, of the rectified "
             "left view, named after the frame."},
    {.name = "prior-config",
     .use = USE_NETWORK,
     TEXT(network.prior_config),
     RUN,
     .argument = "FILE|JSON",
     .help = "As --network-config, for the network of --prior; \"preset\" names one of "
             "midas-small, midas-large, dpt, depth-anything-small."},
    {.name = "prior-every",
     .kind = SETTING_INT,
     .field = SETTING_FIELD(int, network.prior_every),
     .min = 1,
     .max = 10000,
     RUN,
     .argument = "N",
     .help = "Make a prior for every Nth frame only and carry it on to the frames "
             "between: for a camera that hardly moves."},
    {.name = "network-device",
     .use = USE_NETWORK,
     CHOICE(network.device, devices),
     MATCH,
     .argument = "auto|cpu|cuda",
     .help = "Where networks run; auto: on CUDA when the library has it."},
    {.name = "onnxruntime",
     .use = USE_NETWORK,
     TEXT(network.onnxruntime),
     RUN,
     .argument = "FILE",
     .help = "The ONNX Runtime library, when it lies in no usual place; "
             "scripts/install_packages.sh networks installs one."},
};

const struct setting_part settings_rows_network = {rows, sizeof(rows) / sizeof(*rows)};
