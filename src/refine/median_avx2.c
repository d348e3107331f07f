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
 * A register of values or steps holds four octets of a window, the first and third in its
 * lower half, the second and fourth in its upper: they are packed from two registers of
 * 16 bits that hold them in order. Looks come apart into registers of channels in another
 * order, that of spatial_order; the weights change from it to that of the steps.
 */
#include <immintrin.h>

#include "refine/median_filter.h"
#include "refine/median_loops.h"

enum { OCTETS = 4, BYTE_WINDOW_MAX = 5, RANGE_WEIGHTS = 32 };

/* A pixel's samples. */
struct byte_window {
    __m256i values[2 * BYTE_WINDOW_MAX];
    __m256i weights[BYTE_WINDOW_MAX];
    __m256i steps[BYTE_WINDOW_MAX]; /* what is searched */
    int16_t own;
};

/* Where each window's median can lie: 32-bit lanes, one a window. */
struct byte_search {
    __m128i first;
    __m128i left;
    __m128i half_weight;
};

/* What the loops of a row need beside the filter. */
struct byte_tables {
    __m256i near; /* the range weights of colours up to 15 apart, and of 16 to 31 */
    __m256i far;
    __m256i spatial[BYTE_WINDOW_MAX][2]; /* in the order of looks */
};

static inline __m256i both_halves(__m128i low, __m128i high)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

static inline __m128i sixteen_bytes(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

/* The `quarter`th of four octets of register v of a window: four rows of one octet, or
 * two rows of two. */
KERNEL int octet_row(int v, int quarter, bool wide)
{
    return wide ? 2 * v + quarter / 2 : OCTETS * v + quarter;
}

KERNEL int octet_column(int quarter, bool wide)
{
    return wide ? quarter % 2 * LANES : 0;
}

KERNEL __m128i octet_of_values(const int16_t *const rows[TAPS_MAX], int at, int v,
                               int quarter, bool wide)
{
    return sixteen_bytes(rows[octet_row(v, quarter, wide)] + at +
                         octet_column(quarter, wide));
}

/* The looks of an octet, by channels: four of each in each half. */
KERNEL __m256i octet_of_looks(const uint32_t *const rows[TAPS_MAX], int at, int v,
                              int quarter, bool wide)
{
    const __m128i by_channel =
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const uint32_t *from =
        rows[octet_row(v, quarter, wide)] + at + octet_column(quarter, wide);
    return _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(const void *)from),
                               both_halves(by_channel, by_channel));
}

/* What the weights of 32 samples are made of: four of each octet in each half. */
struct byte_looks {
    __m256i channels[3];
    __m256i trust;
};

KERNEL void load_looks(const uint32_t *const rows[TAPS_MAX], int at, int v, bool wide,
                       struct byte_looks *looks)
{
    __m256i a = octet_of_looks(rows, at, v, 0, wide);
    __m256i b = octet_of_looks(rows, at, v, 1, wide);
    __m256i c = octet_of_looks(rows, at, v, 2, wide);
    __m256i d = octet_of_looks(rows, at, v, 3, wide);
    __m256i low_ab = _mm256_unpacklo_epi32(a, b), high_ab = _mm256_unpackhi_epi32(a, b);
    __m256i low_cd = _mm256_unpacklo_epi32(c, d), high_cd = _mm256_unpackhi_epi32(c, d);
    looks->channels[0] = _mm256_unpacklo_epi64(low_ab, low_cd);
    looks->channels[1] = _mm256_unpackhi_epi64(low_ab, low_cd);
    looks->channels[2] = _mm256_unpacklo_epi64(high_ab, high_cd);
    looks->trust = _mm256_unpackhi_epi64(high_ab, high_cd);
}

/* From the order of looks to that of steps. */
static inline __m256i order_as_steps(__m256i weights)
{
    return _mm256_permutevar8x32_epi32(weights,
                                       _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7));
}

