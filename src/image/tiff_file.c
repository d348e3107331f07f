/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TIFF through libtiff, over the descriptor that was checked to be a regular file:
 * grey and RGB of 8 or 16 bits, one channel of 32-bit floats, in strips or tiles, plain
 * or compressed by LZW, deflate or PackBits. All else is refused by its name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <tiffio.h>

#include "base/number.h"
#include "image/image_reader.h"

enum {
    MESSAGE_BYTES = 160,
    SINGLE_ALLOCATION_MAX_BYTES = 16 << 20, /* of directories; strips may take more */
    DECODER_BASE_BYTES = 160 << 10,         /* codec tables, directory, buffers */
    TILE_MAX_BYTES = 256 << 20,
    TILE_SPARE_BYTES = 1 << 20,   /* a small image in one tile of the usual size */
    COMPRESSION_MAX_RATIO = 4096, /* LZW: strings of 4 KB from 12 bits */
};

struct tiff_decoder {
    struct image_source *source;
    TIFF *tiff;
    uint64_t offset;
    bool ended;
    char message[MESSAGE_BYTES];
    struct image_header header;
    int samples;   /* of a pixel in the file, alpha included */
    bool inverted; /* 0 is white */
    bool tiled;
    size_t unit_bytes; /* of a decoded row, or of a tile */
    struct image_sink *sink;
    void *unit; /* one decoded row or tile, where it cannot go straight to the sink */
};

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t bytes)
{
    struct tiff_decoder *decoder = handle;
    tmsize_t done = 0;
    while (done < bytes) {
        ssize_t got = pread(decoder->source->descriptor, (uint8_t *)to + done,
                            (size_t)(bytes - done), (off_t)decoder->offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            decoder->source->read_errno = errno;
        if (got <= 0 || !image_source_take(decoder->source, (size_t)got)) {
            decoder->ended = true;
            break;
        }
        done += got;
        decoder->offset += (uint64_t)got;
    }
    return done;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t bytes)
{
    (void)handle;
    (void)from;
    (void)bytes;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_decoder *decoder = handle;
    uint64_t base = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? decoder->offset
                                         : decoder->source->size_bytes;
    decoder->offset = base + offset;
    if (decoder->offset > INT64_MAX)
        decoder->offset = INT64_MAX;
    return decoder->offset;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((struct tiff_decoder *)handle)->source->size_bytes;
}

static int on_error(TIFF *tiff, void *context, const char *module, const char *format,
                    va_list arguments) PO_PRINTF(4, 0);
static int on_error(TIFF *tiff, void *context, const char *module, const char *format,
                    va_list arguments)
{
    struct tiff_decoder *decoder = context;
    (void)tiff;
    (void)module;
    if (decoder->message[0] == '\0') /* the first is the cause */
        (void)vsnprintf(decoder->message, sizeof(decoder->message), format, arguments);
    return 1;
}

static int on_warning(TIFF *tiff, void *context, const char *module, const char *format,
                      va_list arguments)
{
    (void)tiff;
    (void)context;
    (void)module;
    (void)format;
    (void)arguments;
    return 1;
}

static enum po_status failed(const struct tiff_decoder *decoder, struct po_error *error)
{
    if (decoder->ended)
        return image_source_ended(decoder->source, error);
    if (errno == ENOMEM)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode a TIFF",
                       decoder->source->path);
    return po_fail(error, PO_BAD_IMAGE, "%s: broken TIFF: %s; copy or record it again",
                   decoder->source->path,
                   decoder->message[0] != '\0' ? decoder->message : "unreadable");
}

static enum po_status refused(const struct tiff_decoder *decoder, const char *what,
                              struct po_error *error)
{
    return po_fail(error, PO_UNSUPPORTED,
                   "%s: %s; convert it to grey or RGB of 8 or 16 bits, as TIFF or PNG",
                   decoder->source->path, what);
}

static void decoder_release(struct tiff_decoder *decoder)
{
    free(decoder->unit);
    if (decoder->tiff != NULL)
        TIFFClose(decoder->tiff);
    decoder->tiff = NULL;
}

/* decoder_release in any case. */
static enum po_status decoder_init(struct tiff_decoder *decoder,
                                   struct image_source *source, size_t limit_bytes,
                                   struct po_error *error)
{
    *decoder = (struct tiff_decoder){.source = source};
    errno = 0; /* libtiff does not say whether the file or the memory was at fault */
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to decode a TIFF",
                       source->path);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)limit_bytes);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, decoder);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, decoder);
    decoder->tiff = TIFFClientOpenExt(source->path, "rm", decoder, on_read, on_write,
                                      on_seek, on_close, on_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return decoder->tiff != NULL ? PO_OK : failed(decoder, error);
}

