/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/filter_warnings.h"

#include <string.h>

#include "cloud/filter_table.h"

enum { PERCENT = 100 };

static const char limits_remedy[] =
    "check --min-depth, --max-depth and the unit of the calibration";

/* A wrong limit need not drop anything: what is searched by it comes out so. */
static const char limits_search[] = "; --min-depth and --max-depth say where is "
                                    "searched, too: check them and the unit of "
                                    "the calibration";

static const char *limits_hint(const struct cloud_input *input, const char *remedy)
{
    bool limited = input->min_depth_mm > 0 || input->max_depth_mm > 0;
    return limited && strcmp(remedy, limits_remedy) != 0 ? limits_search : "";
}

static void watch_loss(const struct cloud_filter *filter, uint64_t before, uint64_t after,
                       struct warning_list *warnings)
{
    uint64_t dropped = before - after;
    if (before == 0 ||
        dropped * PERCENT <= before * (uint64_t)filter->implausible_percent)
        return;
    warning_list_add(warnings, "%s dropped %llu of %llu points (%llu %%): %s",
                     filter->what, (unsigned long long)dropped,
                     (unsigned long long)before,
                     (unsigned long long)(dropped * PERCENT / before), filter->remedy);
}

/* A setting that cannot be honoured is said, not swallowed. */
static void warn_missing_confidence(const struct cloud_input *input,
                                    struct warning_list *warnings)
{
    if (input->settings->min_confidence > 0 && input->confidence.pixels == NULL)
        warning_list_add(warnings, "--min-confidence has no effect: this matcher and "
                                   "refinement give no confidence");
}

/* The filter that dropped most, and what to do. */
static const char *greediest(const struct cloud_totals *totals)
{
    uint64_t most = 0;
    const char *answer = limits_remedy;
    for (int i = 0; i < FILTER_COUNT; i++) {
        uint64_t dropped = totals->filters[i].before - totals->filters[i].after;
        if (dropped <= most)
            continue;
        most = dropped;
        answer = cloud_filters[i]->remedy;
    }
    return answer;
}

static void warn_empty(const struct cloud_input *input, const struct cloud_totals *totals,
                       struct warning_list *warnings)
{
    uint64_t candidates = totals->candidates;
    const char *remedy = greediest(totals);
    if (candidates > 0 && totals->behind == candidates)
        warning_list_add(warnings,
                         "the cloud is empty: disparity + doffs is at most 0 at all %llu "
                         "pixels; the sign of doffs (%g px) is wrong, or left and right "
                         "are exchanged (--swap)",
                         (unsigned long long)candidates, input->rig.doffs_px);
    else if (candidates == 0)
        warning_list_add(warnings, "the cloud is empty: no pixel has a %s disparity",
                         input->settings->include_filled ? "valid" : "measured");
    else
        warning_list_add(warnings,
                         "the cloud is empty: its filters dropped all of %llu points, "
                         "most at one step: %s%s",
                         (unsigned long long)candidates, remedy,
                         limits_hint(input, remedy));
}

void filters_watch(const struct cloud_input *input, const struct cloud_totals *totals,
                   struct warning_list *warnings)
{
    warn_missing_confidence(input, warnings);
    for (int i = 0; i < FILTER_COUNT; i++)
        watch_loss(cloud_filters[i], totals->filters[i].before, totals->filters[i].after,
                   warnings);
    if (totals->points == 0)
        warn_empty(input, totals, warnings);
}
