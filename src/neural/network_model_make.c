/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network_model_make.h"

#include "neural/model_config.h"
#include "neural/network_presets.h"

/* An image input: 4 dimensions with 1, 3, or for pairs 2 or 6 channels on either end. */
static bool read_channels(const struct network_tensor *tensor, int *channels, bool *last)
{
    if (!tensor->is_float || tensor->rank != 4 || tensor->shape[0] > 1)
        return false;
    *last = tensor->shape[1] != 1 && tensor->shape[1] != 2 && tensor->shape[1] != 3 &&
            tensor->shape[1] != 6;
    int64_t count = tensor->shape[*last ? 3 : 1];
    *channels = (int)count;
    return count == 1 || count == 2 || count == 3 || count == 6;
}

static int index_of(const struct network_tensors *tensors, const char *const *words,
                    int otherwise)
{
    for (; *words != NULL; words++)
        for (int i = 0; i < tensors->count; i++)
            if (network_name_holds(tensors->tensors[i].name, *words))
                return i;
    return otherwise;
}

static void guess_order(const struct network_tensors *inputs, struct network_model *model,
                        struct warning_list *guesses)
{
    static const char *const left_words[] = {"left", "image1", "img1", "im0", NULL};
    static const char *const right_words[] = {"right", "image2", "img2", "im1", NULL};
    model->input[0] = index_of(inputs, left_words, 0);
    model->input[1] = index_of(inputs, right_words, 1 - model->input[0]);
    if (model->input[0] == model->input[1])
        model->input[1] = 1 - model->input[0];
    if (!network_name_holds(inputs->tensors[model->input[0]].name, "left"))
        warning_list_add(
            guesses, "'%.60s' is taken as the left view, '%.60s' as the right",
            inputs->tensors[model->input[0]].name, inputs->tensors[model->input[1]].name);
}

static void take_fixed_size(const struct network_tensor *tensor,
                            struct network_model *model)
{
    int64_t height = tensor->shape[model->channels_last ? 1 : 2];
    int64_t width = tensor->shape[model->channels_last ? 2 : 3];
    model->fixed_height_px = height > 0 && height <= INT16_MAX ? (int)height : 0;
    model->fixed_width_px = width > 0 && width <= INT16_MAX ? (int)width : 0;
}

static enum po_status read_inputs(const struct network_tensors *inputs,
                                  struct network_model *model,
                                  struct warning_list *guesses, struct po_error *error)
{
    int wanted = model->kind == NETWORK_STEREO ? 2 : 1;
    int channels = 0;
    for (int i = 0; i < inputs->count; i++)
        if (!read_channels(&inputs->tensors[i], &channels, &model->channels_last))
            return po_fail(error, PO_UNSUPPORTED,
                           "input '%s' is no image of 32-bit floats (1 x 1 or 3 x height "
                           "x width): export the network with images as its only inputs",
                           inputs->tensors[i].name);
    bool pair = inputs->count == 1 && wanted == 2 && (channels == 2 || channels == 6);
    if (!pair && (inputs->count != wanted || (channels != 1 && channels != 3)))
        return po_fail(
            error, PO_UNSUPPORTED, "the network has %d inputs of %d channels, wanted %s",
            inputs->count, channels,
            wanted == 2 ? "two views, or one input of 2 or 6 channels" : "one image");
    model->channels = pair ? channels / 2 : channels;
    model->input[0] = model->input[1] = 0;
    if (inputs->count == 2)
        guess_order(inputs, model, guesses);
    take_fixed_size(&inputs->tensors[model->input[0]], model);
    return PO_OK;
}

/* Networks that refine in steps put the last one last. */
static void guess_output(const struct network_tensors *outputs,
                         struct network_model *model, struct warning_list *guesses)
{
    static const char *const words[] = {"disp", "depth", "flow_up", "flow", NULL};
    model->output = index_of(outputs, words, outputs->count - 1);
    if (outputs->count > 1)
        warning_list_add(guesses, "'%.60s' of %d outputs is taken",
                         outputs->tensors[model->output].name, outputs->count);
}

enum po_status network_model_make(const struct network *network,
                                  const struct network_origin *origin,
                                  struct network_model *model,
                                  struct warning_list *guesses, struct po_error *error)
{
    const char *model_path = origin->model_path;
    struct model_config given;
    struct warning_list unsaid = {0};
    const struct network_tensors *outputs = network_outputs(network);
    struct po_error cause = {0};
    *model = (struct network_model){.kind = origin->kind, .output_scale = 1.0};
    enum po_status status = read_inputs(network_inputs(network), model, guesses, &cause);
    if (status == PO_OK && outputs->count == 0)
        status = po_fail(&cause, PO_UNSUPPORTED, "the network has no output");
    if (status != PO_OK)
        return po_fail(error, status, "%s: %.800s", model_path, cause.message);
    guess_output(outputs, model, guesses);
    network_preset_guess(network, model_path, model, &unsaid);
    status = model_config_read(model_path, origin->config, &given, error);
    if (status == PO_OK)
        status = model_config_apply(&given, network, model, error);
    if (status == PO_OK && !given.normalizes)
        for (int i = 0; i < unsaid.length; i++)
            warning_list_add(guesses, "%s", unsaid.texts[i]);
    model_config_release(&given);
    return status;
}
