/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Match cache: raw matches kept on disk under the key of what they were computed from, so
 * that a change of refinement, cloud or output settings does not repeat the matching.
 *
 * Invariant: an entry appears whole or not at all, carries its key, size and checksum,
 * and one that does not fit is as good as none. Losing an entry costs only time, so
 * nothing is synced. The least recently used go first when the folder grows above its
 * limit.
 */
#ifndef FRAME_MATCH_CACHE_H
#define FRAME_MATCH_CACHE_H

#include <stdbool.h>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "stereo/matcher.h"

/* Fills the taken views of `output` from the entry; false when there is none that fits.
 */
bool match_cache_load(const char *directory, struct hash key,
                      struct match_output *output);

/*
 * Keeps `output` through the closed writer `file`, then drops the least recently used
 * entries above `limit_bytes`. A match larger than the limit is not kept.
 */
PO_MUST_CHECK enum po_status match_cache_store(const char *directory, struct hash key,
                                               const struct match_output *output,
                                               uint64_t limit_bytes,
                                               struct atomic_file *file,
                                               struct po_error *error);

/* Drops the least recently used entries until the folder holds at most `limit_bytes`. */
void match_cache_trim(const char *directory, uint64_t limit_bytes);

#endif
