/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products of terms over the rows of a window, as a row enters and one leaves;
 * included by subpixel_loops.h. On x86 what enters and what leaves lie side by side, so
 * that one instruction multiplies both and adds them up.
 */
#ifndef REFINE_SUBPIXEL_PRODUCTS_H
#define REFINE_SUBPIXEL_PRODUCTS_H

#include <stddef.h>

#include "refine/row_x86.h"
#include "refine/subpixel_window.h"

#ifdef ROW_X86

enum {
    PRODUCT_LANES = sizeof(row_x86) / sizeof(int16_t), /* pixels taken together */
    PRODUCT_TERMS = SUBPIXEL_TERMS - TERM_ERROR,
};

/* Terms of a pixel that enters and of one that leaves, in turns; of the first and of the
 * second half of the pixels. */
struct product_pairs {
    row_x86 halves[2];
};

static inline row_x86 load_terms(const int16_t *terms)
{
    row_x86 v;
    memcpy(&v, terms, sizeof(v));
#ifdef __AVX2__
    v = _mm256_permute4x64_epi64(v, 0xd8); /* unpacking stays within halves */
#endif
    return v;
}

static inline struct product_pairs pair_up(row_x86 a, row_x86 b)
{
    return (struct product_pairs){
        {ROW_X86(unpacklo_epi16)(a, b), ROW_X86(unpackhi_epi16)(a, b)}};
}

static inline void add_products(const struct product_pairs *a,
                                const struct product_pairs *b, int32_t *sums)
{
    for (int k = 0; k < 2; k++) {
        row_x86 sum;
        int32_t *at = sums + (ptrdiff_t)k * (PRODUCT_LANES / 2);
        memcpy(&sum, at, sizeof(sum));
        sum = ROW_X86(add_epi32)(sum, ROW_X86(madd_epi16)(a->halves[k], b->halves[k]));
        memcpy(at, &sum, sizeof(sum));
    }
}

static inline void exchange_products(const struct subpixel_window *window, ptrdiff_t x,
                                     const struct subpixel_terms *entering,
                                     const struct subpixel_terms *leaving)
{
    for (ptrdiff_t end = x + SUBPIXEL_BLOCK; x < end; x += PRODUCT_LANES) {
        struct product_pairs both[PRODUCT_TERMS], less[PRODUCT_TERMS];
        const row_x86 zero = {0};
        for (int k = 0; k < PRODUCT_TERMS; k++) {
            row_x86 enters = load_terms(entering->of[TERM_ERROR + k] + x);
            row_x86 leaves = load_terms(leaving->of[TERM_ERROR + k] + x);
            both[k] = pair_up(enters, leaves);
            less[k] = pair_up(enters, ROW_X86(sub_epi16)(zero, leaves));
        }
        for (int a = 0, k = 0; a < PRODUCT_TERMS; a++)
            for (int b = a; b < PRODUCT_TERMS; b++, k++)
                add_products(&both[a], &less[b], window->products[k] + x);
    }
}

#else

struct term_pair {
    const int16_t *a, *b;
};

static inline void exchange_product(struct term_pair entering, struct term_pair leaving,
                                    int32_t *restrict sums)
{
    for (int i = 0; i < SUBPIXEL_BLOCK; i++)
        sums[i] += entering.a[i] * entering.b[i] - leaving.a[i] * leaving.b[i];
}

static inline void exchange_products(const struct subpixel_window *window, ptrdiff_t x,
                                     const struct subpixel_terms *entering,
                                     const struct subpixel_terms *leaving)
{
    for (int a = TERM_ERROR, k = 0; a < SUBPIXEL_TERMS; a++)
        for (int b = a; b < SUBPIXEL_TERMS; b++, k++)
            exchange_product((struct term_pair){entering->of[a] + x, entering->of[b] + x},
                             (struct term_pair){leaving->of[a] + x, leaving->of[b] + x},
                             window->products[k] + x);
}

#endif

#endif
