/* SPDX-License-Identifier: Apache-2.0 */
#include "cv_shim/cv_table.h"

#include "base/version.h"

extern "C" __attribute__((visibility("default")))
const struct cv_table process_offline_cv;

const struct cv_table process_offline_cv = {
    PROCESS_OFFLINE_VERSION,
    sizeof(struct cv_table),
    cv_shim_init,
    cv_shim_version,
    cv_shim_sgbm,
    cv_shim_rectify_maps,
    cv_shim_remap,
    cv_shim_inpaint,
    cv_board_find,
    cv_board_refine,
    cv_board_measure,
    cv_board_pose,
    cv_board_focal,
    cv_classic_to_float,
    cv_classic_bilateral,
    cv_classic_inpaint,
    cv_classic_reproject,
    cv_classic_resize,
};
