/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NumPy files to a document: an .npz (a zip of arrays, stored or deflated) or the .npy
 * files of one folder. A member's name is its key.
 *
 * Invariant: at most NUMPY_MEMBERS members; an array of more than DOCUMENT_ARRAY_NUMBERS
 * keeps its shape alone, so nothing is inflated beyond that; pickled objects are never
 * read, they stand in the tree as a text that says so. Ownership: document_destroy.
 */
#ifndef CALIB_NUMPY_TREE_H
#define CALIB_NUMPY_TREE_H

#include "calib/document.h"
#include "calib/npy_array.h"

enum { NUMPY_MEMBERS = 256 };

PO_MUST_CHECK enum po_status
document_from_npz(const char *path, struct document **document, struct po_error *error);
PO_MUST_CHECK enum po_status document_from_npy_folder(const char *path,
                                                      struct document **document,
                                                      struct po_error *error);

/* Adds the array of `stream` under `key`; for the readers above. */
PO_MUST_CHECK enum po_status document_add_npy(struct document *document,
                                              struct document_node *root,
                                              const char *name, const char *key,
                                              const struct npy_stream *stream,
                                              struct po_error *error);

#endif
