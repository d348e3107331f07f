/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the name of a list that is closest to a misspelt one. */
#ifndef SETTINGS_EDIT_DISTANCE_H
#define SETTINGS_EDIT_DISTANCE_H

#include <stddef.h>

/*
 * Fewest insertions, deletions, changes and swaps of neighbours between two names, '_'
 * equal to '-' and case ignored (Damerau 1964, in the restricted form that edits no
 * substring twice). Names are compared up to their 63rd byte.
 */
size_t edit_distance(const char *a, const char *b);

/* Whether `distance` is small enough for a name of this length to be meant. */
int edit_distance_is_close(size_t distance, const char *name);

/* The closest of a NULL-terminated list, NULL when none is close. */
const char *edit_distance_closest(const char *name, const char *const *list);

#endif
