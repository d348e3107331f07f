/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/synonyms.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *option; /* NULL: an option's name */
    const char *word;
    const char *meant;
} synonyms[] = {
    {"profile", "default", "balanced"},
    {"profile", "opencv", "classic"},
    {"matcher", "sgbm", "opencv"},
    {"matcher", "bm", "opencv"},
    {"matcher", "own", "sgm"},
    {"matcher", "auto", "sgm"},
    {"cloud-format", "laz", "las"},
    {"cloud-format", "gltf", "glb"},
    {"cloud-format", "txt", "xyz"},
    {"cloud-format", "csv", "xyz"},
    {"cloud-format", "ascii", "ply-ascii"},
    {"mesh-format", "gltf", "glb"},
    {"axes", "cv", "opencv"},
    {"axes", "gl", "opengl"},
    {"axes", "blender", "opengl"},
    {"axes", "camera", "opencv"},
    {"axes", "rep103", "ros"},
    {"unit", "meter", "m"},
    {"unit", "meters", "m"},
    {"unit", "metre", "m"},
    {"unit", "metres", "m"},
    {"unit", "millimeters", "mm"},
    {"unit", "millimetres", "mm"},
    {"fill", "yes", "auto"},
    {"fill", "no", "none"},
    {"refine", "no", "none"},
    {"refine", "off", "none"},
    {"log-format", "json", "jsonl"},
    {"progress", "no", "never"},
    {"progress", "yes", "always"},
    {NULL, "threads", "workers"},
    {NULL, "jobs", "workers"},
    {NULL, "cores", "workers"},
    {NULL, "processes", "workers"},
    {NULL, "parallel", "workers"},
    {NULL, "ram", "memory-limit"},
    {NULL, "memory", "memory-limit"},
    {NULL, "max-memory", "memory-limit"},
    {NULL, "out", "output"},
    {NULL, "dest", "output"},
    {NULL, "directory", "input"},
    {NULL, "folder", "input"},
    {NULL, "session", "input"},
    {NULL, "source", "input"},
    {NULL, "calib", "calibration"},
    {NULL, "intrinsics", "calibration"},
    {NULL, "preset", "profile"},
    {NULL, "quality", "profile"},
    {NULL, "mode", "profile"},
    {NULL, "fast", "profile"},
    {NULL, "max-disparity", "num-disparities"},
    {NULL, "disparities", "num-disparities"},
    {NULL, "ndisp", "num-disparities"},
    {NULL, "disparity-range", "num-disparities"},
    {NULL, "window-size", "block-size"},
    {NULL, "near", "min-depth"},
    {NULL, "far", "max-depth"},
    {NULL, "range", "max-depth"},
    {NULL, "max-range", "max-depth"},
    {NULL, "max-distance", "max-depth"},
    {NULL, "min-distance", "min-depth"},
    {NULL, "z-max", "max-depth"},
    {NULL, "z-min", "min-depth"},
    {NULL, "crop", "roi"},
    {NULL, "bounds", "roi"},
    {NULL, "bbox", "roi"},
    {NULL, "format", "cloud-format"},
    {NULL, "point-format", "cloud-format"},
    {NULL, "mesh", "surface-reconstruction"},
    {NULL, "surface", "surface-reconstruction"},
    {NULL, "scale", "unit"},
    {NULL, "flatness", "quality-check"},
    {NULL, "depth-quality", "quality-check"},
    {NULL, "plane", "quality-check"},
    {NULL, "device", "network-device"},
    {NULL, "gpu", "network-device"},
    {NULL, "metres", "unit"},
    {NULL, "meters", "unit"},
    {NULL, "coordinates", "axes"},
    {NULL, "subsample", "decimate"},
    {NULL, "thin", "decimate"},
    {NULL, "resolution", "downscale"},
    {NULL, "resize", "downscale"},
    {NULL, "timeout", "frame-timeout"},
    {NULL, "deadline", "session-timeout"},
    {NULL, "overwrite", "force"},
    {NULL, "redo", "force"},
    {NULL, "recompute", "force"},
    {NULL, "clean", "force"},
    {NULL, "only", "frames"},
    {NULL, "images", "frames"},
    {NULL, "gt", "ground-truth"},
    {NULL, "truth", "ground-truth"},
    {NULL, "compare", "baseline"},
    {NULL, "confidence", "min-confidence"},
    {NULL, "silent", "quiet"},
    {NULL, "debug", "verbose"},
    {NULL, "json", "log-format"},
    {NULL, "validate", "check"},
    {NULL, "test", "check"},
    {NULL, "info", "dry-run"},
    {NULL, "plan", "dry-run"},
    {NULL, "options", "help"},
    {NULL, "usage", "help"},
};

static bool same_word(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        int typed = *b == '_' ? '-' : tolower((unsigned char)*b);
        if (*a != typed)
            return false;
    }
    return *a == *b;
}

static bool same_option(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const char *synonym_of(const char *option, const char *word)
{
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
        if (same_option(synonyms[i].option, option) && same_word(synonyms[i].word, word))
            return synonyms[i].meant;
    return NULL;
}

const char *synonym_of_option(int index)
{
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
        if (synonyms[i].option == NULL && index-- == 0)
            return synonyms[i].word;
    return NULL;
}
