/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_boards DIR [--pairs N] [--lens radtan|fisheye] [--size WxH] [--board CxR]
 *             [--pattern chess|dots|asymmetric] [--noise GREY] [--blur PX] [--seed N]
 *             [--smear-from K] [--above] [--parallel] [--repeat] [--alike]
 *             [--mirror left|right|both] [--blank left|right|both] [--first N]
 *
 * Writes DIR/left/NNN.pgm and DIR/right/NNN.pgm: a board in N poses, photographed by two
 * known cameras 80 mm apart (synthetic_rig_make; other sizes scale the cameras). Squares
 * are 25 mm. --smear-from: pairs from K on are moved while exposed. --above: the
 * second camera stands below the first. --repeat: all pairs
 * show the first pose; --alike: nearly, a few mm apart. --first: numbers begin there, so
 * that sessions can be joined.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/synthetic_board.h"

static const double ALIKE_MM = 6;

struct job {
    struct synthetic_rig rig;
    struct synthetic_exposure exposure;
    int pairs, first, smear_from;
    unsigned seed;
    bool parallel, repeat, alike;
    bool mirror[2], blank[2];
};

static bool write_pgm(const char *folder, int number, const struct image_view *image)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%.4000s/%03d.pgm", folder, number);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    size_t count = (size_t)image->width_px * (size_t)image->height_px;
    bool done =
        fprintf(file, "P5\n%d %d\n255\n", image->width_px, image->height_px) > 0 &&
        fwrite(image->pixels, 1, count, file) == count;
    return fclose(file) == 0 && done;
}

static void mirror(struct image_view *image)
{
    for (int y = 0; y < image->height_px; y++)
        for (int x = 0; x < image->width_px / 2; x++) {
            uint8_t *row = image_row(image, y);
            uint8_t kept = row[x];
            row[x] = row[image->width_px - 1 - x];
            row[image->width_px - 1 - x] = kept;
        }
}

static bool photograph(const struct job *job, const char *folder, int side,
                       const double *rays, int index, struct image_view *image)
{
    int seen = job->repeat || job->alike ? 0 : index;
    struct synthetic_exposure exposure = job->exposure;
    struct synthetic_pose pose =
        synthetic_pose_make(&job->rig, job->seed, seen, job->parallel);
    exposure.seed = job->seed * 1000U + (unsigned)index;
    exposure.smear_px =
        job->smear_from >= 0 && index >= job->smear_from ? job->rig.width_px / 50 : 0;
    for (int i = 0; i < 3 && job->alike; i++)
        pose.shift[i] += (index >> i) % 2 * ALIKE_MM;
    if (job->blank[side])
        pose.shift[0] += 1e5;
    if (!synthetic_board_render(&job->rig, &pose, side, rays, &exposure, image))
        return false;
    if (job->mirror[side])
        mirror(image);
    return write_pgm(folder, job->first + index, image);
}

static bool make_all(const struct job *job, const char *directory)
{
    static const char *const names[] = {"left", "right"};
    size_t count = (size_t)job->rig.width_px * (size_t)job->rig.height_px;
    struct image_view image = {job->rig.width_px, job->rig.height_px, 1,
                               job->rig.width_px, malloc(count)};
    bool done = image.pixels != NULL;
    (void)mkdir(directory, 0777);
    for (int side = 0; side < 2 && done; side++) {
        char folder[4096];
        (void)snprintf(folder, sizeof(folder), "%.4000s/%s", directory, names[side]);
        (void)mkdir(folder, 0777);
        double *rays = synthetic_rays_make(&job->rig, side);
        done = rays != NULL;
        for (int i = 0; i < job->pairs && done; i++)
            done = photograph(job, folder, side, rays, i, &image);
        free(rays);
    }
    free(image.pixels);
    return done;
}

static void resize(struct synthetic_rig *rig, int width_px, int height_px)
{
    double scale = (double)width_px / rig->width_px;
    for (int side = 0; side < 2; side++) {
        struct synthetic_camera *camera = &rig->cameras[side];
        camera->fx *= scale;
        camera->fy *= scale;
        camera->cx = (camera->cx + 0.5) * scale - 0.5;
        camera->cy = camera->cy - rig->height_px / 2.0 + height_px / 2.0;
    }
    rig->width_px = width_px;
    rig->height_px = height_px;
}

static void choose_sides(const char *value, bool sides[2])
{
    sides[0] = strcmp(value, "right") != 0;
    sides[1] = strcmp(value, "left") != 0;
}

static bool parse(int option, const char *value, struct job *job, int size[2])
{
    static const char *const patterns[] = {"chess", "dots", "asymmetric"};
    switch (option) {
    case 'p':
        return (job->pairs = atoi(value)) > 0;
    case 'l':
        job->rig = synthetic_rig_make(strcmp(value, "fisheye") == 0);
        return true;
    case 's':
        return sscanf(value, "%dx%d", &size[0], &size[1]) == 2;
    case 'b':
        return sscanf(value, "%dx%d", &job->rig.cols, &job->rig.rows) == 2;
    case 't':
        for (int i = 0; i < 3; i++)
            if (strcmp(value, patterns[i]) == 0)
                job->rig.pattern = (enum synthetic_pattern)i;
        return true;
    case 'n':
        job->exposure.noise = atof(value);
        return true;
    case 'u':
        job->exposure.blur_px = atof(value);
        return true;
    case 'e':
        job->seed = (unsigned)atoi(value);
        return true;
    case 'k':
        job->smear_from = atoi(value);
        return true;
    case 'f':
        job->first = atoi(value);
        return true;
    case 'm':
        choose_sides(value, job->mirror);
        return true;
    case 'a':
        choose_sides(value, job->blank);
        return true;
    case 'P':
        return job->parallel = true;
    case 'A':
        job->rig.shift[0] = 0.7;
        job->rig.shift[1] = -80;
        return true;
    case 'L':
        return job->alike = true;
    case 'R':
        return job->repeat = true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"pairs", required_argument, NULL, 'p'},
                                            {"lens", required_argument, NULL, 'l'},
                                            {"size", required_argument, NULL, 's'},
                                            {"board", required_argument, NULL, 'b'},
                                            {"pattern", required_argument, NULL, 't'},
                                            {"noise", required_argument, NULL, 'n'},
                                            {"blur", required_argument, NULL, 'u'},
                                            {"seed", required_argument, NULL, 'e'},
                                            {"smear-from", required_argument, NULL, 'k'},
                                            {"first", required_argument, NULL, 'f'},
                                            {"mirror", required_argument, NULL, 'm'},
                                            {"blank", required_argument, NULL, 'a'},
                                            {"parallel", no_argument, NULL, 'P'},
                                            {"repeat", no_argument, NULL, 'R'},
                                            {"alike", no_argument, NULL, 'L'},
                                            {"above", no_argument, NULL, 'A'},
                                            {NULL, 0, NULL, 0}};
    struct job job = {.rig = synthetic_rig_make(false),
                      .exposure = {.noise = 2, .blur_px = 0.7},
                      .pairs = 15,
                      .smear_from = -1,
                      .seed = 1};
    int size[2] = {0, 0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!parse(option, optarg, &job, size))
            return 2;
    if (optind != argc - 1) {
        (void)fputs("usage: see the head of make_boards.c\n", stderr);
        return 2;
    }
    if (size[0] > 0)
        resize(&job.rig, size[0], size[1]);
    return make_all(&job, argv[optind]) ? 0 : 1;
}
