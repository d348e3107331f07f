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
     TEXT(network.network_config),
     RUN,
     .argument = "FILE|JSON",
     .help =
         "How the network wants its views, as a JSON file or text: normalize, colour, "
         "multiple, place, large, output, output_scale, max_disparity. Without it: "
         "the .json beside the model, else guesses, which are reported."},
    {.name = "network-check",
     FLAG(network.network_check),
     MATCH,
     .help = "Run the network on the mirrored pair, too, for a left-right check: twice "
             "its time, fewer and surer pixels."},
    {.name = "network-device",
     CHOICE(network.device, devices),
     MATCH,
     .argument = "auto|cpu|cuda",
     .help = "Where networks run; auto: on CUDA when the library has it."},
    {.name = "onnxruntime",
     TEXT(network.onnxruntime),
     RUN,
     .argument = "FILE",
     .help = "The ONNX Runtime library, when it lies in no usual place; "
             "scripts/install_packages.sh networks installs one."},
};

const struct setting_part settings_rows_network = {rows, sizeof(rows) / sizeof(*rows)};
