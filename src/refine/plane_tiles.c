/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/plane_tiles.h"

#include "base/number.h"

/* Of the segments' image. Narrow, so that the cache keeps the rows a step looks at; tall,
 * so that strips of rows and the whole have few borders that are not each other's. */
enum { TILE_WIDTH = 384, TILE_HEIGHT = 1024 };

struct tile {
    int x, y;
    int width_px, height_px;
};

/* The side of the fewest even tiles, none longer than `longest` pixels of the segments'
 * image. */
static int tile_side(int side_px, int longest, int shift)
{
    int nodes = (side_px + (1 << shift) - 1) >> shift;
    int tiles = (nodes + longest - 1) / longest;
    return minimum(((nodes + tiles - 1) / tiles) << shift, side_px);
}

size_t plane_tiles_bytes(int width_px, int height_px, int channels, int shift)
{
    int side_x = tile_side(width_px, TILE_WIDTH, shift);
    int side_y = tile_side(height_px, TILE_HEIGHT, shift);
    size_t planes = scratch_sum(segmentation_label_bytes(side_x, side_y, shift),
                                plane_fill_bytes(side_x, side_y, shift));
    return size_maximum(planes, segmentation_bytes(side_x, side_y, channels, shift));
}

static struct image_view image_part(const struct image_view *view,
                                    const struct tile *tile)
{
    struct image_view part = *view;
    part.pixels = image_row(view, tile->y) + (ptrdiff_t)tile->x * view->channels;
    part.width_px = tile->width_px;
    part.height_px = tile->height_px;
    return part;
}

static struct disparity_map map_part(const struct disparity_map *map,
                                     const struct tile *tile)
{
    struct disparity_map part = *map;
    part.values = disparity_row(map, tile->y) + tile->x;
    part.width_px = tile->width_px;
    part.height_px = tile->height_px;
    return part;
}

static bool has_holes(const struct disparity_map *map)
{
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        int16_t least = INT16_MAX;
        for (int x = 0; x < map->width_px; x++)
            least = row[x] < least ? row[x] : least;
        if (least == DISPARITY_INVALID)
            return true;
    }
    return false;
}

static enum po_status fill_tile(const struct plane_job *job, const struct tile *tile,
                                struct scratch *scratch, uint64_t *filled,
                                struct po_error *error)
{
    struct disparity_map map = map_part(job->map, tile);
    struct image_view classes = image_part(job->classes, tile);
    struct image_view guide = image_part(job->guide, tile);
    struct segmentation segmentation;
    size_t mark = scratch_mark(scratch);
    uint64_t in_tile = 0;
    if (!has_holes(&map))
        return PO_OK;
    enum po_status status =
        segmentation_run(&guide, job->shift, scratch, &segmentation, error);
    if (status == PO_OK)
        status =
            plane_fill(&map, &classes,
                       &(struct plane_demand){&segmentation, job->demand,
                                              job->min_area_px, job->range, job->kernels},
                       scratch, &in_tile, error);
    *filled += in_tile;
    scratch_rewind(scratch, mark);
    return status;
}

enum po_status plane_tiles_fill(const struct plane_job *job, struct scratch *scratch,
                                uint64_t *filled, struct po_error *error)
{
    int width_px = job->map->width_px, height_px = job->map->height_px;
    int side_x = tile_side(width_px, TILE_WIDTH, job->shift);
    int side_y = tile_side(height_px, TILE_HEIGHT, job->shift);
    enum po_status status = PO_OK;
    *filled = 0;
    for (int y = 0; y < height_px && status == PO_OK; y += side_y)
        for (int x = 0; x < width_px && status == PO_OK; x += side_x)
            status = fill_tile(job,
                               &(struct tile){x, y, minimum(side_x, width_px - x),
                                              minimum(side_y, height_px - y)},
                               scratch, filled, error);
    return status;
}
