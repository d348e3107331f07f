/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Side marks: what distinguishes the left from the right by name: left01, cam0_7,
 * imageL0, 7_1.
 *
 * A family is one pair of marks and the places in a name where it may stand. The words of
 * several languages, letters and digits are rows of one table, the surest first. Judges
 * names alone; whether two names really are a pair shows when both are there.
 */
#ifndef SESSION_SIDE_MARK_H
#define SESSION_SIDE_MARK_H

#include <stdbool.h>

enum { SIDE_LEFT, SIDE_RIGHT };
enum { SIDE_MARK_FAMILIES = 20, SIDE_KEY_BYTES = 256 };

/* The name without extension and without the mark; false when it has no such mark. */
bool side_mark_strip(const char *name, int family, int side, char key[SIDE_KEY_BYTES]);

/* Families of digits: a number of another value in the mark's place ("_2" beside "_0" and
 * "_1") says that it counts frames, not cameras. `key` as of side_mark_strip. */
bool side_mark_counts(const char *name, int family, char key[SIDE_KEY_BYTES]);
/* Whether the marks are 0 and 1 alone, which frames may have as well. */
bool side_mark_is_digit(int family);
/* Such as "left and right". */
const char *side_mark_name(int family);

/* What two names of one pair share; empty when that is nothing. */
void pair_key(const char *left, const char *right, char key[SIDE_KEY_BYTES]);
/* The name without its extension. */
void stem_copy(const char *name, char key[SIDE_KEY_BYTES]);

#endif
