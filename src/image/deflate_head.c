/* SPDX-License-Identifier: Apache-2.0 */
#include "image/deflate_head.h"

#include <string.h>

enum { LENGTH_CODE_MAX = 7, COUNTS_BITS = 5 + 5 + 4, LENGTH_BITS = 3 };

/* A symbol that stands for several lengths. */
struct repeat {
    int symbol;
    int min;
    int max;
    uint32_t bits; /* say how many, above the minimum */
};

static const struct repeat repeat_last = {16, 3, 6, 2};
static const struct repeat zeros_few = {17, 3, 10, 3};
static const struct repeat zeros_many = {18, 11, 138, 7};

static void list_add(struct length_list *list, int symbol, int extra)
{
    list->symbols[list->count] = (uint8_t)symbol;
    list->extra[list->count] = (uint8_t)extra;
    list->count++;
}

static int list_repeats(struct length_list *list, const struct repeat *repeat, int times)
{
    int taken = times < repeat->max ? times : repeat->max;
    list_add(list, repeat->symbol, taken - repeat->min);
    return taken;
}

static void list_lengths(const uint8_t *lengths, int count, struct length_list *list)
{
    list->count = 0;
    for (int i = 0; i < count;) {
        int alike = 1;
        while (i + alike < count && lengths[i + alike] == lengths[i])
            alike++;
        if (lengths[i] == 0 && alike >= zeros_few.min) {
            i += list_repeats(list, alike >= zeros_many.min ? &zeros_many : &zeros_few,
                              alike);
            continue;
        }
        list_add(list, lengths[i], 0);
        i++;
        if (alike > repeat_last.min)
            i += list_repeats(list, &repeat_last, alike - 1);
    }
}

static const uint8_t length_order[DEFLATE_LENGTH_CODES] = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

static uint32_t extra_bits_of(int symbol)
{
    static const struct repeat *const repeats[] = {&repeat_last, &zeros_few, &zeros_many};
    return symbol >= repeat_last.symbol ? repeats[symbol - repeat_last.symbol]->bits : 0;
}

void deflate_head_make(const uint32_t counts[DEFLATE_SYMBOLS], int max_length,
                       struct deflate_head *head)
{
    uint8_t lengths[DEFLATE_SYMBOLS + DEFLATE_DISTANCES];
    uint32_t length_counts[DEFLATE_LENGTH_CODES] = {0};
    huffman_code_make(counts, DEFLATE_SYMBOLS, max_length, &head->code);
    memcpy(lengths, head->code.lengths, DEFLATE_SYMBOLS);
    memset(lengths + DEFLATE_SYMBOLS, 1, DEFLATE_DISTANCES);
    list_lengths(lengths, DEFLATE_SYMBOLS + DEFLATE_DISTANCES, &head->lengths);
    for (int i = 0; i < head->lengths.count; i++)
        length_counts[head->lengths.symbols[i]]++;
    huffman_code_make(length_counts, DEFLATE_LENGTH_CODES, LENGTH_CODE_MAX,
                      &head->length_code);
    head->length_codes = DEFLATE_LENGTH_CODES;
    while (head->length_code.lengths[length_order[head->length_codes - 1]] == 0)
        head->length_codes--;
}

uint64_t deflate_head_bits(const struct deflate_head *head)
{
    uint64_t bits = COUNTS_BITS + LENGTH_BITS * (uint64_t)head->length_codes;
    for (int i = 0; i < head->lengths.count; i++) {
        int symbol = head->lengths.symbols[i];
        bits += head->length_code.lengths[symbol] + extra_bits_of(symbol);
    }
    return bits;
}

void deflate_head_put(const struct deflate_head *head, struct bit_stream *bits)
{
    bit_stream_put(bits, DEFLATE_SYMBOLS - 257, 5);
    bit_stream_put(bits, DEFLATE_DISTANCES - 1, 5);
    bit_stream_put(bits, (uint64_t)head->length_codes - 4, 4);
    for (int i = 0; i < head->length_codes; i++)
        bit_stream_put(bits, head->length_code.lengths[length_order[i]], LENGTH_BITS);
    for (int i = 0; i < head->lengths.count; i++) {
        int symbol = head->lengths.symbols[i];
        bit_stream_put(bits, head->length_code.bits[symbol],
                       head->length_code.lengths[symbol]);
        bit_stream_put(bits, head->lengths.extra[i], extra_bits_of(symbol));
    }
}
