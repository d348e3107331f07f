/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/flat_parts.h"

#include <stdbool.h>

#include "refine/row_scan.h"

static void link_first_row(const struct flat_parts *parts)
{
    uint32_t *links = parts->links;
    links[0] = 0;
    for (uint32_t x = 1; x < (uint32_t)parts->width_px; x++)
        links[x] = parts->right[x - 1] <= parts->flat_step ? links[x - 1] : x;
}

/* Links row y, and marks where a pixel is flat to the left and upwards, but those two are
 * not joined above. */
static void link_row(const struct flat_parts *parts, int y)
{
    uint32_t width_px = (uint32_t)parts->width_px;
    uint32_t first = (uint32_t)y * width_px;
    uint8_t flat = parts->flat_step;
    const uint8_t *right = parts->right + first;
    const uint8_t *above = right - width_px;
    const uint8_t *down = parts->down + first - width_px;
    uint32_t *restrict links = parts->links + first;
    uint8_t *restrict marks = parts->marks;
    links[0] = down[0] <= flat ? first - width_px : first;
    marks[0] = 0;
    for (uint32_t x = 1; x < width_px; x++) {
        uint32_t left = first + x - (right[x - 1] <= flat);
        links[x] = down[x] <= flat ? first + x - width_px : left;
    }
    for (uint32_t x = 1; x < width_px; x++)
        marks[x] = (down[x] <= flat) & (right[x - 1] <= flat) &
                   ((down[x - 1] > flat) | (above[x - 1] > flat));
}

static uint32_t root_of(uint32_t *links, uint32_t node)
{
    while (links[node] != node) {
        links[node] = links[links[node]];
        node = links[node];
    }
    return node;
}

static void join(uint32_t *links, uint32_t a, uint32_t b)
{
    uint32_t root_a = root_of(links, a), root_b = root_of(links, b);
    if (root_a < root_b)
        links[root_b] = root_a;
    else
        links[root_a] = root_b;
}

void flat_parts_join(const struct flat_parts *parts)
{
    int width_px = parts->width_px;
    uint32_t *links = parts->links;
    link_first_row(parts);
    for (int y = 1; y < parts->height_px; y++) {
        uint32_t first = (uint32_t)y * (uint32_t)width_px;
        link_row(parts, y);
        for (uint32_t i = first; i < first + (uint32_t)width_px; i++)
            links[i] = links[links[i]];
        for (int x = next_marked(parts->marks, 1, width_px); x < width_px;
             x = next_marked(parts->marks, x + 1, width_px))
            join(links, first + (uint32_t)x, first + (uint32_t)x - 1);
    }
}

uint32_t flat_parts_label(const struct flat_parts *parts, int32_t *labels,
                          uint32_t *sizes)
{
    uint32_t nodes = (uint32_t)parts->width_px * (uint32_t)parts->height_px;
    uint32_t count = 0;
    for (uint32_t i = 0; i < nodes; i++) {
        uint32_t link = parts->links[i];
        bool root = link == i;
        uint32_t label = root ? count : (uint32_t)labels[link];
        labels[i] = (int32_t)label;
        sizes[label] = root ? 1 : sizes[label] + 1;
        count += root;
    }
    return count;
}
