/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept pairs: the rectified pairs of frames that a survey loaded, so that these frames
 * themselves need not decode and rectify their images a second time.
 *
 * The room is shared memory: the supervisor makes it and never looks into it, a survey's
 * child puts a pair there, the child that makes the frame takes it and gives the memory
 * back.
 *
 * Invariant: a pair counts only under the key of what it was made from (state of both
 * files, calibration, rows, sizes, scales), so that it is what loading would give.
 * Ownership: kept_pairs_release, safe on a zeroed struct.
 */
#ifndef FRAME_KEPT_PAIRS_H
#define FRAME_KEPT_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "base/warning_list.h"
#include "frame/frame_plan.h"

enum { KEPT_PAIRS_MAX = 8 };

struct kept_pairs {
    int count;
    int frames[KEPT_PAIRS_MAX]; /* that have room */
    size_t slot_bytes;
    uint8_t *slots; /* NULL: there is no room; mapped alike in all processes */
};

/* Bytes of room for the pair of such a frame. */
size_t kept_pair_bytes(const struct frame_plan *plan);

/* Makes room for pairs of up to `slot_bytes` each, of at most KEPT_PAIRS_MAX frames.
 * Where the system refuses it there is none, which is no error: frames load their own. */
void kept_pairs_init(struct kept_pairs *pairs, const int *frames, int count,
                     size_t slot_bytes);
void kept_pairs_release(struct kept_pairs *pairs);

/* Whether the frame's pair is there; `pairs` NULL: no. */
bool kept_pairs_holds(const struct kept_pairs *pairs, int frame);
/* Gives the memory of a pair back. */
void kept_pairs_forget(const struct kept_pairs *pairs, int frame);
/* What the pairs that are there take at most. */
size_t kept_pairs_bytes(const struct kept_pairs *pairs);

/* One pair as it lies in its room: pixels without padding follow. */
struct kept_pair {
    struct hash key;
    struct warning_list warnings; /* of the readers */
    uint8_t *left;
    uint8_t *right;
};

/* The room of a frame that holds nothing yet; NULL: it has none, or `plan` needs more. */
struct kept_pair *kept_pairs_room(const struct kept_pairs *pairs, int frame,
                                  const struct frame_plan *plan);
/* Says that what was put into its room is whole. */
void kept_pairs_set(const struct kept_pairs *pairs, int frame);
/* The pair of a frame under this key; NULL: there is none. */
const struct kept_pair *kept_pairs_find(const struct kept_pairs *pairs, int frame,
                                        struct hash key);

#endif
