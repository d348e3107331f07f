/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairing by keys: what each image file is paired by, and the files of two sides whose
 * keys are equal, or are time stamps close to each other.
 */
#ifndef SESSION_PAIR_KEYS_H
#define SESSION_PAIR_KEYS_H

#include "session/keyed_list.h"

/* Pairs equal keys; the rest is unmatched. No pair because files share a key: an error.
 */
PO_MUST_CHECK enum po_status pair_by_key(struct pair_list *pairs,
                                         const char *const folders[2],
                                         struct keyed_list sides[2],
                                         struct po_error *error);
/* The same, and by time where the keys of both sides are time stamps. No pair is no
 * error. */
PO_MUST_CHECK enum po_status pair_by_key_or_time(struct pair_list *pairs,
                                                 const char *const folders[2],
                                                 struct keyed_list sides[2],
                                                 double tolerance_s,
                                                 struct po_error *error);

#endif
