/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher's kernels in AVX2: 32 disparities a register. */
#include <immintrin.h>
#include <stdint.h>

#include "stereo/sgm_kernels.h"
#include "stereo/sgm_x86_vec128.h"
#include "stereo/sgm_x86_vec256.h"

#include "stereo/sgm_vector_features.h"
#include "stereo/sgm_vector_forest.h"
#include "stereo/sgm_vector_sweeps.h"

static const struct sgm_sweeps sweeps_vectors = SGM_VECTOR_SWEEPS;
const struct sgm_kernels sgm_kernels_avx2 = SGM_VECTOR_KERNELS("avx2", NULL);
