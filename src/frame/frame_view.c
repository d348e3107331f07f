/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_view.h"

#include "image/jpeg_writer.h"

static int scaled(int size_px, int step)
{
    return (size_px + step - 1) / step;
}

struct view_size frame_view_size(int width_px, int height_px, bool in_strips)
{
    enum { SMALLER_PICTURES = 2, SMALLER_POINTS = 8, ROOM_A_POINT_PERCENT = 130 };
    int max_width = in_strips ? VIEW_MAX_WIDTH / SMALLER_PICTURES : VIEW_MAX_WIDTH;
    int max_points = in_strips ? VIEW_MAX_POINTS / SMALLER_POINTS : VIEW_MAX_POINTS;
    int step = (width_px + max_width - 1) / max_width;
    return (struct view_size){
        .step = step,
        .width_px = scaled(width_px, step),
        .height_px = scaled(height_px, step),
        .max_points = max_points,
        .point_room = max_points / 100 * ROOM_A_POINT_PERCENT,
    };
}

size_t frame_view_bytes(const struct view_size *size)
{
    int width = size->width_px;
    int height = size->height_px;
    size_t plane = image_view_bytes(width, height, 1);
    size_t bytes = scratch_sum(image_view_bytes(width, height, 3), 2 * plane);
    bytes = scratch_sum(bytes, disparity_map_bytes(width, height));
    return scratch_sum(
        bytes, scratch_array_size((size_t)size->point_room, sizeof(struct view_point)));
}

size_t frame_view_page_bytes(const struct view_size *size)
{
    enum { POINT_BYTES = 11 };
    size_t pictures =
        scratch_sum(image_view_bytes(size->width_px, size->height_px, 3),
                    scratch_size(jpeg_room_bytes(size->width_px, size->height_px)));
    size_t points = scratch_array_size((size_t)size->max_points, POINT_BYTES);
    return pictures > points ? pictures : points;
}

enum po_status frame_view_take(struct scratch *scratch, const struct view_size *size,
                               struct frame_view *view, struct po_error *error)
{
    *view = (struct frame_view){.size = *size, .limit = UINT32_MAX};
    struct image_view *planes[] = {&view->left, &view->classes, &view->confidence};
    enum po_status status =
        disparity_map_take(scratch, size->width_px, size->height_px, &view->map, error);
    for (int i = 0; i < 3 && status == PO_OK; i++)
        status = image_view_take(scratch, size->width_px, size->height_px, i == 0 ? 3 : 1,
                                 planes[i], error);
    if (status != PO_OK)
        return status;
    view->points =
        scratch_take_array(scratch, (size_t)size->point_room, sizeof(struct view_point));
    return view->points != NULL
               ? PO_OK
               : scratch_exhausted(scratch, "the points of a frame's view", error);
}

static uint32_t next_limit(uint32_t limit)
{
    return limit - limit / 8;
}

/* Lowered only while far more of them than there is room for have a smaller hash: chance
 * would have to go ten standard deviations wrong for the room not to overflow there. */
void frame_view_expect(struct frame_view *view, uint64_t points)
{
    uint64_t room = (uint64_t)view->size.point_room;
    while (points / 4096 * (view->limit / 4096) > (room + room / 16) * 256)
        view->limit = next_limit(view->limit);
}

static void lower_limit(struct frame_view *view, uint32_t limit)
{
    int kept = 0;
    view->limit = limit;
    for (int i = 0; i < view->point_count; i++)
        if (frame_view_hash(view->points[i].pixel) <= limit)
            view->points[kept++] = view->points[i];
    view->point_count = kept;
}

void frame_view_add_point(struct frame_view *view, const struct view_point *point)
{
    if (!frame_view_chooses(view, point->pixel))
        return;
    while (view->point_count == view->size.point_room)
        lower_limit(view, next_limit(view->limit));
    if (frame_view_chooses(view, point->pixel))
        view->points[view->point_count++] = *point;
}

static int count_within(const struct frame_view *view, uint32_t limit)
{
    int count = 0;
    for (int i = 0; i < view->point_count; i++)
        count += frame_view_hash(view->points[i].pixel) <= limit;
    return count;
}

void frame_view_finish_points(struct frame_view *view)
{
    uint32_t limit = view->limit;
    if (view->point_count <= view->size.max_points)
        return;
    do
        limit -= limit / 32;
    while (count_within(view, limit) > view->size.max_points);
    lower_limit(view, limit);
}
