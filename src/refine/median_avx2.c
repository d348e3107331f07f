/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The weighted median's windows in bytes, 32 samples a register, for the AVX2 table. The
 * same medians as median_loops.h gives, which says what the weights are.
 *
 * Weights fit in a byte, so the weight up to a limit is a comparison, a mask and a sum of
 * bytes. So that the comparison is one of bytes too, a window is searched twice: first
 * for the whole pixel (from the pixel's own value) that holds its median, then for the
 * sixteenth. Windows whose median lies farther away than bytes reach take the plain way.
 *
 * A register of bytes holds the samples of a lattice in order; its halves hold four rows
 * each. It is packed from two registers of 16 bits of which one holds the first two rows
 * of each four, the other the last two.
 */
#include <immintrin.h>

#include "base/number.h"
#include "refine/median_filter.h"
#include "refine/median_loops.h"

enum {
    BYTE_BATCH = 8, /* windows searched in step */
    RANGE_WEIGHTS = 32,
};

/* Inlined where the number of lattices is a constant. */
#define KERNEL static inline __attribute__((always_inline))

/* A pixel's samples. */
struct byte_window {
    __m256i values[MEDIAN_LATTICES_MAX][2];
    __m256i weights[MEDIAN_LATTICES_MAX];
    __m256i steps[MEDIAN_LATTICES_MAX]; /* what is searched */
    int16_t own;
};

/* Where each window's median can lie: 32-bit lanes, one a window. */
struct byte_search {
    __m256i first;
    __m256i left;
    __m256i half_weight;
};

/* What the loops of a row need beside the filter. */
struct byte_tables {
    __m256i near; /* the range weights of colours up to 15 apart, and of 16 to 31 */
    __m256i far;
    __m256i spatial[MEDIAN_LATTICES_MAX][2]; /* of the even bytes and of the odd ones */
};

static inline __m256i both_halves(__m128i low, __m128i high)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

static inline __m128i sixteen_bytes(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

/* What the weights of a window are made of. */
struct byte_looks {
    __m256i channels[3];
    __m256i trust;
};

/* Row j and row j + 4 of a window, which begin `at` there: by channels, four of each in
 * each half. */
static inline __m256i looks_of_rows(const struct median_filter *filter, int j,
                                    ptrdiff_t at)
{
    const __m128i by_channel =
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m256i both = both_halves(sixteen_bytes(filter->around[j]->looks + at),
                               sixteen_bytes(filter->around[j + 4]->looks + at));
    return _mm256_shuffle_epi8(both, both_halves(by_channel, by_channel));
}

/* Even rows begin at `even`, odd ones at `odd`. */
static inline void load_looks(const struct median_filter *filter, ptrdiff_t even,
                              ptrdiff_t odd, struct byte_looks *looks)
{
    __m256i a = looks_of_rows(filter, 0, even), b = looks_of_rows(filter, 1, odd);
    __m256i c = looks_of_rows(filter, 2, even), d = looks_of_rows(filter, 3, odd);
    __m256i low_ab = _mm256_unpacklo_epi32(a, b), high_ab = _mm256_unpackhi_epi32(a, b);
    __m256i low_cd = _mm256_unpacklo_epi32(c, d), high_cd = _mm256_unpackhi_epi32(c, d);
    looks->channels[0] = _mm256_unpacklo_epi64(low_ab, low_cd);
    looks->channels[1] = _mm256_unpackhi_epi64(low_ab, low_cd);
    looks->channels[2] = _mm256_unpacklo_epi64(high_ab, high_cd);
    looks->trust = _mm256_unpackhi_epi64(high_ab, high_cd);
}

static inline __m128i two_rows(const int16_t *first, const int16_t *second)
{
    return _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(const void *)first),
                              _mm_loadl_epi64((const __m128i *)(const void *)second));
}