static unsigned tag_16(const struct tiff_decoder *decoder, uint32_t tag)
{
    uint16_t value = 0;
    return TIFFGetFieldDefaulted(decoder->tiff, tag, &value) == 1 ? value : 0;
}

/* What a file is when it is not a plain picture; NULL when it is. */
static const char *odd_photometric(unsigned photometric)
{
    static const struct {
        unsigned photometric;
        const char *name;
    } odd[] = {
        {PHOTOMETRIC_PALETTE, "a TIFF with a palette"},
        {PHOTOMETRIC_MASK, "a TIFF mask"},
        {PHOTOMETRIC_SEPARATED, "a CMYK TIFF, made for printing"},
        {PHOTOMETRIC_YCBCR, "a YCbCr TIFF"},
        {PHOTOMETRIC_CIELAB, "a CIE L*a*b* TIFF"},
        {PHOTOMETRIC_ICCLAB, "an ICC L*a*b* TIFF"},
        {PHOTOMETRIC_ITULAB, "an ITU L*a*b* TIFF"},
        {PHOTOMETRIC_CFA, "a raw Bayer (CFA) picture, not yet developed"},
        {PHOTOMETRIC_LOGL, "a LogL TIFF"},
        {PHOTOMETRIC_LOGLUV, "a LogLuv TIFF"},
        {34892, "a raw (LinearRaw) picture, not yet developed"},
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        if (odd[i].photometric == photometric)
            return odd[i].name;
    return NULL;
}

/* The first picture of a camera's raw file is a thumbnail or a preview. */
static bool is_camera_raw(const struct tiff_decoder *decoder)
{
    const void *version = NULL;
    uint32_t subfile = 0;
    if (TIFFGetField(decoder->tiff, TIFFTAG_DNGVERSION, &version) == 1)
        return true;
    return TIFFGetField(decoder->tiff, TIFFTAG_SUBFILETYPE, &subfile) == 1 &&
           (subfile & FILETYPE_REDUCEDIMAGE) != 0;
}

static enum po_status check_compression(const struct tiff_decoder *decoder,
                                        struct po_error *error)
{
    unsigned compression = tag_16(decoder, TIFFTAG_COMPRESSION);
    switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_LZW:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
        return PO_OK;
    default:
        return po_fail(
            error, PO_UNSUPPORTED,
            "%s: a TIFF with compression %u; save it with LZW, deflate or none",
            decoder->source->path, compression);
    }
}

static enum po_status check_kind(struct tiff_decoder *decoder, struct po_error *error)
{
    unsigned photometric = PHOTOMETRIC_MINISBLACK;
    uint16_t stored = 0;
    if (TIFFGetField(decoder->tiff, TIFFTAG_PHOTOMETRIC, &stored) == 1)
        photometric = stored;
    const char *odd = odd_photometric(photometric);
    if (odd != NULL)
        return refused(decoder, odd, error);
    if (is_camera_raw(decoder))
        return refused(decoder, "a raw camera file with a preview", error);
    if (tag_16(decoder, TIFFTAG_PLANARCONFIG) != PLANARCONFIG_CONTIG &&
        decoder->samples > 1)
        return refused(decoder, "a TIFF with its colours in separate planes", error);
    decoder->inverted = photometric == PHOTOMETRIC_MINISWHITE;
    decoder->header.channels = photometric == PHOTOMETRIC_RGB ? 3 : 1;
    int extra = decoder->samples - decoder->header.channels;
    if (extra < 0 || extra > 1)
        return refused(decoder, "a TIFF of more channels than grey or RGB with alpha",
                       error);
    decoder->header.has_alpha = extra == 1;
    return check_compression(decoder, error);
}

static enum po_status check_samples(struct tiff_decoder *decoder, struct po_error *error)
{
    char what[80];
    unsigned bits = tag_16(decoder, TIFFTAG_BITSPERSAMPLE);
    unsigned format = tag_16(decoder, TIFFTAG_SAMPLEFORMAT);
    decoder->header.bits = (int)bits;
    if (format == SAMPLEFORMAT_IEEEFP && bits == 32 && decoder->samples == 1) {
        decoder->header.is_float = true;
        decoder->inverted = false;
        return PO_OK;
    }
    bool plain = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
    if (plain && (bits == 8 || bits == 16))
        return PO_OK;
    (void)snprintf(what, sizeof(what), "a TIFF of %u-bit %s samples", bits,
                   format == SAMPLEFORMAT_IEEEFP ? "float"
                   : format == SAMPLEFORMAT_INT  ? "signed"
                   : plain                       ? "unsigned"
                                                 : "complex");
    return refused(decoder, what, error);
}

