/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_scene DIR [--frames N] [--size WxH] [--kind shift|plane|sphere]
 *                [--layout folders|scenes] [--grey]
 *
 * Writes a session of synthetic scenes. `folders`: left/000000.png right/000000.png and
 * calibration.yml. `scenes` (not for sphere): scene0000/ with im0.png im1.png calib.txt
 * disp0GT.pfm, the exact ground truth.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/session_files.h"

struct job {
    const char *directory;
    struct session_files files;
};

static const char USAGE[] =
    "usage: make_scene DIR [--frames N] [--size WxH] [--kind shift|plane|sphere] "
    "[--layout folders|scenes] [--grey]\n";

static bool parse_kind(const char *text, enum synthetic_kind *kind)
{
    static const char *const names[] = {"shift", "plane", "sphere"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *kind = (enum synthetic_kind)i;
            return true;
        }
    return false;
}

static bool parse_option(int option, const char *value, struct job *job)
{
    switch (option) {
    case 'f':
        job->files.frames = atoi(value);
        return job->files.frames > 0;
    case 's':
        return sscanf(value, "%dx%d", &job->files.width_px, &job->files.height_px) == 2 &&
               job->files.width_px > 0 && job->files.height_px > 0;
    case 'k':
        return parse_kind(value, &job->files.kind);
    case 'l':
        job->files.scenes = strcmp(value, "scenes") == 0;
        return job->files.scenes || strcmp(value, "folders") == 0;
    case 'g':
        job->files.channels = 1;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, struct job *job)
{
    static const struct option options[] = {
        {"frames", required_argument, NULL, 'f'},
        {"size", required_argument, NULL, 's'},
        {"kind", required_argument, NULL, 'k'},
        {"layout", required_argument, NULL, 'l'},
        {"grey", no_argument, NULL, 'g'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!parse_option(option, optarg, job))
            return false;
    if (optind != argc - 1 || (job->files.scenes && job->files.kind == SYNTHETIC_SPHERE))
        return false;
    job->directory = argv[optind];
    return true;
}

int main(int argc, char **argv)
{
    struct job job = {.files = {.frames = 1,
                                .width_px = 640,
                                .height_px = 480,
                                .kind = SYNTHETIC_PLANE,
                                .channels = 3}};
    if (!parse(argc, argv, &job)) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    struct po_error error = {0};
    enum po_status status = session_files_write(&job.files, job.directory, &error);
    if (status != PO_OK)
        (void)fprintf(stderr, "make_scene: %s\n", error.message);
    return status == PO_OK ? 0 : 1;
}
