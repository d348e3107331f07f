/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables of a MATLAB file as JSON, which the parent reads like any other: matrices
 * as {rows, cols, data} in row order, structs as maps, objects as a text that says so.
 * Runs in a child of document_from_mat.
 */
#ifndef CALIB_MAT_PRINT_H
#define CALIB_MAT_PRINT_H

#include <stdio.h>

enum mat_print_end {
    MAT_PRINTED,
    MAT_NO_LIBRARY = 3, /* also the child's exit status */
    MAT_NOT_OPENED = 4,
    MAT_BROKEN = 5, /* a variable cannot be read: the others alone are another rig */
};

#define MAT_OBJECT_TEXT "a MATLAB object"

enum mat_print_end mat_print(const char *path, FILE *out);

#endif