/* The stored strip or tile with the most bytes, at most the file: what libtiff holds. */
static size_t largest_unit_in_file(const struct tiff_decoder *decoder)
{
    uint64_t most = 0;
    if (!decoder->tiled && tag_16(decoder, TIFFTAG_COMPRESSION) == COMPRESSION_NONE)
        return 0; /* read a few rows at a time */
    uint32_t count = decoder->tiled ? TIFFNumberOfTiles(decoder->tiff)
                                    : TIFFNumberOfStrips(decoder->tiff);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bytes = TIFFGetStrileByteCount(decoder->tiff, i);
        most = bytes > most ? bytes : most;
    }
    return (size_t)(most < decoder->source->size_bytes ? most
                                                       : decoder->source->size_bytes);
}

/* libtiff holds a strip or tile as stored, reads up to 16 rows ahead, and keeps two
 * numbers a strip; we hold one as decoded. */
static enum po_status plan_units(struct tiff_decoder *decoder, struct po_error *error)
{
    size_t sample_bytes = (size_t)decoder->header.bits / 8;
    size_t row_bytes =
        (size_t)decoder->header.width_px * (size_t)decoder->samples * sample_bytes;
    decoder->tiled = TIFFIsTiled(decoder->tiff) != 0;
    tmsize_t unit =
        decoder->tiled ? TIFFTileSize(decoder->tiff) : TIFFScanlineSize(decoder->tiff);
    uint64_t image_bytes = (uint64_t)row_bytes * (uint64_t)decoder->header.height_px;
    if (unit <= 0 || unit > TILE_MAX_BYTES ||
        (uint64_t)unit > TILE_SPARE_BYTES + 4 * image_bytes)
        return refused(decoder, "a TIFF with absurdly large tiles", error);
    /* Room for a row, whatever libtiff takes for one. */
    decoder->unit_bytes =
        decoder->tiled ? (size_t)unit : size_maximum((size_t)unit, row_bytes);
    uint64_t units = decoder->tiled ? TIFFNumberOfTiles(decoder->tiff)
                                    : TIFFNumberOfStrips(decoder->tiff);
    decoder->header.decoder_bytes = DECODER_BASE_BYTES + (size_t)units * 64 +
                                    largest_unit_in_file(decoder) + 40 * row_bytes +
                                    decoder->unit_bytes;
    uint64_t stored_bytes = image_bytes;
    if (tag_16(decoder, TIFFTAG_COMPRESSION) != COMPRESSION_NONE)
        stored_bytes /= COMPRESSION_MAX_RATIO;
    return image_size_plausible(decoder->source, &decoder->header, stored_bytes, error);
}

static enum po_status open_header(struct tiff_decoder *decoder, struct po_error *error)
{
    uint32_t width_px = 0;
    uint32_t height_px = 0;
    struct image_header *header = &decoder->header;
    (void)TIFFGetField(decoder->tiff, TIFFTAG_IMAGEWIDTH, &width_px);
    (void)TIFFGetField(decoder->tiff, TIFFTAG_IMAGELENGTH, &height_px);
    enum po_status status =
        image_sides_check(decoder->source, width_px, height_px, error);
    if (status != PO_OK)
        return status;
    header->format = IMAGE_TIFF;
    header->width_px = (int)width_px;
    header->height_px = (int)height_px;
    unsigned orientation = tag_16(decoder, TIFFTAG_ORIENTATION);
    header->exif_orientation =
        orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
    decoder->samples = (int)tag_16(decoder, TIFFTAG_SAMPLESPERPIXEL);
    status = check_kind(decoder, error);
    if (status == PO_OK)
        status = check_samples(decoder, error);
    if (status == PO_OK)
        status = plan_units(decoder, error);
    return status;
}

static bool tiff_matches(const uint8_t *head, size_t bytes)
{
    return bytes >= 4 &&
           (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 ||
            memcmp(head, "II+\0", 4) == 0 || memcmp(head, "MM\0+", 4) == 0);
}

static enum po_status tiff_probe(struct image_source *source, struct image_header *header,
                                 struct po_error *error)
{
    struct tiff_decoder decoder;
    enum po_status status =
        decoder_init(&decoder, source, SINGLE_ALLOCATION_MAX_BYTES, error);
    if (status == PO_OK)
        status = open_header(&decoder, error);
    if (status == PO_OK)
        *header = decoder.header;
    decoder_release(&decoder);
    return status;
}

