/* SPDX-License-Identifier: Apache-2.0 */
#include "report/baseline_parts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/outside_text.h"

void baseline_note(struct comparison *comparison, enum worse_kind kind, const char *id,
                   const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (comparison->status != PO_OK || length < 0) {
        if (length >= 0)
            free(text);
        else
            comparison->status =
                po_fail(comparison->error, PO_OUT_OF_MEMORY, "no memory for a finding");
        return;
    }
    if (kind == WORSE_SESSION || comparison->lines[kind]++ < LINES_PER_KIND)
        text_line(comparison->stream, "worse: %s%s%s", id != NULL ? id : "",
                  id != NULL ? ": " : "", text);
    comparison->status = baseline_findings_add(
        comparison->findings,
        (struct baseline_finding){
            .id = id, .unfinished = kind == WORSE_STATUS, .text = text},
        comparison->error);
}

void baseline_rates(const struct score *score, const struct baseline_tolerance *tolerance,
                    struct rate rates[RATES])
{
    const struct rate all[RATES] = {
        {"bad05", score->bad05, tolerance->bad_points},
        {"bad1", score->bad1, tolerance->bad_points},
        {"bad2", score->bad2, tolerance->bad_points},
        {"bad4", score->bad4, tolerance->bad_points},
        {"mae", score->mae, tolerance->mae_px},
        {"missing", 100 - score->density, tolerance->density_points},
    };
    memcpy(rates, all, sizeof(all));
}
