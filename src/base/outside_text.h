/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside: names of files, what files say, what the environment holds.
 *
 * Invariant: nothing of it moves a cursor, changes a terminal's state or looks like a
 * line of ours. A character that could becomes '?': control bytes (C0 and DEL, line feeds
 * too, and C1 as terminals read it in UTF-8), the marks that turn the order of writing,
 * and bytes that are no UTF-8. All that goes to stdout, stderr, JSON lines, HTML and
 * JUnit comes through here; JSON files escape instead, as they must give names back.
 */
#ifndef BASE_OUTSIDE_TEXT_H
#define BASE_OUTSIDE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "process_offline/status.h"

/* Bytes of the next character, at least one; *harmless says whether it may be shown. */
size_t outside_text_next(const char *text, bool *harmless);

/* Replaces what may not be shown, in place. Bytes of `keep` stay as they are; a character
 * cut at the end goes. */
void outside_text_clean(char *text, const char *keep);

/* printf without a newline: nothing but harmless text, whatever the arguments hold. */
void text_part(FILE *stream, const char *format, ...) PO_PRINTF(2, 3);
/* The same, and the newline that ends the line. */
void text_line(FILE *stream, const char *format, ...) PO_PRINTF(2, 3);
void text_end(FILE *stream); /* the newline alone */
void text_tab(FILE *stream); /* between columns */

/* Text of ours that holds several lines and quotes what is from outside: line feeds and
 * tabs stay. `text` is changed. */
void text_lines(FILE *stream, char *text);

#endif
