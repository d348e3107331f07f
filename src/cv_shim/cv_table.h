/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the module with OpenCV in it gives: each call of the shim, as a pointer. The
 * module exports this table and nothing else; table and program are of one build.
 */
#ifndef CV_SHIM_CV_TABLE_H
#define CV_SHIM_CV_TABLE_H

#include "cv_shim/cv_board.h"
#include "cv_shim/cv_classic.h"
#include "cv_shim/cv_shim.h"

#define CV_TABLE_SYMBOL "process_offline_cv"
/* A declarator, so it takes no parentheses. */
#define CV_TABLE_ENTRY(name)                                                             \
    __typeof__(name) *call_##name /* NOLINT(bugprone-macro-parentheses) */

struct cv_table {
    const char *program_version;
    size_t bytes; /* of this struct */
    CV_TABLE_ENTRY(cv_shim_init);
    CV_TABLE_ENTRY(cv_shim_version);
    CV_TABLE_ENTRY(cv_shim_sgbm);
    CV_TABLE_ENTRY(cv_shim_rectify_maps);
    CV_TABLE_ENTRY(cv_shim_remap);
    CV_TABLE_ENTRY(cv_shim_inpaint);
    CV_TABLE_ENTRY(cv_board_find);
    CV_TABLE_ENTRY(cv_board_refine);
    CV_TABLE_ENTRY(cv_board_measure);
    CV_TABLE_ENTRY(cv_board_pose);
    CV_TABLE_ENTRY(cv_board_focal);
    CV_TABLE_ENTRY(cv_classic_to_float);
    CV_TABLE_ENTRY(cv_classic_bilateral);
    CV_TABLE_ENTRY(cv_classic_inpaint);
    CV_TABLE_ENTRY(cv_classic_reproject);
    CV_TABLE_ENTRY(cv_classic_resize);
};

#endif
