/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accuracy of a profile, or of any set of settings, over the scenes with ground truth.
 *
 *   bench_accuracy DATA_DIR [--scene SUBSTRING] [--per-scene] [--json FILE] [--repeat N]
 *                  [--recipe] [--NAME VALUE ...]
 *
 * --recipe measures the usual OpenCV recipe of bench_frame instead; else NAME is any
 * setting of the program: --profile fast, --matcher opencv, --fill none. Percentages are
 * of pixels with ground truth, invalid pixels counted as bad; groups are means over
 * scenes. Times are of one core, the fastest of N.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cv_shim/cv_shim.h"
#include "support/accuracy.h"
#include "support/bench_settings.h"

struct options {
    const char *directory;
    const char *scene;
    const char *json;
    bool per_scene;
    bool recipe;
    int repeat;
    struct settings_set set;
};

/* The bench's own options; false when `name` is none of them. */
static bool own_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "scene") == 0)
        options->scene = value;
    else if (strcmp(name, "json") == 0)
        options->json = value;
    else if (strcmp(name, "repeat") == 0)
        options->repeat = atoi(value) > 0 ? atoi(value) : 1;
    else
        return false;
    return true;
}

static enum po_status set_option(struct options *options, const char *name,
                                 const char *value, struct po_error *error)
{
    return bench_set_setting(&options->set, name, value, error);
}

static enum po_status parse(int argc, char **argv, struct options *options,
                            struct po_error *error)
{
    settings_set_init(&options->set);
    options->repeat = 1;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i] + 2;
        if (strncmp(argv[i], "--", 2) != 0) {
            options->directory = argv[i];
            continue;
        }
        if (strcmp(name, "per-scene") == 0) {
            options->per_scene = true;
            continue;
        }
        if (strcmp(name, "recipe") == 0) {
            options->recipe = true;
            continue;
        }
        if (i + 1 >= argc)
            return po_fail(error, PO_BAD_ARGUMENT, "--%s wants a value", name);
        const char *value = argv[++i];
        if (own_option(options, name, value))
            continue;
        enum po_status status = set_option(options, name, value, error);
        if (status != PO_OK)
            return status;
    }
    if (options->directory == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "usage: bench_accuracy DATA_DIR [--scene SUBSTRING] [--per-scene] "
                       "[--json FILE] [--repeat N] [--recipe] [--NAME VALUE ...]");
    return PO_OK;
}

static enum po_status run(const struct options *options, struct po_error *error)
{
    struct scene_list list;
    enum po_status status =
        scene_list_read(options->directory, options->scene, &list, error);
    if (status != PO_OK)
        return status;
    size_t count = (size_t)list.count + 1; /* never an empty allocation */
    struct scene_result *results = calloc(count, sizeof(*results));
    if (results == NULL) {
        scene_list_release(&list);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the results");
    }
    for (int i = 0; i < list.count && status == PO_OK; i++)
        status = options->recipe
                     ? accuracy_measure_recipe(&list.scenes[i], &results[i], error)
                     : accuracy_measure(&list.scenes[i], &options->set.values,
                                        options->repeat, &results[i], error);
    if (status == PO_OK)
        status = accuracy_report(&list, results, &options->set, options->per_scene,
                                 options->json, error);
    free(results);
    scene_list_release(&list);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct po_error error = {0};
    (void)!cv_shim_init(NULL);
    enum po_status status = parse(argc, argv, &options, &error);
    if (status == PO_OK)
        status = run(&options, &error);
    settings_set_release(&options.set);
    if (status == PO_OK)
        return 0;
    (void)fprintf(stderr, "bench_accuracy: %s\n", error.message);
    return status == PO_BAD_ARGUMENT ? 2 : 1;
}