/* Rows j, j + 1, j + 4 and j + 5. */
static inline __m256i values_of_rows(const struct median_filter *filter, int j,
                                     ptrdiff_t even, ptrdiff_t odd)
{
    const struct split_row *const *rows = filter->around + j;
    return both_halves(two_rows(rows[0]->values + even, rows[1]->values + odd),
                       two_rows(rows[4]->values + even, rows[5]->values + odd));
}

/* The range weight of what is farther apart than the tables reach is 0. */
static void load_tables(const struct median_filter *filter, struct byte_tables *tables)
{
    uint8_t weights[RANGE_WEIGHTS];
    uint16_t ordered[MEDIAN_LATTICES_MAX][2][LATTICE_PX / 2] = {{{0}}};
    for (int i = 0; i < RANGE_WEIGHTS; i++)
        weights[i] = (uint8_t)range_weight((uint16_t)i);
    for (int i = 0; i < filter->lattices * LATTICE_PX; i++)
        ordered[i / LATTICE_PX][i % 2][i % LATTICE_PX / 2] = filter->spatial_weights[i];
    __m128i near = sixteen_bytes(weights), far = sixteen_bytes(weights + 16);
    tables->near = both_halves(near, near);
    tables->far = both_halves(far, far);
    for (int i = 0; i < 2 * MEDIAN_LATTICES_MAX; i++) {
        const uint16_t *from = ordered[i / 2][i % 2];
        tables->spatial[i / 2][i % 2] =
            both_halves(sixteen_bytes(from), sixteen_bytes(from + LATTICE_PX / 4));
    }
}

static inline __m256i byte_distance(__m256i a, __m256i b)
{
    return _mm256_or_si256(_mm256_subs_epu8(a, b), _mm256_subs_epu8(b, a));
}

/* range_weight() of bytes: a shuffle gives 0 where its index is above 127. */
static inline __m256i byte_range_weights(const struct byte_tables *tables, __m256i apart)
{
    const __m256i beyond = _mm256_set1_epi8(0x70);
    __m256i for_far = _mm256_xor_si256(apart, _mm256_set1_epi8(0x10));
    return _mm256_or_si256(
        _mm256_shuffle_epi8(tables->near, _mm256_adds_epu8(apart, beyond)),
        _mm256_shuffle_epi8(tables->far, _mm256_adds_epu8(for_far, beyond)));
}

/* (range * spatial >> 8) * trust >> 8, of 16-bit lanes. */
static inline __m256i weigh_lanes(__m256i range, __m256i spatial, __m256i trust)
{
    __m256i weight = _mm256_and_si256(_mm256_mullo_epi16(range, spatial),
                                      _mm256_set1_epi16((int16_t)0xff00));
    return _mm256_mulhi_epu16(weight, trust);
}

/* A weight for each sample. */
static inline __m256i weigh_looks(const __m256i spatial[2],
                                  const struct byte_tables *tables, uint32_t centre,
                                  const struct byte_looks *looks)
{
    const __m256i low = _mm256_set1_epi16(0xff);
    __m256i apart = byte_distance(looks->channels[0], _mm256_set1_epi8((char)centre));
    for (int c = 1; c < 3; c++)
        apart = _mm256_max_epu8(
            apart, byte_distance(looks->channels[c],
                                 _mm256_set1_epi8((char)(centre >> (8 * c)))));
    __m256i range = byte_range_weights(tables, apart);
    __m256i even = weigh_lanes(_mm256_and_si256(range, low), spatial[0],
                               _mm256_and_si256(looks->trust, low));
    __m256i odd = weigh_lanes(_mm256_srli_epi16(range, 8), spatial[1],
                              _mm256_srli_epi16(looks->trust, 8));
    return _mm256_or_si256(even, _mm256_slli_epi16(odd, 8));
}

