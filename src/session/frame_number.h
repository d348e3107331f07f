/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame numbers: the last run of digits of a name, for names that agree in nothing else
 * (0000.png and scan0000.png).
 */
#ifndef SESSION_FRAME_NUMBER_H
#define SESSION_FRAME_NUMBER_H

#include "session/listing.h"
#include "session/side_mark.h"

/* The number without leading zeros; false where there is none. */
bool frame_number_of(const char *name, char key[SIDE_KEY_BYTES]);

/* Whether all images of a folder differ in this number alone, so that it counts them. */
bool frame_numbers_count(const struct listing *listing);

#endif
