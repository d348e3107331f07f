/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prior source: which file a frame's depth prior comes from, beside its own left image.
 *
 * With a folder of maps: the map of the frame, or of the frame it is carried from. With a
 * network: nothing for a frame of its own, the left image of the frame it is carried from
 * for the others. Ownership: paths are the manifest's.
 */
#ifndef SESSION_PRIOR_SOURCE_H
#define SESSION_PRIOR_SOURCE_H

#include "session/manifest.h"

/*
 * `prior` is a folder or the file of a network; every: one prior for so many frames.
 * PO_BAD_ARGUMENT: a folder without a map for any of the frames; a map that is missing
 * for some is only warned of.
 */
PO_MUST_CHECK enum po_status prior_source_assign(struct manifest *manifest,
                                                 const char *prior, int every,
                                                 struct po_error *error);

/* Whether `prior` names a folder of maps. */
bool prior_is_folder(const char *prior);

#endif
