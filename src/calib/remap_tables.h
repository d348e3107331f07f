/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remap tables of a calibration file: where each rectified pixel lies in the raw image,
 * as somebody else's rectification left it.
 *
 * The supervisor knows what they are and where they lie (struct calibration_maps); a
 * child reads the numbers. Any of OpenCV's pairs: x and y as floats, both in one array of
 * two channels, or whole pixels (two of 16 bit) with a table of fractions.
 */
#ifndef CALIB_REMAP_TABLES_H
#define CALIB_REMAP_TABLES_H

#include "calib/calibration.h"

/*
 * The tables of one side (0 left, 1 right) in OpenCV's fixed point: map_xy holds x, y of
 * whole pixels, map_fraction 32 * (32nds of y) + (32nds of x); width * height of
 * calibration->maps each. Large files: only in a child.
 */
PO_MUST_CHECK enum po_status remap_tables_read(const struct calibration *calibration,
                                               int side, int16_t *map_xy,
                                               uint16_t *map_fraction,
                                               struct po_error *error);

#endif
