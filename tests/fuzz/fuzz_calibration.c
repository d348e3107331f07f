/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a calibration file; what is accepted must rectify or say why not. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calib/calibration_file.h"
#include "calib/matrix3.h"
#include "calib/rectification.h"
#include "support/replay_torture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A model that passed the checks holds no NaN, infinity or nonsense. */
static void check(const struct calibration *calibration, const struct rectification *made)
{
    const struct rectified_rig *rig = &made->rig;
    if (!(rig->focal_px > 0) || !(rig->baseline_mm > 0) || !isfinite(rig->focal_px) ||
        !isfinite(rig->baseline_mm) || !isfinite(rig->cx_px) || !isfinite(rig->cy_px) ||
        !isfinite(rig->doffs_px) || !all_finite(made->rotation[0], 9) ||
        !all_finite(made->rotation[1], 9) || !all_finite(made->projection[0], 9) ||
        !all_finite(made->projection[1], 9) ||
        (calibration->turn == RIG_UPRIGHT && calibration->translation_mm[0] >= 0))
        abort();
}

static void rectify(struct calibration *calibration, int width_px, int height_px)
{
    struct rectification made;
    if (calibration_fit_images(calibration, width_px, height_px, NULL) == PO_OK &&
        rectification_make(calibration, width_px, height_px, &made, NULL) == PO_OK)
        check(calibration, &made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct calibration calibration;
    static struct calibration other;
    struct calibration_request request = {.camera_hint = "2,3"};
    char path[64];
    int descriptor = memfd_create("calibration", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    torture_begin();
    if (calibration_read(path, NULL, &calibration, NULL) == PO_OK) {
        int width = calibration.width_px > 0 ? calibration.width_px : 640;
        int height = calibration.height_px > 0 ? calibration.height_px : 480;
        char text[256];
        request.swap = true;
        (void)calibration_hash(&calibration);
        if (calibration_read(path, &request, &other, NULL) == PO_OK)
            calibration_difference(&calibration, &other, text, (int)sizeof(text));
        if (width <= 4096 && height <= 4096)
            rectify(&calibration, width, height);
    }
    torture_end();
    (void)close(descriptor);
    return 0;
}
