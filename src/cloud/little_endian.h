/* SPDX-License-Identifier: Apache-2.0 */
/* Stores for binary formats, the same bytes on every machine. */
#ifndef CLOUD_LITTLE_ENDIAN_H
#define CLOUD_LITTLE_ENDIAN_H

#include <stdint.h>
#include <string.h>

static inline void little_u16(unsigned char *out, uint16_t value)
{
    out[0] = (unsigned char)value;
    out[1] = (unsigned char)(value >> 8);
}

static inline void little_u32(unsigned char *out, uint32_t value)
{
    little_u16(out, (uint16_t)value);
    little_u16(out + 2, (uint16_t)(value >> 16));
}

static inline void little_u64(unsigned char *out, uint64_t value)
{
    little_u32(out, (uint32_t)value);
    little_u32(out + 4, (uint32_t)(value >> 32));
}

static inline void little_f64(unsigned char *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    little_u64(out, bits);
}

#endif