/* The spatial weights as looks of register v lie when unpacked. */
static void spatial_order(const struct median_filter *filter, int v, bool wide,
                          __m256i weights[2])
{
    uint16_t ordered[2][2 * LANES];
    for (int half = 0; half < 2; half++)
        for (int i = 0; i < 2 * LANES; i++) {
            int quarter = 2 * half + i % LANES / 4;
            int column = octet_column(quarter, wide) + i / LANES * 4 + i % 4;
            int row = octet_row(v, quarter, wide);
            ordered[half][i] =
                filter->spatial_weights[row * (wide ? 2 * LANES : LANES) + column];
        }
    for (int half = 0; half < 2; half++)
        weights[half] = _mm256_loadu_si256((const __m256i *)(const void *)ordered[half]);
}

/* The range weight of what is farther apart is 0. */
static void load_tables(const struct median_filter *filter, bool wide,
                        struct byte_tables *tables)
{
    uint8_t weights[RANGE_WEIGHTS];
    for (int i = 0; i < RANGE_WEIGHTS; i++)
        weights[i] = (uint8_t)range_weight((uint16_t)i);
    __m128i near = _mm_loadu_si128((const __m128i *)(const void *)weights);
    __m128i far = _mm_loadu_si128((const __m128i *)(const void *)(weights + 16));
    tables->near = both_halves(near, near);
    tables->far = both_halves(far, far);
    for (int v = 0; v < (wide ? BYTE_WINDOW_MAX : 2); v++)
        spatial_order(filter, v, wide, tables->spatial[v]);
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

/* A weight for each of 32 samples, in the order of looks. */
KERNEL __m256i weigh_looks(const struct byte_tables *tables, int v, uint32_t centre,
                           const struct byte_looks *looks)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i apart = byte_distance(looks->channels[0], _mm256_set1_epi8((char)centre));
    for (int c = 1; c < 3; c++)
        apart = _mm256_max_epu8(
            apart, byte_distance(looks->channels[c],
                                 _mm256_set1_epi8((char)(centre >> (8 * c)))));
    __m256i range = byte_range_weights(tables, apart);
    return _mm256_packus_epi16(
        weigh_lanes(_mm256_unpacklo_epi8(range, zero), tables->spatial[v][0],
                    _mm256_unpacklo_epi8(looks->trust, zero)),
        weigh_lanes(_mm256_unpackhi_epi8(range, zero), tables->spatial[v][1],
                    _mm256_unpackhi_epi8(looks->trust, zero)));
}

KERNEL void load_byte_window(const struct median_filter *filter,
                             const struct byte_tables *tables, int x, bool wide,
                             struct byte_window *window)
{
    int left = x - filter->radius_px + 2 * PAD_PX;
    int at = left >> 1;
    const int16_t *const *values = filter->around.values[left & 1];
    const uint32_t *const *rows = filter->around.looks[left & 1];
    uint32_t centre = filter->own->looks[x & 1][PAD_PX + (x >> 1)];
    window->own = filter->own->values[x & 1][PAD_PX + (x >> 1)];
    for (int v = 0; v < (wide ? BYTE_WINDOW_MAX : 2); v++) {
        struct byte_looks looks;
        load_looks(rows, at, v, wide, &looks);
        window->weights[v] = order_as_steps(weigh_looks(tables, v, centre, &looks));
        window->values[2 * v] = both_halves(octet_of_values(values, at, v, 0, wide),
                                            octet_of_values(values, at, v, 1, wide));
        window->values[2 * v + 1] = both_halves(octet_of_values(values, at, v, 2, wide),
                                                octet_of_values(values, at, v, 3, wide));
    }
}

