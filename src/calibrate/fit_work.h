/* SPDX-License-Identifier: Apache-2.0 */
/* The fit of a calibration as one job of a child: from sightings to the texts of its
 * files. OpenCV and pictures are touched, so never in the supervisor. */
#ifndef CALIBRATE_FIT_WORK_H
#define CALIBRATE_FIT_WORK_H

#include "base/cancel.h"
#include "calibrate/board_search.h"
#include "calibrate/pages.h"
#include "calibrate/verdict.h"

enum { FIT_PAGE_SUMMARY, FIT_PAGE_HTML, FIT_PAGE_DOCUMENTS };

struct fit_work {
    const struct po_settings *settings;
    const struct board_search *search;
    struct pages *pages; /* summary, page, documents; a refused one has no documents */
    enum verdict_grade *grade; /* shared memory */
};

PO_MUST_CHECK enum po_status fit_work_run(const struct fit_work *work,
                                          const struct cancel *cancel,
                                          struct po_error *error);

#endif
