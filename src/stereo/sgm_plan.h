/* SPDX-License-Identifier: Apache-2.0 */
/* Exact bytes of a semi-global match, before anything is allocated. */
#ifndef STEREO_SGM_PLAN_H
#define STEREO_SGM_PLAN_H

#include "stereo/matcher.h"

PO_MUST_CHECK enum po_status sgm_plan(const struct po_match_settings *settings,
                                      const struct match_size *size, size_t budget_bytes,
                                      struct match_plan *plan, struct po_error *error);

#endif
