/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_view_steps.h"

#include <string.h>

#include "base/base64.h"
#include "base/number.h"
#include "cloud/little_endian.h"
#include "cloud/triangulation.h"
#include "image/colour_map.h"
#include "image/jpeg_writer.h"

enum { POSITION_STEPS = 65535, POSITION_BYTES = 6, COLOUR_BYTES = 4 };

static const char opening[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
    "data:; script-src 'sha256-" FRAME_VIEW_SCRIPT_HASH "'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>frame</title></head>"
    "<body>\n";
static const char closing[] = "<script>" FRAME_VIEW_SCRIPT "</script>\n</body></html>\n";

struct span {
    int low;
    int high;
};

/* The disparities of the middle 98 % of the points, or of all pixels without points. */
static struct span colour_span(const struct frame *frame)
{
    const struct frame_view *view = frame->view;
    struct span span = {INT16_MAX, INT16_MIN};
    uint64_t before = 0;
    uint64_t points = frame->totals->points;
    for (int i = 0; i < CLOUD_DISPARITY_VALUES && points > 0; i++) {
        before += frame->totals->histogram[i];
        if (span.low == INT16_MAX && before * 100 > points)
            span.low = i + INT16_MIN;
        if (before * 100 >= points * 99) {
            span.high = i + INT16_MIN;
            break;
        }
    }
    if (points > 0) {
        span.low *= frame->job->plan.downscale; /* the cloud's are of the matching size */
        span.high *= frame->job->plan.downscale;
    }
    for (int y = 0; y < view->map.height_px && points == 0; y++)
        for (int x = 0; x < view->map.width_px; x++) {
            int value = disparity_row(&view->map, y)[x];
            if (value == DISPARITY_INVALID)
                continue;
            span.low = value < span.low ? value : span.low;
            span.high = value > span.high ? value : span.high;
        }
    return span;
}

/* What a picture's values mean in colour. */
struct palette {
    struct span span;
    struct colour_map map;
};

static void paint_disparity(const struct frame_view *view, const struct palette *palette,
                            int y, uint8_t *rgb)
{
    const struct span span = palette->span;
    const int16_t *row = disparity_row(&view->map, y);
    const uint8_t *classes = image_row(&view->classes, y);
    int width = span.high > span.low ? span.high - span.low : 1;
    for (int x = 0; x < view->map.width_px; x++, rgb += 3) {
        memset(rgb, 0, 3);
        if (row[x] == DISPARITY_INVALID)
            continue;
        int level = clamp((row[x] - span.low) * 255 / width, 0, 255);
        int shift = classes[x] == PIXEL_MEASURED ? 0 : 1;
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(palette->map.rgb[level][c] >> shift);
    }
}

static void paint_classes(const struct frame_view *view, const struct palette *palette,
                          int y, uint8_t *rgb)
{
    static const uint8_t colours[PIXEL_CLASSES][3] = {
        [PIXEL_NONE] = {20, 20, 20},
        [PIXEL_MEASURED] = {70, 160, 90},
        [PIXEL_FILLED_OCCLUSION] = {230, 160, 40},
        [PIXEL_FILLED_MISMATCH] = {200, 70, 60},
        [PIXEL_FILLED_PRIOR] = {150, 90, 200},
    };
    const uint8_t *classes = image_row(&view->classes, y);
    (void)palette;
    for (int x = 0; x < view->map.width_px; x++)
        memcpy(rgb + 3 * (ptrdiff_t)x, colours[classes[x] % PIXEL_CLASSES], 3);
}

static void paint_confidence(const struct frame_view *view, const struct palette *palette,
                             int y, uint8_t *rgb)
{
    const uint8_t *confidence = image_row(&view->confidence, y);
    (void)palette;
    for (int x = 0; x < view->map.width_px; x++)
        memset(rgb + 3 * (ptrdiff_t)x, confidence[x], 3);
}

static void paint_left(const struct frame_view *view, const struct palette *palette,
                       int y, uint8_t *rgb)
{
    (void)palette;
    memcpy(rgb, image_row(&view->left, y), 3 * (size_t)view->left.width_px);
}

static const struct picture {
    const char *name;
    void (*paint)(const struct frame_view *view, const struct palette *palette, int y,
                  uint8_t *rgb);
} pictures[] = {
    {"left", paint_left},
    {"disparity", paint_disparity},
    {"class", paint_classes},
    {"confidence", paint_confidence},
};

static enum po_status write_picture(struct frame *frame, const struct picture *picture,
                                    const struct palette *palette,
                                    struct atomic_file *file, struct po_error *error)
{
    const struct frame_view *view = frame->view;
    int width = view->map.width_px;
    int height = view->map.height_px;
    size_t room = jpeg_room_bytes(width, height);
    size_t bytes = 0;
    struct image_view image;
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status =
        image_view_take(frame->scratch, width, height, 3, &image, error);
    unsigned char *jpeg = scratch_take(frame->scratch, room);
    if (status == PO_OK && jpeg == NULL)
        status = scratch_exhausted(frame->scratch, "a picture", error);
    for (int y = 0; status == PO_OK && y < height; y++)
        picture->paint(view, palette, y, image_row(&image, y));
    if (status == PO_OK)
        status = jpeg_encode(&image, jpeg, room, &bytes, error);
    if (status == PO_OK)
        status = atomic_file_print(
            file, error, "<img id=\"%s\" alt=\"%s\" src=\"data:image/jpeg;base64,",
            picture->name, picture->name);
    if (status == PO_OK)
        status = base64_write(file, jpeg, bytes, error);
    if (status == PO_OK)
        status = atomic_file_print(file, error, "\">\n");
    scratch_rewind(frame->scratch, mark);
    return status;
}

/* A point in millimetres, or squares. */
static void place_of(const struct frame *frame, const struct triangulation *triangulation,
                     const struct view_point *point, double place[3])
{
    uint32_t width = (uint32_t)frame->cloud.map.width_px;
    uint32_t row = point->pixel / width;
    triangulation_point(triangulation, point->pixel - row * width, row, point->disparity,
                        place);
}

static void find_bounds(const struct frame *frame,
                        const struct triangulation *triangulation, double low[3],
                        double high[3])
{
    for (int i = 0; i < frame->view->point_count; i++) {
        double place[3];
        place_of(frame, triangulation, &frame->view->points[i], place);
        for (int axis = 0; axis < 3; axis++) {
            low[axis] = i == 0 || place[axis] < low[axis] ? place[axis] : low[axis];
            high[axis] = i == 0 || place[axis] > high[axis] ? place[axis] : high[axis];
        }
    }
}

/* Positions, then colours with the confidence as their fourth, then classes. */
static void pack_points(const struct frame *frame,
                        const struct triangulation *triangulation, const double low[3],
                        const double high[3], unsigned char *out)
{
    const struct frame_view *view = frame->view;
    size_t count = (size_t)view->point_count;
    unsigned char *colours = out + POSITION_BYTES * count;
    unsigned char *classes = colours + COLOUR_BYTES * count;
    for (size_t i = 0; i < count; i++) {
        const struct view_point *point = &view->points[i];
        double place[3];
        place_of(frame, triangulation, point, place);
        for (int axis = 0; axis < 3; axis++) {
            double span = high[axis] - low[axis];
            double share = span > 0 ? (place[axis] - low[axis]) / span : 0.0;
            little_u16(out + POSITION_BYTES * i + 2 * (size_t)axis,
                       (uint16_t)(share * POSITION_STEPS + 0.5));
        }
        memcpy(colours + COLOUR_BYTES * i, point->rgb, 3);
        colours[COLOUR_BYTES * i + 3] = point->confidence;
        classes[i] = point->class;
    }
}

static enum po_status write_facts(struct frame *frame, const double low[3],
                                  const double high[3], struct span span,
                                  struct atomic_file *file, struct po_error *error)
{
    const struct rectified_rig *rig = &frame->rig;
    bool known = rig->unit != RIG_NONE;
    return atomic_file_print(
        file, error,
        "<script type=\"text/plain\" id=\"facts\">{\"points\":%d,\"all\":%llu,"
        "\"low\":[%.9g,%.9g,%.9g],\"high\":[%.9g,%.9g,%.9g],\"unit\":\"%s\","
        "\"disparities\":[%.4f,%.4f],\"focal_baseline\":%.9g,\"doffs\":%.9g}</script>\n",
        frame->view->point_count, (unsigned long long)frame->totals->points, low[0],
        low[1], low[2], high[0], high[1], high[2],
        rig->unit == RIG_SQUARES ? "squares" : "mm", (double)span.low / DISPARITY_SCALE,
        (double)span.high / DISPARITY_SCALE,
        known ? rig->focal_px * rig->baseline_mm * frame->job->plan.downscale : 0.0,
        known ? rig->doffs_px * frame->job->plan.downscale : 0.0);
}

static enum po_status write_points(struct frame *frame, struct span span,
                                   struct atomic_file *file, struct po_error *error)
{
    struct triangulation triangulation = {.unit_mm = 1.0};
    double low[3] = {0, 0, 0};
    double high[3] = {0, 0, 0};
    size_t bytes = (size_t)frame->view->point_count * (POSITION_BYTES + COLOUR_BYTES + 1);
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status = PO_OK;
    if (frame->rig.unit != RIG_NONE)
        status = triangulation_make(&frame->rig, PO_UNIT_MM, &triangulation, error);
    unsigned char *packed = scratch_take(frame->scratch, bytes + 1);
    if (status == PO_OK && packed == NULL)
        status = scratch_exhausted(frame->scratch, "the points of a view", error);
    if (status != PO_OK)
        goto cleanup;
    find_bounds(frame, &triangulation, low, high);
    pack_points(frame, &triangulation, low, high, packed);
    status = write_facts(frame, low, high, span, file, error);
    if (status == PO_OK)
        status =
            atomic_file_print(file, error, "<script type=\"text/plain\" id=\"points\">");
    if (status == PO_OK)
        status = base64_write(file, packed, bytes, error);
    if (status == PO_OK)
        status = atomic_file_print(file, error, "</script>\n");
cleanup:
    scratch_rewind(frame->scratch, mark);
    return status;
}

static enum po_status write_page(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    struct palette palette = {.span = colour_span(frame)};
    enum po_status status =
        atomic_file_write(&writer->file, opening, sizeof(opening) - 1, error);
    colour_map_fill(&palette.map);
    frame_view_finish_points(frame->view);
    for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]) && status == PO_OK; i++)
        status = write_picture(frame, &pictures[i], &palette, &writer->file, error);
    if (status == PO_OK)
        status = write_points(frame, palette.span, &writer->file, error);
    if (status == PO_OK)
        status = atomic_file_write(&writer->file, closing, sizeof(closing) - 1, error);
    return status;
}

const struct frame_artefact_steps frame_view_page = {NULL, frame_view_rows, write_page};
