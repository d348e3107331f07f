/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network_normalization.h"

#include <string.h>

static const float imagenet_mean[3] = {0.485F, 0.456F, 0.406F};
static const float imagenet_deviation[3] = {0.229F, 0.224F, 0.225F};

bool network_normalization_set(struct network_model *model, const char *name)
{
    static const struct {
        const char *name;
        float scale, mean, deviation;
    } simple[] = {
        {"raw", 1.0F, 0.0F, 1.0F},
        {"unit", 1.0F / 255.0F, 0.0F, 1.0F},
        {"symmetric", 1.0F / 255.0F, 0.5F, 0.5F},
    };
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        if (strcmp(name, simple[i].name) != 0)
            continue;
        model->scale = simple[i].scale;
        for (int c = 0; c < 3; c++) {
            model->mean[c] = simple[i].mean;
            model->deviation[c] = simple[i].deviation;
        }
        return true;
    }
    if (strcmp(name, "imagenet") != 0)
        return false;
    model->scale = 1.0F / 255.0F;
    memcpy(model->mean, imagenet_mean, sizeof(imagenet_mean));
    memcpy(model->deviation, imagenet_deviation, sizeof(imagenet_deviation));
    return true;
}
