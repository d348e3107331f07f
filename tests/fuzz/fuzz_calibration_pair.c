/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calibrations of two files (ROS left and right, EuRoC cam0 and cam1, OpenCV intrinsics
 * and extrinsics): the first byte chooses the names and which file is asked for, 0xff
 * separates the contents.
 */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "calib/calibration_file.h"
#include "calib/rectification.h"
#include "support/replay_torture.h"
#include "support/test_folder.h"

enum { PAIR_KINDS = 3, PAIR_MAX_BYTES = 1 << 16, PATH_BYTES = 128 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[64];

static void remove_root(void)
{
    (void)!directory_remove(root, NULL);
}

static void make_root(void)
{
    static const char *const folders[] = {"cam0", "cam1"};
    if (root[0] != '\0')
        return;
    (void)snprintf(root, sizeof(root), "%s/po_fuzz_pair_XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(root) == NULL || atexit(remove_root) != 0)
        abort();
    for (int i = 0; i < 2; i++) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
        if (mkdir(path, 0700) != 0)
            abort();
    }
}

static void write_file(const char *path, const uint8_t *content, size_t bytes)
{
    int descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (descriptor < 0 || write(descriptor, content, bytes) != (ssize_t)bytes)
        abort();
    (void)close(descriptor);
}

static void check(struct calibration *calibration)
{
    struct rectification made;
    int width_px = calibration->width_px > 0 ? calibration->width_px : 640;
    int height_px = calibration->height_px > 0 ? calibration->height_px : 480;
    if (width_px > 4096 || height_px > 4096 ||
        calibration_fit_images(calibration, width_px, height_px, NULL) != PO_OK ||
        rectification_make(calibration, width_px, height_px, &made, NULL) != PO_OK)
        return;
    if (!(made.rig.focal_px > 0) || !(made.rig.baseline_mm > 0) ||
        !isfinite(made.rig.focal_px) || !isfinite(made.rig.baseline_mm) ||
        !isfinite(made.rig.cx_px) || !isfinite(made.rig.cy_px))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[PAIR_KINDS][2] = {
        {"left.yaml", "right.yaml"},
        {"cam0/sensor.yaml", "cam1/sensor.yaml"},
        {"intrinsics.yml", "extrinsics.yml"},
    };
    static struct calibration calibration;
    char paths[2][PATH_BYTES];
    struct po_error error = {0};
    if (size < 2 || size > PAIR_MAX_BYTES)
        return 0;
    const uint8_t *first = data + 1;
    const uint8_t *end = memchr(first, 0xff, size - 1);
    size_t bytes = end != NULL ? (size_t)(end - first) : size - 1;
    size_t left = end != NULL ? size - 2 - bytes : 0;
    int kind = data[0] % PAIR_KINDS;
    make_root();
    for (int i = 0; i < 2; i++)
        (void)snprintf(paths[i], PATH_BYTES, "%s/%s", root, names[kind][i]);
    write_file(paths[0], first, bytes);
    write_file(paths[1], end != NULL ? end + 1 : first, left);
    torture_begin();
    if (calibration_read(paths[data[0] / PAIR_KINDS % 2], NULL, &calibration, &error) ==
        PO_OK)
        check(&calibration);
    else if (error.message[0] == '\0')
        abort();
    torture_end();
    (void)unlink(paths[0]);
    (void)unlink(paths[1]);
    return 0;
}
