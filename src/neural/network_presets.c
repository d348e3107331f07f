/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network_presets.h"

#include <stdio.h>
#include <string.h>

#include "neural/network_normalization.h"

/* How the pictures of a network of one view are made ready (Ranftl et al. 2020 and 2021,
 * Yang et al. 2024: their released code). */
struct depth_preset {
    const char *name;
    const char *normalize;
    int multiple;
    int side_px;
};

enum depth_preset_index { MIDAS_SMALL, MIDAS_LARGE, DPT, DEPTH_ANYTHING_SMALL };

static const struct depth_preset presets[] = {
    [MIDAS_SMALL] = {"midas-small", "imagenet", 32, 256},
    [MIDAS_LARGE] = {"midas-large", "imagenet", 32, 384},
    [DPT] = {"dpt", "symmetric", 32, 384},
    [DEPTH_ANYTHING_SMALL] = {"depth-anything-small", "imagenet", 14, 518},
};

enum { PRESET_COUNT = sizeof(presets) / sizeof(presets[0]) };

/* Words of a file's name; all of a row's must be there, and the first row wins. */
static const struct {
    const char *words[2];
    enum depth_preset_index preset;
} file_words[] = {
    {{"depth_anything", NULL}, DEPTH_ANYTHING_SMALL},
    {{"depth-anything", NULL}, DEPTH_ANYTHING_SMALL},
    {{"depthanything", NULL}, DEPTH_ANYTHING_SMALL},
    {{"dpt", NULL}, DPT},
    {{"midas", "small"}, MIDAS_SMALL},
    {{"midas", NULL}, MIDAS_LARGE},
};

/* The fixed side of an input, and the word an output's name holds; NULL: any. */
static const struct {
    int side_px; /* 0: any size */
    const char *output_word;
    enum depth_preset_index preset;
} layouts[] = {
    {256, NULL, MIDAS_SMALL}, {518, NULL, DEPTH_ANYTHING_SMALL},  {384, "depth", DPT},
    {384, NULL, MIDAS_LARGE}, {0, "depth", DEPTH_ANYTHING_SMALL},
};

/* Networks of two views by a word of their file's name. */
static const struct {
    const char *word;
    const char *normalize;
    int multiple;
} families[] = {
    {"raft", "raw", 32}, {"crestereo", "raw", 32},  {"hitnet", "unit", 64},
    {"igev", "raw", 32}, {"foundation", "raw", 32},
};

bool network_name_holds(const char *name, const char *word)
{
    size_t length = strlen(word);
    for (; *name != '\0'; name++)
        if (strncasecmp(name, word, length) == 0)
            return true;
    return false;
}

static void apply_preset(const struct depth_preset *preset, struct network_model *model)
{
    (void)network_normalization_set(model, preset->normalize);
    model->multiple = preset->multiple;
    model->side_px = preset->side_px;
}

bool network_preset_set(struct network_model *model, const char *name)
{
    for (int i = 0; i < PRESET_COUNT; i++) {
        if (strcmp(name, presets[i].name) != 0)
            continue;
        apply_preset(&presets[i], model);
        return true;
    }
    return false;
}

static const struct depth_preset *preset_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof(file_words) / sizeof(file_words[0]); i++) {
        const char *const *words = file_words[i].words;
        if (network_name_holds(name, words[0]) &&
            (words[1] == NULL || network_name_holds(name, words[1])))
            return &presets[file_words[i].preset];
    }
    return NULL;
}

static const struct depth_preset *preset_of_layout(const struct network *network,
                                                   const struct network_model *model)
{
    const char *output = network_outputs(network)->tensors[model->output].name;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
        if (layouts[i].side_px == model->fixed_height_px &&
            (layouts[i].output_word == NULL ||
             network_name_holds(output, layouts[i].output_word)))
            return &presets[layouts[i].preset];
    return NULL;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* By the file's name, by the layout, else as most networks were trained. */
static void guess_depth(const struct network *network, const char *name,
                        struct network_model *model, struct warning_list *guesses)
{
    const struct depth_preset *preset = preset_of_name(name);
    const char *by = "name";
    if (preset == NULL) {
        preset = preset_of_layout(network, model);
        by = "input and output";
    }
    if (preset == NULL) {
        preset = &presets[MIDAS_LARGE];
        by = "lack of any other hint";
    }
    apply_preset(preset, model);
    warning_list_add(guesses,
                     "%.100s: taken for \"preset\": \"%s\" by its %s (\"normalize\": "
                     "\"%s\"); say otherwise in a .json beside it or with --prior-config",
                     name, preset->name, by, preset->normalize);
}

static void guess_stereo(const char *name, struct network_model *model,
                         struct warning_list *guesses)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (!network_name_holds(name, families[i].word))
            continue;
        (void)network_normalization_set(model, families[i].normalize);
        model->multiple = families[i].multiple;
        warning_list_add(guesses,
                         "%.100s: taken for a '%s' network by its name: \"normalize\": "
                         "\"%s\", \"multiple\": %d",
                         name, families[i].word, families[i].normalize,
                         families[i].multiple);
        return;
    }
    (void)network_normalization_set(model, "imagenet");
    model->multiple = 32;
    warning_list_add(guesses,
                     "%.100s says nothing of how pixels are scaled: \"normalize\": "
                     "\"imagenet\" is taken; say otherwise in a .json beside it or with "
                     "--network-config",
                     name);
}

void network_preset_guess(const struct network *network, const char *model_path,
                          struct network_model *model, struct warning_list *guesses)
{
    const char *name = file_name(model_path);
    if (model->kind == NETWORK_DEPTH)
        guess_depth(network, name, model, guesses);
    else
        guess_stereo(name, model, guesses);
}
