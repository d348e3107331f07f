/* SPDX-License-Identifier: Apache-2.0 */
/* What a frame holds while its artefacts are written. */
#ifndef FRAME_FRAME_WRITERS_H
#define FRAME_FRAME_WRITERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic_file.h"
#include "cloud/cloud_file.h"
#include "image/image_writer.h"

enum frame_artefact {
    ARTEFACT_CLOUD,
    ARTEFACT_SURFACE,
    ARTEFACT_DISPARITY,
    ARTEFACT_DEPTH,
    ARTEFACT_CONFIDENCE,
    ARTEFACT_CLASS,
    ARTEFACT_PREVIEW,
    ARTEFACT_VIEW,
    ARTEFACT_PRIOR,
    ARTEFACT_PRIOR_PREVIEW,
    ARTEFACT_COUNT,
};

/* One for each disparity in sixteenths of a pixel: what depth.png says of it. */
enum { FRAME_DEPTH_STEPS = UINT16_MAX + 1 };

/* An artefact being written; the formats' writers, of which it uses at most one. */
struct artefact_writer {
    bool open;
    struct atomic_file file;
    struct png_writer png;
    struct pfm_writer pfm;
    struct cloud_writer cloud;
};

struct frame_writers {
    struct artefact_writer artefacts[ARTEFACT_COUNT];
};

/* Each preview pixel stands for step x step pixels of the map. */
int frame_preview_step(int width_px);

#endif