/* steps = (values - base) >> shift, as far as bytes reach. */
KERNEL void take_steps(struct byte_window *window, int16_t base, int shift, int vectors)
{
    __m256i bases = _mm256_set1_epi16(base);
    for (int v = 0; v < vectors; v++) {
        __m256i low = _mm256_subs_epi16(window->values[2 * v], bases);
        __m256i high = _mm256_subs_epi16(window->values[2 * v + 1], bases);
        window->steps[v] = _mm256_packs_epi16(_mm256_srai_epi16(low, shift),
                                              _mm256_srai_epi16(high, shift));
    }
}

/* The sum of the 64-bit lanes of each of four registers. */
static inline __m128i sum_each(const __m256i sums[BATCH])
{
    __m256i x = _mm256_or_si256(sums[0], _mm256_slli_epi64(sums[1], 32));
    __m256i y = _mm256_or_si256(sums[2], _mm256_slli_epi64(sums[3], 32));
    __m256i both =
        _mm256_add_epi32(_mm256_unpacklo_epi64(x, y), _mm256_unpackhi_epi64(x, y));
    return _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
}

KERNEL __m128i total_weights(const struct byte_window windows[BATCH], int vectors)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums[BATCH];
    for (int k = 0; k < BATCH; k++) {
        sums[k] = zero;
        for (int v = 0; v < vectors; v++)
            sums[k] =
                _mm256_add_epi64(sums[k], _mm256_sad_epu8(windows[k].weights[v], zero));
    }
    return sum_each(sums);
}

/* Selects byte 4 k of each half. */
static inline __m256i limit_byte(int k)
{
    return _mm256_set1_epi8((char)(4 * k));
}

/* What weighs in each window below its limit. */
KERNEL __m128i weights_below(const struct byte_window windows[BATCH], __m128i limits,
                             int vectors)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i every = _mm256_broadcastsi128_si256(limits);
    __m256i sums[BATCH];
    for (int k = 0; k < BATCH; k++) {
        __m256i limit = _mm256_shuffle_epi8(every, limit_byte(k));
        sums[k] = zero;
        for (int v = 0; v < vectors; v++) {
            __m256i below = _mm256_cmpgt_epi8(limit, windows[k].steps[v]);
            __m256i weights = _mm256_and_si256(below, windows[k].weights[v]);
            sums[k] = _mm256_add_epi64(sums[k], _mm256_sad_epu8(weights, zero));
        }
    }
    return sum_each(sums);
}

/* The smallest step with at least half of all weight at or below it, as in
 * select_medians. */
KERNEL void narrow(const struct byte_window windows[BATCH], int longest, int vectors,
                   struct byte_search *search)
{
    for (; longest > 1; longest -= longest / 2) {
        __m128i half = _mm_srli_epi32(search->left, 1);
        __m128i limits = _mm_add_epi32(search->first, half);
        __m128i below =
            _mm_cmpgt_epi32(search->half_weight, weights_below(windows, limits, vectors));
        search->first = _mm_add_epi32(search->first, _mm_and_si128(half, below));
        search->left = _mm_sub_epi32(search->left, half);
    }
}

/* Of each window's steps that weigh more than a slight amount (see start_search): byte 0
 * the smallest, byte 1 the complement of the largest. */
