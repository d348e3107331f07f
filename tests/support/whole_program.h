/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole program inside a test: a command line over a small session, with what it says
 * and leaves looked at after it. So calls can fail in its supervisor at a hundredth of
 * what a process of its own costs; children run as they do, and nothing fails in them.
 *
 * Ownership: program_begin makes a folder that program_end removes.
 */
#ifndef SUPPORT_WHOLE_PROGRAM_H
#define SUPPORT_WHOLE_PROGRAM_H

#include <stdbool.h>

#include "support/test_folder.h"

enum { PROGRAM_WORDS = 12, PROGRAM_TEXT_BYTES = 1 << 15 };

/* Options after --input and --output; "@/name" is a file of the test's folder. */
typedef const char *program_words[PROGRAM_WORDS];

struct program_run {
    int exit_status;
    char text[PROGRAM_TEXT_BYTES]; /* what it said, cut at the end */
};

/* A fresh folder with a session of `frames` pairs of 64x48 pixels in "session". */
void program_begin(int frames);
void program_end(void);
/* A file of the folder, in one of a few rotating buffers. */
const char *program_path(const char *name);

/* As main does. `armed` is called when the options are read, `ended` when all is done. */
void program_run(const program_words *words, void (*armed)(void),
                 struct program_run *run);

/* Makes "output" what the folder `from` holds, or nothing where that is NULL. */
void program_lay_output(const char *from);
/* Makes `to` what the folder `from` holds. */
void program_copy(const char *from, const char *to);

/* Whether each frame below "output" has the bytes of that below `reference`; and how many
 * there are. */
bool program_frames_are(const char *reference, int *count);
/* The first file or folder below "output" that is half made; NULL: none. */
const char *program_leftover(void);

#endif
