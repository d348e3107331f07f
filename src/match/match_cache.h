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
#ifndef MATCH_MATCH_CACHE_H
#define MATCH_MATCH_CACHE_H

#include <stdbool.h>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "rectify/vertical_correction.h"
#include "stereo/matcher.h"

/* Its folder within the state directory. */
#define MATCH_CACHE_FOLDER "matches"

struct match_cache {
    const char *directory;
    uint64_t limit_bytes;
};

/* A raw match with all that matching found out. */
struct kept_match {
    struct match_output *output;
    struct vertical_disparity vertical_disparity;
};

/* Fills the taken views of `match->output` and the rest from the entry; false when there
 * is none that fits. */
bool match_cache_load(const struct match_cache *cache, struct hash key,
                      struct kept_match *match);

/* Whether there is an entry; it may yet turn out to be broken. */
bool match_cache_has(const struct match_cache *cache, struct hash key);

/*
 * Keeps `match` through the closed writer `file`, then drops the least recently used
 * entries above the limit. A match larger than the limit is not kept.
 */
PO_MUST_CHECK enum po_status match_cache_store(const struct match_cache *cache,
                                               struct hash key,
                                               const struct kept_match *match,
                                               struct atomic_file *file,
                                               struct po_error *error);

/* Drops the least recently used entries until the folder holds at most `limit_bytes`. */
void match_cache_trim(const char *directory, uint64_t limit_bytes);

#endif
