/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MATLAB's .mat (versions 5, 7 and, where libmatio has HDF5, 7.3) to a document: named
 * matrices and structs of them.
 *
 * The file is read in a child with bounded memory, time and output, so that a hostile one
 * costs no more than a message. Ownership: document_destroy.
 */
#ifndef CALIB_MAT_TREE_H
#define CALIB_MAT_TREE_H

#include "calib/document.h"

PO_MUST_CHECK enum po_status
document_from_mat(const char *path, struct document **document, struct po_error *error);

#endif