KERNEL __m128i span_steps(const struct byte_window *window, __m256i slight, int vectors)
{
    const __m256i zero = _mm256_setzero_si256(), largest = _mm256_set1_epi8(INT8_MAX);
    __m256i low = largest, high = largest;
    for (int v = 0; v < vectors; v++) {
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

/* The spans of all windows; returns the longest. */
KERNEL int start_narrowing(const struct byte_window windows[BATCH], int vectors,
                           struct byte_search *search)
{
    enum { SLIGHT_SHIFT = 9 }; /* no window has 256 samples */
    __m128i totals = total_weights(windows, vectors);
    __m256i slights = _mm256_broadcastsi128_si256(_mm_srli_epi32(totals, SLIGHT_SHIFT));
    __m128i spans[BATCH];
    for (int k = 0; k < BATCH; k++)
        spans[k] =
            span_steps(&windows[k], _mm256_shuffle_epi8(slights, limit_byte(k)), vectors);
    __m128i a = _mm_min_epi8(_mm_unpacklo_epi16(spans[0], spans[1]),
                             _mm_unpackhi_epi16(spans[0], spans[1]));
    __m128i b = _mm_min_epi8(_mm_unpacklo_epi16(spans[2], spans[3]),
                             _mm_unpackhi_epi16(spans[2], spans[3]));
    __m128i all = _mm_min_epi8(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    all = _mm_min_epi8(all, _mm_srli_si128(all, 8));
    /* Bytes to the tops of 32-bit lanes, then down with their signs. */
    __m128i low =
        _mm_srai_epi32(_mm_shuffle_epi8(all, _mm_setr_epi8(-1, -1, -1, 0, -1, -1, -1, 2,
                                                           -1, -1, -1, 4, -1, -1, -1, 6)),
                       24);
    __m128i turned =
        _mm_srai_epi32(_mm_shuffle_epi8(all, _mm_setr_epi8(-1, -1, -1, 1, -1, -1, -1, 3,
                                                           -1, -1, -1, 5, -1, -1, -1, 7)),
                       24);
    /* high - low + 1, where high = -1 - turned; no span is left where nothing weighs. */
    __m128i left = _mm_sub_epi32(_mm_setzero_si128(), _mm_add_epi32(low, turned));
    left = _mm_max_epi32(left, _mm_set1_epi32(1));
    search->first = low;
    search->left = left;
    search->half_weight = _mm_srli_epi32(_mm_add_epi32(totals, _mm_set1_epi32(1)), 1);
    left = _mm_max_epi32(left, _mm_srli_si128(left, 8));
    left = _mm_max_epi32(left, _mm_srli_si128(left, 4));
    return _mm_cvtsi128_si32(left);
}

/* The median of each window; false where a byte does not reach one. */
KERNEL bool byte_medians(struct byte_window windows[BATCH], int vectors,
                         int16_t medians[BATCH])
{
    struct byte_search search;
    _Alignas(16) int32_t bases[BATCH], sixteenths[BATCH], half_weights[BATCH];
    bool reached = true;
    for (int k = 0; k < BATCH; k++)
        take_steps(&windows[k], windows[k].own, DISPARITY_FRACTION_BITS, vectors);
    narrow(windows, start_narrowing(windows, vectors, &search), vectors, &search);
    _mm_store_si128((__m128i *)(void *)bases, search.first);
    _mm_store_si128((__m128i *)(void *)half_weights, search.half_weight);
    for (int k = 0; k < BATCH; k++) {
        reached &=
            (half_weights[k] == 0) | ((bases[k] > INT8_MIN) & (bases[k] < INT8_MAX));
        bases[k] = windows[k].own + bases[k] * DISPARITY_SCALE;
        bases[k] = bases[k] > INT16_MIN ? bases[k] : INT16_MIN;
        take_steps(&windows[k], (int16_t)bases[k], 0, vectors);
    }
    search.first = _mm_setzero_si128();
    search.left = _mm_set1_epi32(DISPARITY_SCALE);
    narrow(windows, DISPARITY_SCALE, vectors, &search);
    _mm_store_si128((__m128i *)(void *)sixteenths, search.first);
    for (int k = 0; k < BATCH; k++)
        medians[k] =
            half_weights[k] > 0 ? (int16_t)(bases[k] + sixteenths[k]) : windows[k].own;
    return reached;
}

KERNEL void filter_in_bytes(const struct median_filter *filter, const uint8_t *marks,
                            int width_px, bool wide, int16_t *target)
{
    struct byte_tables tables;
    struct byte_window windows[BATCH];
    int16_t medians[BATCH];
    int columns[BATCH], x = 0, filled;
    load_tables(filter, wide, &tables);
    while ((filled = next_batch(marks, width_px, &x, columns)) > 0) {
        for (int k = 0; k < filled; k++)
            load_byte_window(filter, &tables, columns[k], wide, &windows[k]);
        for (int k = filled; k < BATCH; k++)
            windows[k] = windows[0];
        if (!byte_medians(windows, wide ? BYTE_WINDOW_MAX : 2, medians))
            medians_of(filter, columns, filled, medians);
        for (int k = 0; k < filled; k++)
            target[columns[k]] = medians[k];
    }
}

void median_row_avx2(const struct median_filter *filter, const uint8_t *marks,
                     int width_px, int16_t *target)
{
    if (filter->taps > 2 * OCTETS)
        filter_in_bytes(filter, marks, width_px, true, target);
    else
        filter_in_bytes(filter, marks, width_px, false, target);
}

/* Looks of four pixels from their channels' bytes (see by_look) and eight of trust. */
static inline __m128i looks_of(__m128i bytes, __m128i by_look, __m128i trust)
{
    return _mm_or_si128(_mm_shuffle_epi8(bytes, by_look), trust);
}

/* Eight pixels of a row from column x on, which is even. Reads sixteen bytes from the
 * fifth pixel on. */
KERNEL void load_eight(const struct median_source *from, int x, int channels,
                       const struct split_row *to)
{
    const __m128i of_colour =
        _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m128i of_grey =
        _mm_setr_epi8(0, 0, 0, -1, 1, 1, 1, -1, 2, 2, 2, -1, 3, 3, 3, -1);
    const __m128i by_parity =
        _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    const uint8_t *pixels = from->pixels + (ptrdiff_t)x * channels;
    __m128i by_look = channels == 3 ? of_colour : of_grey;
    __m128i classes = _mm_loadl_epi64((const __m128i *)(const void *)(from->classes + x));
    __m128i trusted = _mm_or_si128(_mm_cmpeq_epi8(classes, _mm_set1_epi8(PIXEL_MEASURED)),
                                   _mm_cmpgt_epi8(_mm_setzero_si128(), classes));
    __m128i trust = _mm_or_si128(trusted, _mm_set1_epi8(TRUST_FILLED));
    __m128i tops = _mm_unpacklo_epi8(_mm_setzero_si128(), trust);
    __m128i first = looks_of(sixteen_bytes(pixels), by_look,
                             _mm_unpacklo_epi16(_mm_setzero_si128(), tops));
    __m128i second = looks_of(sixteen_bytes(pixels + 4 * (ptrdiff_t)channels), by_look,
                              _mm_unpackhi_epi16(_mm_setzero_si128(), tops));
    __m128i values = _mm_shuffle_epi8(sixteen_bytes(from->values + x), by_parity);
    __m128 a = _mm_castsi128_ps(first), b = _mm_castsi128_ps(second);
    int at = PAD_PX + x / 2;
    _mm_storel_epi64((__m128i *)(void *)(to->values[0] + at), values);
    _mm_storel_epi64((__m128i *)(void *)(to->values[1] + at),
                     _mm_unpackhi_epi64(values, values));
    _mm_storeu_ps((float *)(void *)(to->looks[0] + at), _mm_shuffle_ps(a, b, 0x88));
    _mm_storeu_ps((float *)(void *)(to->looks[1] + at), _mm_shuffle_ps(a, b, 0xdd));
}

KERNEL void load_eights(const struct median_source *from, int width_px, int channels,
                        const struct split_row *to)
{
    int x = 0;
    for (; x + 4 + 16 / channels < width_px; x += 8)
        load_eight(from, x, channels, to);
    load_pixels(from, x, width_px, channels, to);
}

void median_load_avx2(const struct median_source *from, int width_px, int channels,
                      const struct split_row *to)
{
    if (channels == 3)
        load_eights(from, width_px, 3, to);
    else
        load_eights(from, width_px, 1, to);
}
