/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Siblings: the files beside a calibration that may hold its other parts, for formats
 * that spread one rig over files whose names are everybody's own.
 *
 * Invariant: the first SIBLINGS_MAX files with the same ending, in natural order; nothing
 * is read below the folder. Ownership: siblings_release frees the paths.
 */
#ifndef CALIB_SIBLINGS_H
#define CALIB_SIBLINGS_H

#include "calib/calibration.h"

enum { SIBLINGS_MAX = 32, SIBLINGS_LOOKED_AT = 1 << 20 };

struct siblings {
    int count;
    char *paths[SIBLINGS_MAX];
};

/* Files of the folder of `path` that end as it does, itself among them. */
PO_MUST_CHECK enum po_status siblings_list(const char *path, struct siblings *siblings,
                                           struct po_error *error);
void siblings_release(struct siblings *siblings);

#endif
