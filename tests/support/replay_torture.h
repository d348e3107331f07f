/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Torture of a reader in a replay: one call of the system fails at a time, the first, the
 * second, and so on, of each kind. Whatever fails, the reader neither crashes nor leaks.
 *
 * A target says where the code under test begins and ends; what it needs itself does not
 * fail. Nothing at all under libFuzzer or a sanitizer, which have a malloc of their own.
 */
#ifndef TESTS_REPLAY_TORTURE_H
#define TESTS_REPLAY_TORTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef PO_REPLAY_TORTURE
void torture_begin(void);
void torture_end(void);
/* Whether a call has failed since the input was begun: what is read back may be an error.
 */
bool torture_has_failed(void);
/* "stat 3": which. */
const char *torture_failure(void);
/* Replays one input with each of its calls failing in turn; the number of failures. */
long torture_input(const uint8_t *data, size_t size);
#else
static inline void torture_begin(void)
{
}
static inline void torture_end(void)
{
}
static inline bool torture_has_failed(void)
{
    return false;
}
static inline const char *torture_failure(void)
{
    return "";
}
static inline long torture_input(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    return 0;
}
#endif

#endif
