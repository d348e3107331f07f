/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of the cloud, one row each: names, when they run, when too much goes. */
#ifndef CLOUD_FILTER_TABLE_H
#define CLOUD_FILTER_TABLE_H

#include "cloud/cloud_filters.h"
#include "cloud/cloud_totals.h"

struct cloud_filter {
    const char *count_name;
    const char *what;        /* subject of the warning */
    const char *remedy;      /* what to look at when too much goes */
    int implausible_percent; /* warned of above it */
    bool (*wanted)(const struct po_cloud_settings *settings);
    enum po_status (*run)(struct filter_job *job, struct po_error *error);
    size_t (*scratch_bytes)(int width_px, int height_px); /* NULL: none */
};

enum { FILTER_COUNT = 9 };
_Static_assert((int)FILTER_COUNT + 2 <= (int)CLOUD_FILTER_MAX,
               "totals hold all filters and both ways of thinning");

/* In the order they run. */
extern const struct cloud_filter *const cloud_filters[FILTER_COUNT];
/* Thinning, which is no judgement on points: after all others. */
extern const struct cloud_filter filter_voxels;
extern const struct cloud_filter filter_decimate;

#endif
