/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of the filters' losses. */
#ifndef CLOUD_FILTER_WARNINGS_H
#define CLOUD_FILTER_WARNINGS_H

#include "base/warning_list.h"
#include "cloud/cloud.h"
#include "cloud/cloud_totals.h"

/* Says what went beyond the plausible, given the totals of all strips. */
void filters_watch(const struct cloud_input *input, const struct cloud_totals *totals,
                   struct warning_list *warnings);

#endif