KERNEL void load_byte_window(const struct median_filter *filter,
                             const struct byte_tables *tables, int x, int lattices,
                             struct byte_window *window)
{
    ptrdiff_t own = split_column(filter, x);
    ptrdiff_t columns[2] = {split_column(filter, x + window_column(0, 0)),
                            split_column(filter, x + window_column(0, 1))};
    window->own = filter->own->values[own];
    for (int v = 0; v < lattices; v++) {
        ptrdiff_t even = columns[v], odd = columns[1 - v];
        struct byte_looks looks;
        load_looks(filter, even, odd, &looks);
        window->weights[v] =
            weigh_looks(tables->spatial[v], tables, filter->own->looks[own], &looks);
        window->values[v][0] = values_of_rows(filter, 0, even, odd);
        window->values[v][1] = values_of_rows(filter, 2, even, odd);
    }
}

/* steps = (values - base) >> shift, as far as bytes reach. */
KERNEL void take_steps(struct byte_window *window, int16_t base, int shift, int lattices)
{
    __m256i bases = _mm256_set1_epi16(base);
    for (int v = 0; v < lattices; v++) {
        __m256i first = _mm256_subs_epi16(window->values[v][0], bases);
        __m256i second = _mm256_subs_epi16(window->values[v][1], bases);
        window->steps[v] = _mm256_packs_epi16(_mm256_srai_epi16(first, shift),
                                              _mm256_srai_epi16(second, shift));
    }
}

/* Of four registers a to d: the sums of the 64-bit lanes of each half, in 32 bits. */
static inline __m256i sum_halves(const __m256i sums[4])
{
    __m256i x = _mm256_or_si256(sums[0], _mm256_slli_epi64(sums[1], 32));
    __m256i y = _mm256_or_si256(sums[2], _mm256_slli_epi64(sums[3], 32));
    return _mm256_add_epi32(_mm256_unpacklo_epi64(x, y), _mm256_unpackhi_epi64(x, y));
}

/* The sum of the 64-bit lanes of each of eight registers. */
static inline __m256i sum_each(const __m256i sums[BYTE_BATCH])
{
    __m256i first = sum_halves(sums), second = sum_halves(sums + 4);
    return _mm256_add_epi32(_mm256_permute2x128_si256(first, second, 0x20),
                            _mm256_permute2x128_si256(first, second, 0x31));
}

KERNEL __m256i total_weights(const struct byte_window windows[BYTE_BATCH], int lattices)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums[BYTE_BATCH];
    for (int k = 0; k < BYTE_BATCH; k++) {
        sums[k] = zero;
        for (int v = 0; v < lattices; v++)
            sums[k] =
                _mm256_add_epi64(sums[k], _mm256_sad_epu8(windows[k].weights[v], zero));
    }
    return sum_each(sums);
}

/* The lowest byte of 32-bit lane k, everywhere. */
static inline __m256i byte_everywhere(__m256i lanes, int k)
{
    __m256i half = k < 4 ? _mm256_permute2x128_si256(lanes, lanes, 0x00)
                         : _mm256_permute2x128_si256(lanes, lanes, 0x11);
    return _mm256_shuffle_epi8(half, _mm256_set1_epi8((char)(4 * (k % 4))));
}

/* What weighs in each window below its limit. */
KERNEL __m256i weights_below(const struct byte_window windows[BYTE_BATCH], __m256i limits,
                             int lattices)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums[BYTE_BATCH];
    for (int k = 0; k < BYTE_BATCH; k++) {
        __m256i limit = byte_everywhere(limits, k);
        sums[k] = zero;
        for (int v = 0; v < lattices; v++) {
            __m256i below = _mm256_cmpgt_epi8(limit, windows[k].steps[v]);
            __m256i weights = _mm256_and_si256(below, windows[k].weights[v]);
            sums[k] = _mm256_add_epi64(sums[k], _mm256_sad_epu8(weights, zero));
        }
    }
    return sum_each(sums);
}

/* The smallest step with at least half of all weight at or below it, as in
 * select_medians. */
KERNEL void narrow(const struct byte_window windows[BYTE_BATCH], int longest,
                   int lattices, struct byte_search *search)
{
    for (; longest > 1; longest -= longest / 2) {
        __m256i half = _mm256_srli_epi32(search->left, 1);
        __m256i limits = _mm256_add_epi32(search->first, half);
        __m256i below = _mm256_cmpgt_epi32(search->half_weight,
                                           weights_below(windows, limits, lattices));
        search->first = _mm256_add_epi32(search->first, _mm256_and_si256(half, below));
        search->left = _mm256_sub_epi32(search->left, half);
    }
}

