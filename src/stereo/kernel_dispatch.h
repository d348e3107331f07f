/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the matcher's kernels: the best this CPU has, or the level that was asked for.
 */
#ifndef STEREO_KERNEL_DISPATCH_H
#define STEREO_KERNEL_DISPATCH_H

#include "process_offline/settings.h"
#include "stereo/sgm_kernels.h"

/* NULL when this CPU or this build has no such level; never for AUTO and SCALAR. */
const struct sgm_kernels *sgm_kernels_find(enum po_cpu_level level);

#endif
