/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a session of synthetic scenes, in one of two layouts. */
#ifndef SUPPORT_SESSION_FILES_H
#define SUPPORT_SESSION_FILES_H

#include "support/synthetic_scene.h"

struct session_files {
    int frames;
    int width_px;
    int height_px;
    enum synthetic_kind kind;
    /* False: left/000000.png right/000000.png and calibration.yml. True, not for SPHERE:
     * scene0000/ with im0.png im1.png calib.txt disp0GT.pfm, the exact ground truth. */
    bool scenes;
    int channels;
};

/* Writes them into `directory`, which is made. */
enum po_status session_files_write(const struct session_files *files,
                                   const char *directory, struct po_error *error);

#endif
