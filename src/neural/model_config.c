/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/model_config.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "neural/network_normalization.h"
#include "neural/network_presets.h"

/* A value being applied. */
struct setter {
    const struct network *network;
    struct network_model *model;
};

/* False: the value is not what the key takes. */
typedef bool setter_function(const struct setter *setter, const struct json *value);

static bool find_tensor(const struct network_tensors *tensors, const struct json *value,
                        int *index)
{
    const char *name = json_string(value, NULL);
    for (int i = 0; name != NULL && i < tensors->count; i++) {
        if (strcmp(tensors->tensors[i].name, name) != 0)
            continue;
        *index = i;
        return true;
    }
    return false;
}

static bool set_left(const struct setter *setter, const struct json *value)
{
    return find_tensor(network_inputs(setter->network), value, &setter->model->input[0]);
}

static bool set_right(const struct setter *setter, const struct json *value)
{
    return find_tensor(network_inputs(setter->network), value, &setter->model->input[1]);
}

static bool set_output(const struct setter *setter, const struct json *value)
{
    return find_tensor(network_outputs(setter->network), value, &setter->model->output);
}

static bool read_whole(const struct json *value, int low, int high, int *result)
{
    double number = json_number(value, NAN);
    if (!(number >= low && number <= high) || number != floor(number))
        return false;
    *result = (int)number;
    return true;
}

static bool set_output_channel(const struct setter *setter, const struct json *value)
{
    return read_whole(value, 0, 1023, &setter->model->output_channel);
}

static bool set_multiple(const struct setter *setter, const struct json *value)
{
    return read_whole(value, 1, 1024, &setter->model->multiple);
}

static bool set_max_disparity(const struct setter *setter, const struct json *value)
{
    return read_whole(value, 1, 4096, &setter->model->max_disparity_px);
}

static bool set_output_scale(const struct setter *setter, const struct json *value)
{
    double scale = json_number(value, NAN);
    if (!isfinite(scale) || scale == 0.0)
        return false;
    setter->model->output_scale = scale;
    setter->model->sign_known = true;
    return true;
}

/* Index of a word in a NULL-terminated list, -1 when it is another. */
static int word_of(const struct json *value, const char *const *words)
{
    const char *text = json_string(value, "");
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}

static bool set_colour(const struct setter *setter, const struct json *value)
{
    static const char *const words[] = {"rgb", "bgr", NULL};
    int word = word_of(value, words);
    setter->model->bgr = word == 1;
    return word >= 0;
}

static bool set_place(const struct setter *setter, const struct json *value)
{
    static const char *const words[] = {"top-left", "bottom-left", "centre", NULL};
    int word = word_of(value, words);
    if (word >= 0)
        setter->model->place = (enum network_place)word;
    return word >= 0;
}

static bool set_large(const struct setter *setter, const struct json *value)
{
    static const char *const words[] = {"scale", "tiles", NULL};
    int word = word_of(value, words);
    if (word >= 0)
        setter->model->large = (enum network_large)word;
    return word >= 0;
}

static bool set_preset(const struct setter *setter, const struct json *value)
{
    return network_preset_set(setter->model, json_string(value, ""));
}

static bool set_side(const struct setter *setter, const struct json *value)
{
    return read_whole(value, 16, 16384, &setter->model->side_px);
}

static bool set_normalize(const struct setter *setter, const struct json *value)
{
    return network_normalization_set(setter->model, json_string(value, ""));
}

/* Pixels are scaled in floats: what is beyond them would make every pixel infinite. */
static bool read_float(const struct json *value, float *result)
{
    double number = json_number(value, NAN);
    if (!(fabs(number) <= (double)FLT_MAX))
        return false;
    *result = (float)number;
    return true;
}

static bool set_scale(const struct setter *setter, const struct json *value)
{
    float *scale = &setter->model->scale;
    return read_float(value, scale) && *scale > 0.0F;
}

/* One number for all channels, or one each. */
static bool read_channels(const struct json *value, float *result)
{
    const struct json *item = value;
    bool list = json_type(value) == JSON_ARRAY;
    if (list && json_length(value) != 3)
        return false;
    if (list)
        item = json_first(value);
    for (int c = 0; c < 3; c++) {
        if (!read_float(item, &result[c]))
            return false;
        if (list)
            item = json_next(item);
    }
    return true;
}

static bool set_mean(const struct setter *setter, const struct json *value)
{
    return read_channels(value, setter->model->mean);
}

static bool set_deviation(const struct setter *setter, const struct json *value)
{
    float *deviation = setter->model->deviation;
    return read_channels(value, deviation) && deviation[0] > 0.0F &&
           deviation[1] > 0.0F && deviation[2] > 0.0F;
}

/* In this order, so that single values win over a normalization, and that over a preset.
 */
