/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The widest x86 vectors of the table that is compiled, where loops name instructions
 * that the compiler does not find by itself. Kernel files include the intrinsics before;
 * other tables have no ROW_X86, and take what is written beside in plain C.
 */
#ifndef REFINE_ROW_X86_H
#define REFINE_ROW_X86_H

#ifdef __AVX2__
#define ROW_X86(name) _mm256_##name
typedef __m256i row_x86;
#elif defined(__SSE4_1__)
#define ROW_X86(name) _mm_##name
typedef __m128i row_x86;
#endif

#endif