/* Of each window's steps that weigh more than a slight amount (see start_search): byte 0
 * the smallest, byte 1 the complement of the largest. */
KERNEL __m128i span_steps(const struct byte_window *window, __m256i slight, int lattices)
{
    const __m256i zero = _mm256_setzero_si256(), largest = _mm256_set1_epi8(INT8_MAX);
    __m256i low = largest, high = largest;
    for (int v = 0; v < lattices; v++) {
        __m256i left_out =
            _mm256_cmpeq_epi8(_mm256_subs_epu8(window->weights[v], slight), zero);
        __m256i steps = window->steps[v];
        __m256i turned = _mm256_xor_si256(steps, _mm256_set1_epi8(-1));
        low = _mm256_min_epi8(low, _mm256_blendv_epi8(steps, largest, left_out));
        high = _mm256_min_epi8(high, _mm256_blendv_epi8(turned, largest, left_out));
    }
    __m256i pairs =
        _mm256_min_epi8(_mm256_unpacklo_epi8(low, high), _mm256_unpackhi_epi8(low, high));
    return _mm_min_epi8(_mm256_castsi256_si128(pairs),
                        _mm256_extracti128_si256(pairs, 1));
}

/* The smallest of each of four windows' pairs of bytes, in order; twice over. */
static inline __m128i smallest_of_four(const __m128i pairs[4])
{
    __m128i a = _mm_min_epi8(_mm_unpacklo_epi16(pairs[0], pairs[1]),
                             _mm_unpackhi_epi16(pairs[0], pairs[1]));
    __m128i b = _mm_min_epi8(_mm_unpacklo_epi16(pairs[2], pairs[3]),
                             _mm_unpackhi_epi16(pairs[2], pairs[3]));
    __m128i all = _mm_min_epi8(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    return _mm_min_epi8(all, _mm_shuffle_epi32(all, 0x4e));
}

/* Byte 0 or 1 of each pair to the top of a 32-bit lane, then down with its sign. */
static inline __m256i signed_lanes(__m256i pairs, int which)
{
    const __m128i to_tops =
        _mm_setr_epi8(-1, -1, -1, 0, -1, -1, -1, 2, -1, -1, -1, 4, -1, -1, -1, 6);
    __m128i order =
        _mm_add_epi8(to_tops, _mm_and_si128(_mm_set1_epi8((char)which),
                                            _mm_cmpgt_epi8(to_tops, _mm_set1_epi8(-1))));
    return _mm256_srai_epi32(_mm256_shuffle_epi8(pairs, both_halves(order, order)), 24);
}

static inline int largest_lane(__m256i lanes)
{
    __m128i four =
        _mm_max_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return _mm_cvtsi128_si32(four);
}

/* The spans of all windows; returns the longest. */
KERNEL int start_narrowing(const struct byte_window windows[BYTE_BATCH], int lattices,
                           struct byte_search *search)
{
    enum { SLIGHT_SHIFT = 7 }; /* 2 * WINDOW_PX_MAX */
    __m256i totals = total_weights(windows, lattices);
    __m256i slights = _mm256_srli_epi32(totals, SLIGHT_SHIFT);
    __m128i spans[BYTE_BATCH];
    for (int k = 0; k < BYTE_BATCH; k++)
        spans[k] = span_steps(&windows[k], byte_everywhere(slights, k), lattices);
    __m256i pairs = both_halves(smallest_of_four(spans), smallest_of_four(spans + 4));
    __m256i low = signed_lanes(pairs, 0), turned = signed_lanes(pairs, 1);
    /* high - low + 1, where high = -1 - turned; no span is left where nothing weighs. */
    __m256i left =
        _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_add_epi32(low, turned));
    search->first = low;
    search->left = _mm256_max_epi32(left, _mm256_set1_epi32(1));
    search->half_weight =
        _mm256_srli_epi32(_mm256_add_epi32(totals, _mm256_set1_epi32(1)), 1);
    return largest_lane(search->left);
}