static const struct {
    const char *key;
    setter_function *set;
    const char *takes;
    bool normalizes;
} keys[] = {
    {"left", set_left, "the name of an input", false},
    {"right", set_right, "the name of an input", false},
    {"output", set_output, "the name of an output", false},
    {"output_channel", set_output_channel, "a channel's number", false},
    {"output_scale", set_output_scale, "a number, negative to turn the sign", false},
    {"colour", set_colour, "\"rgb\" or \"bgr\"", false},
    {"preset", set_preset,
     "\"midas-small\", \"midas-large\", \"dpt\" or \"depth-anything-small\"", true},
    {"normalize", set_normalize, "\"imagenet\", \"unit\", \"symmetric\" or \"raw\"",
     true},
    {"scale", set_scale, "a number above 0", true},
    {"mean", set_mean, "a number or three", true},
    {"deviation", set_deviation, "a number above 0, or three", true},
    {"side", set_side, "a whole number from 16 to 16384", false},
    {"multiple", set_multiple, "a whole number from 1 to 1024", false},
    {"place", set_place, "\"top-left\", \"bottom-left\" or \"centre\"", false},
    {"large", set_large, "\"scale\" or \"tiles\"", false},
    {"max_disparity", set_max_disparity, "a whole number from 1 to 4096", false},
};

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

static int key_index(const char *key)
{
    for (int i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].key, key) == 0)
            return i;
    return -1;
}

static enum po_status check_keys(struct model_config *config, struct po_error *error)
{
    if (json_type(config->root) != JSON_OBJECT)
        return po_fail(error, PO_BAD_FORMAT, "%.300s: no JSON object", config->path);
    for (const struct json *member = json_first(config->root); member != NULL;
         member = json_next(member)) {
        int index = key_index(json_key(member));
        if (index < 0)
            return po_fail(error, PO_BAD_FORMAT,
                           "%.300s: unknown key '%.60s'; a network's keys are left, "
                           "right, output, output_channel, output_scale, colour, "
                           "preset, normalize, scale, mean, deviation, side, multiple, "
                           "place, large, max_disparity",
                           config->path, json_key(member));
        config->normalizes = config->normalizes || keys[index].normalizes;
    }
    return PO_OK;
}

/* model.onnx: model.json. False when the name is too long. */
static bool path_beside(const char *model_path, char *path, size_t bytes)
{
    size_t length = strlen(model_path);
    const char *ending = ".onnx";
    if (length > strlen(ending) &&
        strcmp(model_path + length - strlen(ending), ending) == 0)
        length -= strlen(ending);
    int written = snprintf(path, bytes, "%.*s.json", (int)length, model_path);
    return written > 0 && (size_t)written < bytes;
}

enum po_status model_config_read(const char *model_path, const char *config,
                                 struct model_config *result, struct po_error *error)
{
    enum po_status status;
    memset(result, 0, sizeof(*result));
    if (config != NULL && config[0] == '{') {
        (void)snprintf(result->path, sizeof(result->path), "--network-config");
        status = json_parse(config, strlen(config), &result->root, error);
    } else {
        bool fits = config != NULL
                        ? snprintf(result->path, sizeof(result->path), "%s", config) <
                              (int)sizeof(result->path)
                        : path_beside(model_path, result->path, sizeof(result->path));
        if (!fits)
            return po_fail(error, PO_BAD_ARGUMENT, "%.300s: the path is too long",
                           model_path);
        if (config == NULL && access(result->path, F_OK) != 0 &&
            (errno == ENOENT || errno == ENOTDIR))
            return PO_OK;
        status =
            json_read_file(result->path, MODEL_CONFIG_MAX_BYTES, &result->root, error);
    }
    if (status == PO_OK)
        status = check_keys(result, error);
    return status;
}

void model_config_release(struct model_config *config)
{
    json_free(config->root);
    config->root = NULL;
}

/* Of two inputs each takes one view: where one alone is named the other is left for the
 * other view. Equal indices would mean one input that takes both. */
static enum po_status share_inputs(const struct model_config *config,
                                   const struct network *network,
                                   struct network_model *model, struct po_error *error)
{
    bool has_left = json_get(config->root, "left") != NULL;
    bool has_right = json_get(config->root, "right") != NULL;
    if (network_inputs(network)->count != 2 || model->input[0] != model->input[1])
        return PO_OK;
    if (has_left && has_right)
        return po_fail(error, PO_BAD_FORMAT,
                       "%.300s: 'left' and 'right' name the same input", config->path);
    model->input[has_left ? 1 : 0] = 1 - model->input[0];
    return PO_OK;
}

enum po_status model_config_apply(const struct model_config *config,
                                  const struct network *network,
                                  struct network_model *model, struct po_error *error)
{
    const struct setter setter = {network, model};
    for (int i = 0; i < KEY_COUNT; i++) {
        const struct json *value = json_get(config->root, keys[i].key);
        if (value != NULL && !keys[i].set(&setter, value))
            return po_fail(error, PO_BAD_FORMAT, "%.300s: '%s' takes %s", config->path,
                           keys[i].key, keys[i].takes);
    }
    return share_inputs(config, network, model, error);
}
