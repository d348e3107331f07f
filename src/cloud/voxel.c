/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Voxel thinning: of the points in one cube, the surest stays; among equals the first.
 *
 * A table with open addressing holds one pixel a cube. Its size follows from the number
 * of points, never from the size of a cube, so a tiny cube costs no more than a large
 * one.
 */
#include <math.h>

#include "cloud/extent.h"

static const uint32_t EMPTY = UINT32_MAX; /* above any pixel's index */

struct voxel_key {
    int64_t cell[3];
};

struct voxel_table {
    const struct filter_job *job;
    double voxel_mm;
    uint64_t capacity;
    uint32_t *pixels; /* EMPTY or y * width + x */
};

/* Half as many again as pixels: chains stay short. */
static size_t capacity_for(size_t points)
{
    return scratch_sum(scratch_sum(points, points / 2), 16);
}

size_t voxel_scratch_bytes(int width_px, int height_px)
{
    size_t pixels = (size_t)width_px * (size_t)height_px;
    return scratch_array_size(capacity_for(pixels), sizeof(uint32_t));
}

static void key_of(const struct voxel_table *table, int x, int y, struct voxel_key *key)
{
    double point[3];
    int16_t value = disparity_row(&table->job->input->map, y)[x];
    triangulation_point(&table->job->triangulation, x, y, value, point);
    for (int axis = 0; axis < 3; axis++)
        key->cell[axis] = (int64_t)floor(point[axis] / table->voxel_mm);
}

/* Multiply and mix each cell number (constants of Steele et al. 2014, SplitMix64), then
 * scale to the table. */
static uint64_t slot_of(const struct voxel_table *table, const struct voxel_key *key)
{
    uint64_t hash = 0;
    for (int axis = 0; axis < 3; axis++) {
        hash ^= (uint64_t)key->cell[axis];
        hash += 0x9e3779b97f4a7c15U;
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
        hash ^= hash >> 31;
    }
    return ((hash >> 32) * table->capacity) >> 32;
}

static uint64_t next_slot(const struct voxel_table *table, uint64_t slot)
{
    return slot + 1 == table->capacity ? 0 : slot + 1;
}

static uint8_t confidence_of(const struct filter_job *job, int x, int y)
{
    const struct image_view *confidence = &job->input->confidence;
    return confidence->pixels == NULL ? 0 : image_row(confidence, y)[x];
}

static void insert(struct voxel_table *table, int x, int y)
{
    const struct filter_job *job = table->job;
    uint32_t width = (uint32_t)job->keep.width_px;
    struct voxel_key key;
    key_of(table, x, y, &key);
    uint64_t slot = slot_of(table, &key);
    for (; table->pixels[slot] != EMPTY; slot = next_slot(table, slot)) {
        int other_x = (int)(table->pixels[slot] % width);
        int other_y = (int)(table->pixels[slot] / width);
        struct voxel_key other;
        key_of(table, other_x, other_y, &other);
        if (other.cell[0] != key.cell[0] || other.cell[1] != key.cell[1] ||
            other.cell[2] != key.cell[2])
            continue;
        bool surer = confidence_of(job, x, y) > confidence_of(job, other_x, other_y);
        if (!surer) {
            image_row(&job->keep, y)[x] = 0;
            return;
        }
        image_row(&job->keep, other_y)[other_x] = 0;
        break;
    }
    table->pixels[slot] = (uint32_t)y * width + (uint32_t)x;
}

/* A cube below 2^-40 of the farthest coordinate holds one point whatever its size, as
 * viewing rays are farther apart than that: cell numbers need no more bits. */
static double effective_size(double voxel_mm, const struct cloud_extent *extent)
{
    double farthest = 0;
    for (int axis = 0; axis < 3; axis++) {
        farthest = fmax(farthest, fabs(extent->min_mm[axis]));
        farthest = fmax(farthest, fabs(extent->max_mm[axis]));
    }
    return fmax(voxel_mm, ldexp(farthest, -40));
}

enum po_status voxel_filter(struct filter_job *job, struct po_error *error)
{
    size_t points = (size_t)keep_count(&job->keep);
    if (points == 0)
        return PO_OK;
    struct cloud_extent extent;
    enum po_status status = extent_measure(job, &extent, error);
    if (status != PO_OK)
        return status;
    size_t mark = scratch_mark(job->scratch);
    struct voxel_table table = {.job = job, .capacity = capacity_for(points)};
    table.voxel_mm = effective_size(job->input->settings->voxel_mm, &extent);
    table.pixels = scratch_take_array(job->scratch, table.capacity, sizeof(uint32_t));
    if (table.pixels == NULL)
        return scratch_exhausted(job->scratch, "voxel thinning", error);
    for (uint64_t i = 0; i < table.capacity; i++)
        table.pixels[i] = EMPTY;
    for (int y = 0; y < job->keep.height_px; y++) {
        const uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < job->keep.width_px; x++)
            if (keep[x])
                insert(&table, x, y);
        if (cancel_requested(job->input->cancel))
            return po_fail(error, PO_CANCELLED, "cancelled while thinning a cloud");
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
