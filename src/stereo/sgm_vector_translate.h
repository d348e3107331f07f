/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of 256 bytes looked up over the vectors of an instruction set, sixteen entries
 * at a time; included after sgm_vector_forest.h, whose `wide` vectors it takes. One
 * operation is its own, vec_pick or wide_pick: as a lookup, but 0 from index 16 on. What
 * looks up more at once defines WIDE_TRANSLATE and wide_translate.
 */
#ifndef STEREO_SGM_VECTOR_TRANSLATE_H
#define STEREO_SGM_VECTOR_TRANSLATE_H

#include <string.h>

enum { TRANSLATED_AT_ONCE = 16, TRANSLATE_TABLES = 256 / TRANSLATED_AT_ONCE };

#ifndef WIDE_TRANSLATE
static inline vec wide_translate(const uint8_t *table, vec index)
{
    vec translated = vec_set(0);
    for (int k = 0; k < TRANSLATE_TABLES; k++) {
        const vec entries = vec_table(table + (ptrdiff_t)k * TRANSLATED_AT_ONCE);
        translated = vec_or(translated, vec_pick(entries, index));
        index = vec_sub(index, vec_set(TRANSLATED_AT_ONCE));
    }
    return translated;
}
#endif

static void translate_vectors(const uint8_t table[256], const uint8_t *bytes, int count,
                              uint8_t *translated)
{
    _Alignas(64) uint8_t aligned[256];
    memcpy(aligned, table, sizeof(aligned));
    for (int i = 0; i < count; i += WIDE_LANES)
        wide_store(translated + i, wide_translate(aligned, wide_load(bytes + i)));
}

#endif
