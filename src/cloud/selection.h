/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selection: which pixels become points. The filters of filter_table.h in their order,
 * each counted, over the whole image or strip by strip.
 *
 * Invariant: strips select what the whole image would. Ownership: masks in scratch.
 */
#ifndef CLOUD_SELECTION_H
#define CLOUD_SELECTION_H

#include "base/count_list.h"
#include "base/warning_list.h"
#include "cloud/cloud.h"
#include "cloud/cloud_totals.h"

/* Depth limits, classes, confidence, edge jumps, outliers, components, region, voxels;
 * each counts what it drops and warns when that is implausible. `selection->keep` is in
 * scratch. */
PO_MUST_CHECK enum po_status
cloud_select(const struct cloud_input *input, struct scratch *scratch,
             struct cloud_selection *selection, struct count_list *counts,
             struct warning_list *warnings, struct po_error *error);

/* The same strip by strip: `add` for each, which leaves selection->extent alone; `end`
 * says the extent of all and what was implausible. */
PO_MUST_CHECK enum po_status
cloud_select_add(const struct cloud_input *input, struct scratch *scratch,
                 struct cloud_selection *selection, struct cloud_totals *totals,
                 struct count_list *counts, struct po_error *error);
PO_MUST_CHECK enum po_status cloud_select_end(const struct cloud_input *input,
                                              const struct cloud_totals *totals,
                                              struct cloud_extent *extent,
                                              struct warning_list *warnings,
                                              struct po_error *error);

/* Scratch of cloud_select: what it uses meanwhile, and its masks. */
size_t selection_scratch_bytes(const struct po_cloud_settings *settings, int width_px,
                               int height_px);
size_t selection_output_bytes(const struct po_cloud_settings *settings, int width_px,
                              int height_px);

#endif
