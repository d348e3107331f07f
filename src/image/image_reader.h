/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a format's reader gets and gives: one open file in, spans of samples out.
 *
 * image_file.c opens the file, finds the reader by the first bytes and says through a
 * sink where samples go; a reader knows one format and nothing of who asked. Readers
 * never allocate by what a file claims beyond the bound their probe reported.
 * Ownership: source and sink belong to image_file.c; a reader keeps no pointer to them.
 */
#ifndef IMAGE_IMAGE_READER_H
#define IMAGE_IMAGE_READER_H

#include "base/cancel.h"
#include "base/warning_list.h"
#include "image/image_header.h"
#include "image/image_view.h"

enum {
    IMAGE_SOURCE_BUFFER_BYTES = 16384,
    IMAGE_METADATA_MAX_BYTES = 16 << 20, /* colour profiles, thumbnails, depth maps */
};

/*
 * A file being read front to back. Every reader gets its bytes through here, so here its
 * time is bounded: by a cancel, and by the most bytes that an image of its size can need,
 * whatever repeats, fills or points back into the file.
 */
struct image_source {
    const char *path;
    int descriptor;
    uint64_t size_bytes;
    const struct cancel *cancel;
    uint64_t taken_bytes; /* read so far, each time it is read */
    uint64_t most_bytes;  /* of taken_bytes; the header's bound until the size is known */
    bool cancelled;
    bool too_long;
    int read_errno; /* of the read that failed; 0: none did */
    size_t begin;   /* buffer[begin..end) is not consumed yet */
    size_t end;
    uint8_t buffer[IMAGE_SOURCE_BUFFER_BYTES];
};

/* Fewer bytes than asked for at the end of the file or after an error of read(2). */
size_t image_source_read(struct image_source *source, void *to, size_t bytes);

/* The next bytes, all that is buffered, at least one; 0 at the end or after an error. */
size_t image_source_next(struct image_source *source, const uint8_t **bytes);

/* A negative value at the end. */
int image_source_byte(struct image_source *source);

/* Counts bytes about to be read; false after a cancel, and above the bound. For readers
 * that seek; the functions above do it themselves. */
bool image_source_take(struct image_source *source, size_t bytes);

/* Whether what looks like the end of the file is an error, a cancel or the bound. */
static inline bool image_source_broke_off(const struct image_source *source)
{
    return source->read_errno != 0 || source->cancelled || source->too_long;
}

/* Polled once a row: false after a cancel. */
bool image_source_goes_on(struct image_source *source);

/* The error of a file that ended too early, whose reading failed, was cancelled or takes
 * too long. */
PO_MUST_CHECK enum po_status image_source_ended(const struct image_source *source,
                                                struct po_error *error);

/* Pixels x, x + step, ... of row y. */
struct image_span {
    int y;
    int x;
    int step;
    int count;
};

/*
 * Where samples go. A reader writes rows of 8-bit samples straight into `direct` where it
 * can; all others it puts into `row` (room for one row: uint8_t, uint16_t or float, as
 * the header says, in host order) and calls `put`.
 */
struct image_sink {
    struct image_view direct; /* pixels NULL: everything is to be put */
    void *row;
    void (*put)(void *context, const struct image_span *span, const void *samples);
    void *context;
};

struct image_reader {
    enum image_format format;
    const char *name;
    bool (*matches)(const uint8_t *head, size_t bytes);
    enum po_status (*probe)(struct image_source *source, struct image_header *header,
                            struct po_error *error);
    enum po_status (*decode)(struct image_source *source,
                             const struct image_header *expected, struct image_sink *sink,
                             struct warning_list *warnings, struct po_error *error);
};

extern const struct image_reader png_reader;
extern const struct image_reader jpeg_reader;
extern const struct image_reader tiff_reader;
extern const struct image_reader netpbm_reader;
extern const struct image_reader bmp_reader;
extern const struct image_reader webp_reader;

/* Sides within 1..IMAGE_MAX_SIDE_PX. */
PO_MUST_CHECK enum po_status image_sides_check(const struct image_source *source,
                                               uint64_t width_px, uint64_t height_px,
                                               struct po_error *error);

/* A file that cannot hold `min_bytes`, the fewest its pixels could take, is truncated:
 * found before anything is allocated for them. From here on the source hands out no more
 * than the most they could take. */
PO_MUST_CHECK enum po_status image_size_plausible(struct image_source *source,
                                                  const struct image_header *header,
                                                  uint64_t min_bytes,
                                                  struct po_error *error);

/* An error when the file is no longer what was probed. */
PO_MUST_CHECK enum po_status image_header_same(const struct image_source *source,
                                               const struct image_header *expected,
                                               const struct image_header *found,
                                               struct po_error *error);

#endif
