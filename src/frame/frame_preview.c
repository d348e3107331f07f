/* SPDX-License-Identifier: Apache-2.0 */
/* preview.png: the disparities in colours, gathered strip by strip and written at the
 * end, when their span is known. */
#include "frame/frame_views.h"

#include <string.h>

#include "frame/map_kernels.h"
#include "image/colour_map.h"
#include "image/image_writer.h"

enum { PREVIEW_MAX_WIDTH = 800 };

static inline void take_steps(const int16_t *row, const uint8_t *classes, int step,
                              int count, int16_t *values, uint8_t *kept_classes)
{
    for (int i = 0; i < count; i++) {
        values[i] = row[(ptrdiff_t)i * step];
        kept_classes[i] = classes[(ptrdiff_t)i * step];
    }
}

/* The steps of most images are known to the compiler. */
static void take_every(struct frame_preview *preview, int y, const int16_t *row,
                       const uint8_t *classes)
{
    int16_t *values = disparity_row(&preview->map, y);
    uint8_t *kept_classes = image_row(&preview->classes, y);
    int count = preview->map.width_px;
    if (preview->step == 1)
        take_steps(row, classes, 1, count, values, kept_classes);
    else if (preview->step == 2)
        take_steps(row, classes, 2, count, values, kept_classes);
    else
        take_steps(row, classes, preview->step, count, values, kept_classes);
}

static enum po_status preview_rows(struct frame *frame, struct artefact_writer *writer,
                                   struct po_error *error)
{
    struct frame_preview *preview = &frame->preview;
    const struct full_size *full = &frame->full;
    const struct map_kernels *kernels = map_kernels_find();
    int step = preview->step;
    (void)writer;
    (void)error;
    for (int y = frame->strip.full_first; y < frame->strip.full_end; y++) {
        const int16_t *row = disparity_row(&full->map, y);
        const uint8_t *classes = image_row(&full->classes, y);
        int image_y = frame->strip.full_top + y;
        preview->span = kernels->widen_span(preview->span, row, full->map.width_px);
        if (image_y % step != 0)
            continue;
        take_every(preview, image_y / step, row, classes);
    }
    return PO_OK;
}

/* The colours of the first values above the least, measured and filled: a division a
 * colour, not a pixel. */
enum { COLOURS = 2048 };

struct preview_colours {
    struct colour_map map;
    uint8_t rgb[COLOURS][2][4]; /* the fourth is not used */
};

static int span_of(const struct frame_preview *preview)
{
    const struct value_span *span = &preview->span;
    return span->max > span->min ? span->max - span->min : 1;
}

/* Near red and far blue; filled pixels at half brightness. */
static void colour_of(const struct colour_map *map, int above, int span, bool filled,
                      uint8_t rgb[3])
{
    const uint8_t *colour = map->rgb[above * 255 / span];
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)(colour[c] >> (filled ? 1 : 0));
}

static void preview_colours_make(const struct frame_preview *preview,
                                 struct preview_colours *colours)
{
    int span = span_of(preview);
    colour_map_fill(&colours->map);
    for (int above = 0; above <= span && above < COLOURS; above++)
        for (int filled = 0; filled < 2; filled++)
            colour_of(&colours->map, above, span, filled != 0,
                      colours->rgb[above][filled]);
}

static void colour_row(const struct frame_preview *preview,
                       const struct preview_colours *colours, int y, uint8_t *rgb)
{
    const int16_t *row = disparity_row(&preview->map, y);
    const uint8_t *classes = image_row(&preview->classes, y);
    int span = span_of(preview);
    for (int x = 0; x < preview->map.width_px; x++, rgb += 3) {
        int above = row[x] - preview->span.min;
        bool filled = classes[x] != PIXEL_MEASURED;
        if (row[x] == DISPARITY_INVALID)
            memset(rgb, 0, 3);
        else if (above < COLOURS)
            memcpy(rgb, colours->rgb[above][filled], 3);
        else
            colour_of(&colours->map, above, span, filled, rgb);
    }
}

int frame_preview_step(int width_px)
{
    return (width_px + PREVIEW_MAX_WIDTH - 1) / PREVIEW_MAX_WIDTH;
}

static enum po_status preview_end(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    const struct frame_preview *preview = &frame->preview;
    struct image_view image;
    struct preview_colours colours;
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status = image_view_take(frame->scratch, preview->map.width_px,
                                            preview->map.height_px, 3, &image, error);
    if (status != PO_OK)
        return status;
    preview_colours_make(preview, &colours);
    for (int y = 0; y < image.height_px; y++)
        colour_row(preview, &colours, y, image_row(&image, y));
    status = png_write(&writer->file, &image, NULL, 0, error);
    scratch_rewind(frame->scratch, mark);
    return status;
}

const struct frame_artefact_steps frame_map_preview = {NULL, preview_rows, preview_end};
