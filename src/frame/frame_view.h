/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's view: what the report shows of it, small enough to be in a page. Pictures of
 * at most VIEW_MAX_WIDTH columns and at most VIEW_MAX_POINTS points, scattered evenly.
 *
 * It is gathered strip by strip. Points are chosen by their place in the image alone, so
 * the same ones are chosen for any strips. Ownership: buffers in scratch.
 */
#ifndef FRAME_FRAME_VIEW_H
#define FRAME_FRAME_VIEW_H

#include <stdbool.h>

#include "base/scratch.h"
#include "image/image_view.h"
#include "stereo/disparity_map.h"

enum { VIEW_MAX_WIDTH = 480, VIEW_MAX_POINTS = 50000 };

/* How large a view is: a frame in strips has little memory, and gets a small one. */
struct view_size {
    int step; /* pixels of the map, in each direction, that one of a picture stands for */
    int width_px; /* of the pictures */
    int height_px;
    int max_points;
    int point_room; /* held until they are chosen */
};

struct view_point {
    uint32_t pixel; /* y * width + x at the matching resolution */
    int16_t disparity;
    uint8_t rgb[3];
    uint8_t confidence;
    uint8_t class;
};

struct frame_view {
    struct view_size size;
    struct image_view left; /* RGB */
    struct image_view classes;
    struct image_view confidence;
    struct disparity_map map;
    uint32_t limit; /* points of a larger hash are left out */
    int point_count;
    struct view_point *points; /* size.point_room */
};

struct view_size frame_view_size(int width_px, int height_px, bool in_strips);
size_t frame_view_bytes(const struct view_size *size);      /* held from strip to strip */
size_t frame_view_page_bytes(const struct view_size *size); /* while it is written */
PO_MUST_CHECK enum po_status frame_view_take(struct scratch *scratch,
                                             const struct view_size *size,
                                             struct frame_view *view,
                                             struct po_error *error);

/* Mixes a pixel's place over 32 bits (finalizer of Appleby's MurmurHash3). */
static inline uint32_t frame_view_hash(uint32_t pixel)
{
    pixel = (pixel ^ (pixel >> 16)) * UINT32_C(0x85ebca6b);
    pixel = (pixel ^ (pixel >> 13)) * UINT32_C(0xc2b2ae35);
    return pixel ^ (pixel >> 16);
}

/* A point at this place would be added, so far. */
static inline bool frame_view_chooses(const struct frame_view *view, uint32_t pixel)
{
    return frame_view_hash(pixel) <= view->limit;
}

/* Says how many points will come in all, so that few are held that do not stay; the same
 * ones are chosen as without it. */
void frame_view_expect(struct frame_view *view, uint64_t points);
/* Adds a point if its place is chosen. */
void frame_view_add_point(struct frame_view *view, const struct view_point *point);
/* Leaves at most size.max_points. */
void frame_view_finish_points(struct frame_view *view);

#endif
