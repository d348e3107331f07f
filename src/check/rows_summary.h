/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows summary: what the surveys of several frames of one rig say together about its
 * rows. Medians over frames, so that one odd frame decides nothing.
 */
#ifndef CHECK_ROWS_SUMMARY_H
#define CHECK_ROWS_SUMMARY_H

#include "check/frame_groups.h"
#include "check/frame_survey.h"
#include "rectify/row_warp.h"

enum { ROWS_SUMMARY_FRAMES = 64 }; /* more add nothing */

struct rows_summary {
    int surveyed;     /* frames whose rows were measured */
    int measured;     /* of them those with enough matches */
    int exchanged;    /* of surveyed */
    int one_picture;  /* likewise: left and right are the same */
    double offset_px; /* median over frames of the frame's median offset, signed */
    double spread_px; /* median over frames of the offset that 75 % of it stay below */
    int untouched;    /* frames that appear rectified before and were measured as such */
    double untouched_px;         /* median over them */
    struct vertical_field field; /* median of the fits; steps of 1/1024 px */
};

/* Whether only sampled frames have a say in what is made of the group: all have where
 * none is sampled. */
bool survey_group_is_sampled(const struct frame_groups *groups, int group,
                             const struct frame_survey *surveys);
/* Over the frames of a group that have a say. */
struct rows_summary rows_summarize_sample(const struct frame_groups *groups, int group,
                                          const struct frame_survey *surveys);
/* Over the frames of a group; `surveys` by frame. */
struct rows_summary rows_summarize(const struct frame_groups *groups, int group,
                                   const struct frame_survey *surveys);

/* The field that moves by `first`, then by `second`. */
struct vertical_field vertical_field_sum(const struct vertical_field *first,
                                         const struct vertical_field *second);
/* The largest |offset| of the field anywhere in the image. */
double vertical_field_worst_px(const struct vertical_field *field);

#endif
