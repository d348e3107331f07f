/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher's kernels in NEON (AArch64): 16 disparities a register. */
#include <arm_neon.h>
#include <stdint.h>

#include "stereo/sgm_kernels.h"

enum { VEC_LANES = 16 };
typedef uint8x16_t vec;
typedef int16x8_t vec16;
typedef uint64_t vec_bits;

static inline vec vec_load(const uint8_t *p)
{
    return vld1q_u8(p);
}
static inline void vec_store(uint8_t *p, vec v)
{
    vst1q_u8(p, v);
}
static inline vec vec_set(uint8_t value)
{
    return vdupq_n_u8(value);
}
static inline vec vec_splat(const uint8_t *p)
{
    return vld1q_dup_u8(p);
}
static inline vec vec_table(const uint8_t *p)
{
    return vld1q_u8(p);
}
static inline vec vec_lookup(vec table, vec index)
{
    return vqtbl1q_u8(table, index);
}
static inline vec vec_add(vec a, vec b)
{
    return vaddq_u8(a, b);
}
static inline vec vec_adds(vec a, vec b)
{
    return vqaddq_u8(a, b);
}
static inline vec vec_sub(vec a, vec b)
{
    return vsubq_u8(a, b);
}
static inline vec vec_min(vec a, vec b)
{
    return vminq_u8(a, b);
}
static inline vec vec_max(vec a, vec b)
{
    return vmaxq_u8(a, b);
}
static inline vec vec_avg(vec a, vec b)
{
    return vrhaddq_u8(a, b);
}
static inline vec vec_eq(vec a, vec b)
{
    return vceqq_u8(a, b);
}
static inline vec vec_or(vec a, vec b)
{
    return vorrq_u8(a, b);
}
static inline vec vec_andnot(vec mask, vec b)
{
    return vbicq_u8(b, mask);
}
static inline vec vec_select(vec mask, vec yes, vec no)
{
    return vbslq_u8(mask, yes, no);
}
static inline vec vec_ask(vec index, vec bound, vec value, uint8_t bit)
{
    const vec below = vcgtq_s8(vreinterpretq_s8_u8(bound), vreinterpretq_s8_u8(value));
    return vec_or(index, vandq_u8(below, vec_set(bit)));
}
static inline vec vec_keep(vec v)
{
    __asm__("" : "+w"(v));
    return v;
}
static inline vec vec_from_below(vec v)
{
    return vextq_u8(vdupq_n_u8(255), v, 15);
}
static inline vec vec_from_above(vec v)
{
    return vextq_u8(v, vdupq_n_u8(255), 1);
}
static inline vec vec_min_all(vec v)
{
    return vdupq_n_u8(vminvq_u8(v));
}
static inline uint8_t vec_min_byte(vec v)
{
    return vminvq_u8(v);
}
static inline uint8_t vec_first_byte(vec v)
{
    return vgetq_lane_u8(v, 0);
}
static inline vec_bits vec_mask(vec v)
{
    /* four bits a lane */
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(v), 4)), 0);
}
static inline int mask_first(vec_bits mask)
{
    return __builtin_ctzll(mask) / 4;
}

static inline vec16 vec_low(vec v)
{
    return vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(v)));
}
static inline vec16 vec_high(vec v)
{
    return vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(v)));
}
static inline vec vec_narrow(vec16 low, vec16 high)
{
    return vcombine_u8(vqmovun_s16(low), vqmovun_s16(high));
}
static inline vec16 vec16_set(int16_t value)
{
    return vdupq_n_s16(value);
}
static inline vec16 vec16_add(vec16 a, vec16 b)
{
    return vaddq_s16(a, b);
}
static inline vec16 vec16_sub(vec16 a, vec16 b)
{
    return vsubq_s16(a, b);
}
static inline vec16 vec16_quarter(vec16 v)
{
    return vshrq_n_s16(v, 2);
}
static inline vec16 vec16_load_bytes(const uint8_t *p)
{
    return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p)));
}
static inline vec16 vec16_load(const uint16_t *p)
{
    return vreinterpretq_s16_u16(vld1q_u16(p));
}
static inline void vec16_store(int16_t *p, vec16 v)
{
    vst1q_s16(p, v);
}
static inline vec16 vec16_max(vec16 a, vec16 b)
{
    return vmaxq_s16(a, b);
}
static inline vec16 vec16_min(vec16 a, vec16 b)
{
    return vminq_s16(a, b);
}
static inline vec16 vec16_times_16(vec16 v)
{
    return vshlq_n_s16(v, 4);
}
static inline vec16 vec16_greater(vec16 a, vec16 b)
{
    return vreinterpretq_s16_u16(vcgtq_s16(a, b));
}
static inline vec16 vec16_select(vec16 mask, vec16 yes, vec16 no)
{
    return vbslq_s16(vreinterpretq_u16_s16(mask), yes, no);
}

typedef uint8x16_t vec128;

static inline vec128 vec128_load(const uint8_t *p)
{
    return vld1q_u8(p);
}
static inline void vec128_store(uint8_t *p, vec128 v)
{
    vst1q_u8(p, v);
}
static inline vec128 vec128_set(uint8_t value)
{
    return vdupq_n_u8(value);
}
static inline vec128 vec128_or(vec128 a, vec128 b)
{
    return vorrq_u8(a, b);
}
static inline vec128 vec128_max(vec128 a, vec128 b)
{
    return vmaxq_u8(a, b);
}
static inline vec128 vec128_subs(vec128 a, vec128 b)
{
    return vqsubq_u8(a, b);
}
static inline vec128 vec128_high_nibble(vec128 v)
{
    return vshlq_n_u8(v, 4);
}
static inline vec128 vec128_zip_low_8(vec128 a, vec128 b)
{
    return vzip1q_u8(a, b);
}
static inline vec128 vec128_zip_high_8(vec128 a, vec128 b)
{
    return vzip2q_u8(a, b);
}
static inline vec128 vec128_zip_low_16(vec128 a, vec128 b)
{
    return vreinterpretq_u8_u16(
        vzip1q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
}
static inline vec128 vec128_zip_high_16(vec128 a, vec128 b)
{
    return vreinterpretq_u8_u16(
        vzip2q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
}
static inline vec128 vec128_zip_low_32(vec128 a, vec128 b)
{
    return vreinterpretq_u8_u32(
        vzip1q_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)));
}
static inline vec128 vec128_zip_high_32(vec128 a, vec128 b)
{
    return vreinterpretq_u8_u32(
        vzip2q_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)));
}
static inline vec128 half_max_of_three(const vec128 bytes[3])
{
    uint8_t all[48];
    for (int k = 0; k < 3; k++)
        vst1q_u8(all + 16 * k, bytes[k]);
    const uint8x16x3_t rgb = vld3q_u8(all);
    return vmaxq_u8(rgb.val[0], vmaxq_u8(rgb.val[1], rgb.val[2]));
}

#include "stereo/sgm_vector_features.h"
#include "stereo/sgm_vector_forest.h"
#include "stereo/sgm_vector_sweeps.h"

static const struct sgm_sweeps sweeps_vectors = SGM_VECTOR_SWEEPS;
const struct sgm_kernels sgm_kernels_neon = SGM_VECTOR_KERNELS("neon", NULL);
