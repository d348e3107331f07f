/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/kernel_fixture.h"

enum { GUARD = 0xA5 };

const enum po_cpu_level levels[LEVELS] = {PO_CPU_SSE4, PO_CPU_AVX2, PO_CPU_AVX512,
                                          PO_CPU_NEON};
const int widths[WIDTHS] = {1, 2, 15, 16, 17, 31, 33, 64, 97, 255, 257, 700};

static uint32_t random_state = 1;

uint32_t random_bits(void)
{
    random_state = random_state * 1664525U + 1013904223U;
    return random_state >> 8;
}

uint8_t random_byte(int flavour)
{
    static const uint8_t edges[] = {0, 1, 127, 128, 254, 255};
    if (flavour == 0)
        return (uint8_t)random_bits();
    if (flavour == 1)
        return edges[random_bits() % sizeof(edges)];
    return (uint8_t)(100 + random_bits() % 2);
}

uint8_t *buffer_new(size_t bytes)
{
    uint8_t *buffer = aligned_alloc(64, (bytes + SLACK + 63) / 64 * 64);
    assert_non_null(buffer);
    memset(buffer, GUARD, (bytes + SLACK + 63) / 64 * 64);
    return buffer;
}

uint8_t *random_buffer(size_t bytes, int flavour)
{
    uint8_t *buffer = buffer_new(bytes);
    for (size_t i = 0; i < bytes; i++)
        buffer[i] = random_byte(flavour);
    return buffer;
}

size_t padded(int count)
{
    return ((size_t)count + SPAN_PADDING - 1) / SPAN_PADDING * SPAN_PADDING;
}

void assert_guarded(const uint8_t *buffer, size_t bytes)
{
    for (size_t i = bytes; i < bytes + SLACK; i++)
        assert_int_equal(buffer[i], GUARD);
}

double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void report(const char *kernel, const char *level, double reference, double time)
{
    (void)printf("    %-18s %-6s %8.2f us, %6.1f times scalar\n", kernel, level,
                 time * 1e6, reference / time);
}
