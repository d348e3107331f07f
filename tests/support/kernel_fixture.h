/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of kernels share: inputs that lean to the edges of their ranges, guard bytes
 * behind what a kernel may write, the levels and widths to try, and times, printed and
 * never asserted.
 *
 * Ownership: buffers are the caller's to free.
 */
#ifndef SUPPORT_KERNEL_FIXTURE_H
#define SUPPORT_KERNEL_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "stereo/kernel_dispatch.h"

enum { SLACK = 256, MAX_WIDTH = 700, ROUNDS = 3, LEVELS = 4, WIDTHS = 12 };

extern const enum po_cpu_level levels[LEVELS]; /* all but the reference */
extern const int widths[WIDTHS];

uint32_t random_bits(void);
/* Uniform, or 0 and 255 and their neighbours, or two close values: ties. */
uint8_t random_byte(int flavour);

/* Filled with guard bytes, SLACK more than asked for. */
uint8_t *buffer_new(size_t bytes);
uint8_t *random_buffer(size_t bytes, int flavour);
void assert_guarded(const uint8_t *buffer, size_t bytes);

size_t padded(int count);
double seconds(void);
void report(const char *kernel, const char *level, double reference, double time);

#endif