/* The median of each window; false where a byte does not reach one. */
KERNEL bool byte_medians(struct byte_window windows[BYTE_BATCH], int lattices,
                         int16_t medians[BYTE_BATCH])
{
    struct byte_search search;
    _Alignas(32) int32_t bases[BYTE_BATCH], sixteenths[BYTE_BATCH],
        half_weights[BYTE_BATCH];
    bool reached = true;
    for (int k = 0; k < BYTE_BATCH; k++)
        take_steps(&windows[k], windows[k].own, DISPARITY_FRACTION_BITS, lattices);
    narrow(windows, start_narrowing(windows, lattices, &search), lattices, &search);
    _mm256_store_si256((__m256i *)(void *)bases, search.first);
    _mm256_store_si256((__m256i *)(void *)half_weights, search.half_weight);
    for (int k = 0; k < BYTE_BATCH; k++) {
        reached &=
            (half_weights[k] == 0) | ((bases[k] > INT8_MIN) & (bases[k] < INT8_MAX));
        bases[k] = windows[k].own + bases[k] * DISPARITY_SCALE;
        bases[k] = bases[k] > INT16_MIN ? bases[k] : INT16_MIN;
        take_steps(&windows[k], (int16_t)bases[k], 0, lattices);
    }
    search.first = _mm256_setzero_si256();
    search.left = _mm256_set1_epi32(DISPARITY_SCALE);
    narrow(windows, DISPARITY_SCALE, lattices, &search);
    _mm256_store_si256((__m256i *)(void *)sixteenths, search.first);
    for (int k = 0; k < BYTE_BATCH; k++)
        medians[k] =
            half_weights[k] > 0 ? (int16_t)(bases[k] + sixteenths[k]) : windows[k].own;
    return reached;
}

/* The same of the first `filled`, by 16 bits. */
static void medians_far_apart(const struct median_filter *filter, const int *columns,
                              int filled, int16_t *medians)
{
    for (int k = 0; k < filled; k += BATCH) {
        int16_t some[BATCH];
        int count = minimum(filled - k, BATCH);
        medians_of(filter, columns + k, count, some);
        memcpy(medians + k, some, (size_t)count * sizeof(int16_t));
    }
}

KERNEL void filter_in_bytes(const struct median_filter *filter, const uint8_t *marks,
                            int width_px, int lattices, int16_t *target)
{
    struct byte_tables tables;
    struct byte_window windows[BYTE_BATCH];
    int16_t medians[BYTE_BATCH];
    int columns[BYTE_BATCH], x = 0, filled;
    load_tables(filter, &tables);
    memset(windows, 0, sizeof(windows)); /* those that no pixel fills weigh nothing */
    while ((filled = next_batch(marks, width_px, BYTE_BATCH, &x, columns)) > 0) {
        for (int k = 0; k < filled; k++)
            load_byte_window(filter, &tables, columns[k], lattices, &windows[k]);
        if (!byte_medians(windows, lattices, medians))
            medians_far_apart(filter, columns, filled, medians);
        for (int k = 0; k < filled; k++)
            target[columns[k]] = medians[k];
    }
}

void median_row_avx2(const struct median_filter *filter, const uint8_t *marks,
                     int width_px, int16_t *target)
{
    if (filter->lattices == 1)
        filter_in_bytes(filter, marks, width_px, 1, target);
    else
        filter_in_bytes(filter, marks, width_px, MEDIAN_LATTICES_MAX, target);
}

/* Looks of four pixels from their channels' bytes (see by_look) and their trust. */
static inline __m128i looks_of(__m128i bytes, __m128i by_look, __m128i trust)
{
    return _mm_or_si128(_mm_shuffle_epi8(bytes, by_look), trust);
}

