/* SPDX-License-Identifier: Apache-2.0 */
/* Survey rows: the vertical field that --rectify-refine takes out of the images, and what
 * the rows were like, for the report. */
#ifndef SURVEY_SURVEY_ROWS_H
#define SURVEY_SURVEY_ROWS_H

#include "survey/survey_context.h"

/* Measures rows on up to `frames` frames of each group whose field is not known, and
 * fills values->vertical_fields. */
PO_MUST_CHECK enum po_status survey_refine_rows(const struct session_survey *survey,
                                                int frames, struct po_error *error);
void survey_note_rows(const struct session_survey *survey);

#endif
