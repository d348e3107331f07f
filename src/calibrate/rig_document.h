/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rig document: a calibration as text in one of four formats, all of which this program
 * reads again. No dates, no paths, no host: the same rig gives the same bytes.
 *
 * Ownership: texts are malloc'ed; rig_document_release frees them.
 */
#ifndef CALIBRATE_RIG_DOCUMENT_H
#define CALIBRATE_RIG_DOCUMENT_H

#include "calib/rectification.h"

enum { RIG_FIGURES = 24, RIG_FILES = 2 };

/* The first line of each file of ours: what may be replaced. */
#define RIG_DOCUMENT_MARK "written by process_offline"

/* A number that goes with the calibration, such as how sure it is. */
struct rig_figure {
    const char *name; /* a literal */
    double value;
};

struct rig_to_write {
    struct calibration calibration;     /* raw cameras; mm or squares */
    struct rectification rectification; /* of it */
    double square_mm;                   /* 0: none was given */
    int figure_count;
    struct rig_figure figures[RIG_FIGURES];
};

void rig_figure_add(struct rig_to_write *rig, const char *name, double value);

struct rig_document {
    int file_count;
    const char *suffixes[RIG_FILES]; /* "", or "_left" and "_right" */
    char *texts[RIG_FILES];
};

/* PO_BAD_ARGUMENT: the format cannot hold this rig, and which can. */
PO_MUST_CHECK enum po_status rig_document_make(const struct rig_to_write *rig,
                                               enum po_calibration_format format,
                                               struct rig_document *document,
                                               struct po_error *error);
void rig_document_release(struct rig_document *document);

#endif
