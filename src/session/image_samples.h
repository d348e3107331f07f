/* SPDX-License-Identifier: Apache-2.0 */
/* A few images of one folder, spread over it, to find out what they are. */
#ifndef SESSION_IMAGE_SAMPLES_H
#define SESSION_IMAGE_SAMPLES_H

#include "process_offline/status.h"

enum { IMAGE_SAMPLES_MAX = 8 };

struct image_samples {
    int count;
    char *paths[IMAGE_SAMPLES_MAX];
};

/* At most `most`. Ownership: image_samples_release, also after an error. */
PO_MUST_CHECK enum po_status image_samples_find(const char *directory, int most,
                                                struct image_samples *samples,
                                                struct po_error *error);
void image_samples_release(struct image_samples *samples);

#endif
