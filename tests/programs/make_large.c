/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_large LEFT RIGHT DIR [--size WxH] [--scale N]
 *
 * Writes a large scene from a small rectified pair: DIR/im0.png, im1.png and calib.txt.
 * Images are enlarged N times (bilinear), then repeated to the right and mirrored
 * downwards, which keeps disparities what they are times N.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "image/image_file.h"
#include "image/image_writer.h"

enum { PATH_BYTES = 4096 };

struct job {
    const char *directory;
    int width_px;
    int height_px;
    int scale;
};

static const char USAGE[] = "usage: make_large LEFT RIGHT DIR [--size WxH] [--scale N]\n";

/* The place of coordinate `at` of the large image in the small one, mirrored or
 * repeated, in 1/scale of a pixel. */
static int place(int at, int length, int scale, bool mirror)
{
    int period = length * scale;
    int tile = at / period;
    int within = at % period;
    return mirror && tile % 2 == 1 ? period - 1 - within : within;
}

static uint8_t sample(const struct image_view *image, int x, int y, int channel,
                      int scale)
{
    int x0 = x / scale;
    int y0 = y / scale;
    int x1 = x0 + 1 < image->width_px ? x0 + 1 : x0;
    int y1 = y0 + 1 < image->height_px ? y0 + 1 : y0;
    int wx = x % scale;
    int wy = y % scale;
    const uint8_t *top = image_row(image, y0);
    const uint8_t *bottom = image_row(image, y1);
    int step = image->channels;
    int upper = top[x0 * step + channel] * (scale - wx) + top[x1 * step + channel] * wx;
    int lower =
        bottom[x0 * step + channel] * (scale - wx) + bottom[x1 * step + channel] * wx;
    return (uint8_t)((upper * (scale - wy) + lower * wy + scale * scale / 2) /
                     (scale * scale));
}

static void enlarge_row(const struct image_view *image, const struct job *job, int y,
                        uint8_t *row)
{
    int from_y = place(y, image->height_px, job->scale, true);
    for (int x = 0; x < job->width_px; x++) {
        int from_x = place(x, image->width_px, job->scale, false);
        for (int c = 0; c < image->channels; c++)
            *row++ = sample(image, from_x, from_y, c, job->scale);
    }
}

static enum po_status write_large(const struct image_view *image, const struct job *job,
                                  const char *name, struct po_error *error)
{
    char path[PATH_BYTES];
    struct png_writer writer = {0};
    struct png_shape shape = {job->width_px, job->height_px, image->channels, 8,
                              PNG_ROWS_UP};
    struct atomic_file *file = calloc(1, sizeof(*file));
    uint8_t *row = malloc((size_t)job->width_px * (size_t)image->channels);
    (void)snprintf(path, sizeof(path), "%s/%s", job->directory, name);
    enum po_status status = PO_OUT_OF_MEMORY;
    if (file == NULL || row == NULL)
        goto cleanup;
    status = atomic_file_open(file, path, error);
    if (status == PO_OK)
        status = png_writer_begin(&writer, file, &shape, NULL, 0, error);
    for (int y = 0; y < job->height_px && status == PO_OK; y++) {
        enlarge_row(image, job, y, row);
        status = png_writer_row(&writer, row, error);
    }
    if (status == PO_OK)
        status = png_writer_end(&writer, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    png_writer_release(&writer);
    atomic_file_discard(file);
cleanup:
    free(file);
    free(row);
    return status;
}

static enum po_status make_side(const char *path, const struct job *job, const char *name,
                                struct po_error *error)
{
    struct image_header header;
    struct image_view image;
    struct scratch scratch = {0};
    enum po_status status = image_file_probe(path, &header, error);
    if (status == PO_OK)
        status = scratch_init(&scratch, image_file_scratch_bytes(&header), error);
    if (status == PO_OK)
        status =
            image_file_read(path, &header, &(struct image_request){.scale = {65535, 0}},
                            &scratch, &image, error);
    if (status == PO_OK)
        status = write_large(&image, job, name, error);
    scratch_release(&scratch);
    return status;
}

static bool write_calibration(const struct job *job)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/calib.txt", job->directory);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    double focal = 0.8 * job->width_px;
    double cx = job->width_px / 2.0;
    double cy = job->height_px / 2.0;
    (void)fprintf(file,
                  "cam0=[%g 0 %g; 0 %g %g; 0 0 1]\ncam1=[%g 0 %g; 0 %g %g; 0 0 1]\n"
                  "doffs=0\nbaseline=160\nwidth=%d\nheight=%d\nndisp=1024\n",
                  focal, cx, focal, cy, focal, cx, focal, cy, job->width_px,
                  job->height_px);
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"size", required_argument, NULL, 's'},
        {"scale", required_argument, NULL, 'x'},
        {NULL, 0, NULL, 0},
    };
    struct job job = {.width_px = 11600, .height_px = 8640, .scale = 4};
    struct po_error error = {0};
    bool understood = true;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 's')
            understood &= sscanf(optarg, "%dx%d", &job.width_px, &job.height_px) == 2;
        else if (option == 'x')
            job.scale = atoi(optarg);
        else
            understood = false;
    }
    if (!understood || argc - optind != 3 || job.width_px < 1 || job.height_px < 1 ||
        job.scale < 1) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    job.directory = argv[optind + 2];
    enum po_status status = directory_make(job.directory, &error);
    if (status == PO_OK)
        status = make_side(argv[optind], &job, "im0.png", &error);
    if (status == PO_OK)
        status = make_side(argv[optind + 1], &job, "im1.png", &error);
    if (status != PO_OK || !write_calibration(&job)) {
        (void)fprintf(stderr, "make_large: %s\n", error.message);
        return 1;
    }
    return 0;
}
