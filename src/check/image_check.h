/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong with the images of a pair before anything is matched: exposure,
 * saturation, blur, and the same picture twice.
 */
#ifndef CHECK_IMAGE_CHECK_H
#define CHECK_IMAGE_CHECK_H

#include <stdbool.h>

#include "image/image_view.h"

struct image_statistics {
    double mean;      /* 0..255 */
    double saturated; /* share of pixels at 254 or 255 */
    double black;     /* share of pixels at 0 or 1 */
    double contrast;  /* standard deviation */
    double sharpness; /* mean absolute Laplacian over mean absolute gradient, of textured
                         pixels */
    double textured;  /* share of pixels with a gradient above the noise */
    int black_sides;  /* of the four: those along which a black border runs, as
                         rectification leaves one */
};

struct pair_statistics {
    struct image_statistics left;
    struct image_statistics right;
    double difference; /* mean absolute difference of the two, pixel by pixel */
};

/* Grey views of one size. `seen` (255 where rectification saw) pixels NULL: everywhere.
 */
struct image_statistics image_statistics_of(const struct image_view *grey,
                                            const struct image_view *valid);
struct pair_statistics pair_statistics_of(const struct image_view *left,
                                          const struct image_view *right,
                                          const struct image_view *left_valid,
                                          const struct image_view *right_valid);

/* Half of the eight sides have the black border of images that were rectified before. */
bool pair_looks_rectified(const struct pair_statistics *statistics);

enum { IMAGE_FINDING_MAX = 8, IMAGE_FINDING_BYTES = 200 };

/* Sentences on what is wrong; none for a good pair. */
struct image_findings {
    int count;
    char texts[IMAGE_FINDING_MAX][IMAGE_FINDING_BYTES];
};

void image_check(const struct pair_statistics *statistics,
                 struct image_findings *findings);

#endif
