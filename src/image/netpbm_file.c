/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PGM and PPM, plain (P2, P3) and raw (P5, P6), of any maximum up to 65535, and PFM of
 * one channel (Pf). Formats: the netpbm manual pages pgm(5), ppm(5); PFM after Debevec:
 * rows bottom-up, byte order in the sign of the scale.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image_reader.h"

enum { HEADER_MAX_BYTES = 65536, TOKEN_BYTES = 32, MAXIMUM_16BIT = 65535 };

struct netpbm_kind {
    char letter;
    int channels;
    bool plain;    /* samples as decimal text */
    bool is_float; /* PFM */
};

static const struct netpbm_kind kinds[] = {
    {'2', 1, true, false},  {'3', 3, true, false}, {'5', 1, false, false},
    {'6', 3, false, false}, {'f', 1, false, true},
};

struct netpbm_decoder {
    struct image_source *source;
    const struct netpbm_kind *kind;
    int maximum;        /* of a sample */
    bool little_endian; /* PFM */
    int header_bytes;
    struct image_header header;
};

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool netpbm_matches(const uint8_t *head, size_t bytes)
{
    return bytes >= 3 && head[0] == 'P' && head[1] != '\0' &&
           strchr("1234567fF", head[1]) != NULL && (is_space(head[2]) || head[2] == '#');
}

static enum po_status broken(const struct netpbm_decoder *decoder, const char *what,
                             struct po_error *error)
{
    return po_fail(error, PO_BAD_IMAGE, "%s: broken PNM: %s; convert or record it again",
                   decoder->source->path, what);
}

/* A negative value at the end of the file, and where the header is too long. */
static int header_byte(struct netpbm_decoder *decoder)
{
    if (decoder->header_bytes >= HEADER_MAX_BYTES)
        return -1;
    decoder->header_bytes++;
    return image_source_byte(decoder->source);
}

/* The next character of the header; a comment is the line end behind it. */
static int header_character(struct netpbm_decoder *decoder)
{
    int c = header_byte(decoder);
    if (c != '#')
        return c;
    while (c >= 0 && c != '\n' && c != '\r')
        c = header_byte(decoder);
    return c;
}

/* The next word and the one white space that ends it. */
static enum po_status header_token(struct netpbm_decoder *decoder, char *token,
                                   struct po_error *error)
{
    size_t length = 0;
    int c = header_character(decoder);
    while (is_space(c))
        c = header_character(decoder);
    while (c >= 0 && !is_space(c) && length + 1 < TOKEN_BYTES) {
        token[length++] = (char)c;
        c = header_character(decoder);
    }
    token[length] = '\0';
    if (c < 0 && decoder->header_bytes < HEADER_MAX_BYTES)
        return image_source_ended(decoder->source, error);
    return is_space(c) ? PO_OK : broken(decoder, "its header is too long", error);
}

static enum po_status header_number(struct netpbm_decoder *decoder, uint64_t *number,
                                    struct po_error *error)
{
    char token[TOKEN_BYTES];
    enum po_status status = header_token(decoder, token, error);
    if (status != PO_OK)
        return status;
    size_t digits = strspn(token, "0123456789");
    if (digits == 0 || token[digits] != '\0' || digits > 18)
        return broken(decoder, "its header lacks a number", error);
    *number = strtoull(token, NULL, 10);
    return PO_OK;
}

static enum po_status find_kind(struct netpbm_decoder *decoder, struct po_error *error)
{
    (void)image_source_byte(decoder->source);
    int letter = image_source_byte(decoder->source);
    decoder->header_bytes = 2;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].letter == letter)
            decoder->kind = &kinds[i];
    if (decoder->kind != NULL)
        return PO_OK;
    return po_fail(error, PO_UNSUPPORTED,
                   "%s: a %s file (P%c); convert it to PGM, PPM or PNG",
                   decoder->source->path,
                   letter == 'F'   ? "colour PFM"
                   : letter == '7' ? "PAM"
                                   : "black-and-white PBM",
                   letter);
}

/* What follows width and height: the maximum of a sample, or the scale of a PFM. */
static enum po_status read_range(struct netpbm_decoder *decoder, struct po_error *error)
{
    struct image_header *header = &decoder->header;
    uint64_t maximum = 0;
    if (!decoder->kind->is_float) {
        enum po_status status = header_number(decoder, &maximum, error);
        if (status != PO_OK)
            return status;
        if (maximum < 1 || maximum > MAXIMUM_16BIT)
            return broken(decoder, "its largest sample is not within 1..65535", error);
        decoder->maximum = (int)maximum;
        header->bits = maximum > 255 ? 16 : 8;
        return PO_OK;
    }
    char token[TOKEN_BYTES];
    char *end = NULL;
    enum po_status status = header_token(decoder, token, error);
    if (status != PO_OK)
        return status;
    double scale = strtod(token, &end);
    if (*end != '\0' || !isfinite(scale) || scale == 0.0)
        return broken(decoder, "its scale is not a number other than 0", error);
    decoder->little_endian = scale < 0.0;
    header->is_float = true;
    header->bits = 32;
    return PO_OK;
}

/* The fewest bytes the file can have: in text a digit a sample, and a space between. */
static uint64_t min_bytes(const struct netpbm_decoder *decoder)
{
    const struct image_header *header = &decoder->header;
    uint64_t samples = (uint64_t)header->width_px * (uint64_t)header->height_px *
                       (uint64_t)header->channels;
    uint64_t bytes =
        decoder->kind->plain ? 2 * samples - 1 : samples * (uint64_t)header->bits / 8;
    return bytes + (uint64_t)decoder->header_bytes;
}

