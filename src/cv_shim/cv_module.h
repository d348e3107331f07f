/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module with OpenCV in it, loaded when its first call is made: OpenCV brings twenty
 * shared libraries, whose relocation would be most of the program's start, and only
 * children that compute need it.
 *
 * It lies beside the program or the library this code is in, or in the folder that an
 * installation has for it; nowhere else is looked, whatever the environment says. It
 * stays loaded. Nothing is kept here: the loader knows what it has.
 */
#ifndef CV_SHIM_CV_MODULE_H
#define CV_SHIM_CV_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "process_offline/status.h"

struct cv_table;

enum { CV_MODULE_PLACES = 4 };

/* Where the module may lie, whether it is there or not; false with errno when it cannot
 * be told where the program lies. */
bool cv_module_place(int place, char *path, size_t path_bytes);

/* PO_NOT_FOUND where it is missing, PO_UNSUPPORTED where it is of another build. */
PO_MUST_CHECK enum po_status cv_module_load(const struct cv_table **table,
                                            struct po_error *error);

#endif
