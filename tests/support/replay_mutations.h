/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a replay makes of one input beside itself, always the same: a line left out, the
 * end cut off after a line, a number replaced by what is none or is absurd, a mark of
 * structure left out; of what is no text, bytes of its head. So the errors of a reader
 * run in every test run, not only under a fuzzer.
 */
#ifndef TESTS_REPLAY_MUTATIONS_H
#define TESTS_REPLAY_MUTATIONS_H

#include <stddef.h>
#include <stdint.h>

/* Calls `replay` with each; the number of calls. Long inputs have none. */
long replay_mutations(const uint8_t *data, size_t size,
                      void (*replay)(const uint8_t *data, size_t size));

#endif
