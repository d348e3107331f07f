/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON that says how a network wants its pictures, over networks of several shapes: a
 * model that can be fed, or an error. The first byte chooses kind and network, the rest
 * is the text. Networks are a stand-in's: names and shapes are all that is asked of them.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "neural/network_model_make.h"
#include "support/replay_torture.h"

enum { TEXT_BYTES = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct network {
    struct network_tensors inputs;
    struct network_tensors outputs;
};

#define IMAGE(label, ...) /* NOLINT(bugprone-macro-parentheses): a string */             \
    {                                                                                    \
        .name = label, .is_float = true, .rank = 4, .shape = { __VA_ARGS__ }             \
    }

static const struct network networks[] = {
    {{2, {IMAGE("left", 1, 3, 0, 0), IMAGE("right", 1, 3, 0, 0)}},
     {1, {IMAGE("disparity", 1, 1, 0, 0)}}},
    {{2, {IMAGE("b", 1, 1, 480, 640), IMAGE("a", 1, 1, 480, 640)}},
     {2, {IMAGE("flow", 1, 2, 480, 640), IMAGE("flow_up", 1, 2, 480, 640)}}},
    {{1, {IMAGE("pair", 1, 6, 0, 0)}}, {1, {IMAGE("out", 1, 1, 0, 0)}}},
    {{1, {IMAGE("image", 1, 3, 384, 384)}}, {1, {IMAGE("depth", 1, 1, 384, 384)}}},
    {{1, {IMAGE("image", 1, 0, 0, 3)}}, {1, {IMAGE("depth", 1, 0, 0, 1)}}},
};
enum { NETWORKS = sizeof(networks) / sizeof(networks[0]) };

/* In the place of the engine's. */
const struct network_tensors *network_inputs(const struct network *network)
{
    return &network->inputs;
}

const struct network_tensors *network_outputs(const struct network *network)
{
    return &network->outputs;
}

static void check_numbers(const struct network_model *model)
{
    for (int c = 0; c < 3; c++)
        if (!isfinite(model->mean[c]) || !isfinite(model->deviation[c]) ||
            model->deviation[c] <= 0)
            abort();
    if (!isfinite(model->scale) || model->scale <= 0 || !isfinite(model->output_scale) ||
        model->output_scale == 0)
        abort();
}

static void check(const struct network *network, const struct network_model *model)
{
    int inputs = network->inputs.count;
    check_numbers(model);
    if (model->input[0] < 0 || model->input[0] >= inputs || model->input[1] < 0 ||
        model->input[1] >= inputs || model->output < 0 ||
        model->output >= network->outputs.count)
        abort();
    if (inputs == 2 && model->input[0] == model->input[1])
        abort(); /* equal means that one input takes both views */
    if ((model->channels != 1 && model->channels != 3) || model->multiple < 1 ||
        model->output_channel < 0 || model->side_px < 0 || model->max_disparity_px < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_BYTES + 1];
    struct network_model model;
    struct warning_list guesses = {0};
    if (size < 1 || size > TEXT_BYTES)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (text[0] != '{')
        return 0; /* else it is the name of a file */
    const struct network *network = &networks[data[0] % NETWORKS];
    const struct network_origin origin = {.model_path = "/nowhere/midas_small.onnx",
                                          .config = text,
                                          .kind = network->inputs.count == 2
                                                      ? NETWORK_STEREO
                                                  : data[0] & 0x80 ? NETWORK_STEREO
                                                                   : NETWORK_DEPTH};
    torture_begin();
    enum po_status status = network_model_make(network, &origin, &model, &guesses, NULL);
    torture_end();
    if (status == PO_OK)
        check(network, &model);
    return 0;
}
