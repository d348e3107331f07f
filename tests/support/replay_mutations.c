/* SPDX-License-Identifier: Apache-2.0 */
#include "support/replay_mutations.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 14, ROOM_BYTES = 64, HEAD_BYTES = 64 };

struct mutation {
    const uint8_t *data;
    size_t size;
    uint8_t *made; /* size + ROOM_BYTES */
    void (*replay)(const uint8_t *data, size_t size);
    long count;
};

/* The input with the bytes from `begin` to `end` replaced by `text`. */
static void put(struct mutation *mutation, size_t begin, size_t end, const char *text)
{
    size_t length = strlen(text);
    size_t rest = mutation->size - end;
    memcpy(mutation->made, mutation->data, begin);
    memcpy(mutation->made + begin, text, length);
    memcpy(mutation->made + begin + length, mutation->data + end, rest);
    mutation->replay(mutation->made, begin + length + rest);
    mutation->count++;
}

static void without_lines(struct mutation *mutation)
{
    size_t begin = 0;
    while (begin < mutation->size) {
        const uint8_t *feed =
            memchr(mutation->data + begin, '\n', mutation->size - begin);
        size_t end = feed != NULL ? (size_t)(feed - mutation->data) + 1 : mutation->size;
        put(mutation, begin, end, "");
        put(mutation, end, mutation->size, "");
        begin = end;
    }
}

static bool is_of_number(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '+';
}

static void with_other_numbers(struct mutation *mutation)
{
    static const char *const others[] = {"nan", "x", "", "0", "-1", "7", "1e300"};
    for (size_t begin = 0; begin < mutation->size; begin++) {
        size_t end = begin;
        while (end < mutation->size && is_of_number(mutation->data[end]))
            end++;
        if (end == begin)
            continue;
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            put(mutation, begin, end, others[i]);
        begin = end;
    }
}

static void without_marks(struct mutation *mutation)
{
    for (size_t i = 0; i < mutation->size; i++)
        if (mutation->data[i] != '\0' &&
            strchr("[]{}():,\"<>=/", mutation->data[i]) != NULL)
            put(mutation, i, i + 1, "");
}

static bool is_text(const uint8_t *data, size_t size)
{
    size_t odd = 0;
    for (size_t i = 0; i < size; i++)
        odd += data[i] < 0x20 && data[i] != '\n' && data[i] != '\r' && data[i] != '\t';
    return odd * 20 <= size;
}

static void with_other_bytes(struct mutation *mutation)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff};
    size_t head = mutation->size < HEAD_BYTES ? mutation->size : HEAD_BYTES;
    for (size_t i = 0; i < head; i++) {
        for (size_t k = 0; k < sizeof(flips); k++) {
            memcpy(mutation->made, mutation->data, mutation->size);
            mutation->made[i] ^= flips[k];
            mutation->replay(mutation->made, mutation->size);
            mutation->count++;
        }
        put(mutation, i, mutation->size, "");
    }
}

long replay_mutations(const uint8_t *data, size_t size,
                      void (*replay)(const uint8_t *data, size_t size))
{
    struct mutation mutation = {data, size, NULL, replay, 0};
    if (size == 0 || size > MOST_BYTES)
        return 0;
    mutation.made = malloc(size + ROOM_BYTES);
    if (mutation.made == NULL)
        abort();
    if (is_text(data, size)) {
        without_lines(&mutation);
        with_other_numbers(&mutation);
        without_marks(&mutation);
    }
    with_other_bytes(&mutation);
    free(mutation.made);
    return mutation.count;
}
