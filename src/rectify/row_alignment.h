/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Row alignment: how far the rows of a rectified pair are off, from the images alone.
 *
 * Corners of the left image are looked for in the right one over a wide window of both
 * directions, first on a small copy, then refined down to the full size; a robust fit
 * separates the common offset from the outliers. Invariant: when too few corners agree,
 * `found` is false: no statement is made.
 */
#ifndef RECTIFY_ROW_ALIGNMENT_H
#define RECTIFY_ROW_ALIGNMENT_H

#include <stdbool.h>

#include "base/scratch.h"
#include "image/image_view.h"
#include "process_offline/settings.h"
#include "stereo/disparity_map.h"

/* A corner found again: position -1..1 in the left image, vertical disparity, disparity.
 */
struct row_match {
    double x, y;
    double offset_px;
    double disparity_px;
};

struct row_alignment_request {
    struct image_view left; /* rectified, grey */
    struct image_view right;
    struct image_view
        left_valid; /* 255 where rectification saw; pixels NULL: everywhere */
    struct image_view right_valid;
    struct disparity_range range; /* searched along the row; count 0: -0.1..0.45 W */
    int rows_searched;       /* up and down, of a small copy at most 400 px wide; 0: 10 */
    enum po_cpu_level cpu;   /* of the search; finds the same on all */
    int max_corners;         /* at most ROW_ALIGNMENT_MAX_CORNERS */
    struct row_match *found; /* room for max_corners: gets the agreeing ones; or NULL */
    struct row_match *every; /* likewise: all `matches`, wrong ones among them; or NULL */
};

enum { ROW_ALIGNMENT_MAX_CORNERS = 1024 };

/*
 * Offset of the right image's rows, y_right - y_left = a + b x' + c y', x' and y' in
 * -1..1 across the image; pixels.
 */
struct row_alignment {
    bool found;
    int corners;  /* looked for */
    int matches;  /* found again, unambiguously */
    int agreeing; /* within 1.5 px of the fit */
    double a_px, b_px, c_px;
    double median_px;        /* of the agreeing matches' offsets, signed */
    double spread_px;        /* 75 % of the agreeing matches' fitted offsets, unsigned,
                                stay below it */
    double residual_px;      /* median distance from the fit */
    double disparity_low_px; /* 5 % and 95 % quantiles of the agreeing matches */
    double disparity_high_px;
};

size_t row_alignment_bytes(int width_px, int height_px, int max_corners);

PO_MUST_CHECK enum po_status
row_alignment_measure(const struct row_alignment_request *request,
                      struct scratch *scratch, struct row_alignment *alignment,
                      struct po_error *error);

/*
 * Whether the matches are of one scene at one moment: nearly all of them agree. Of true
 * pairs at least 72 % do (30 scenes with ground truth, blurred and noisy ones too), of
 * two moments of a street 57 to 65 %.
 */
bool row_alignment_is_sure(const struct row_alignment *alignment);

/* Whether the matches lie ahead of the cameras on the whole, by more than a pixel. */
bool row_alignment_is_ahead(const struct row_alignment *alignment);

/* Whether rows are so far apart that a matcher along them finds little. */
bool row_alignment_is_off(const struct row_alignment *alignment);
bool row_offset_is_off(double offset_px);

/* The largest |offset| of the fit anywhere in the image. */
double row_alignment_worst_px(const struct row_alignment *alignment);

#endif
