/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows summary: what the looks at several frames of one rig say together about its rows.
 * Medians over frames, so that one odd frame decides nothing.
 */
#ifndef CHECK_ROWS_SUMMARY_H
#define CHECK_ROWS_SUMMARY_H

#include "check/frame_groups.h"
#include "check/frame_look.h"
#include "rectify/row_warp.h"

enum { ROWS_SUMMARY_FRAMES = 64 }; /* more add nothing */

struct rows_summary {
    int looked_at;       /* frames whose rows were measured */
    int measured;        /* of them those with enough matches */
    int exchanged;       /* of looked_at */
    double offset_px;    /* median over frames of the frame's median offset, signed */
    double spread_px;    /* median over frames of the offset that 75 % of it stay below */
    int untouched;       /* frames that look rectified before and were measured as such */
    double untouched_px; /* median over them */
    struct row_field field; /* median of the fits; steps of 1/1024 px */
};

/* Over the frames of a group; `looks` by frame. */
struct rows_summary rows_summarize(const struct frame_groups *groups, int group,
                                   const struct frame_look *looks);

/* The field that moves by `first`, then by `second`. */
struct row_field row_field_sum(const struct row_field *first,
                               const struct row_field *second);
/* The largest |offset| of the field anywhere in the image. */
double row_field_worst_px(const struct row_field *field);

#endif