/* The trust of sixteen pixels. */
static inline __m128i trust_of(const uint8_t *classes)
{
    __m128i class = sixteen_bytes(classes);
    __m128i trusted = _mm_or_si128(_mm_cmpeq_epi8(class, _mm_set1_epi8(PIXEL_MEASURED)),
                                   _mm_cmpgt_epi8(_mm_setzero_si128(), class));
    return _mm_or_si128(trusted, _mm_set1_epi8(TRUST_FILLED));
}

static inline void store_part(uint32_t *looks, __m128i four)
{
    _mm_storeu_si128((__m128i *)(void *)looks, four);
}

/* Sixteen looks, by parts. */
static inline void load_sixteen_looks(const struct median_source *from, int x,
                                      int channels, ptrdiff_t part, uint32_t *looks)
{
    const __m128i zero = _mm_setzero_si128();
    const __m128i of_colour =
        _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m128i of_grey =
        _mm_setr_epi8(0, 0, 0, -1, 1, 1, 1, -1, 2, 2, 2, -1, 3, 3, 3, -1);
    const uint8_t *pixels = from->pixels + (ptrdiff_t)x * channels;
    ptrdiff_t four = 4 * (ptrdiff_t)channels;
    __m128i by_look = channels == 3 ? of_colour : of_grey;
    __m128i trust = trust_of(from->classes + x);
    __m128i low = _mm_unpacklo_epi8(zero, trust), high = _mm_unpackhi_epi8(zero, trust);
    __m128i a = looks_of(sixteen_bytes(pixels), by_look, _mm_unpacklo_epi16(zero, low));
    __m128i b =
        looks_of(sixteen_bytes(pixels + four), by_look, _mm_unpackhi_epi16(zero, low));
    __m128i c = looks_of(sixteen_bytes(pixels + 2 * four), by_look,
                         _mm_unpacklo_epi16(zero, high));
    __m128i d = looks_of(sixteen_bytes(pixels + 3 * four), by_look,
                         _mm_unpackhi_epi16(zero, high));
    __m128i low_ab = _mm_unpacklo_epi32(a, b), high_ab = _mm_unpackhi_epi32(a, b);
    __m128i low_cd = _mm_unpacklo_epi32(c, d), high_cd = _mm_unpackhi_epi32(c, d);
    store_part(looks, _mm_unpacklo_epi64(low_ab, low_cd));
    store_part(looks + part, _mm_unpackhi_epi64(low_ab, low_cd));
    store_part(looks + 2 * part, _mm_unpacklo_epi64(high_ab, high_cd));
    store_part(looks + 3 * part, _mm_unpackhi_epi64(high_ab, high_cd));
}

/* Sixteen values, by parts. */
static inline void load_sixteen_values(const int16_t *from, ptrdiff_t part,
                                       int16_t *values)
{
    const __m128i by_part =
        _mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
    __m128i a = _mm_shuffle_epi8(sixteen_bytes(from), by_part);
    __m128i b = _mm_shuffle_epi8(sixteen_bytes(from + 8), by_part);
    __m128i low = _mm_unpacklo_epi32(a, b), high = _mm_unpackhi_epi32(a, b);
    _mm_storel_epi64((__m128i *)(void *)values, low);
    _mm_storel_epi64((__m128i *)(void *)(values + part), _mm_unpackhi_epi64(low, low));
    _mm_storel_epi64((__m128i *)(void *)(values + 2 * part), high);
    _mm_storel_epi64((__m128i *)(void *)(values + 3 * part),
                     _mm_unpackhi_epi64(high, high));
}

void median_load_avx2(const struct median_source *from, int width_px, int channels,
                      const struct median_filter *filter, int row)
{
    const struct split_row *to = &filter->ring[row];
    int x = 0;
    /* Sixteen bytes are read from the thirteenth pixel on. */
    for (; x + 12 + 16 / channels < width_px; x += 16) {
        ptrdiff_t at = split_column(filter, x);
        load_sixteen_looks(from, x, channels, filter->part, to->looks + at);
        load_sixteen_values(from->values + x, filter->part, to->values + at);
    }
    load_pixels(from, x, width_px, channels, filter, row);
}
