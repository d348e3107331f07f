/* SPDX-License-Identifier: Apache-2.0 */
/* An observer that counts how often it heard that a frame ended. */
#ifndef SUPPORT_TOLD_FRAMES_H
#define SUPPORT_TOLD_FRAMES_H

enum { TOLD_FRAMES_MAX = 64 };

static int told[TOLD_FRAMES_MAX];

static inline void hear(void *context, int frame)
{
    (void)context;
    told[frame]++;
}

#endif