static enum po_status open_header(struct netpbm_decoder *decoder,
                                  struct image_source *source, struct po_error *error)
{
    uint64_t width_px = 0;
    uint64_t height_px = 0;
    *decoder = (struct netpbm_decoder){.source = source};
    enum po_status status = find_kind(decoder, error);
    if (status == PO_OK)
        status = header_number(decoder, &width_px, error);
    if (status == PO_OK)
        status = header_number(decoder, &height_px, error);
    if (status == PO_OK)
        status = image_sides_check(source, width_px, height_px, error);
    if (status != PO_OK)
        return status;
    decoder->header = (struct image_header){.format = IMAGE_NETPBM,
                                            .width_px = (int)width_px,
                                            .height_px = (int)height_px,
                                            .channels = decoder->kind->channels,
                                            .exif_orientation = 1};
    status = read_range(decoder, error);
    if (status != PO_OK)
        return status;
    return image_size_plausible(source, &decoder->header, min_bytes(decoder), error);
}

static enum po_status netpbm_probe(struct image_source *source,
                                   struct image_header *header, struct po_error *error)
{
    struct netpbm_decoder decoder;
    enum po_status status = open_header(&decoder, source, error);
    if (status == PO_OK)
        *header = decoder.header;
    return status;
}

/* One decimal number of a plain file. */
static enum po_status plain_sample(struct netpbm_decoder *decoder, int *sample,
                                   struct po_error *error)
{
    int value = 0;
    int c = image_source_byte(decoder->source);
    while (is_space(c))
        c = image_source_byte(decoder->source);
    if (c < 0)
        return image_source_ended(decoder->source, error);
    for (; c >= '0' && c <= '9'; c = image_source_byte(decoder->source)) {
        value = 10 * value + (c - '0');
        if (value > decoder->maximum)
            return broken(decoder, "a sample is above its maximum", error);
    }
    if (c >= 0 && !is_space(c))
        return broken(decoder, "a sample is not a number", error);
    if (c < 0 && image_source_broke_off(decoder->source))
        return image_source_ended(decoder->source, error);
    *sample = value;
    return PO_OK;
}

static void store_sample(const struct netpbm_decoder *decoder, void *row, int i,
                         int sample)
{
    int maximum = decoder->maximum;
    if (decoder->header.bits == 16)
        ((uint16_t *)row)[i] = (uint16_t)sample;
    else
        ((uint8_t *)row)[i] = (uint8_t)((sample * 255 + maximum / 2) / maximum);
}

static enum po_status plain_row(struct netpbm_decoder *decoder, void *row, int count,
                                struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < count && status == PO_OK; i++) {
        int sample = 0;
        status = plain_sample(decoder, &sample, error);
        store_sample(decoder, row, i, sample);
    }
    return status;
}

/* Big-endian samples in place to host order, or a small maximum stretched to 255. */
static enum po_status raw_row(struct netpbm_decoder *decoder, void *row, int count,
                              struct po_error *error)
{
    uint8_t *bytes = row;
    bool wide = decoder->header.bits == 16;
    size_t row_bytes = (size_t)count * (wide ? 2 : 1);
    if (image_source_read(decoder->source, row, row_bytes) < row_bytes)
        return image_source_ended(decoder->source, error);
    if (decoder->maximum == 255)
        return PO_OK;
    for (int i = 0; i < count; i++) {
        size_t at = 2 * (size_t)i;
        int sample = wide ? bytes[at] << 8 | bytes[at + 1] : bytes[i];
        if (sample > decoder->maximum)
            return broken(decoder, "a sample is above its maximum", error);
        store_sample(decoder, row, i, sample);
    }
    return PO_OK;
}

static enum po_status float_row(struct netpbm_decoder *decoder, void *row, int count,
                                struct po_error *error)
{
    const bool host_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    size_t row_bytes = (size_t)count * sizeof(float);
    if (image_source_read(decoder->source, row, row_bytes) < row_bytes)
        return image_source_ended(decoder->source, error);
    if (decoder->little_endian == host_little)
        return PO_OK;
    uint8_t *bytes = row;
    for (int i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, bytes + 4 * (size_t)i, sizeof(bits));
        bits = __builtin_bswap32(bits);
        memcpy(bytes + 4 * (size_t)i, &bits, sizeof(bits));
    }
    return PO_OK;
}

static enum po_status netpbm_decode(struct image_source *source,
                                    const struct image_header *expected,
                                    struct image_sink *sink,
                                    struct warning_list *warnings, struct po_error *error)
{
    (void)warnings;
    struct netpbm_decoder decoder;
    enum po_status status = open_header(&decoder, source, error);
    if (status == PO_OK)
        status = image_header_same(source, expected, &decoder.header, error);
    int height_px = decoder.header.height_px;
    int count = decoder.header.width_px * decoder.header.channels;
    struct image_span span = {0, 0, 1, decoder.header.width_px};
    for (int i = 0; i < height_px && status == PO_OK; i++) {
        if (!image_source_goes_on(source))
            return image_source_ended(source, error);
        bool direct = sink->direct.pixels != NULL;
        span.y = decoder.header.is_float ? height_px - 1 - i : i;
        void *row = direct ? image_row(&sink->direct, span.y) : sink->row;
        if (decoder.header.is_float)
            status = float_row(&decoder, row, count, error);
        else if (decoder.kind->plain)
            status = plain_row(&decoder, row, count, error);
        else
            status = raw_row(&decoder, row, count, error);
        if (status == PO_OK && !direct)
            sink->put(sink->context, &span, row);
    }
    return status;
}

const struct image_reader netpbm_reader = {IMAGE_NETPBM, "PNM", netpbm_matches,
                                           netpbm_probe, netpbm_decode};