/* In place: alpha left out, black made 0. */
static void normalise(const struct tiff_decoder *decoder, void *samples, int pixels)
{
    int channels = decoder->header.channels;
    int stored = decoder->samples;
    bool wide = decoder->header.bits == 16;
    uint8_t *narrow_sample = samples;
    uint16_t *wide_sample = samples;
    for (int i = 0; i < pixels && stored != channels; i++)
        for (int c = 0; c < channels; c++) {
            if (wide)
                wide_sample[i * channels + c] = wide_sample[i * stored + c];
            else
                narrow_sample[i * channels + c] = narrow_sample[i * stored + c];
        }
    for (int i = 0; i < pixels * channels && decoder->inverted; i++) {
        if (wide)
            wide_sample[i] = (uint16_t)(UINT16_MAX - wide_sample[i]);
        else
            narrow_sample[i] = (uint8_t)(UINT8_MAX - narrow_sample[i]);
    }
}

static enum po_status read_rows(struct tiff_decoder *decoder, struct po_error *error)
{
    struct image_sink *sink = decoder->sink;
    struct image_span span = {0, 0, 1, decoder->header.width_px};
    bool direct =
        sink->direct.pixels != NULL && decoder->samples == decoder->header.channels;
    for (; span.y < decoder->header.height_px; span.y++) {
        void *row = direct ? image_row(&sink->direct, span.y) : decoder->unit;
        decoder->ended = decoder->ended || !image_source_goes_on(decoder->source);
        if (decoder->ended)
            return failed(decoder, error);
        if (TIFFReadScanline(decoder->tiff, row, (uint32_t)span.y, 0) != 1)
            return failed(decoder, error);
        normalise(decoder, row, span.count);
        if (!direct)
            sink->put(sink->context, &span, row);
    }
    return PO_OK;
}

struct tile_size {
    int width_px;
    int height_px;
    size_t row_bytes;
};

static enum po_status read_tile(struct tiff_decoder *decoder,
                                const struct tile_size *tile, int x, int y,
                                struct po_error *error)
{
    struct image_sink *sink = decoder->sink;
    int columns = decoder->header.width_px - x;
    int rows = decoder->header.height_px - y;
    if (TIFFReadTile(decoder->tiff, decoder->unit, (uint32_t)x, (uint32_t)y, 0, 0) < 0)
        return failed(decoder, error);
    for (int i = 0; i < rows && i < tile->height_px; i++) {
        uint8_t *row = (uint8_t *)decoder->unit + (size_t)i * tile->row_bytes;
        struct image_span span = {y + i, x, 1,
                                  columns < tile->width_px ? columns : tile->width_px};
        normalise(decoder, row, span.count);
        sink->put(sink->context, &span, row);
    }
    return PO_OK;
}

static enum po_status read_tiles(struct tiff_decoder *decoder, struct po_error *error)
{
    uint32_t width_px = 0;
    uint32_t height_px = 0;
    (void)TIFFGetField(decoder->tiff, TIFFTAG_TILEWIDTH, &width_px);
    (void)TIFFGetField(decoder->tiff, TIFFTAG_TILELENGTH, &height_px);
    /* Their product was found to be above 0 and at most TILE_MAX_BYTES. */
    struct tile_size tile = {(int)width_px, (int)height_px,
                             decoder->unit_bytes / height_px};
    enum po_status status = PO_OK;
    for (int y = 0; y < decoder->header.height_px; y += tile.height_px)
        for (int x = 0; x < decoder->header.width_px && status == PO_OK;
             x += tile.width_px)
            status = read_tile(decoder, &tile, x, y, error);
    return status;
}

static enum po_status tiff_decode(struct image_source *source,
                                  const struct image_header *expected,
                                  struct image_sink *sink, struct warning_list *warnings,
                                  struct po_error *error)
{
    struct tiff_decoder decoder;
    size_t limit_bytes = expected->decoder_bytes > SINGLE_ALLOCATION_MAX_BYTES
                             ? expected->decoder_bytes
                             : SINGLE_ALLOCATION_MAX_BYTES;
    enum po_status status = decoder_init(&decoder, source, limit_bytes, error);
    if (status == PO_OK)
        status = open_header(&decoder, error);
    if (status == PO_OK)
        status = image_header_same(source, expected, &decoder.header, error);
    if (status != PO_OK)
        goto cleanup;
    decoder.sink = sink;
    decoder.unit = malloc(decoder.unit_bytes);
    if (decoder.unit == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %zu bytes of a TIFF",
                         source->path, decoder.unit_bytes);
        goto cleanup;
    }
    status = decoder.tiled ? read_tiles(&decoder, error) : read_rows(&decoder, error);
    if (status == PO_OK && warnings != NULL && TIFFLastDirectory(decoder.tiff) == 0)
        warning_list_add(warnings, "%s: holds several pictures; the first one is used",
                         source->path);

cleanup:
    decoder_release(&decoder);
    return status;
}

const struct image_reader tiff_reader = {IMAGE_TIFF, "TIFF", tiff_matches, tiff_probe,
                                         tiff_decode};
